"""Where a check turns from green to red. The one place; `VERSION` is printed beside every stamp."""

from __future__ import annotations

VERSION = "1"

GAP_GREEN = 0.01
"""Completeness gap below which a sum of parts equals the whole for reading."""
GAP_RED = 0.05
"""Completeness gap above which the figure is withheld."""

RANDOMISED_GREEN = 0.3
"""Signed rank correlation with the map of a network that never learned: below, the map depends on what was learned."""
RANDOMISED_RED = 0.6
"""Above, the map is the same for a network that never learned."""

RANDOM_ORDERS = 10
"""Random orders that the method's order must beat when parts are erased and put back."""

FEWEST_UNITS = 8
"""With fewer parts, rankings and random orders cannot be told apart: those checks do not apply."""
