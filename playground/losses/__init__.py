"""How wrong an answer is, one file a family."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Loss

losses: Catalogue[Loss] = Catalogue("losses", Loss)
