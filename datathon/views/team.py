"""The team of a participant: found, created, joined, changed, left, handed over, dissolved."""

import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from normandata.accounts import throttle
from normandata.dossiers.views.access import arrival, person
from normandata.procedure.errors import NotAllowed, NotDone

from .. import openings, receipts, workflow
from ..forms_people import ChangeTeamForm, CodeForm, DissolveForm, RemoveForm, SuccessorForm, TeamForm
from ..registrations import Registration
from ..services import requests, teams
from ..services.teams import NameTaken
from ..teams import MOST_MEMBERS, JoinRequest, Seat, Team
from .people_access import (
    FORM,
    address,
    done,
    members,
    page,
    participants,
    participants_form,
    posted,
    refused,
    registration_of,
    seat_of,
    trail,
)

MOST_CODES = 20
"""Codes that one person may try in a minute."""
Form = TeamForm | CodeForm | SuccessorForm | DissolveForm


def tell(form: Form, error: NotDone) -> None:
    """Write a refusal in the form; what is not allowed does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    field = "name" if isinstance(error, NameTaken) else None
    form.add_error(field, list(error.messages))


@participants
def team(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Show one's team; without one, the ways to have one, or why it is too late and since when."""
    edition, seat = registration.edition, seat_of(registration)
    window = openings.changes(edition, arrival(request))
    context = {
        "registration": registration,
        "edition": edition,
        "window": window,
        "trail": trail(edition, ("Mon équipe", "")),
    }
    if seat is None:
        asked = registration.join_requests.filter(answered_at=None).select_related("team")
        board = edition.rights.board
        return page(request, "datathon/people/no_team.html", context | {"requests": asked, "has_board": board})
    found = seat.team
    is_referent = found.referent_id == seat.pk
    rows = found.seats.select_related("registration__person").order_by("number")
    waiting = found.requests.filter(answered_at=None).select_related("registration__person")
    context |= {
        "team": found,
        "seat": seat,
        "seats": rows,
        "free": range(MOST_MEMBERS - len(rows)),
        "is_referent": is_referent,
        "requests": waiting,
        "missing": receipts.missing_sentence(receipts.current(found)),
        "has_board": edition.rights.board,
    }
    return page(request, "datathon/people/team.html", context)


