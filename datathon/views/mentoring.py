"""The mentors' space: what teams ask, whom one helps, notes, meetings, one's own profile."""

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import User
from normandata.documents import responses
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from .. import mentor_reading, permissions
from ..edition_forms import EndForm
from ..editions import Edition
from ..mentor_forms import MentorForm, NoteForm
from ..mentoring import HelpRequest
from ..services import help_requests, mentors
from ..teams import Team
from .organise_access import attempt, done, posted, refused

GESTURES = {
    "prendre": (help_requests.take, "Vous aidez cette équipe. Elle en est prévenue."),
    "terminer": (help_requests.finish, "La demande est terminée."),
    "rendre": (help_requests.give_back, "La demande attend un autre mentor."),
}
SPACE = "datathon:mentoring"
FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
def space(request: HttpRequest) -> HttpResponse:
    """Show, edition by edition, what waits and what one took."""
    user = person(request)
    if not permissions.helps(user):
        raise Http404
    return render(request, "datathon/mentors/space.html", {"desks": mentor_reading.desks(user, timezone.now())})


@FORM
@never_cache
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what one can help with; an invited person joins by it."""
    user = person(request)
    edition = mentored(user, slug)
    mentor = edition.mentors.filter(person=user).first()
    form = MentorForm.of(mentor, posted(request))
    if attempt(form, lambda: mentors.describe(edition, **form.cleaned_data, by=user)):
        return done(request, "Votre profil est enregistré.", SPACE)
    context = {"edition": edition, "form": form, "mentor": mentor}
    return render(request, "datathon/mentors/profile.html", context, status=422 if form.errors else 200)


@FORM
@never_cache
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Stop mentoring an edition."""
    user = person(request)
    edition = mentored(user, slug)
    mentor = get_object_or_404(edition.mentors.active(), person=user)
    form = EndForm(posted(request))
    if attempt(form, lambda: mentors.end(mentor, reason=form.cleaned_data["reason"], by=user)):
        messages.success(request, "Vous n’êtes plus mentor de cette édition. Merci pour votre aide.")
        return HttpResponseRedirect(reverse("datathon:edition", args=[edition.slug]))
    context = {"edition": edition, "form": form}
    return render(request, "datathon/mentors/stop.html", context, status=422 if form.errors else 200)


@require_POST
def gesture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take a request, say it is done, or give it back."""
    user = person(request)
    scopes = permissions.scopes_mentored_by(user)
    found = get_object_or_404(HelpRequest.objects.mentored_in(scopes), pk=pk)
    if name not in GESTURES:
        raise Http404
    act, said = GESTURES[name]
    try:
        act(found, by=user)
    except NotDone as error:
        return refused(request, error, SPACE)
    return done(request, said, SPACE)


@FORM
@never_cache
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team to a mentor of its edition, and write a note."""
    user = person(request)
    found = get_object_or_404(Team.objects.active().select_related("edition", "theme"), mentored_teams(user), pk=pk)
    form = NoteForm(posted(request))
    if attempt(form, lambda: help_requests.write_note(found, **form.cleaned_data, by=user)):
        return done(request, "La note est écrite.", "datathon:mentor_team", found.pk)
    context = {"team": found, "form": form} | mentor_reading.team(found, user)
    return render(request, "datathon/mentors/team.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def piece(request: HttpRequest, pk: int, piece: int) -> FileResponse:
    """Send a file of a team to a mentor who helps it, where the phase lets mentors read."""
    user = person(request)
    found = get_object_or_404(Team.objects.active().select_related("edition"), mentored_teams(user), pk=pk)
    one = get_object_or_404(mentor_reading.deliverables(found, user), pk=piece, upload__isnull=False)
    if one.upload is None:
        raise Http404
    return responses.send(one.upload)


def mentored(user: User, slug: str) -> Edition:
    """Return an edition that the person mentors; raises Http404."""
    found = get_object_or_404(Edition, slug=slug)
    if not permissions.mentors(user, found):
        raise Http404
    return found


def mentored_teams(user: User) -> Q:
    """Keep the teams of the editions that a person mentors."""
    scopes = permissions.scopes_mentored_by(user)
    return Q() if scopes is None else Q(edition__slug__in=scopes)
