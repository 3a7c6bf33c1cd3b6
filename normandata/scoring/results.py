"""What the submitted sheets say, without blindness: for the conditions of a procedure, once a panel is closed.

Whatever a person reads comes from `reading`, which asks here. A draft, an abstention and a sheet set aside are not
zero: they are nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from normandata.regulation.formats import listing, plural

from . import arithmetic, kinds
from .models import Conflict, Grid, Mark, Panel, Sheet, Subject
from .ties import Spot
from .workflow import ABSTAINED, SUBMITTED

_COUNTED = Q(sheets__state=SUBMITTED)
_EXACT = Decimal(1).scaleb(-arithmetic.POINT_DECIMALS)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one subject stands: how many sheets count, their exact mean, the gap between highest and lowest."""

    spot: Spot
    order: int
    needed: int
    sheets: int
    score: Fraction | None
    spread: Fraction | None
    outdated: tuple[str, ...] = ()
    """The earlier versions that sheets judged, one for each sheet; empty where all judged the one that stands."""

    @property
    def key(self) -> str:
        return self.spot.key

    @property
    def is_ready(self) -> bool:
        return self.sheets >= self.needed


def standings(panel: Panel, subjects: QuerySet[Subject] | None = None) -> list[Standing]:
    """Return where the subjects of a panel stand, in their order.

    One query, that of the grid's criteria, and two for the versions that were judged.
    """
    divisor, least = panel.grid.denominator, panel.grid.least_sheets
    wanted = panel.subjects.judged() if subjects is None else subjects
    outdated = _outdated(wanted)
    rows = (
        wanted.order_by("rank", "pk")
        .annotate(
            count=Count("sheets", filter=_COUNTED),
            total=Sum("sheets__points", filter=_COUNTED),
            low=Min("sheets__points", filter=_COUNTED),
            high=Max("sheets__points", filter=_COUNTED),
        )
        .values_list("pk", "kind", "key", "rank", "extra", "count", "total", "low", "high")
    )
    return [
        Standing(
            Spot(pk, kind, key),
            rank,
            least + extra,
            count,
            arithmetic.mean(_exact(total), count, divisor) if count else None,
            Fraction(_exact(high) - _exact(low)) / divisor if count else None,
            outdated.get(pk, ()),
        )
        for pk, kind, key, rank, extra, count, total, low, high in rows
    ]


def versions_now(spots: Iterable[Spot]) -> Mapping[int, str]:
    """Return the versions that stand, by subject: one query by kind of thing."""
    found: dict[int, str] = {}
    keys: dict[str, list[Spot]] = {}
    for spot in spots:
        keys.setdefault(spot.kind, []).append(spot)
    for kind, those in keys.items():
        now = kinds.versions(kind, [spot.key for spot in those])
        found |= {spot.pk: now.get(spot.key, "") for spot in those}
    return found


def _outdated(subjects: QuerySet[Subject]) -> Mapping[int, tuple[str, ...]]:
    """Return, by subject, the earlier versions that its counted sheets judged."""
    judged = Sheet.objects.counted().filter(subject__in=subjects.order_by().values("pk")).order_by("subject", "pk")
    rows = list(judged.values_list("subject", "subject__kind", "subject__key", "subject_version"))
    now = versions_now({Spot(*row[:3]) for row in rows})
    found: dict[int, tuple[str, ...]] = {}
    for pk, _, _, version in rows:
        if version != now[pk]:
            found[pk] = tuple(sorted((*found.get(pk, ()), version)))
    return found


def standing_of(subject: Subject) -> Standing:
    """Return where one subject stands."""
    return standings(subject.panel, Subject.objects.filter(pk=subject.pk))[0]


def score_of(subject: Subject) -> Fraction | None:
    """Return the exact mean of the submitted sheets on a subject, None without any."""
    return standing_of(subject).score


def spread_of(subject: Subject) -> Fraction | None:
    """Return the gap between the highest and the lowest submitted sheet, None without any."""
    return standing_of(subject).spread


def is_under_floor(subject: Subject) -> bool:
    """Tell whether the exact score is below the grid's floor; without a score it is not known to be."""
    return arithmetic.is_under(score_of(subject), subject.panel.grid.floor)


