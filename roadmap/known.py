"""The milestones and the later deliberations as they were known at the end of a day, read again from the journal.

What is typed afterwards, a removal included, changes nothing of it. A row whose writing the journal never saw was there
from the start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from normandata.dossiers.delays import end_of
from normandata.procedure.models import Event, kind_of

from . import rules
from .models import Action, Deliberation, Milestone


@dataclass(frozen=True, slots=True)
class Linked:
    """A later deliberation: its number, the day it was adopted, the chantier it is about."""

    adopted_on: date
    pk: int
    number: str
    chantier: int


def _journal(*names: str) -> Iterator[tuple[int, str, datetime, dict[str, Any]]]:
    events = Event.objects.filter(thing_kind=kind_of(Action()), name__in=names).order_by("at", "pk")
    for key, *told in events.values_list("thing_key", "name", "at", "data"):
        yield int(key), *told


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def milestones(day: date) -> dict[int, list[rules.Step]]:
    """Return the milestones of each action as they were known at the end of a day; two queries."""
    end, seen = end_of(day), set[int]()
    known: dict[int, tuple[int, rules.Step]] = {}
    for action, name, at, said in _journal("add_milestone", "change_milestone", "hold_milestone", "remove_milestone"):
        pk = said["milestone"]
        seen.add(pk)
        if at >= end:
            continue
        if name == "remove_milestone":
            known.pop(pk, None)
            continue
        step = rules.Step(said["weight"], date.fromisoformat(said["due_on"]), _day(said["done_on"]))
        known[pk] = (action, step)
    rows = Milestone.objects.values_list("pk", "action", "weight", "due_on", "done_on")
    for pk, action, weight, due_on, done_on in rows:
        if pk not in seen:
            known[pk] = (action, rules.Step(weight, due_on, done_on))
    found: dict[int, list[rules.Step]] = {}
    for action, step in known.values():
        found.setdefault(action, []).append(step)
    return found


def deliberations(day: date) -> list[Linked]:
    """List the later deliberations that were linked at the end of a day, by their day of adoption; three queries."""
    end, seen = end_of(day), set[int]()
    chantiers = dict(Action.objects.values_list("pk", "chantier"))
    known: dict[int, Linked] = {}
    for action, name, at, said in _journal("link_deliberation", "unlink_deliberation"):
        pk = said["deliberation"]
        seen.add(pk)
        if at >= end:
            continue
        if name == "unlink_deliberation":
            known.pop(pk, None)
            continue
        known[pk] = Linked(date.fromisoformat(said["adopted_on"]), pk, said["number"], chantiers[action])
    for pk, number, adopted_on, chantier, acted in Deliberation.objects.values_list(
        "pk", "number", "adopted_on", "chantier", "action"
    ):
        if pk not in seen:
            known[pk] = Linked(adopted_on, pk, number, chantier or chantiers[acted or 0])
    return sorted(known.values(), key=lambda one: (one.adopted_on, one.pk))
