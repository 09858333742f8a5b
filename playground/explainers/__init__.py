"""Methods that say what an answer rests on, one file a family."""

from playground.core.catalogue import Catalogue
from playground.explainers.explainer import Explainer

explainers: Catalogue[Explainer] = Catalogue("explainers", Explainer)
