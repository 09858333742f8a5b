"""What is optimised, as an ordered list of turns."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Objective

objectives: Catalogue[Objective] = Catalogue("objectives", Objective)
