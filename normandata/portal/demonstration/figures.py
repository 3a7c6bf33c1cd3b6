"""The values that people type in: networks counted by part, other follow-ups, a correction; each signed on its day."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import transaction

from normandata.accounts.models import User
from normandata.indicators import registry, services
from normandata.indicators.models import Statement

from . import clock
from .script import DATA

FILE = DATA / "demonstration_figures.toml"


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a value: of a kind of structure and a department where it has some."""

    value: Decimal
    structure: str = ""
    department: str = ""


@cache
def read() -> list[dict[str, Any]]:
    return list(tomllib.loads(FILE.read_text(encoding="utf-8"))["value"])


@transaction.atomic
def settle(people: Mapping[str, User]) -> int:
    """Type in the values of the indicators that nobody typed any for; returns how many rows were written."""
    known = set(Statement.objects.values_list("owner", "indicator"))
    untold = [one for one in read() if (one["owner"], one["indicator"]) not in known]
    return sum(_tell(one, people) for one in untold)


def _tell(told: Mapping[str, Any], people: Mapping[str, User]) -> int:
    """Type in each part of a value, then the correction of the first; LookupError for an indicator nobody declares."""
    indicator = registry.find(told["owner"], told["indicator"])
    if indicator is None:
        raise LookupError(f"{told['owner']} has no indicator {told['indicator']}")
    on, parts = clock.working_day(told["on"]), list(_parts(told))
    rows = []
    for rank, part in enumerate(parts):
        with clock.travel(clock.ago(told["typed"], rank, len(parts))):
            row = services.state(
                told["owner"],
                indicator,
                by=people[told["by"]],
                label=told["label"],
                value=part.value,
                measured_on=on,
                source=told["source"],
                unit=told.get("unit", ""),
                structure=part.structure,
                department=part.department,
            )
            rows.append(row)
    if "correction" in told:
        rows.append(_correct(rows[0], told["correction"], people))
    return len(rows)


def _parts(told: Mapping[str, Any]) -> Iterator[Part]:
    if "value" in told:
        yield Part(Decimal(told["value"]))
    for structure, department, value in told.get("parts", ()):
        yield Part(Decimal(value), structure, department)


def _correct(former: Statement, told: Mapping[str, Any], people: Mapping[str, User]) -> Statement:
    with clock.travel(clock.ago(told["typed"])):
        return services.correct(
            former,
            by=people[told["by"]],
            value=Decimal(told["value"]),
            measured_on=former.measured_on,
            source=told["source"],
            reason=told["reason"],
        )
