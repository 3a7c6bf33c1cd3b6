"""The organisers' pages of who helps them: other organisers, and mentors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import Role, RoleAssignment, StaffInvitation
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from .. import permissions
from ..edition_forms import EndForm, InviteForm
from ..editions import Edition
from ..mentor_forms import DeclineForm
from ..mentoring import Mentor
from ..services import mentors as services
from ..services import staff as gestures_of
from .organise_access import attempt, done, gestures, organisers, posted, refused, shown

STAFF, MENTORS = "datathon:staff", "datathon:mentors"
INVITED = "L’invitation est partie. Elle est valable sept jours."


@organisers
def staff(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show who organises the edition, and invite somebody."""
    form = InviteForm(posted(request))
    if attempt(form, lambda: gestures_of.invite(edition, form.cleaned_data["email"], by=person(request))):
        return done(request, INVITED, STAFF, edition.slug)
    held = RoleAssignment.objects.current().filter(role=Role.ORGANISER, scheme=permissions.SCHEME, scope=edition.slug)
    context = {
        "edition": edition,
        "form": form,
        "held": held.select_related("user").order_by("user__name", "pk"),
        "invitations": pending(edition, Role.ORGANISER),
        "me": person(request),
    }
    return render(request, "datathon/organise/staff.html", context, status=422 if form.errors else 200)


@organisers
def end_role(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Withdraw the role of an organiser, with the reason."""
    rows = RoleAssignment.objects.current().filter(role=Role.ORGANISER, scheme=permissions.SCHEME, scope=edition.slug)
    assignment = get_object_or_404(rows.select_related("user"), pk=pk)
    form = EndForm(posted(request))
    if attempt(
        form, lambda: gestures_of.end_role(edition, assignment, reason=form.cleaned_data["reason"], by=person(request))
    ):
        return done(request, "Le rôle est retiré. Le retrait vaut dès maintenant.", STAFF, edition.slug)
    context = {"title": f"Retirer le rôle de {assignment.user}", "button": "Retirer le rôle", "is_danger": True}
    return shown(request, edition, form, context | {"back": reverse(STAFF, args=[edition.slug])})


@organisers
def mentors(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show mentors and offers, and invite somebody."""
    form = InviteForm(posted(request))
    if attempt(form, lambda: gestures_of.invite(edition, form.cleaned_data["email"], Role.MENTOR, by=person(request))):
        return done(request, INVITED, MENTORS, edition.slug)
    rows = edition.mentors.select_related("person").order_by("person__name", "pk")
    context = {
        "edition": edition,
        "form": form,
        "offers": rows.proposed(),
        "active": rows.active(),
        "invitations": pending(edition, Role.MENTOR),
    }
    return render(request, "datathon/organise/mentors.html", context, status=422 if form.errors else 200)


@gestures
def accept(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Accept an offer."""
    mentor = get_object_or_404(Mentor, pk=pk, edition=edition)
    try:
        services.accept(mentor, by=person(request))
    except NotDone as error:
        return refused(request, error, MENTORS, edition.slug)
    return done(request, "La personne est mentor. Elle en est prévenue.", MENTORS, edition.slug)


@organisers
def decline(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """Decline an offer, with a word."""
    mentor = get_object_or_404(edition.mentors.proposed().select_related("person"), pk=pk)
    form = DeclineForm(posted(request))
    if attempt(form, lambda: services.decline(mentor, message=form.cleaned_data["message"], by=person(request))):
        return done(request, "La proposition est déclinée. La personne en est prévenue.", MENTORS, edition.slug)
    context = {"title": f"Décliner la proposition de {mentor}", "button": "Décliner"}
    return shown(request, edition, form, context | {"back": reverse(MENTORS, args=[edition.slug])})


@organisers
def end_mentor(request: HttpRequest, edition: Edition, pk: int) -> HttpResponse:
    """End somebody's mentoring, with the reason."""
    mentor = get_object_or_404(edition.mentors.active().select_related("person"), pk=pk)
    form = EndForm(posted(request))
    if attempt(form, lambda: services.end(mentor, reason=form.cleaned_data["reason"], by=person(request))):
        return done(request, "Le rôle est retiré. Les demandes attendent un autre mentor.", MENTORS, edition.slug)
    context = {"title": f"Retirer le rôle de mentor de {mentor}", "button": "Retirer le rôle", "is_danger": True}
    return shown(request, edition, form, context | {"back": reverse(MENTORS, args=[edition.slug])})


def pending(edition: Edition, role: Role) -> list[StaffInvitation]:
    """List the invitations to a role in this edition that nobody answered."""
    rows = StaffInvitation.objects.pending(timezone.now())
    return list(rows.filter(role=role, scheme=permissions.SCHEME, scope=edition.slug).order_by("email"))
