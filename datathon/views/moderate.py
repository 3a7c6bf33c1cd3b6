"""The organisers' pages on people: registrations, refusals and their letters; a team's members, extension, end."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from normandata.documents import services as documents
from normandata.dossiers.gesture_forms import ReasonForm
from normandata.dossiers.views.access import person
from normandata.dossiers.views.waiting import awaited
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import spaced

from .. import openings, phases, receipts
from ..editions import Edition
from ..forms_deliver import ExtendForm, RefuseForm
from ..forms_people import DissolveForm, RemoveForm
from ..registrations import Registration, Remark
from ..services import deliverables, refusals, teams
from ..services import gallery as galleries
from ..services.telling import name_of
from ..teams import Seat, Team
from ..windows import moment
from .organise_access import organisers, readers
from .people_access import address, done, page, posted
from .team import chosen, others


def _registration(edition: Edition, pk: int) -> Registration:
    rows = edition.registrations.filter(pk=pk).select_related("edition", "person", "rules")
    found = rows.first()
    if found is None:
        raise Http404
    found.edition = edition
    return found


@readers
def registration(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Show one registration, and what an organiser may do of it."""
    found = _registration(edition, pk)
    context = {
        "edition": edition,
        "registration": found,
        "name": name_of(found),
        "seat": Seat.objects.filter(registration=found).select_related("team").first(),
        "consents": found.consents.order_by("given_at"),
        "remarks": found.remarks.select_related("by", "document"),
        "gestures": {row.name for row in procedure.available(found, person(request))},
    }
    return page(request, "datathon/moderate/registration.html", context)


@organisers
def refuse(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Refuse somebody's part; where it was a referent, say who becomes one."""
    found = _registration(edition, pk)
    seat = Seat.objects.filter(registration=found).select_related("team").first()
    leads = seat is not None and seat.team.referent_id == seat.pk
    form = RefuseForm(posted(request), seats=others(seat.team, seat) if seat and leads else ())
    where = address("registration", edition, pk)
    if form.is_bound and form.is_valid():
        try:
            typed = form.cleaned_data
            refusals.refuse(
                found, typed["refusal"], message=typed["message"], by=person(request), successor=chosen(form)
            )
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, "La participation est refusée. La lettre et le courriel sont partis.", where)
    context = {"edition": edition, "registration": found, "name": name_of(found), "seat": seat, "back": where}
    return page(request, "datathon/moderate/refuse.html", context, form)


@organisers
def readmit(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Go back on a refusal, with a reason."""
    found, where = _registration(edition, pk), address("registration", edition, pk)
    form = ReasonForm(posted(request), label="Motif, lu par la personne")
    if form.is_bound and form.is_valid():
        try:
            refusals.readmit(found, reason=form.cleaned_data["reason"], by=person(request))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, "Le refus est levé. La personne en est avertie.", where)
    context = {"edition": edition, "registration": found, "name": name_of(found), "back": where}
    return page(request, "datathon/moderate/readmit.html", context, form)


@readers
def letter(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse | FileResponse:
    """Send the letter of a refusal to an organiser; this dates nothing."""
    found = _registration(edition, pk)
    remark = found.remarks.filter(act=Remark.REFUSED, document__isnull=False).first()
    if remark is None or remark.document is None:
        raise Http404
    back = (address("registration", edition, pk), "Revenir à l’inscription")
    waiting = awaited(request, remark.document, "La lettre", back=back, trail=[(edition.title, ""), ("Lettre", "")])
    return waiting or documents.download(remark.document)


# ------------------------------------------------------------------------------------------------------------ teams
def _team(edition: Edition, pk: int) -> Team:
    found = edition.teams.filter(pk=pk).select_related("theme", "referent__registration").first()
    if found is None:
        raise Http404
    found.edition = edition
    return found


@readers
def team(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Show a team to an organiser: members, deliverables, deadline, and the gestures on them."""
    found = _team(edition, pk)
    rows = receipts.all_versions(found)
    context = {
        "edition": edition,
        "team": found,
        "seats": found.seats.select_related("registration__person").order_by("number"),
        "deliverables": rows,
        "missing": receipts.missing_sentence({one.kind for one in rows}),
        "due_at": openings.due_at(found),
        "extensions": found.extensions.select_related("given_by").order_by("-given_at", "-pk"),
        "may_act": found.is_active and edition.state not in phases.OVER,
        "in_gallery": edition.state == phases.PUBLISHED and found.presents,
        "may_extend": found.is_active and not found.rehearsal and phases.RIGHTS[edition.state].change_teams,
    }
    return page(request, "datathon/moderate/team.html", context)


@organisers
def extend(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Give one team more time, with a reason."""
    found = _team(edition, pk)
    if found.rehearsal:
        raise Http404
    form = ExtendForm(posted(request))
    if form.is_bound and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            deliverables.extend(found, until, reason=form.cleaned_data["reason"], by=person(request))
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            said = spaced(f"L’équipe a jusqu’au {moment(until)}. Elle en est avertie.")
            return done(request, said, address("team_moderate", edition, pk))
    due = openings.due_at(found)
    return _gesture(request, found, form, "datathon/moderate/extend.html", due_at=due)


@organisers
def gallery(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Take a project off the gallery, or put it back, with a reason."""
    found = _team(edition, pk)
    form = ReasonForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            galleries.show(
                found, is_shown=not found.shown_in_gallery, reason=form.cleaned_data["reason"], by=person(request)
            )
        except NotAllowed as error:
            raise Http404 from error
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            said = (
                "Le projet est dans la galerie." if found.shown_in_gallery else "Le projet n’est plus dans la galerie."
            )
            return done(request, said, address("team_moderate", edition, pk))
    return _gesture(request, found, form, "datathon/moderate/gallery.html")


@organisers
def remove(request: HttpRequest, edition: Edition, pk: int, seat: uuid.UUID) -> HttpResponse:
    """Remove a member, with a reason; the referent is followed by another."""
    found = _team(edition, pk)
    held = found.seats.filter(pk=seat).select_related("registration__person").first()
    if held is None:
        raise Http404
    form = RemoveForm(posted(request), seats=others(found, held) if found.referent_id == seat else ())
    if form.is_bound and form.is_valid():
        try:
            teams.remove(found, seat, reason=form.cleaned_data["reason"], by=person(request), successor=chosen(form))
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(request, "Cette personne n’est plus dans l’équipe.", address("team_moderate", edition, pk))
    return _gesture(request, found, form, "datathon/moderate/remove.html", member=held)


@organisers
def dissolve(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Dissolve a team, after a confirmation."""
    found = _team(edition, pk)
    form = DissolveForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            teams.dissolve(found, by=person(request), reason=form.cleaned_data["reason"])
        except NotDone as error:
            form.add_error(None, list(error.messages))
        else:
            return done(
                request, "L’équipe est dissoute. Ses membres en sont avertis.", address("team_moderate", edition, pk)
            )
    return _gesture(request, found, form, "datathon/moderate/dissolve.html")


def _gesture(request: HttpRequest, team: Team, form: object, template: str, **more: object) -> HttpResponse:
    back = address("team_moderate", team.edition, team.pk)
    return page(request, template, {"edition": team.edition, "team": team, "back": back, **more}, form)
