"""The indicators of the sheet (annexe 5, T-28 to T-30) and what it leaves open, counted from dated facts.

A solution is presented on the day the jury's scoring opens; it is reused on the day somebody noted that it was. A team
and a participant have neither department nor kind of structure: nothing here is split.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

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
)
from normandata.indicators.typed import other_follow_ups
from normandata.procedure.models import Event, kind_of
from normandata.regulation.formats import plural

from .after import VALORISED, Audience, FollowUp
from .editions import Edition
from .registrations import PROFILES, Registration
from .teams import Team
from .workflow import REGISTERED

SCHEME = "datathon"
ANNEX = "Délibération AP D 25-12-5, annexe 5"
MONITORING = f"{ANNEX}, « Indicateurs de suivi-évaluation »"
OTHER = f"{ANNEX}, au-delà des indicateurs votés"
SCORED, BEGUN = "open_scoring", "start_challenge"


# ---------------------------------------------------------------------------------------------------------- the facts
@dataclass(frozen=True, slots=True)
class Solution:
    """A project before the jury: its team, the edition of that team, the day its scoring opened."""

    team: int
    edition: int
    on: date


def first_days(as_of: date) -> Mapping[str, Mapping[int, date]]:
    """Return by transition the day each edition first went through it, as known on a day; cancelled ones out."""
    journal = Event.objects.filter(thing_kind=kind_of(Edition()), at__lt=end_of(as_of)).order_by("at", "pk")
    days: dict[str, dict[int, date]] = {SCORED: {}, BEGUN: {}}
    cancelled = set()
    for key, gesture, at in journal.filter(name__in=(*days, "cancel")).values_list("thing_key", "name", "at"):
        if gesture == "cancel":
            cancelled.add(int(key))
        else:
            days[gesture].setdefault(int(key), timezone.localdate(at))
    return {name: {key: day for key, day in found.items() if key not in cancelled} for name, found in days.items()}


def of_day(reading: Reading, name: str) -> dict[int, date]:
    """Return the editions that went through a transition in the period, with the day."""
    found = reading.once(first_days, reading.period.as_of)[name]
    return {key: day for key, day in found.items() if reading.period.holds(day)}


def titles() -> Mapping[int, str]:
    """Return the titles of the editions, the oldest first."""
    return dict(Edition.objects.order_by("year", "pk").values_list("pk", "title"))


def _presented(reading: Reading) -> list[Solution]:
    """List the projects that a jury judged, by the day its scoring opened."""
    return reading.once(_of_period, reading)


def _of_period(reading: Reading) -> list[Solution]:
    days = of_day(reading, SCORED)
    teams = Team.objects.active().real().filter(edition__in=list(days), presents=True).order_by("pk")
    return [Solution(pk, edition, days[edition]) for pk, edition in teams.values_list("pk", "edition")]


# ----------------------------------------------------------------------------------------------------- the indicators
def _solutions(reading: Reading) -> Iterator[Fact]:
    return (Fact(one.edition) for one in _presented(reading))


@counting(_solutions)
def solutions(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """T-28, first."""
    counted = Counter(one.what for one in facts)
    words = plural(len(facts), "solution présentée", "solutions présentées")
    return Figure(
        finding=f"{words} {reading.period.words}",
        value=len(facts),
        counted="Solutions présentées",
        unit=Unit.COUNT,
        columns=(Column("Édition"), Column("Solutions", Unit.COUNT)),
        rows=tuple((title, counted[pk]) for pk, title in reading.once(titles).items() if counted[pk]),
    )


def _begun(reading: Reading) -> Iterator[Fact]:
    return (Fact(day.year) for day in of_day(reading, BEGUN).values())


@counting(_begun)
def editions(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """T-28, second: editions whose challenge began in the period; at least one a year."""
    period, counted = reading.period, Counter(one.what for one in facts)
    years = range(period.first.year, period.end.year + 1)
    missing = [year for year in years if not counted[year]]
    return Figure(
        finding=f"{plural(len(facts), 'édition')} {period.words}",
        value=len(facts),
        counted="Éditions",
        unit=Unit.COUNT,
        columns=(Column("Année"), Column("Éditions", Unit.COUNT)),
        rows=tuple((str(year), counted[year]) for year in years),
        note="Le règlement en prévoit au moins une par an." if missing else "",
    )


def _reused(reading: Reading) -> Iterator[Fact]:
    """Say of each solution presented in the period whether a regional actor reused it, even in part."""
    found, as_of = _presented(reading), reading.period.as_of
    noted = FollowUp.objects.filter(kind__in=VALORISED, is_regional=True, on__lte=as_of, noted_at__lt=end_of(as_of))
    used = set(noted.filter(team__in=[one.team for one in found]).values_list("team", flat=True))
    return (Fact((one.edition, one.team in used)) for one in found)


@counting(_reused)
def valorisation(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """T-29: of the solutions presented in the period, those that a regional actor reused, even in part."""
    whole = Counter(one.what[0] for one in facts)
    reused = Counter(edition for edition, is_used in (one.what for one in facts) if is_used)
    count, words = reused.total(), reading.period.words
    return Figure(
        finding=(
            f"{plural(count, 'solution valorisée', 'solutions valorisées')} sur {len(facts)} {words}"
            if facts
            else f"Aucune solution présentée {words}"
        ),
        value=rate(count, len(facts)),
        counted="Solutions valorisées",
        among="Solutions présentées",
        unit=Unit.PERCENT,
        columns=(Column("Édition"), Column("Valorisées", Unit.COUNT), Column("Présentées", Unit.COUNT)),
        rows=tuple((title, reused[pk], whole[pk]) for pk, title in reading.once(titles).items() if whole[pk]),
        numerator=count,
        denominator=len(facts),
        note="Une solution compte une fois, qu’elle ait été reprise une fois ou plusieurs.",
    )


def _measured(reading: Reading) -> Iterator[Fact]:
    period = reading.period
    found = Audience.objects.filter(
        measured_on__gte=period.first, measured_on__lte=period.end, typed_at__lt=end_of(period.as_of)
    ).order_by("measured_on", "pk")
    rows = found.values_list("edition__title", "source", "measure", "measured_on", "count")
    return (Fact(row) for row in rows)


@counting(_measured)
def audience(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """T-30, typed in by hand: measures of different things are never added up."""
    return Figure(
        finding=f"{plural(len(facts), 'relevé')} d’audience {reading.period.words}",
        value=len(facts),
        counted="Relevés",
        unit=Unit.COUNT,
        columns=(
            Column("Édition"),
            Column("Réseau ou page"),
            Column("Ce qui est compté"),
            Column("Relevé le"),
            Column("Nombre", Unit.COUNT),
        ),
        rows=tuple(one.what for one in facts),
        drawn=4,
        note="Des vues et des abonnés ne s’additionnent pas : chaque relevé est donné tel quel.",
    )


def _people(reading: Reading) -> Iterator[Fact]:
    found = Registration.objects.filter(
        rehearsal=False,
        state=REGISTERED,
        registered_at__gte=end_of(reading.period.first - timedelta(days=1)),
        registered_at__lt=end_of(reading.period.end),
    )
    return (Fact(profile) for profile in found.values_list("profile", flat=True))


@counting(_people)
def participants(reading: Reading, facts: Sequence[Fact]) -> Figure:
    """People registered in the period, by profile; whoever withdrew or was refused since is not counted."""
    counted, total = Counter(one.what for one in facts), len(facts)
    words = plural(total, "personne inscrite", "personnes inscrites")
    return Figure(
        finding=f"{words} {reading.period.words}",
        value=total,
        counted="Participants",
        unit=Unit.COUNT,
        columns=(Column("Profil"), Column("Participants", Unit.COUNT)),
        rows=(*((label, counted[slug]) for slug, label in PROFILES), ("Non renseigné ou effacé", counted[""])),
    )


INDICATORS = (
    Indicator(
        "solutions-presentees",
        "Nombre de solutions digitales présentées",
        Kind.OUTPUT,
        "solutions",
        MONITORING,
        "Équipes qui présentent un projet au jury, le jour où la notation s’ouvre. Une édition annulée ne compte pas.",
        solutions,
        is_headline=True,
    ),
    Indicator(
        "editions-annuelles",
        "Nombre d’éditions annuelles",
        Kind.OUTPUT,
        "éditions",
        MONITORING,
        "Éditions dont le challenge commence dans la période. Une édition annulée ne compte pas.",
        editions,
    ),
    Indicator(
        "valorisation",
        "Taux de valorisation des solutions par les acteurs régionaux (solutions issues du Datathon Normandie qui sont "
        "valorisées voire intégrées en partie par des acteurs régionaux)",
        Kind.RESULT,
        "% des solutions",
        MONITORING,
        "Solutions présentées dans la période qu’un acteur régional a valorisées ou intégrées, même en partie, à la "
        "date d’observation, divisées par toutes les solutions présentées dans la période.",
        valorisation,
    ),
    Indicator(
        "audience",
        "Audience mesurée par la consultation des réseaux sociaux et pages web en lien avec l’édition considérée du "
        "Datathon",
        Kind.CONTEXT,
        "relevés",
        MONITORING,
        "Relevés saisis à la main par les organisateurs, datés et signés, un par réseau, mesure et jour.",
        audience,
    ),
    Indicator(
        "participants",
        "Participants inscrits, par profil",
        Kind.OTHER,
        "personnes",
        OTHER,
        "Personnes inscrites dans la période, moins celles qui se sont désinscrites ou que la Région a refusées.",
        participants,
        is_personal=True,
    ),
    other_follow_ups(SCHEME, OTHER),
)
