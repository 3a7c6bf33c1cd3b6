"""Saving, validating and leaving one's own ballot; what could not be kept comes back beside its control."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone, Unmet
from normandata.scoring import pages, posted, presenting, reading
from normandata.scoring.errors import InConflict, Stale
from normandata.scoring.models import Panel
from normandata.scoring.presenting import Problems
from normandata.scoring.services import sheets
from normandata.scoring.services.sheets import Saved, Typed
from normandata.ui.templatetags.nd import hour

from .. import jury_reading
from ..services import scoring
from .ballots import draw, team_here
from .jury import ballot_of, lead_on

SUBMIT, NEXT, ABSTAIN = "valider", "suivant", "abstenir"
LONGEST_REASON = 2000


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed, then do what the button says; a page read again leads to the ballot."""
    if request.method != "POST":
        return HttpResponseRedirect(address(own(request, pk)))
    typed, user = posted.typed(request.POST), person(request)
    revision, words = posted.whole(request.POST, "version"), request.POST.get("commentaire")
    try:
        saved = scoring.save_ballot(pk, typed, by=user, revision=revision, comment=words)
    except LookupError as error:
        raise Http404 from error
    except NotDone as error:
        return not_saved(request, pk, typed, error)
    if pages.is_autosave(request):
        return pages.sheet_kept(saved)
    return then(request, saved, typed)


def own(request: HttpRequest, pk: int) -> Any:
    """Return one's own ballot; raises Http404."""
    found = scoring.own_ballot(pk, person(request))
    if found is None:
        raise Http404
    return found


def address(sheet: Any) -> str:
    return ballot_of(sheet.subject.panel.scope, sheet.subject)


def home(panel: Panel) -> str:
    return reverse("datathon:jury_projects", args=[panel.scope])


# ------------------------------------------------------------------------------------------------------------- refused
def not_saved(request: HttpRequest, pk: int, typed: dict[str, Typed], error: NotDone) -> HttpResponse:
    """Answer a save that was refused: another tab was quicker, a conflict of interest, a closed panel."""
    sheet = own(request, pk)
    if isinstance(error, Stale):
        if pages.is_autosave(request):
            return pages.changed_elsewhere("Ce bulletin a été modifié", sheet.saved_at, sheet.revision)
        return back(request, sheet, typed, status=409, kept_at=sheet.saved_at)
    if isinstance(error, NotAllowed) and not isinstance(error, InConflict):
        raise Http404
    if pages.is_autosave(request):
        return JsonResponse({"message": " ".join(error.messages)}, status=410)
    messages.error(request, " ".join(error.messages))
    is_shut = isinstance(error, InConflict)
    return HttpResponseRedirect(home(sheet.subject.panel) if is_shut else address(sheet))


def back(
    request: HttpRequest,
    sheet: Any,
    typed: dict[str, Typed],
    problems: Problems | None = None,
    *,
    status: int = 422,
    **more: Any,
) -> HttpResponse:
    """Draw the ballot again with what was typed in it."""
    team = team_here(request, sheet.subject.panel.scope, int(sheet.subject.key))
    paper = reading.paper(sheet.subject, person(request))
    lines = presenting.lines(paper, typed, problems, compare=status == 409)
    wrong = [line for line in lines if line.error]
    return draw(request, team, sheet.subject, paper, lines=lines, wrong=wrong, status=status, **more)


# ---------------------------------------------------------------------------------------------------------------- then
def then(request: HttpRequest, saved: Saved, typed: dict[str, Typed]) -> HttpResponse:
    """Do what the button says once what was typed is kept."""
    sheet, act = saved.sheet, request.POST.get("acte", "")
    panel = sheet.subject.panel
    if saved.errors:
        return back(request, sheet, typed, posted.problems(saved.errors))
    try:
        perform(request, sheet, act)
    except InConflict as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(home(panel))
    except Unmet as error:
        problems = presenting.missing(reading.paper(sheet.subject, person(request)))
        return back(request, sheet, {}, problems, refusals=error.messages)
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(address(sheet))
    if act in (SUBMIT, NEXT, ABSTAIN):
        return lead_on(request, panel.scope, panel, sheet.subject)
    messages.success(request, f"Votre bulletin est enregistré, à {hour(sheet.saved_at)}.")
    return HttpResponseRedirect(address(sheet))


def perform(request: HttpRequest, sheet: Any, act: str) -> None:
    """Validate the ballot or give it up; raises as the gestures do."""
    user = person(request)
    if act == SUBMIT:
        sheets.submit(sheet, by=user, revision=sheet.revision)
        messages.success(request, "Votre bulletin est validé.")
    elif act == ABSTAIN:
        reason = request.POST.get("motif", "")[:LONGEST_REASON]
        sheets.abstain(sheet, by=user, revision=sheet.revision, reason=reason)
        messages.success(request, "Votre abstention est inscrite.")


# ---------------------------------------------------------------------------------------------------------------- live
@require_POST
def total(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the live mean as it is kept; nothing is written."""
    sheet = own(request, pk)
    try:
        paper = reading.paper(sheet.subject, person(request))
    except NotAllowed as error:
        raise Http404 from error
    return render(request, "datathon/jury/mean.html", {"paper": paper, "mean": jury_reading.mean(paper)})