@participants_form
def create(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Create a team."""
    edition = registration.edition
    form = TeamForm(posted(request), edition=edition)
    if form.is_bound and form.is_valid():
        try:
            teams.create(registration, form.values, by=person(request), at=arrival(request))
        except ValidationError as error:
            form.refuse(error)
        except NotDone as error:
            tell(form, error)
        else:
            said = "Votre équipe est créée et vous en êtes le référent. Donnez son code à qui vous voulez y voir."
            return done(request, said, address("team", edition))
    return _formed(request, registration, form, "datathon/people/team_new.html", "Créer une équipe")


@participants_form
def join(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Join a team by its code."""
    form = CodeForm(posted(request))
    if form.is_bound and form.is_valid():
        if throttle.is_crowded(str(person(request).pk), "datathon_code", most=MOST_CODES):
            form.add_error("code", "Trop de codes essayés. Réessayez dans une minute.")
        else:
            try:
                code = form.cleaned_data["code"]
                joined = teams.join_by_code(registration, code, by=person(request), at=arrival(request))
            except NotDone as error:
                _tell_code(form, error)
            else:
                said = f"Vous êtes dans l’équipe « {joined.name} »."
                return done(request, said, address("team", registration.edition))
    return _formed(request, registration, form, "datathon/people/team_join.html", "Rejoindre par un code")


def _tell_code(form: CodeForm, error: NotDone) -> None:
    if teams.NO_SUCH_CODE in error.messages:
        form.add_error("code", teams.NO_SUCH_CODE)
    else:
        tell(form, error)


def _formed(request: HttpRequest, registration: Registration, form: Form, template: str, title: str) -> HttpResponse:
    """Draw the form of who has no team yet; once teams are locked, a page says why and since when."""
    edition = registration.edition
    if seat_of(registration) is not None:
        return HttpResponseRedirect(address("team", edition))
    window = openings.changes(edition, arrival(request))
    context = {
        "edition": edition,
        "window": window,
        "trail": trail(edition, ("Mon équipe", address("team", edition)), (title, "")),
    }
    if not window.is_open or not registration.takes_part:
        return page(request, "datathon/people/locked.html", context | {"registration": registration})
    return page(request, template, context, form)


@members(FORM)
def change(request: HttpRequest, team: Team) -> HttpResponse:
    """Change the team and its project."""
    form = ChangeTeamForm.of(team, posted(request))
    if form.is_bound and form.is_valid():
        try:
            teams.change(team, form.values, revision=form.cleaned_data["revision"], by=person(request))
        except ValidationError as error:
            form.refuse(error)
        except NotDone as error:
            tell(form, error)
        else:
            return done(request, "L’équipe est à jour.", address("team", team.edition))
    return _gesture(request, team, form, "datathon/people/team_change.html", "Modifier")


def others(team: Team, seat: Seat | None) -> Sequence[Seat]:
    """List the seats of a team but one."""
    rows = team.seats.select_related("registration__person").order_by("number")
    return [one for one in rows if seat is None or one.pk != seat.pk]


@members(FORM)
def leave(request: HttpRequest, team: Team) -> HttpResponse:
    """Leave one's team; a referent names a successor."""
    seat = teams.seat_of(team, person(request))
    asked = others(team, seat) if seat and team.referent_id == seat.pk else []
    form = SuccessorForm(posted(request), seats=asked)
    if form.is_bound and form.is_valid():
        try:
            teams.leave(team, by=person(request), successor=chosen(form), at=arrival(request))
        except NotDone as error:
            tell(form, error)
        else:
            return done(request, f"Vous avez quitté l’équipe « {team.name} ».", address("team", team.edition))
    return _gesture(
        request, team, form, "datathon/people/team_leave.html", "Quitter l’équipe", alone=not others(team, seat)
    )


def chosen(form: SuccessorForm) -> uuid.UUID | None:
    """Return the seat of the successor that a form names, if it asks for one."""
    key = form.cleaned_data.get("successor")
    return uuid.UUID(key) if key else None


@members(FORM)
def hand_over(request: HttpRequest, team: Team) -> HttpResponse:
    """Give the role of referent to another member."""
    seat = teams.seat_of(team, person(request))
    if seat is None or team.referent_id != seat.pk:
        raise Http404
    form = SuccessorForm(posted(request), seats=others(team, seat))
    if form.is_bound and form.is_valid():
        key = chosen(form)
        try:
            if key is not None:
                teams.hand_over(team, key, by=person(request))
        except NotDone as error:
            tell(form, error)
        else:
            return done(request, "Le rôle de référent est transmis.", address("team", team.edition))
    return _gesture(request, team, form, "datathon/people/team_hand_over.html", "Passer la main")


@members(FORM)
def remove(request: HttpRequest, team: Team, seat: uuid.UUID) -> HttpResponse:
    """Remove a member, with a reason; the referent's gesture."""
    held = team.seats.filter(pk=seat).select_related("registration__person").first()
    if held is None or not workflow.leads_or_moderates(person(request), team) or held.pk == team.referent_id:
        raise Http404
    form = RemoveForm(posted(request), seats=())
    if form.is_bound and form.is_valid():
        try:
            teams.remove(team, seat, reason=form.cleaned_data["reason"], by=person(request), at=arrival(request))
        except NotDone as error:
            tell(form, error)
        else:
            return done(
                request, "Cette personne n’est plus dans l’équipe. Le code a changé.", address("team", team.edition)
            )
    return _gesture(request, team, form, "datathon/people/team_remove.html", "Retirer un membre", member=held)


@members(FORM)
def dissolve(request: HttpRequest, team: Team) -> HttpResponse:
    """Dissolve the team, after a confirmation; the referent's gesture."""
    if not workflow.leads_or_moderates(person(request), team):
        raise Http404
    form = DissolveForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            teams.dissolve(team, by=person(request), reason=form.cleaned_data["reason"], at=arrival(request))
        except NotDone as error:
            tell(form, error)
        else:
            return done(request, f"L’équipe « {team.name} » est dissoute.", address("team", team.edition))
    return _gesture(request, team, form, "datathon/people/team_dissolve.html", "Dissoudre l’équipe")


def _gesture(request: HttpRequest, team: Team, form: Form, template: str, title: str, **more: object) -> HttpResponse:
    edition = team.edition
    steps = (("Mon équipe", address("team", edition)), (title, ""))
    window = openings.changes(edition, arrival(request))
    context = {"edition": edition, "team": team, "window": window, "trail": trail(edition, *steps), **more}
    return page(request, template, context, form)


@require_POST
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Answer a request or an invitation, or take one's own back."""
    registration = registration_of(request, slug)
    rows = JoinRequest.objects.filter(pk=pk, team__edition=registration.edition)
    found = rows.select_related("team__edition", "team__referent__registration", "registration__person").first()
    user = person(request)
    if found is None or not (requests.may_answer(user, found) or requests.may_take_back(user, found)):
        raise Http404
    back = address("team", registration.edition)
    gestures = {"accepter": requests.accept, "decliner": requests.decline, "reprendre": requests.take_back}
    name = request.POST.get("reponse", "")
    try:
        if name == "accepter":
            requests.accept(found, by=user, at=arrival(request))
        elif name in gestures:
            gestures[name](found, by=user)
        else:
            raise NotDone("Choisissez : accepter ou décliner.")
    except NotDone as error:
        return refused(request, error, back)
    said = {"accepter": "C’est accepté.", "decliner": "C’est décliné.", "reprendre": "La demande est retirée."}
    return done(request, said[name], back)
