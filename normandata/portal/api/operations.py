"""Everything that the API answers, in the order of its page."""

from . import datasets, indicators, roadmap, schemes, simulations
from .definitions import Operation

EVERY: tuple[Operation, ...] = (
    *schemes.OPERATIONS,
    *simulations.OPERATIONS,
    *roadmap.OPERATIONS,
    *indicators.OPERATIONS,
    *datasets.OPERATIONS,
)
