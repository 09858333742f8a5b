"""How the learning rate changes while a run goes on."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Schedule

schedules: Catalogue[Schedule] = Catalogue("schedules", Schedule)
