"""One project before a juror: the conflict box first, then the evidence beside the ballot."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import User
from normandata.documents import responses
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring import pages, presenting, reading, workflow
from normandata.scoring.errors import InConflict
from normandata.scoring.forms import TIE, ReasonForm
from normandata.scoring.models import Subject
from normandata.scoring.papers import Paper
from normandata.scoring.services import sheets
from normandata.scoring.workflow import ABSTAINED

from .. import jury_reading, permissions
from ..deliverables import Deliverable
from ..services import scoring
from ..teams import Team
from .jury import ballot_of

BASE = "datathon/jury/base.html"


def team_here(request: HttpRequest, slug: str, pk: int) -> Team:
    """Return a team to who judges its edition; raises Http404."""
    found = jury_reading.team_here(person(request), slug, pk)
    if found is None or not permissions.judges(person(request), found.edition):
        raise Http404
    return found


def project_here(request: HttpRequest, slug: str, pk: int) -> tuple[Team, Subject]:
    """Return a team and what it is before the jury; raises Http404."""
    team = team_here(request, slug, pk)
    found = Subject.objects.judged().about(team).filter(panel__kind=scoring.EDITION)
    subject = found.select_related("panel__grid").first()
    if subject is None:
        raise Http404
    return team, subject


def shut(request: HttpRequest, team: Team, sentences: Any) -> HttpResponse:
    """Say why a project is closed to this person, and where to go."""
    context = {"team": team, "edition": team.edition, "sentences": sentences}
    return render(request, "datathon/jury/shut.html", context, status=403)


@require_safe
@never_cache
def ballot(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the evidence of a project and one's own ballot: to begin, to fill, or as it was validated."""
    team = team_here(request, slug, pk)
    try:
        found = jury_reading.paper(team, person(request))
    except InConflict as error:
        return shut(request, team, error.messages)
    except NotAllowed as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return draw(request, team, *found)


def draw(
    request: HttpRequest,
    team: Team,
    subject: Subject,
    paper: Paper,
    *,
    lines: Any = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the page of a ballot as it stands."""
    panel = subject.panel
    context = {
        "team": team,
        "edition": team.edition,
        "subject": subject,
        "panel": panel,
        "paper": paper,
        "spoiled": workflow.SPOILED if panel.is_open and paper.is_spoiled else "",
        "reads": jury_reading.reads(team),
    }
    if paper.sheet is None:
        return render(request, "datathon/jury/begin.html", context | more, status=status)
    context["pieces"] = jury_reading.pieces(team) if context["reads"] else []
    context |= begun(subject, paper, lines) | more
    return render(request, "datathon/jury/ballot.html", context, status=status)


def begun(subject: Subject, paper: Paper, lines: Any) -> dict[str, Any]:
    """Prepare what a ballot that was begun shows: criteria, mean, what may be done."""
    return {
        "lines": lines if lines is not None else presenting.lines(paper),
        "mean": jury_reading.mean(paper),
        "is_draft": paper.is_editable and subject.panel.is_open,
        "is_abstained": paper.sheet is not None and paper.sheet.state == ABSTAINED,
    }


@require_POST
def begin(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Begin one's ballot: the person declares to have no interest in the project."""
    team, subject = project_here(request, slug, pk)
    return made(request, team, subject, lambda user: sheets.start(subject, by=user))


@require_POST
def resume(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Go back on an abstention."""
    team, subject = project_here(request, slug, pk)

    def gesture(user: User) -> None:
        mine = reading.paper(subject, user).sheet
        if mine is None:
            raise NotAllowed(sheets.NOT_SEATED)
        sheets.resume(mine, by=user)

    return made(request, team, subject, gesture)


def made(request: HttpRequest, team: Team, subject: Subject, gesture: Callable[[User], Any]) -> HttpResponse:
    """Make a gesture on one's own ballot and show it; say why where it was not done."""
    try:
        gesture(person(request))
    except InConflict as error:
        return shut(request, team, error.messages)
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("datathon:jury_projects", args=[team.edition.slug]))
    return HttpResponseRedirect(ballot_of(team.edition.slug, subject))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def recuse(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Declare a conflict of interest with a team, or with the whole jury where the edition says so."""
    team, _ = project_here(request, slug, pk)
    edition, user = team.edition, person(request)
    form = ReasonForm(pages.posted(request), **TIE)
    whole = edition.recusal_is_whole
    home = reverse("datathon:jury_projects", args=[slug])
    return pages.answer(
        request,
        form,
        lambda: scoring.recuse(edition, team, by=user, reason=form.reason),
        "Votre déport est inscrit : tous les projets vous sont fermés."
        if whole
        else "Votre déport est inscrit : ce projet vous est fermé.",
        to=home,
        back=reverse("datathon:ballot", args=[slug, pk]),
        base=BASE,
        title=f"Me déporter du projet de {team.name}",
        lead="Dans cette édition, un déport vaut pour tout le jury : vous ne noterez plus aucun projet."
        if whole
        else "Vous ne noterez pas ce projet, et ses bulletins vous resteront fermés.",
        button="Déclarer ce lien et me déporter",
    )


@require_safe
@never_cache
def piece(request: HttpRequest, slug: str, pk: int, piece: int) -> FileResponse:
    """Send a file that a team handed in, where the phase lets the jury read and no conflict closes the team."""
    team = team_here(request, slug, pk)
    try:
        found_here = jury_reading.paper(team, person(request))
    except NotAllowed as error:
        raise Http404 from error
    if found_here is None or not jury_reading.reads(team):
        raise Http404
    rows = Deliverable.objects.real().current().filter(team=team, pk=piece, upload__isnull=False)
    found = rows.select_related("upload").first()
    if found is None or found.upload is None:
        raise Http404
    return responses.send(found.upload)
