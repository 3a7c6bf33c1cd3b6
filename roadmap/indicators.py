"""The figures of the roadmap: what began, what moved, which milestones were held, what was deliberated.

The deliberation votes no indicator of its own for the roadmap (annexes 1 and 2): these follow what its pilots write. A
state is that of the journal at the end of the last day counted; a milestone is held from the day it was. Milestones and
deliberations are those that were known at the end of the day asked for: what is typed today changes no past figure.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from normandata.dossiers.delays import end_of
from normandata.indicators.definitions import (
    Column,
    Fact,
    Figure,
    Indicator,
    Kind,
    Reading,
    Unit,
    counting,
    rate,
    written,
)
from normandata.indicators.registry import Owner
from normandata.indicators.typed import other_follow_ups
from normandata.procedure.models import Event, kind_of
from normandata.regulation.formats import listing, plural

from . import known, rules, workflow
from .calls import indicators as calls
from .models import Action, Chantier

OWNER = Owner("roadmap", "Feuille de route", "feuille-de-route", 10, rules.FIRST_DAY)
SOURCE = "Délibération AP D 25-12-5, annexes 1 et 2"
TARGETS = {one.name: one.target for one in workflow.TRANSITIONS}
WHOLE = 100
ON_TIME, AFTER, LATE, STOPPED, COMING = (
    "Tenus à leur échéance",
    "Tenus après leur échéance",
    "En retard",
    "Non tenus, action arrêtée",
    "À venir",
)


# ---------------------------------------------------------------------------------------------------------- the facts
@dataclass(frozen=True, slots=True)
class Conducted:
    """An action as it stood at the end of a day: where it is in the roadmap, its state, its milestones."""

    title: str
    place: str
    chantier: str
    axis: str
    state: str
    steps: tuple[rules.Step, ...]

    @property
    def held(self) -> int:
        return sum(one.done_on is not None for one in self.steps)


PLACES = ("chantier__axis__number", "chantier__axis__title", "chantier__number", "chantier__title")


def _place(axis: int, number: int) -> str:
    return f"Annexe {axis}, chantier {number}"


def _chantier(axis: int, number: int, title: str) -> str:
    return f"{_place(axis, number)} : {title}"


def states(day: date) -> Mapping[int, str]:
    """Return the state of each action that moved, as the journal left it at the end of a day."""
    journal = Event.objects.filter(thing_kind=kind_of(Action()), name__in=list(TARGETS), at__lt=end_of(day))
    moves = journal.order_by("at", "pk").values_list("thing_key", "name")
    return {int(key): TARGETS[name] for key, name in moves}


def conducted(day: date, as_of: date) -> list[Conducted]:
    """Read every action as it stood at the end of a day, its milestones as known at the end of another.

    In the order of the deliberation.
    """
    steps, found = known.milestones(as_of), states(day)
    return [
        Conducted(
            title,
            _place(axis, number),
            _chantier(axis, number, chantier),
            f"Axe {axis}. {axis_title}",
            found.get(pk, workflow.PLANNED),
            tuple(_held_by(day, one) for one in steps.get(pk, ())),
        )
        for pk, title, axis, axis_title, number, chantier in Action.objects.values_list("pk", "title", *PLACES)
    ]


def _held_by(day: date, step: rules.Step) -> rules.Step:
    is_held = step.done_on is not None and step.done_on <= day
    return step if is_held else rules.Step(step.weight, step.due_on)


def _actions(reading: Reading) -> Iterator[Fact]:
    return (Fact(one) for one in reading.once(conducted, reading.period.end, reading.period.as_of))


# ----------------------------------------------------------------------------------------------------- the indicators
@counting(_actions)
def by_state(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Actions by state at the end of the period; those that began are the numerator."""
    counted, whole = Counter(one.what.state for one in facts), len(facts)
    began = whole - counted[workflow.PLANNED] - counted[workflow.ABANDONED]
    have = "est engagée" if began < 2 else "sont engagées"
    return Figure(
        finding=f"{plural(began, 'action')} sur {whole} {have}",
        value=rate(began, whole),
        counted="Actions engagées",
        among="Actions",
        unit=Unit.PERCENT,
        columns=(Column("État"), Column("Actions", Unit.COUNT)),
        rows=tuple((state.label, counted[slug]) for slug, state in workflow.STATES.items()),
        numerator=began,
        denominator=whole,
        note="Une action est engagée quand elle est en cours, suspendue ou achevée.",
    )


