"""Every data set there is to learn from, one file a family."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Dataset

datasets: Catalogue[Dataset] = Catalogue("datasets", Dataset)