def has_enough_sheets(subject: Subject) -> bool:
    """Tell whether as many sheets were submitted as the grid, and whoever asked for more, want."""
    return standing_of(subject).is_ready


def criterion_means(panel: Panel, slugs: Iterable[str]) -> Mapping[tuple[int, str], Fraction]:
    """Return the exact mean of the counted marks by subject and criterion, in one query."""
    wanted = list(slugs)
    if not wanted:
        return {}
    rows = (
        Mark.objects.filter(sheet__subject__panel=panel, sheet__state=SUBMITTED, criterion__slug__in=wanted)
        .order_by()
        .values_list("sheet__subject", "criterion__slug")
        .annotate(total=Sum("value"), count=Count("value"))
    )
    return {(pk, slug): Fraction(_exact(total)) / count for pk, slug, total, count in rows}


def first_places(panel: Panel) -> Mapping[int, int]:
    """Count, by subject, the scorers who put it first, alone or with others: a tie rule of the Datathon.

    One query; a subject that nobody put first is absent.
    """
    best: dict[int, tuple[Decimal, list[int]]] = {}
    rows = Sheet.objects.counted().filter(subject__panel=panel, subject__removed_at=None)
    for author, subject, points in rows.values_list("author", "subject", "points"):
        top, subjects = best.get(author, (Decimal(-1), []))
        if points is None:
            continue
        if points > top:
            best[author] = (points, [subject])
        elif points == top:
            subjects.append(subject)
    return Counter(subject for _, subjects in best.values() for subject in subjects)


@dataclass(frozen=True, slots=True)
class Ballot:
    """One sheet as it stood when its panel closed: whose, on what, whether it counts, its marks by criterion."""

    key: str
    author: int
    state: str
    marks: Mapping[str, Decimal]


def ballots(panel: Panel) -> list[Ballot]:
    """Return the submitted sheets and the abstentions of a panel, in the order of its subjects; two queries."""
    wanted = Sheet.objects.filter(subject__panel=panel, subject__removed_at=None, state__in=(SUBMITTED, ABSTAINED))
    marks: dict[int, dict[str, Decimal]] = {}
    rows = Mark.objects.filter(sheet__in=wanted.order_by().values("pk"), sheet__state=SUBMITTED, value__isnull=False)
    for sheet, slug, value in rows.values_list("sheet", "criterion__slug", "value"):
        marks.setdefault(sheet, {})[slug] = value or Decimal(0)
    found = wanted.order_by("subject__rank", "subject", "pk").values_list("pk", "subject__key", "author", "state")
    return [Ballot(key, author, state, marks.get(pk, {})) for pk, key, author, state in found]


def recusals(panel: Panel) -> set[tuple[int, str]]:
    """Return who is in conflict with what a panel judges, as (person, key of the thing); two queries."""
    keys = list(panel.subjects.judged().values_list("kind", "key"))
    found: set[tuple[int, str]] = set()
    rows = Conflict.objects.active().filter(Q(panel=panel) | Q(key__in=[key for _, key in keys]))
    for person, kind, key in rows.values_list("person", "kind", "key"):
        found |= {(person, one) for what, one in keys if not key or (what, one) == (kind, key)}
    return found


def _exact(value: Decimal) -> Decimal:
    """Read a sum of decimals exactly: SQLite adds in binary."""
    return value.quantize(_EXACT)


def judged_on(outdated: Iterable[str]) -> str:
    """Say how many sheets judged which earlier versions: « 1 fiche jugée sur la version 1 »; nothing for none."""
    counts = sorted(Counter(outdated).items())
    words = [f"{plural(count, 'fiche jugée', 'fiches jugées')} sur la version {version}" for version, count in counts]
    return listing(words)


def shown_out_of(score: Fraction | None, grid: Grid) -> str:
    """Write a score with its maximum: « 49,99 sur 100 »; an empty string for none."""
    if score is None:
        return ""
    whole = arithmetic.shown(grid.best).removesuffix(",00")
    return f"{arithmetic.shown(score)} sur {whole}"
