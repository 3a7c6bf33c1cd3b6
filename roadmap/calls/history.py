"""Calls that are over and were run elsewhere: their published figures, read from a file, never taken for proposals."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from normandata.regulation.territory import NORMAN_NAMES

from .assessment import Assessment, Line

FILE = Path(__file__).with_name("history.toml")


class InvalidHistory(ValueError):
    """The file says what no assessment can say; the message names the call."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call of before this portal, as its assessment was published."""

    slug: str
    title: str
    summary: str
    text: str
    opens_on: date
    closes_on: date
    source: str
    warning: str
    assessment: Assessment


@cache
def past_calls() -> Mapping[str, PastCall]:
    """Read the past calls by slug; raises InvalidHistory."""
    loaded = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {slug: _past(slug, said) for slug, said in loaded.items()}


def _past(slug: str, said: Mapping[str, Any]) -> PastCall:
    places = dict(said["places"])
    assessment = Assessment(
        total=said["total"],
        from_public=said["from_public"],
        scales=_lines(said["scales"]),
        themes=_lines(said["themes"]),
        departments={code: places.pop(code) for code in NORMAN_NAMES},
        outside=places.pop("outside"),
        is_placed_once=True,
    )
    placed = sum(assessment.departments.values()) + assessment.outside
    if places or placed != assessment.total or min(assessment.themes_left, assessment.scales_left) < 0:
        raise InvalidHistory(f"{slug}: the parts exceed the whole, or places do not add up to it")
    named = ("title", "summary", "text", "opens_on", "closes_on", "source", "warning")
    return PastCall(slug=slug, assessment=assessment, **{name: said[name] for name in named})


def _lines(said: Mapping[str, int]) -> tuple[Line, ...]:
    return tuple(Line(label, count) for label, count in said.items())
