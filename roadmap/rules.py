"""What the roadmap computes from facts and a day: progress from weighted milestones, lateness, when to alert. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2028, 12, 31)
"""The period of the roadmap (AP D 25-12-5, annexes 1 and 2): « 2026-2028 »."""
HEAVIEST = 100
"""The most that one milestone weighs."""
RUNGS = (1, 15, 30)
"""Days after its date when a milestone that is not held alerts its pilot."""


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as it is counted: its weight, the day it is due, the day it was held."""

    weight: int
    due_on: date
    done_on: date | None = None


def progress(steps: Sequence[Step]) -> int | None:
    """Return the share of the weights that is held, in whole percent; None without a milestone.

    Rounded once, half up; a hundred is said only when everything is held, and zero only when nothing is.
    """
    whole = sum(step.weight for step in steps)
    if not whole:
        return None
    held = sum(step.weight for step in steps if step.done_on is not None)
    share = int((Decimal(100 * held) / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if held in (0, whole):
        return share
    return min(max(share, 1), 99)


def is_late(step: Step, today: date) -> bool:
    """Tell whether a milestone passed its day without being held; its day itself is not late."""
    return step.done_on is None and step.due_on < today


def rung(due_on: date, today: date) -> int | None:
    """Return the highest rung of the alerts that a late milestone reached, None before the first."""
    reached = [days for days in RUNGS if due_on + timedelta(days=days) <= today]
    return reached[-1] if reached else None
