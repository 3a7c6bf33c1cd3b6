"""The one door: `fire()` changes a state, `available()` says which buttons to show, `record()` writes the rest.

Nobody else writes a state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from django.db import models, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.regulation.findings import Verdict
from normandata.workflow.table import Reason, State, Transition, Workflow

from .errors import NotAllowed, NotNow, ReasonMissing, Unmet
from .models import Event, kind_of

TOO_LATE = "L’état a changé entre-temps : rechargez la page pour voir où en sont les choses."
FORBIDDEN = "Votre compte ne permet pas ce geste."


class Thing(Protocol):
    """A model that declares a procedure."""

    pk: Any
    state: str

    @property
    def procedure(self) -> "Procedure": ...

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""

    def save(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Firing:
    """A transition being fired: what its conditions and its effect work with."""

    thing: Any
    transition: Transition
    by: User | None
    at: datetime
    reason: str
    data: Mapping[str, Any]
    event: Event | None = None

    @property
    def written(self) -> Event:
        """The row of the journal, which effects may count on."""
        if self.event is None:
            raise LookupError("a condition has no event yet")
        return self.event

    @property
    def author(self) -> User:
        """The person who fires; LookupError when it is the portal itself."""
        if self.by is None:
            raise LookupError("the portal fires this by itself")
        return self.by


Permission = Callable[[User, Any], bool]
Condition = Callable[[Firing], "list[str]"]
Effect = Callable[[Firing], None]
Judge = Callable[[Firing], Verdict]


@dataclass(frozen=True)
class Procedure:
    """A workflow joined to the code behind its names; raises ValueError when a name has none.

    Conditions return French sentences, one for each thing that is wanting. `judges` gives, by transition, the verdict
    kept with its event.
    """

    workflow: Workflow
    permissions: Mapping[str, Permission]
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    judges: Mapping[str, Judge] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.workflow.transitions:
            wanting = [name for name in row.conditions if name not in self.conditions]
            wanting += [row.permission] if row.permission and row.permission not in self.permissions else []
            wanting += [row.effect] if row.effect and row.effect not in self.effects else []
            if wanting:
                raise ValueError(f"« {row.name} » names code that nobody wrote: {', '.join(wanting)}")

    def allows(self, transition: Transition, thing: Any, user: User | None) -> bool:
        """Tell whether somebody may fire this; a row without permission belongs to the portal itself, and no other."""
        if user is None or not transition.permission:
            return user is None and not transition.permission
        return self.permissions[transition.permission](user, thing)


def fire(
    thing: Thing,
    name: str,
    *,
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
    journal: Mapping[str, Any] | None = None,
    **data: Any,
) -> Event:
    """Change a state, in one transaction: lock, state, permission, conditions, verdict, journal, effect, outbox.

    The thing given is brought up to date. `data` is for conditions and effects; `journal` is kept as JSON.
    Raises UnknownTransition, NotNow, NotAllowed, ReasonMissing, Unmet; then nothing is written.
    """
    with transaction.atomic():
        lock(thing)
        return fire_held(thing, name, by=by, reason=reason, at=at, journal=journal, **data)


def fire_held(
    thing: Thing,
    name: str,
    *,
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
    journal: Mapping[str, Any] | None = None,
    **data: Any,
) -> Event:
    """Do as `fire` for a thing that the caller's transaction has locked already."""
    procedure = thing.procedure
    transition = procedure.workflow.find(name)
    firing = Firing(thing, transition, by, at or timezone.now(), reason.strip(), data)
    check(procedure, firing)
    verdict = procedure.judges[name](firing) if name in procedure.judges else None
    source, target = thing.state, transition.target or thing.state
    state = procedure.workflow.states[target]
    thing.enter(state, turn=transition.turn or state.turn, at=firing.at)
    event = Event.objects.create(
        thing_kind=kind_of(cast(models.Model, thing)),
        thing_key=str(thing.pk),
        name=name,
        source=source,
        target=target,
        by=by,
        at=firing.at,
        reason=firing.reason,
        verdict=verdict.as_record() if verdict else None,
        data=dict(journal or {}),
    )
    if transition.effect:
        done = Firing(thing, transition, by, firing.at, firing.reason, data, event)
        procedure.effects[transition.effect](done)
    thing.save()
    return event


def check(procedure: Procedure, firing: Firing) -> None:
    """Raise the first thing that forbids a firing."""
    transition = firing.transition
    if not procedure.allows(transition, firing.thing, firing.by):
        raise NotAllowed(FORBIDDEN)
    if firing.thing.state not in transition.sources:
        raise NotNow(TOO_LATE)
    if transition.reason is Reason.REQUIRED and not firing.reason:
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    wanting = [sentence for name in transition.conditions for sentence in procedure.conditions[name](firing)]
    if wanting:
        raise Unmet(*wanting)


def available(thing: Thing, user: User) -> list[Transition]:
    """List what this person may fire now: the buttons of the page."""
    procedure = thing.procedure
    return [row for row in procedure.workflow.out_of(thing.state) if procedure.allows(row, thing, user)]


def record(
    thing: models.Model,
    name: str,
    *,
    by: User | None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    verdict: Verdict | None = None,
) -> Event:
    """Write in the journal a gesture that changes no state."""
    return Event.objects.create(
        thing_kind=kind_of(thing),
        thing_key=str(thing.pk),
        name=name,
        by=by,
        reason=reason.strip(),
        data=dict(data or {}),
        verdict=verdict.as_record() if verdict else None,
    )


def lock(thing: Thing) -> None:
    """Hold the row of a thing until the end of the transaction, and bring the object up to date."""
    model = cast(models.Model, thing)
    model.refresh_from_db(from_queryset=type(model)._default_manager.select_for_update())
