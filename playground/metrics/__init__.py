"""Numbers about a set of answers that a person reads, beside the loss."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Metric

metrics: Catalogue[Metric] = Catalogue("metrics", Metric)
