"""The assessment of a call: how many proposals, by scale, theme and department. Counted, never typed.

A proposal has one scale and one theme, so that these add up to the whole; it may concern several departments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from normandata.regulation.territory import NORMAN_NAMES

from .models import LIVE, Call, CallProposal, Option, Place


@dataclass(frozen=True, slots=True)
class Line:
    """How many proposals chose a scale or a theme."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The counts of a call. `departments` is by code; `outside` counts what lies outside Normandie.

    `is_placed_once` tells that each proposal counts in one place alone, so that places add up to the whole.
    """

    total: int
    from_public: int
    scales: tuple[Line, ...]
    themes: tuple[Line, ...]
    departments: Mapping[str, int]
    outside: int
    is_placed_once: bool = False

    @property
    def from_others(self) -> int:
        return self.total - self.from_public

    @property
    def themes_left(self) -> int:
        """How many projects the themes do not break down: a published history may not say all."""
        return self.total - sum(line.count for line in self.themes)

    @property
    def scales_left(self) -> int:
        return self.total - sum(line.count for line in self.scales)


def of_call(call: Call) -> Assessment:
    """Count the live proposals of a call; three queries, however many proposals."""
    live = CallProposal.objects.live().filter(call=call)
    whole = live.aggregate(
        total=Count("pk"),
        from_public=Count("pk", filter=Q(is_from_public=True)),
        outside=Count("pk", filter=Q(is_outside=True)),
    )
    places = Place.objects.filter(proposal__call=call, proposal__dossier__state__in=LIVE).order_by()
    by_place = dict(places.values_list("department").annotate(count=Count("pk")))
    lines = _options(call)
    return Assessment(
        total=whole["total"],
        from_public=whole["from_public"],
        scales=lines[Option.Kind.SCALE],
        themes=lines[Option.Kind.THEME],
        departments={code: by_place.get(code, 0) for code in NORMAN_NAMES},
        outside=whole["outside"],
    )


def named(call: Call) -> "QuerySet[CallProposal]":
    """List the proposals that the règlement of a call names, an unlisted identity left out, in the order of titles."""
    public_names = CallProposal.objects.live().filter(call=call, dossier__organisation__is_diffusible=True)
    return public_names.select_related("dossier__organisation", "theme", "scale").order_by("title", "pk")


def _options(call: Call) -> dict[str, tuple[Line, ...]]:
    """Count the live proposals of each choice that a call lists, in its order; one query."""
    chosen = CallProposal.objects.live().filter(call=call).order_by()
    pairs: Sequence[tuple[int, int, int]] = list(chosen.values_list("scale", "theme").annotate(count=Count("pk")))
    return {
        kind.value: tuple(
            Line(one.label, sum(count for *keys, count in pairs if one.pk == keys[at])) for one in call.choices(kind)
        )
        for at, kind in enumerate((Option.Kind.SCALE, Option.Kind.THEME))
    }
