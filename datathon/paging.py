"""Pages of a long list by keyset: any page costs what the first one costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

PER_PAGE = 50
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a page, and the keys between which its neighbours lie; None where there is nothing more."""

    rows: list[Any]
    after: int | None
    before: int | None


def slice_of(rows: QuerySet[Any], asked: Mapping[str, str]) -> Slice:
    """Return the page that the address asks for (`apres`, `avant`), in the order of the keys: one query."""
    after, before = _key(asked.get("apres", "")), _key(asked.get("avant", ""))
    if before is not None:
        found = list(rows.filter(pk__lt=before).order_by("-pk")[: PER_PAGE + 1])
        shown = found[:PER_PAGE][::-1]
        return Slice(shown, shown[-1].pk if shown else None, shown[0].pk if len(found) > PER_PAGE else None)
    found = list((rows if after is None else rows.filter(pk__gt=after)).order_by("pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    has_before = bool(shown) and after is not None
    return Slice(shown, shown[-1].pk if len(found) > PER_PAGE else None, shown[0].pk if has_before else None)


def _key(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) <= MOST_DIGITS else None
