"""What is expected of a participant, and by when: one sentence, and where to do it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import listing, spaced

from . import phases, receipts, windows, workflow
from .deliverables import Deliverable
from .editions import Edition
from .openings import grace
from .registrations import Registration
from .teams import Extension, JoinRequest, Seat
from .windows import Phase, moment


@dataclass(frozen=True, slots=True)
class Expected:
    """One sentence, and the page and words of the gesture where there is one: due, unless the edition is over."""

    sentence: str
    url: str = ""
    action: str = ""
    is_over: bool = False

    @property
    def is_awaited(self) -> bool:
        return bool(self.action) and not self.is_over


def participations(user: User) -> QuerySet[Registration]:
    """Return the registrations of a person, whatever became of them."""
    return Registration.objects.of(user)


def takes_part(user: User) -> bool:
    """Tell whether somebody has ever registered to an edition; one query."""
    return participations(user).exists()


def ready(rows: Any) -> Any:
    """Read with registrations all that their sentences say, in a constant number of queries."""
    seats = Seat.objects.select_related("team")
    return rows.select_related("edition", "rules", "person").prefetch_related(
        Prefetch("seats", seats),
        Prefetch("seats__team__deliverables", Deliverable.objects.only("team", "kind")),
        Prefetch("seats__team__extensions", Extension.objects.order_by("-given_at", "-pk")),
        Prefetch("join_requests", JoinRequest.objects.filter(answered_at=None, is_invitation=True)),
    )


def of(registration: Registration, at: datetime | None = None) -> Expected:
    """Say what is expected of one participant, from what `ready` read."""
    at = at or timezone.now()
    found = _of_state(registration) or _of_phase(registration, at)
    return replace(found, sentence=spaced(found.sentence))


def _of_state(registration: Registration) -> Expected | None:
    slug = registration.edition.slug
    home = reverse("datathon:participation", args=[slug])
    match registration.state:
        case workflow.AWAITING:
            said = f"L’accord de {registration.guardian_name} est attendu : un courriel lui a été envoyé."
            return Expected(said, home, "Suivre l’accord")
        case workflow.REFUSED:
            return Expected("La Région a refusé votre participation. Sa lettre dit pourquoi, et comment la contester.")
        case workflow.WITHDRAWN if registration.guardian_refused_at:
            return Expected("Un parent a refusé votre participation.")
        case workflow.WITHDRAWN:
            return Expected("Vous vous êtes désinscrit. Rien n’est attendu de vous.")
    return None


def _of_phase(registration: Registration, at: datetime) -> Expected:
    edition = registration.edition
    match edition.state:
        case phases.CANCELLED:
            return Expected("Cette édition est annulée. Rien n’est attendu de vous.")
        case phases.PUBLISHED if edition.shows_results(at):
            url = reverse("datathon:results", args=[edition.slug])
            return Expected("Cette édition est terminée. Merci d’y avoir participé.", url, "Lire les résultats", True)
        case phases.DELIBERATION | phases.DECIDED | phases.PUBLISHED:
            return Expected("Le jury délibère. Les résultats seront publiés ici.")
    seat = next(iter(registration.seats.all()), None)
    if edition.state == phases.SCORING:
        return _before_the_jury(edition, seat)
    return _with_team(registration, seat, at) if seat else _without_team(registration, at)


def _before_the_jury(edition: Edition, seat: Seat | None) -> Expected:
    where = f", {edition.closing_place}" if edition.closing_place else ""
    when = f" le {moment(edition.closing_at)}{where}" if edition.closing_at else " lors de la clôture"
    if seat is None:
        return Expected(f"Le jury entend les équipes{when}. Vous n’êtes dans aucune.")
    if not seat.team.presents:
        return Expected(f"Le jury entend les équipes{when}. La vôtre ne présente pas de projet.")
    return Expected(f"Présentez votre projet au jury{when}.")


def _without_team(registration: Registration, at: datetime) -> Expected:
    edition = registration.edition
    window = windows.changes(Phase(edition.state), at, lock_on=edition.teams_lock_on, grace=grace(at))
    if not window.is_open:
        return Expected("Les équipes sont figées et vous n’êtes dans aucune. Écrivez au service du Datathon.")
    until = f" avant la fin du {written_day(edition.teams_lock_on)}" if edition.teams_lock_on else ""
    if registration.join_requests.all():
        return Expected(
            f"Une équipe vous invite : répondez-lui{until}.",
            reverse("datathon:participation", args=[edition.slug]),
            "Répondre à l’invitation",
        )
    url = reverse("datathon:team", args=[edition.slug])
    return Expected(f"Créez une équipe ou rejoignez-en une{until}.", url, "Trouver une équipe")


def _with_team(registration: Registration, seat: Seat, at: datetime) -> Expected:
    edition, team = registration.edition, seat.team
    last = next(iter(team.extensions.all()), None)
    due = last.until if last else edition.deliverables_due_at
    window = windows.delivery(Phase(edition.state), at, due_at=due, grace=grace(at), is_extended=last is not None)
    wanting = receipts.missing({one.kind for one in team.deliverables.all()})
    url = reverse("datathon:deliverables", args=[edition.slug])
    if not window.is_open:
        if edition.state == phases.REGISTRATION:
            start = f" le {written_day(edition.starts_on)}" if edition.starts_on else ""
            return Expected(f"Votre équipe est formée. Le challenge commence{start}.")
        end = "Il manque des livrables" if wanting else "Vos livrables sont remis"
        return Expected(f"{end} ; le délai est passé. La suite se joue à la clôture.")
    until = f" avant le {moment(due)}" if due else ""
    if wanting:
        return Expected(f"Remettez {listing([receipts.WORDS[one] for one in wanting])}{until}.", url, "Remettre")
    return Expected(f"Tout est remis. Vous pouvez encore remplacer un livrable{until}.", url, "Voir les livrables")


def days_left(registration: Registration) -> Iterable[tuple[str, str]]:
    """List the days of an edition that a participant keeps in mind, in order: (what, when)."""
    edition = registration.edition
    if edition.teams_lock_on:
        yield "Dernier jour pour changer d’équipe", spaced(f"{written_day(edition.teams_lock_on)}, jusqu’à minuit")
    if edition.starts_on:
        yield "Début du challenge", written_day(edition.starts_on)
    if edition.deliverables_due_at:
        yield "Livrables à remettre avant le", moment(edition.deliverables_due_at)
    if edition.closing_at:
        place = f", {edition.closing_place}" if edition.closing_place else ", lieu communiqué pendant le challenge"
        yield "Clôture, en Normandie", spaced(f"{moment(edition.closing_at)}{place}")
