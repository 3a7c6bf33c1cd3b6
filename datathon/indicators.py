"""The indicators of the sheet (annexe 5, T-28 to T-30) and what it leaves open, counted from dated facts.

A solution is presented on the day the jury's scoring opens; it is reused on the day somebody noted that it was.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from normandata.dossiers.delays import end_of
from normandata.indicators.definitions import Column, Figure, Indicator, Kind, Period, Unit, rate
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


# ---------------------------------------------------------------------------------------------------------- the facts
@dataclass(frozen=True, slots=True)
class Solution:
    """A project before the jury: its team, its edition, the day its scoring opened."""

    team: int
    edition: int
    on: date


def first_days(name: str, as_of: date) -> Mapping[int, date]:
    """Return the day when each edition first went through a transition, as known on a day; cancelled ones out."""
    journal = Event.objects.filter(thing_kind=kind_of(Edition()), at__lt=end_of(as_of)).order_by("at", "pk")
    days: dict[int, date] = {}
    cancelled = set()
    for key, gesture, at in journal.filter(name__in=(name, "cancel")).values_list("thing_key", "name", "at"):
        if gesture == "cancel":
            cancelled.add(int(key))
        else:
            days.setdefault(int(key), timezone.localdate(at))
    return {key: day for key, day in days.items() if key not in cancelled}


def presented(period: Period) -> list[Solution]:
    """List the projects that a jury judged, by the day its scoring opened."""
    days = {key: day for key, day in first_days("open_scoring", period.as_of).items() if period.holds(day)}
    teams = Team.objects.active().real().filter(edition__in=list(days), presents=True).order_by("pk")
    return [Solution(pk, edition, days[edition]) for pk, edition in teams.values_list("pk", "edition")]


def titles(editions: set[int]) -> Mapping[int, str]:
    """Return the titles of editions, the oldest first."""
    return dict(Edition.objects.filter(pk__in=editions).order_by("year", "pk").values_list("pk", "title"))


# ----------------------------------------------------------------------------------------------------- the indicators
def solutions(period: Period) -> Figure:
    """T-28, first."""
    found = presented(period)
    counted = Counter(one.edition for one in found)
    return Figure(
        finding=f"{plural(len(found), 'solution présentée', 'solutions présentées')} {period.words}",
        value=len(found),
        counted="Solutions présentées",
        unit=Unit.COUNT,
        columns=(Column("Édition"), Column("Solutions", Unit.COUNT)),
        rows=tuple((title, counted[pk]) for pk, title in titles(set(counted)).items()),
    )


def editions(period: Period) -> Figure:
    """T-28, second: editions whose challenge began in the period; at least one a year."""
    days = [day for day in first_days("start_challenge", period.as_of).values() if period.holds(day)]
    counted = Counter(day.year for day in days)
    years = range(period.first.year, period.end.year + 1)
    missing = [year for year in years if not counted[year]]
    return Figure(
        finding=f"{plural(len(days), 'édition')} {period.words}",
        value=len(days),
        counted="Éditions",
        unit=Unit.COUNT,
        columns=(Column("Année"), Column("Éditions", Unit.COUNT)),
        rows=tuple((str(year), counted[year]) for year in years),
        note="Le règlement en prévoit au moins une par an." if missing else "",
    )


def valorisation(period: Period) -> Figure:
    """T-29: of the solutions presented in the period, those that a regional actor reused, even in part."""
    found = presented(period)
    noted = FollowUp.objects.filter(
        kind__in=VALORISED, is_regional=True, on__lte=period.as_of, noted_at__lt=end_of(period.as_of)
    )
    used = set(noted.filter(team__in=[one.team for one in found]).values_list("team", flat=True))
    whole = Counter(one.edition for one in found)
    reused = Counter(one.edition for one in found if one.team in used)
    count = reused.total()
    return Figure(
        finding=(
            f"{plural(count, 'solution valorisée', 'solutions valorisées')} sur {len(found)} {period.words}"
            if found
            else f"Aucune solution présentée {period.words}"
        ),
        value=rate(count, len(found)),
        counted="Solutions valorisées",
        unit=Unit.PERCENT,
        columns=(Column("Édition"), Column("Valorisées", Unit.COUNT), Column("Présentées", Unit.COUNT)),
        rows=tuple((title, reused[pk], whole[pk]) for pk, title in titles(set(whole)).items()),
        numerator=count,
        denominator=len(found),
        note="Une solution compte une fois, qu’elle ait été reprise une fois ou plusieurs.",
    )


def audience(period: Period) -> Figure:
    """T-30, typed in by hand: measures of different things are never added up."""
    found = Audience.objects.filter(
        measured_on__gte=period.first, measured_on__lte=period.end, typed_at__lt=end_of(period.as_of)
    ).order_by("measured_on", "pk")
    rows = tuple(found.values_list("edition__title", "source", "measure", "measured_on", "count"))
    return Figure(
        finding=f"{plural(len(rows), 'relevé')} d’audience {period.words}",
        value=len(rows),
        counted="Relevés",
        unit=Unit.COUNT,
        columns=(
            Column("Édition"),
            Column("Réseau ou page"),
            Column("Ce qui est compté"),
            Column("Relevé le"),
            Column("Nombre", Unit.COUNT),
        ),
        rows=rows,
        drawn=4,
        note="Des vues et des abonnés ne s’additionnent pas : chaque relevé est donné tel quel.",
    )


def participants(period: Period) -> Figure:
    """People registered in the period, by profile; whoever withdrew or was refused since is not counted."""
    found = Registration.objects.filter(
        rehearsal=False,
        state=REGISTERED,
        registered_at__gte=end_of(period.first - timedelta(days=1)),
        registered_at__lt=end_of(period.end),
    )
    counted = Counter(found.values_list("profile", flat=True))
    total = counted.total()
    return Figure(
        finding=f"{plural(total, 'personne inscrite', 'personnes inscrites')} {period.words}",
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
    ),
)
