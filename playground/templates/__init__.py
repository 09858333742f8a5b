"""Every experiment to begin from, one file a family."""

from playground.core.catalogue import Catalogue
from playground.core.contracts import Template

templates: Catalogue[Template] = Catalogue("templates", Template)
