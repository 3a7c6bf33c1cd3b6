"""The cœur expert's part of the tale: experts who agreed to be named, and requests from the need to the outcome."""

import tomllib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from normandata.accounts.models import User
from normandata.experts.models import Agreement, Expert, Introduction, Listing, Need
from normandata.experts.need_forms import POINTS
from normandata.experts.services import directory, needs
from normandata.organisations.models import Organisation

from . import booster, clock

FILE = Path(__file__).parent.parent / "data" / "demonstration_core.toml"
SPACE = uuid.UUID("6f0a5c0e-5a0e-4c1e-9f5e-0d3b6a1c7e42")
SAID = ("title", "need", "data", "technology", "delays", "costs", "partnership")
LISTED_FOR = 50
"""Days since the experts agreed to be named and introduced."""


@cache
def read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@transaction.atomic
def settle(experts: list[dict[str, Any]], people: Mapping[str, User]) -> int:
    """Add the experts, their public entries and the requests that are missing; returns how many requests were told."""
    told = read()
    agent = people[told["agent"]]
    booster.settle_experts(experts, agent, people)
    with clock.travel(clock.ago(LISTED_FOR)):
        for one in told["expert"]:
            _add(one, agent)
        for one in told["listing"]:
            _name(one, agent)
    untold = [one for one in told["need"] if not Need.objects.filter(key=_key(one)).exists()]
    for one in untold:
        _tell(one, people, agent)
    return len(untold)


def _key(told: Mapping[str, Any]) -> uuid.UUID:
    return uuid.uuid5(SPACE, told["title"])


def _expert(slug: str) -> Expert:
    return Expert.objects.get(email=booster.address(slug))


def _add(told: Mapping[str, Any], agent: User) -> None:
    if Expert.objects.filter(email=booster.address(told["slug"])).exists():
        return
    fields = {name: told[name] for name in ("name", "organisation", "skills")}
    directory.add(email=booster.address(told["slug"]), by=agent, **fields)


def _name(told: Mapping[str, Any], agent: User) -> None:
    """Record that an expert agreed to be introduced and named, and what the public directory shows."""
    expert = _expert(told["expert"])
    for kind in (Agreement.Kind.INTRODUCED, Agreement.Kind.LISTED):
        if not expert.agreements.filter(kind=kind).exists():
            given_on = clock.working_day(LISTED_FOR)
            directory.record_agreement(expert, kind, given_on=given_on, proof=read()["proof"], by=agent)
    if Listing.objects.filter(agreement__expert=expert).exists():
        return
    if not expert.agreements.standing().filter(kind=Agreement.Kind.LISTED).exists():
        return  # the person who tries the demonstration withdrew it
    directory.list_publicly(
        expert,
        shows_name="nom" in told["shows"],
        shows_organisation="structure" in told["shows"],
        domains=told["domains"],
        presentation=told.get("presentation", ""),
        by=agent,
    )


def _tell(told: Mapping[str, Any], people: Mapping[str, User], agent: User) -> None:
    person = people[told["by"]]
    house = Organisation.objects.of(person).order_by("pk").first() if told.get("is_house") else None
    wished = Listing.objects.public().filter(agreement__expert__email=booster.address(told.get("wished", ""))).first()
    said = {name: told.get(name, "") for name in SAID} | {"contact_name": person.name, "contact_phone": ""}
    for step in told["steps"]:
        with clock.travel(clock.ago(step["days"])):
            if step["do"] == "ask":
                need = needs.ask(_key(told), said, organisation=house, wished=wished, by=person)
            else:
                _act(need, step, people, agent)


def _act(need: Need, step: Mapping[str, Any], people: Mapping[str, User], agent: User) -> None:
    match step["do"]:
        case "schedule":
            day = clock.ago(step["days"]) + timedelta(days=step["in_days"])
            needs.schedule(need, day=day, place=step["place"], by=agent)
        case "hold":
            found = {name: step.get(name, "") for name in POINTS}
            needs.hold(need, held_on=clock.working_day(step["days"]), found=found, by=agent)
        case "solicit":
            needs.solicit(need, [_expert(slug) for slug in step["experts"]], message="", by=agent)
        case "accept":
            needs.accept(_offer(need, step), by=people[step["by"]])
        case "decline":
            needs.decline(_offer(need, step), reason=step["reason"], by=people[step["by"]])
        case "tell":
            on = clock.working_day(step["days"])
            needs.tell_outcome(need, outcome=step["outcome"], outcome_on=on, words=step["words"], by=need.asked_by)
    need.refresh_from_db()


def _offer(need: Need, step: Mapping[str, Any]) -> Introduction:
    return Introduction.objects.select_related("expert__user").get(need=need, expert=_expert(step["by"]))
