"""What each room holds longer than it should: listed by the rooms, eliminated by nobody here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from normandata.accounts.models import User
from normandata.regulation.calendar import add_months

from .retention import Rule, retention


@dataclass(frozen=True, slots=True)
class Due:
    """A dossier or an account whose time is over, or soon is: since when it runs, until when.

    `by_itself`: its room erases it without a proposal, when the day comes.
    """

    rule: Rule
    label: str
    since: date
    due_on: date
    dossier: Any = None
    person: User | None = None
    by_itself: bool = False


Lister = Callable[[date], Iterable[Due]]
_listers: list[Lister] = []


def on_due(function: Lister) -> Lister:
    """Have a function list what is due on a day."""
    if function not in _listers:
        _listers.append(function)
    return function


def every(day: date) -> list[Due]:
    """List all that is due on a day, room by room."""
    return [one for function in _listers for one in function(day)]


def started_by(rule: Rule, day: date) -> date:
    """Return a day before which whatever is due on `day` began; a month's end makes it a little too late."""
    return add_months(day, -rule.on(day).months)


def rules_of(*states: str) -> list[Rule]:
    """List the rules about some states."""
    return [one for one in retention().rules if set(one.states) & set(states)]
