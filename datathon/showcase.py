"""An edition as the public reads it: its dates, what it offers, how to register, its calendar, its projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from normandata.dossiers.schemes import Opening
from normandata.regulation.formats import day as written_day
from normandata.ui import agenda
from normandata.workflow.table import State

from . import phases, windows
from .edition_mails import instant
from .editions import ELSEWHERE, Criterion, Edition
from .juries import Outcome
from .openings import grace
from .teams import Team

REGISTER = "datathon:register"
"""The participants' page, by the address of the edition."""
PLACE_TO_COME = "Lieu communiqué pendant le challenge"
LABELS = {
    "opens_on": "Inscriptions à partir du",
    "registration_closes_on": "Inscriptions jusqu’au",
    "starts_on": "Début du challenge",
    "teams_lock_on": "Dernier jour pour changer d’équipe",
    "deliverables_due_at": "Livrables à remettre avant le",
    "closing_at": "Clôture, en présentiel",
}
SUMMARIES = {
    "opens_on": "ouverture des inscriptions",
    "registration_closes_on": "dernier jour des inscriptions",
    "starts_on": "début du challenge",
    "teams_lock_on": "dernier jour pour changer d’équipe",
    "deliverables_due_at": "limite des livrables",
    "closing_at": "clôture",
}
"""The same, as the events of a calendar."""


@dataclass(frozen=True, slots=True)
class Registering:
    """How one registers: a sentence, and the address where it is possible now."""

    sentence: str
    url: str = ""
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A project of the gallery; a laureate has its rank, and the prize of that rank."""

    team: Team
    rank: int | None
    prize: Decimal | None


def standing(edition: Edition, at: datetime) -> State:
    """Return the phase that the public knows: results under embargo are not published yet."""
    is_hidden = edition.state == phases.PUBLISHED and not edition.shows_results(at)
    return phases.STATES[phases.DECIDED] if is_hidden else edition.standing


def dates(edition: Edition) -> list[tuple[str, str]]:
    """Write the dates that are known, with their hours in Paris."""
    found = []
    for name, label in LABELS.items():
        moment = getattr(edition, name)
        if moment is not None:
            found.append((label, instant(moment) if isinstance(moment, datetime) else written_day(moment)))
    return found


def calendar(edition: Edition) -> str:
    """Write the calendar file of the dates: each keeps its identifier, the edition's revision is the sequence."""
    host = urlsplit(settings.SITE_URL).hostname
    is_cancelled = edition.state == phases.CANCELLED
    entries = [
        agenda.Entry(
            uid=f"{edition.slug}-{name.replace('_', '-')}@{host}",
            sequence=edition.revision,
            made_at=timezone.now(),
            begins=moment,
            summary=f"{edition} : {label}",
            place=edition.closing_place if name == "closing_at" else "",
            is_cancelled=is_cancelled,
        )
        for name, label in SUMMARIES.items()
        if (moment := getattr(edition, name)) is not None
    ]
    return agenda.calendar(entries, is_cancelled=is_cancelled)


def registering(edition: Edition, at: datetime) -> Registering:
    """Say how one registers at an instant."""
    window = windows.registration(
        windows.Phase(edition.state),
        at,
        opens_on=edition.opens_on,
        closes_on=edition.registration_closes_on,
        grace=grace(at),
    )
    if not window.is_open:
        return Registering(window.sentence)
    if edition.registration_mode == ELSEWHERE:
        site = urlsplit(edition.registration_url).hostname or ""
        return Registering(f"L’inscription se fait sur {site}.", edition.registration_url, is_elsewhere=True)
    return Registering("L’inscription est gratuite et se fait ici.", reverse(REGISTER, args=[edition.slug]))


def weights(criteria: Sequence[Criterion]) -> list[tuple[Criterion, Decimal]]:
    """Give each criterion the share of its weight, in percent of all."""
    total = sum((one.weight for one in criteria), Decimal(0))
    return [(one, (one.weight * 100 / total).quantize(Decimal("0.1"))) for one in criteria]


def projects(edition: Edition) -> list[Project]:
    """List the projects that their teams and the organisers show, laureates first: two queries."""
    shown = edition.teams.active().real().filter(shown_in_gallery=True).select_related("theme")
    known = Outcome.objects.filter(deliberation=edition.pk, decided_rank__lte=edition.laureates)
    ranks = dict(known.values_list("team", "decided_rank"))
    found = []
    for team in shown:
        rank = ranks.get(team.pk)
        prize = edition.prizes[rank - 1] if rank is not None and edition.prizes else None
        found.append(Project(team, rank, prize))
    return sorted(found, key=lambda one: (one.rank is None, one.rank or 0, one.team.name.casefold()))


def openings() -> tuple[Opening, ...]:
    """List the editions that the public follows now, for the page of the scheme: one query."""
    states = (phases.REGISTRATION, phases.CHALLENGE, phases.SCORING, phases.DELIBERATION)
    rows = Edition.objects.filter(state__in=states)
    return tuple(
        Opening(
            label=one.title,
            url=reverse("datathon:edition", args=[one.slug]),
            tone=one.standing.tone,
            icon=one.standing.icon,
            status=one.standing.public_label,
        )
        for one in rows
    )