@counting(_actions)
def progress(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """The progress of each action, as its page computes it; the whole is the share of milestones held."""
    found: list[Conducted] = [one.what for one in facts]
    full = sum(rules.progress(one.steps) == WHOLE for one in found)
    have, their = ("a", "ses") if full < 2 else ("ont", "leurs")
    return _held(
        found,
        (
            Column("Action"),
            Column("Chantier"),
            Column("Avancement", Unit.PERCENT),
            Column("Jalons tenus", Unit.COUNT),
            Column("Jalons", Unit.COUNT),
        ),
        [(one.title, one.place, rules.progress(one.steps), one.held, len(one.steps)) for one in found],
        drawn=2,
        finding=f"{plural(full, 'action')} sur {len(found)} {have} tenu tous {their} jalons",
    )


def _by(
    heading: str,
    key: Callable[[Conducted], str],
    said: Callable[[Sequence[tuple[Any, ...]]], str],
    found: Sequence[Conducted],
) -> Figure:
    groups: dict[str, list[Conducted]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    rows: list[tuple[Any, ...]] = []
    for label, inside in groups.items():
        held, whole = sum(one.held for one in inside), sum(len(one.steps) for one in inside)
        rows.append((label, rate(held, whole), held, whole, len(inside)))
    columns = (
        Column(heading),
        Column("Part des jalons tenus", Unit.PERCENT),
        Column("Jalons tenus", Unit.COUNT),
        Column("Jalons", Unit.COUNT),
        Column("Actions", Unit.COUNT),
    )
    return _held(found, columns, rows, drawn=1, finding=said(rows))


def _axes(rows: Sequence[tuple[Any, ...]]) -> str:
    """Say where each axis stands: `Axe 1, 42,9 % et axe 2, 41,2 % des jalons tenus`."""
    said = [f"{label.split('.')[0]}, {written(share, Unit.PERCENT)}" for label, share, *_ in rows if share is not None]
    return f"Jalons tenus : {listing(said)}"


def _foremost(rows: Sequence[tuple[Any, ...]]) -> str:
    """Say which chantier held most of its milestones."""
    known = [(share, label) for label, share, *_ in rows if share is not None]
    if not known:
        return ""
    share, label = max(known, key=lambda one: one[0])
    level = sum(one == share for one, _ in known)
    if level > 1:
        return f"{level} chantiers sont en tête : {written(share, Unit.PERCENT)} de leurs jalons sont tenus"
    annex, chantier = label.split(" : ")[0].split(", ")
    place = f"{chantier} de l’{annex[0].lower()}{annex[1:]}"
    return f"Le {place} est le plus avancé : {written(share, Unit.PERCENT)} de ses jalons sont tenus"


def _held(
    found: Sequence[Conducted],
    columns: tuple[Column, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    drawn: int,
    finding: str,
) -> Figure:
    held, whole = sum(one.held for one in found), sum(len(one.steps) for one in found)
    return Figure(
        finding=finding if whole else "Aucun jalon n’est fixé",
        value=rate(held, whole),
        counted="Jalons tenus",
        among="Jalons",
        unit=Unit.PERCENT,
        columns=columns,
        rows=tuple(rows),
        numerator=held,
        denominator=whole,
        drawn=drawn,
        is_share=True,
    )


@counting(_actions)
def by_chantier(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Milestones held, by chantier."""
    return _by("Chantier", lambda one: one.chantier, _foremost, [one.what for one in facts])


@counting(_actions)
def by_axis(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Milestones held, by axis."""
    return _by("Axe", lambda one: one.axis, _axes, [one.what for one in facts])


def _due(reading: Reading) -> Iterator[Fact]:
    """Say of each milestone due in the period where it stands the day after its end, or when facts are looked at."""
    period = reading.period
    judged = min(period.last + timedelta(days=1), period.as_of)
    for action in reading.once(conducted, period.end, period.as_of):
        for step in action.steps:
            if period.first <= step.due_on <= period.last:
                yield Fact(_standing(step, action.state, judged))


def _standing(step: rules.Step, state: str, day: date) -> str:
    if step.done_on is not None:
        return ON_TIME if step.done_on <= step.due_on else AFTER
    if step.due_on >= day:
        return COMING
    return LATE if state in workflow.LIVE else STOPPED


@counting(_due)
def milestones(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """Of the milestones whose day passed in the period, those that are held."""
    counted = Counter(one.what for one in facts)
    held, passed = counted[ON_TIME] + counted[AFTER], len(facts) - counted[COMING]
    have = "est tenu" if held < 2 else "sont tenus"
    words = reading.period.words
    return Figure(
        finding=f"{plural(held, 'jalon')} sur {passed} {have} {words}" if passed else f"Aucun jalon échu {words}",
        value=rate(held, passed),
        counted="Jalons tenus",
        among="Jalons échus ou tenus",
        unit=Unit.PERCENT,
        columns=(Column("Où en est le jalon"), Column("Jalons", Unit.COUNT)),
        rows=tuple((label, counted[label]) for label in (ON_TIME, AFTER, LATE, STOPPED, COMING)),
        numerator=held,
        denominator=passed,
        base=len(facts),
        note="Un jalon n’est en retard que le lendemain de son échéance.",
    )


def _adopted(reading: Reading) -> Iterator[Fact]:
    """List the deliberations adopted in the period, each once, by the chantier that it is about."""
    period = reading.period
    rows = Chantier.objects.values_list("pk", "axis__number", "number", "title")
    chantiers = {pk: _chantier(axis, number, title) for pk, axis, number, title in rows}
    found: dict[str, str] = {}
    for one in reading.once(known.deliberations, period.as_of):
        if period.holds(one.adopted_on):
            found.setdefault(one.number, chantiers[one.chantier])
    return (Fact(chantier) for chantier in found.values())


@counting(_adopted)
def deliberations(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """G-18: later deliberations on an action or a chantier."""
    counted = Counter(one.what for one in facts)
    words = plural(len(facts), "délibération ultérieure", "délibérations ultérieures")
    return Figure(
        finding=f"{words} {reading.period.words}",
        value=len(facts),
        counted="Délibérations",
        unit=Unit.COUNT,
        columns=(Column("Chantier"), Column("Délibérations", Unit.COUNT)),
        rows=tuple(sorted(counted.items())),
        note="Une délibération liée à plusieurs actions compte une fois, avec le chantier de la première.",
    )


INDICATORS = (
    Indicator(
        "actions-engagees",
        "Actions de la feuille de route par état",
        Kind.OTHER,
        "% des actions",
        SOURCE,
        "Actions dont le journal dit, à la fin de la période, qu’elles sont en cours, suspendues ou achevées, divisées "
        "par toutes les actions votées.",
        by_state,
        is_headline=True,
    ),
    Indicator(
        "jalons-tenus",
        "Jalons tenus et en retard",
        Kind.OTHER,
        "% des jalons échus",
        SOURCE,
        "Jalons dont l’échéance est dans la période et qui sont tenus, divisés par ceux dont l’échéance est passée ou "
        "qui sont déjà tenus. Les jalons sont ceux que les pilotes avaient fixés à la date demandée.",
        milestones,
    ),
    Indicator(
        "avancement-par-axe",
        "Avancement par axe",
        Kind.OTHER,
        "% des jalons",
        SOURCE,
        "Jalons tenus à la fin de la période, divisés par tous les jalons de l’axe.",
        by_axis,
    ),
    Indicator(
        "avancement-par-chantier",
        "Avancement par chantier",
        Kind.OTHER,
        "% des jalons",
        SOURCE,
        "Jalons tenus à la fin de la période, divisés par tous les jalons du chantier.",
        by_chantier,
    ),
    Indicator(
        "avancement-par-action",
        "Avancement par action",
        Kind.OTHER,
        "% des jalons",
        SOURCE,
        "Part des poids des jalons tenus à la fin de la période, arrondie à l’unité : le calcul de la page de "
        "l’action. L’ensemble est la part des jalons tenus.",
        progress,
    ),
    Indicator(
        "deliberations-ulterieures",
        "Délibérations ultérieures liées aux actions et aux chantiers",
        Kind.OTHER,
        "délibérations",
        SOURCE,
        "Délibérations adoptées dans la période et liées à une action ou à un chantier, hors celle qui a voté la "
        "feuille de route.",
        deliberations,
    ),
    *calls.INDICATORS,
    other_follow_ups(OWNER.slug, SOURCE),
)
