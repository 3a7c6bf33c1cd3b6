"""The search board: who looks for a team, which teams look for somebody, when the phase opens it."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse

from normandata.dossiers.views.access import arrival, person
from normandata.procedure.errors import NotAllowed, NotDone

from .. import openings
from ..forms_people import MessageForm
from ..registrations import SKILLS, Registration
from ..services import requests
from ..services.telling import name_of
from ..teams import MOST_MEMBERS, Seat, Team
from .people_access import FORM, address, done, members, page, participants, participants_form, posted, seat_of, trail

PER_PAGE = 30


@participants
def board(request: HttpRequest, registration: Registration) -> HttpResponse:
    """List people and teams who look for each other; while the board is shut, say so."""
    edition, seat = registration.edition, seat_of(registration)
    context: dict[str, Any] = {
        "registration": registration,
        "edition": edition,
        "seat": seat,
        "window": openings.changes(edition, arrival(request)),
        "trail": trail(edition, ("Mon équipe", address("team", edition)), ("Recherche", "")),
        "is_open": edition.rights.board and registration.takes_part,
    }
    if context["is_open"]:
        skill = request.GET.get("competence", "")
        context |= {
            "skills": SKILLS,
            "skill": skill,
            "people": _people(request, registration, skill),
            "teams": _page(request, teams_of(registration), "equipes"),
        }
    return page(request, "datathon/people/board.html", context)


def people_of(registration: Registration) -> list[Registration]:
    """List who looks for a team in the same edition, the person apart; one query."""
    rows = Registration.objects.taking_part().filter(
        edition=registration.edition_id, wants_team=True, rehearsal=registration.rehearsal
    )
    seated = Exists(Seat.objects.filter(registration=OuterRef("pk")))
    return list(rows.exclude(seated).exclude(pk=registration.pk).select_related("person"))


def teams_of(registration: Registration) -> object:
    """Return the teams of the same edition that look for somebody and have a seat free."""
    rows = Team.objects.active().filter(edition=registration.edition_id, rehearsal=registration.rehearsal)
    open_rows = rows.exclude(looks_for="").annotate(taken=Count("seats")).filter(taken__lt=MOST_MEMBERS)
    return open_rows.select_related("theme").order_by("name", "pk")


def _people(request: HttpRequest, registration: Registration, skill: str) -> Page:  # type: ignore[type-arg]
    # Skills are a JSON list, which SQLite cannot search: an edition has some hundreds of people at most.
    found = [one for one in people_of(registration) if not skill or skill in one.skills]
    return _page(request, found, "personnes")


def _page(request: HttpRequest, rows: object, name: str) -> Page:  # type: ignore[type-arg]
    return Paginator(rows, PER_PAGE).get_page(request.GET.get(name))  # type: ignore[arg-type]


@participants_form
def ask(request: HttpRequest, registration: Registration, pk: int) -> HttpResponse:
    """Ask a team of the board to come in."""
    edition = registration.edition
    rows = Team.objects.active().filter(pk=pk, edition=edition, rehearsal=registration.rehearsal).exclude(looks_for="")
    team = rows.select_related("edition", "referent__registration").first()
    if team is None or not edition.rights.board:
        raise Http404
    form = MessageForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            message = form.cleaned_data["message"]
            requests.ask(registration, team, message=message, by=person(request), at=arrival(request))
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, f"Votre demande est partie vers « {team.name} ».", address("team", edition))
    context = {
        "edition": edition,
        "team": team,
        "trail": trail(edition, ("Recherche", address("search", edition)), ("Demander", "")),
    }
    return page(request, "datathon/people/ask.html", context, form)


@members(FORM)
def invite(request: HttpRequest, team: Team, pk: int) -> HttpResponse:
    """Invite somebody of the board into one's team."""
    edition = team.edition
    rows = Registration.objects.taking_part().filter(pk=pk, edition=edition, rehearsal=team.rehearsal, wants_team=True)
    found = rows.select_related("edition", "person").first()
    if found is None or not edition.rights.board:
        raise Http404
    form = MessageForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            requests.invite(team, found, message=form.cleaned_data["message"], by=person(request), at=arrival(request))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, f"{name_of(found)} est invité.", address("team", edition))
    context = {"edition": edition, "team": team, "other": found, "name": name_of(found)}
    context["trail"] = trail(edition, ("Recherche", address("search", edition)), ("Inviter", ""))
    return page(request, "datathon/people/invite.html", context, form)
