"""Every visible step between the data and the network, one file a family."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import PreparationStep

preparation: Catalogue[PreparationStep] = Catalogue("preparation", PreparationStep)
