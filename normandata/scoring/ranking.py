"""The ranking of a panel: exact scores, ties settled by the scheme's rule, and the reason of each place in French.

Apart, and without a place: the subjects under the floor, and those without enough sheets.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from fractions import Fraction

from normandata.regulation.formats import number, plural, spaced

from . import arithmetic, ordering, results
from .models import Panel
from .ordering import Tie
from .results import Standing
from .ties import Spot

__all__ = ["Place", "Ranking", "Tie", "rank"]


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
    ready = [one for one in kept if one.is_ready and one.score is not None]
    floor = panel.grid.floor
    above = [one for one in ready if not arithmetic.is_under(one.score, floor)]
    under = [one for one in ready if arithmetic.is_under(one.score, floor)]
    best = panel.grid.best
    waiting = [one for one in kept if not one.is_ready or one.score is None]
    return Ranking(
        tuple(_place(panel, *placed) for placed in ordering.places(above, steps, best=best)),
        tuple(
            _place(panel, one, None, f"Sous le plancher de {number(floor or 0)}.")
            for one, *_ in ordering.places(under, steps, best=best)
        ),
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


def _place(panel: Panel, one: Standing, rank: int | None, reason: str) -> Place:
    wide = arithmetic.is_wide(one.spread, panel.grid.spread_alert)
    return Place(one.spot, rank, one.score, one.sheets, one.needed, one.spread, wide, spaced(reason), one.outdated)


def _lacking(one: Standing) -> str:
    if not one.sheets:
        return f"Aucune fiche remise, sur {one.needed} attendues." if one.needed > 1 else "Aucune fiche remise."
    return f"{plural(one.sheets, 'fiche remise', 'fiches remises')} sur {one.needed} attendues."
