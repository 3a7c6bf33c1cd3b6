"""The rows of a panel: grid, criteria, subjects, seats, conflicts, mark sheets."""

from .grids import Criterion, Grid
from .panels import Conflict, Panel, Seat, Subject
from .sheets import Disclosure, Mark, Sheet

__all__ = ["Conflict", "Criterion", "Disclosure", "Grid", "Mark", "Panel", "Seat", "Sheet", "Subject"]
