"""The jury's home: invitations to answer, the projects in order with one's own ballots, what comes next."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring import reading
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import panels

from .. import jury_reading, permissions, phases
from ..juries import Juror
from ..services import juries

NOTHING_LEFT = "Plus aucun projet n’attend votre bulletin."
ROOM = (phases.DELIBERATION, phases.DECIDED, phases.PUBLISHED)


def here(request: HttpRequest, slug: str) -> Juror:
    """Return one's place in the jury of an edition; raises Http404."""
    found = jury_reading.sitting_of(person(request), slug)
    if found is None or not permissions.judges(person(request), found.edition):
        raise Http404
    return found


def ballot_of(slug: str, subject: Subject) -> str:
    return reverse("datathon:ballot", args=[slug, int(subject.key)])


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """List the juries of a person: those to answer, and those where they sit."""
    user = person(request)
    mine = Juror.objects.active().select_related("edition")
    asked = list(mine.filter(email=user.email, accepted_at=None, edition__state__in=juries.OPEN).order_by("-pk"))
    seats = list(mine.sitting().filter(person=user).order_by("-edition__year", "-pk"))
    if not (asked or seats) and not any(one.role == "juror" for one in user.assignments):
        raise Http404
    return render(request, "datathon/jury/home.html", {"asked": asked, "seats": seats, "room": ROOM})


@require_POST
def answer_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept to sit, or decline."""
    user = person(request)
    juror = get_object_or_404(Juror.objects.active().select_related("edition"), pk=pk, email=user.email)
    is_yes = request.POST.get("reponse") == "oui"
    try:
        juries.accept(juror, by=user) if is_yes else juries.decline(juror, by=user)
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("datathon:jury"))
    if not is_yes:
        messages.success(request, "Votre refus est inscrit. Merci de l’avoir dit.")
        return HttpResponseRedirect(reverse("dossiers:home"))
    messages.success(request, f"Vous siégez au jury de {juror.edition.title}.")
    return HttpResponseRedirect(reverse("datathon:jury_projects", args=[juror.edition.slug]))


@require_safe
@never_cache
def projects(request: HttpRequest, slug: str) -> HttpResponse:
    """List the projects in the order of the presentations, with one's own ballots and no score at all."""
    juror = here(request, slug)
    try:
        found = jury_reading.projects(juror.edition, person(request))
    except NotAllowed as error:
        raise Http404 from error
    context = {
        "juror": juror,
        "edition": juror.edition,
        "found": found,
        "panel": found.sitting.panel,
        "reads": jury_reading.reads(juror),
        "is_room_open": juror.edition.state in ROOM,
        "now": timezone.now(),
    }
    return render(request, "datathon/jury/projects.html", context)


def panel_here(request: HttpRequest, slug: str) -> Panel:
    """Return the panel of an edition where one sits; raises Http404."""
    panel = panels.panel_about(here(request, slug).edition)
    if panel is None:
        raise Http404
    return panel


def after(request: HttpRequest, panel: Panel) -> Subject | None:
    named = request.GET.get("apres", "")
    known = named.isdecimal() and named.isascii() and len(named) < 10
    return panel.subjects.filter(pk=int(named)).first() if known else None


@require_safe
@never_cache
def following(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to the next project that waits for one's ballot; the one that is passed over comes back at its turn."""
    panel = panel_here(request, slug)
    return lead_on(request, slug, panel, after(request, panel))


def lead_on(request: HttpRequest, slug: str, panel: Panel, previous: Subject | None) -> HttpResponse:
    """Lead to the next ballot to fill, or back to the list when there is none."""
    found = reading.next_subject(panel, person(request), previous)
    if found is None:
        messages.info(request, NOTHING_LEFT)
        return HttpResponseRedirect(reverse("datathon:jury_projects", args=[slug]))
    return HttpResponseRedirect(ballot_of(slug, found))


@require_safe
@never_cache
def preceding(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to the project before, in the order of the presentations."""
    panel = panel_here(request, slug)
    previous, seen = after(request, panel), reading.sight(panel, person(request))
    mine = [spot for spot in seen.spots if spot.pk not in seen.closed]
    place = next((at for at, spot in enumerate(mine) if previous is not None and spot.pk == previous.pk), 0)
    if place == 0:
        return HttpResponseRedirect(reverse("datathon:jury_projects", args=[slug]))
    return HttpResponseRedirect(reverse("datathon:ballot", args=[slug, int(mine[place - 1].key)]))
