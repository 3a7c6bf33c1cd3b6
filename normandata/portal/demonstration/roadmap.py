"""The roadmap's part of the tale: what was voted is loaded as in production, then its pilot lives on it, day by day."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from normandata.accounts.models import User
from roadmap import catalogue, reminders, services
from roadmap.models import Action
from roadmap.rules import FIRST_DAY, LAST_DAY

from . import clock

FILE = Path(__file__).parent.parent / "data" / "demonstration_roadmap.toml"
PILOT = "pilote"
LED_IN = 14
"""Days before its beginning when the sheet of an action is written."""
Gesture = Callable[[], object]


@cache
def read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@transaction.atomic
def settle(people: Mapping[str, User]) -> int:
    """Load the voted roadmap and tell the life of the actions that nobody wrote on; returns how many were told.

    Outside the years of the roadmap nothing is told: the actions stay as they were voted.
    """
    catalogue.load()
    if not FIRST_DAY < clock.today() <= LAST_DAY:
        return 0
    pilot, words = people[PILOT], read()["words"]
    untold = {one.slug: one for one in Action.objects.filter(revision=1, updated_at=None)}
    told = [one for one in read()["action"] if one["slug"] in untold]
    for one in told:
        for on, gesture in sorted(_life(untold[one["slug"]], one, words, pilot), key=lambda step: step[0]):
            with clock.travel(clock.ago(max((clock.today() - on).days, 0))):
                gesture()
    if told:
        with clock.travel(clock.ago(0)):
            reminders.alert_late(clock.ago(0))
    return len(told)


def day(days: int) -> date:
    """Return the day that is `days` from today, brought back into the period of the roadmap; one past is a weekday."""
    found = clock.today() + timedelta(days=days) if days > 0 else clock.working_day(-days)
    return min(max(found, FIRST_DAY), LAST_DAY)


def _life(action: Action, told: dict[str, Any], words: Mapping[str, str], by: User) -> Iterator[tuple[date, Gesture]]:
    """List what happens to an action, each gesture with its day, in the order they are to be told on a same day."""
    first = day(min(told.get("began", told["start"]), 0) - LED_IN)
    yield first, lambda: services.describe(action, _sheet(told, words), by=by)
    for step in told["milestones"]:
        yield from _milestone(action, step, first, by)
    if "began" in told:
        yield max(day(told["began"]), first), lambda: services.fire(action, "start", by=by)
    for one in told.get("deliberations", ()):
        yield day(one["on"]), _later(services.link_deliberation, action, one, by)
    for one in told.get("calls", ()):
        yield day(one["on"]), _later(services.link_call, action, one, by)
    for one in told.get("news", ()):
        yield day(one["on"]), _later(services.tell, action, one, by)
    for one in told.get("then", ()):
        yield day(one["on"]), _later(services.fire, action, one, by)


def _milestone(action: Action, told: dict[str, Any], first: date, by: User) -> Iterator[tuple[date, Gesture]]:
    said = {"title": told["title"], "due_on": day(told["due"]), "weight": told["weight"]}
    yield first, lambda: services.add_milestone(action, **said, by=by)
    if "done" not in told:
        return
    on = max(day(told["done"]), first)

    def hold() -> None:
        services.change_milestone(action.milestones.get(title=told["title"]), **said, done_on=on, by=by)

    yield on, hold


def _later(gesture: Callable[..., object], action: Action, told: dict[str, Any], by: User) -> Gesture:
    said: dict[str, Any] = {name: value for name, value in told.items() if name not in ("on", "do", "chantier")}
    on = day(told["on"])
    if "do" in told:
        said["name"] = told["do"]
    elif "number" in told:
        said |= {"adopted_on": on, "is_for_chantier": told.get("chantier", False)}
    elif "text" in told:
        said["on"] = on
    return lambda: gesture(action, **said, by=by)


def _sheet(told: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "pilot_direction": told["direction"],
        "partners": "\n".join(told.get("partners", ())),
        "objectives": told.get("objectives", ""),
        "starts_on": day(told["start"]),
        "ends_on": day(told["end"]),
        "risks": words["risks"],
        "climate": words["climate"],
    }
