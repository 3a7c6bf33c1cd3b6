"""Indicators whose values are typed in: counted from the statements that held on a day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing, plural

from .definitions import Column, Count, Fact, Figure, Indicator, Kind, Reading, Split, Typed, Unit, rate
from .dimensions import LABELS, STRUCTURES, UNKNOWN, code
from .models import Statement

OTHERS = "autres-suivis"


def other_follow_ups(owner: str, source: str) -> Indicator:
    """Make the open field of a sheet, « autres types d’indicateurs ou modes de suivi envisagés » (D-46)."""

    def gather(reading: Reading) -> Iterator[Fact]:
        period = reading.period
        found = Statement.objects.of(owner, OTHERS).standing(period.as_of)
        found = found.filter(measured_on__gte=period.first, measured_on__lte=period.end)
        rows = found.order_by("measured_on", "pk").values_list("label", "measured_on", "source", "value", "unit")
        return (Fact(row) for row in rows)

    return Indicator(
        OTHERS,
        "Autres types d’indicateurs ou modes de suivi envisagés",
        Kind.OTHER,
        "relevés",
        source,
        "Relevés saisis à la main par les agents, datés, sourcés et signés, un par ligne. Une correction prend la "
        "place du relevé qu’elle corrige, et le garde.",
        Count(gather, _others),
        typed=Typed(),
    )


def _others(reading: Reading, facts: Sequence[Fact]) -> Figure:
    words = plural(len(facts), "autre relevé", "autres relevés") if facts else "Aucun autre relevé"
    return Figure(
        finding=f"{words} {reading.period.words}",
        value=len(facts),
        counted="Relevés",
        unit=Unit.COUNT,
        columns=(
            Column("Ce qui est relevé"),
            Column("Relevé le"),
            Column("Source"),
            Column("Valeur", Unit.NUMBER),
            Column("Unité"),
        ),
        rows=tuple(one.what for one in facts),
        drawn=None,
        note="Des relevés de natures différentes ne s’additionnent pas : chacun est donné tel quel.",
    )


def census(owner: str, slug: str, *, title: str, source: str, formula: str) -> Indicator:
    """Make a count of structures by network, typed in by kind of structure and department.

    The last value of each network, kind and department on the last day counted holds; networks are added up.
    """

    def gather(reading: Reading) -> Iterator[Fact]:
        found = Statement.objects.of(owner, slug).standing(reading.period.as_of)
        rows = found.filter(measured_on__lte=reading.period.end).order_by("measured_on", "pk")
        last = {
            (label, structure, department): (on, value)
            for label, structure, department, on, value in rows.values_list(
                "label", "structure", "department", "measured_on", "value"
            )
        }
        for (label, structure, department), (on, value) in last.items():
            yield Fact((label, on, int(value or 0)), _known(department), _known(structure))

    return Indicator(
        slug,
        title,
        Kind.CONTEXT,
        "structures",
        source,
        formula,
        Count(gather, _census),
        splits=(Split.DEPARTMENT, Split.STRUCTURE),
        typed=Typed("structures", has_parts=True),
    )


def _known(typed: str) -> str:
    return "" if typed == UNKNOWN else typed


def _census(reading: Reading, facts: Sequence[Fact]) -> Figure:
    counted: Counter[str] = Counter()
    networks: dict[str, date] = {}
    for one in facts:
        label, on, count = one.what
        counted[code(one, Split.STRUCTURE)] += count
        networks[label] = max(on, networks.get(label, on))
    whole = counted.total()
    read = listing([f"{label}, relevé du {written_day(on)}" for label, on in sorted(networks.items())])
    words = plural(whole, "structure recensée", "structures recensées") if whole else "Aucune structure recensée"
    cited = list(STRUCTURES)[:3]
    return Figure(
        finding=f"{words} dans les réseaux régionaux",
        value=whole,
        counted="Structures recensées",
        unit=Unit.COUNT,
        columns=(Column("Type de structure"), Column("Structures", Unit.COUNT), Column("Part", Unit.PERCENT)),
        rows=tuple(
            (name, counted[slug], rate(counted[slug], whole))
            for slug, name in LABELS[Split.STRUCTURE].items()
            if slug in cited or counted[slug]
        ),
        note=f"Une structure de deux réseaux compte deux fois. Réseaux : {read}." if networks else "",
    )
