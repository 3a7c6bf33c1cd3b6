"""What each room holds of a person: declared once, so that nothing is forgotten when somebody asks.

A room declares every model it has in its `personal` module; a model, or a column of text, that nobody declared fails a
test. It may also say by which other names it knows a person, how it lets go of one, and what prevents it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from normandata.accounts.models import User

from .identity import Identity

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Holding:
    """What one model holds of people.

    `about`: foreign keys to the person whom the row is about, which an export copies whole; `signed`: foreign keys to
    whoever did something, which stay and then lead to a pseudonym; `words`: columns where somebody may be named, which
    an erasure reads one by one; `plain`: columns of text that name nobody. `purpose` names the treatment in the data
    file of retention. `email`, `names` and `phones` are columns of one same person, known by the first.

    `thing`: the columns, or the ways to them, that say by kind and key, as in the journal, what a row is about; an
    elimination follows them as it does foreign keys. `outlives`: the words that it leaves as they are, because the law
    keeps them longer or because the room empties them itself, see `on_eliminate`.
    """

    model: str
    purpose: str
    about: Sequence[str] = ()
    signed: Sequence[str] = ()
    words: Sequence[str] = ()
    plain: Sequence[str] = ()
    email: str = ""
    names: Sequence[str] = ()
    phones: Sequence[str] = ()
    thing: Sequence[str] = ()
    outlives: Sequence[str] = ()

    @property
    def table(self) -> "type[Model]":
        return apps.get_model(self.model)

    @property
    def label(self) -> str:
        return str(self.table._meta.verbose_name_plural)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What prevents an erasure for now, and what to do about it; both in French."""

    what: str
    gesture: str
    link: str = ""


GONE = "Éliminé"
"""What stands in the place of words that were eliminated."""
Forget = Callable[[User, Identity], None]
Prevent = Callable[[User], list[Obstacle]]
Guard = Callable[[Any, date], "list[str]"]
Eliminate = Callable[[Any], None]
_holdings: dict[str, Holding] = {}
_forget: list[Forget] = []
_prevent: list[Prevent] = []
_guards: list[Guard] = []
_eliminate: list[Eliminate] = []


def declare(*holdings: Holding) -> None:
    """Make holdings known; raises ValueError when a model is declared twice, otherwise than word for word."""
    for one in holdings:
        if _holdings.setdefault(one.model.lower(), one) != one:
            raise ValueError(f"{one.model} is declared twice")


def every() -> tuple[Holding, ...]:
    """Return all holdings, in the order of the rooms."""
    return tuple(_holdings.values())


def of(model: "type[Model]") -> Holding:
    """Return the holding of a model; raises LookupError when nobody declared it."""
    return _holdings[model._meta.label_lower]


def on_forget(function: Forget) -> Forget:
    """Have a function called in the transaction of an erasure, before names are looked for: its room lets go."""
    if function not in _forget:
        _forget.append(function)
    return function


def on_prevent(function: Prevent) -> Prevent:
    """Have a function say what prevents the erasure of a person."""
    if function not in _prevent:
        _prevent.append(function)
    return function


def on_guard(function: Guard) -> Guard:
    """Have a function say why a dossier may not be eliminated on a day: nothing when it may."""
    if function not in _guards:
        _guards.append(function)
    return function


def on_eliminate(function: Eliminate) -> Eliminate:
    """Have a function called in the transaction of an elimination, once the dossier's own rows are empty.

    Its room empties what it holds of the dossier beside them: what several dossiers share, or what leads to none.
    """
    if function not in _eliminate:
        _eliminate.append(function)
    return function


def eliminators() -> tuple[Eliminate, ...]:
    """Return what empties, room by room, what no row of the dossier leads to."""
    return tuple(_eliminate)


def forgetters() -> tuple[Forget, ...]:
    """Return what lets go of a person, from the highest floor to the lowest, as they came to hold it."""
    return tuple(reversed(_forget))


def obstacles(person: User) -> list[Obstacle]:
    """List all that prevents the erasure of a person today."""
    return [one for function in _prevent for one in function(person)]


def guarded(dossier: Any, day: date) -> list[str]:
    """List all that forbids to eliminate a dossier on a day, in French."""
    return [reason for function in _guards for reason in function(dossier, day)]


def texts_of(model: "type[Model]") -> "list[models.Field[Any, Any]]":
    """List the columns of a model in which words may be typed: no choice of a list, no identifier."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField, models.FileField)
    return [
        one
        for one in model._meta.local_concrete_fields
        if isinstance(one, kinds) and not one.choices and not isinstance(one, models.SlugField)
    ]


def column(model: "type[Model]", name: str) -> "models.Field[Any, Any]":
    """Return a column of a model by its name; raises LookupError for another."""
    found = next((one for one in model._meta.local_concrete_fields if one.name == name), None)
    if found is None:
        raise LookupError(f"{model._meta.label} has no column {name!r}")
    return found


def people_of(model: "type[Model]") -> "list[models.Field[Any, Any]]":
    """List the columns of a model that lead to a person."""
    return [one for one in model._meta.local_concrete_fields if one.related_model is User]
