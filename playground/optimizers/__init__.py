"""How weights move along the gradient, one file a family."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Optimizer

optimizers: Catalogue[Optimizer] = Catalogue("optimizers", Optimizer)
