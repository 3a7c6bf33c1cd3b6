"""The ranking of a panel: exact scores, ties settled by the scheme's rule, and the reason of each place in French.

Apart, and without a place: the subjects under the floor, and those without enough sheets.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from normandata.regulation.formats import number, plural, spaced

from . import arithmetic, results
from .models import Panel
from .results import Standing
from .ties import Spot


@dataclass(frozen=True, slots=True)
class Tie:
    """One step of a tie rule: a value by key of the thing, the larger first unless said otherwise.

    `words` writes a value in French; a thing without a value comes after those that have one.
    """

    label: str
    values: Mapping[str, Any]
    largest_first: bool = True
    words: Mapping[Any, str] | None = None

    def of(self, key: str) -> Any:
        return self.values.get(key)

    def written(self, key: str) -> str:
        value = self.of(key)
        if value is None:
            return "non renseigné"
        if isinstance(value, Fraction):
            return arithmetic.shown(value)
        return (self.words or {}).get(value) or (number(value) if isinstance(value, int) else str(value))


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a ranking; no rank in the reserve nor among those that wait for sheets.

    `outdated` are the earlier versions that its sheets judged, one for each.
    """

    spot: Spot
    rank: int | None
    score: Fraction | None
    sheets: int
    needed: int
    spread: Fraction | None
    is_wide: bool
    reason: str
    outdated: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.spot.key

    @property
    def shown(self) -> str:
        """The score cut after two decimals."""
        return arithmetic.shown(self.score)

    @property
    def judged_on(self) -> str:
        """« 1 fiche jugée sur la version 1 », or nothing when all sheets judged the version that stands."""
        return results.judged_on(self.outdated)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places in order, the reserve under the floor, those that wait for sheets; `withheld` are closed to the reader."""

    places: tuple[Place, ...]
    reserve: tuple[Place, ...]
    waiting: tuple[Place, ...]
    withheld: int = 0


def rank(panel: Panel, *, ties: Sequence[str] = (), then: Sequence[Tie] = (), without: Container[int] = ()) -> Ranking:
    """Rank the subjects of a panel; `without` leaves some out, by their keys as rows, as if they were not judged.

    Ties are settled by the means of the criteria named in `ties`, then by `then`; those left equal share a place. Five
    queries, whatever their number. Raises LookupError for a criterion that the grid has not.
    """
    every = results.standings(panel)
    kept = [one for one in every if one.spot.pk not in without]
    steps = [*_by_criteria(panel, kept, ties), *then]
    ready = _sorted([one for one in kept if one.is_ready and one.score is not None], steps)
    floor = panel.grid.floor
    above = [one for one in ready if not arithmetic.is_under(one.score, floor)]
    under = [one for one in ready if arithmetic.is_under(one.score, floor)]
    waiting = [one for one in kept if not one.is_ready or one.score is None]
    return Ranking(
        tuple(_places(panel, above, steps)),
        tuple(_place(panel, one, None, f"Sous le plancher de {number(floor or 0)}.") for one in under),
        tuple(_place(panel, one, None, _lacking(one)) for one in waiting),
        len(every) - len(kept),
    )


def _by_criteria(panel: Panel, kept: Sequence[Standing], slugs: Sequence[str]) -> list[Tie]:
    labels = {line.slug: line.label for line in panel.grid.lines}
    if unknown := [slug for slug in slugs if slug not in labels]:
        raise LookupError(f"the grid has no criterion {', '.join(unknown)}")
    means = results.criterion_means(panel, slugs)
    return [
        Tie(labels[slug], {one.spot.key: means[pair] for one in kept if (pair := (one.spot.pk, slug)) in means})
        for slug in slugs
    ]


def _sorted(standings: Sequence[Standing], steps: Sequence[Tie]) -> list[Standing]:
    """Sort by the least deciding step first: each sort keeps the order of the one before."""
    order = list(standings)
    for step in reversed(steps):
        if step.largest_first:
            order.sort(key=lambda one: (step.of(one.spot.key) is not None, step.of(one.spot.key)), reverse=True)
        else:
            order.sort(key=lambda one: (step.of(one.spot.key) is None, step.of(one.spot.key)))
    return sorted(order, key=lambda one: one.score or 0, reverse=True)


def _places(panel: Panel, order: Sequence[Standing], steps: Sequence[Tie]) -> list[Place]:
    ranks: list[int] = []
    for index, one in enumerate(order):
        is_shared = index > 0 and _are_equal(order[index - 1], one, steps)
        ranks.append(ranks[-1] if is_shared else index + 1)
    reasons = [_reason(panel, order, ranks, index, steps) for index in range(len(order))]
    return [_place(panel, one, rank, why) for one, rank, why in zip(order, ranks, reasons, strict=True)]


def _place(panel: Panel, one: Standing, rank: int | None, reason: str) -> Place:
    wide = arithmetic.is_wide(one.spread, panel.grid.spread_alert)
    return Place(one.spot, rank, one.score, one.sheets, one.needed, one.spread, wide, spaced(reason), one.outdated)


def _are_equal(one: Standing, other: Standing, steps: Sequence[Tie]) -> bool:
    return one.score == other.score and _deciding(one, other, steps) is None


def _deciding(one: Standing, other: Standing, steps: Sequence[Tie]) -> Tie | None:
    """Return the first step that tells two subjects of the same score apart."""
    return next((step for step in steps if step.of(one.spot.key) != step.of(other.spot.key)), None)


def _reason(panel: Panel, order: Sequence[Standing], ranks: Sequence[int], index: int, steps: Sequence[Tie]) -> str:
    """Say why a place is this one: what set it apart from the nearest neighbour of the same shown score."""
    one = order[index]
    said = [f"Note de {results.shown_out_of(one.score, panel.grid)}."]
    if _has_twin(order, index, steps):
        return f"{said[0]} Ex æquo : rien ne départage, la règle est épuisée."
    neighbours = [(index - 1, "derrière")] if index else []
    neighbours += [(index + 1, "devant")] if index + 1 < len(order) else []
    for near, side in neighbours:
        other = order[near]
        if arithmetic.shown(other.score) != arithmetic.shown(one.score):
            continue
        if other.score != one.score:
            said.append(f"Même note affichée que le rang {ranks[near]}, {side} : la note exacte les sépare.")
        elif step := _deciding(one, other, steps):
            mine, theirs = step.written(one.spot.key), step.written(other.spot.key)
            said.append(f"Même note que le rang {ranks[near]}, {side} : « {step.label} », {mine} contre {theirs}.")
    return " ".join(said)


def _has_twin(order: Sequence[Standing], index: int, steps: Sequence[Tie]) -> bool:
    near = [order[at] for at in (index - 1, index + 1) if 0 <= at < len(order)]
    return any(_are_equal(order[index], other, steps) for other in near)


def _lacking(one: Standing) -> str:
    if not one.sheets:
        return f"Aucune fiche remise, sur {one.needed} attendues." if one.needed > 1 else "Aucune fiche remise."
    return f"{plural(one.sheets, 'fiche remise', 'fiches remises')} sur {one.needed} attendues."
