"""Saving, submitting and leaving one's own sheet; what could not be kept comes back beside its control."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone, Unmet
from normandata.regulation.formats import spaced
from normandata.scoring import pages, posted, presenting, reading
from normandata.scoring.arithmetic import BadMark, read_mark
from normandata.scoring.errors import InConflict, Stale
from normandata.scoring.models import Subject
from normandata.scoring.presenting import Problems
from normandata.scoring.services import sheets
from normandata.scoring.services.sheets import Saved, Typed
from normandata.ui.templatetags.nd import hour

from .. import scores
from ..services import scoring
from .scoring import address, draw, home, lead_on

SUBMIT, NEXT, ABSTAIN = "remettre", "suivant", "abstenir"
LONGEST_REASON = 2000


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed, then do what the button says; a page read again leads to the sheet."""
    if request.method != "POST":
        subject = _own(request, pk).subject
        if not scoring.is_seated(subject.panel, person(request)):
            raise Http404
        return HttpResponseRedirect(address(subject))
    typed, user = posted.typed(request.POST), person(request)
    try:
        saved = scoring.save_sheet(pk, typed, by=user, revision=posted.whole(request.POST, "version"))
    except LookupError as error:
        raise Http404 from error
    except NotDone as error:
        return _not_saved(request, pk, typed, error)
    if pages.is_autosave(request):
        return pages.sheet_kept(saved)
    return _then(request, saved, typed)


def _own(request: HttpRequest, pk: int) -> Any:
    found = scoring.own_sheet(pk, person(request))
    if found is None:
        raise Http404
    return found


# ------------------------------------------------------------------------------------------------------------- refused
def _not_saved(request: HttpRequest, pk: int, typed: dict[str, Typed], error: NotDone) -> HttpResponse:
    """Answer a save that was refused: another tab was quicker, a conflict of interest, a closed panel."""
    sheet = _own(request, pk)
    if isinstance(error, Stale):
        return _stale(request, sheet, typed)
    if isinstance(error, NotAllowed) and not isinstance(error, InConflict):
        raise Http404
    if pages.is_autosave(request):
        return JsonResponse({"message": " ".join(error.messages)}, status=410)
    messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(home(sheet.subject.panel) if isinstance(error, InConflict) else address(sheet.subject))


def _stale(request: HttpRequest, sheet: Any, typed: dict[str, Typed]) -> HttpResponse:
    """Show what was typed beside what another tab kept; nothing is overwritten before a choice."""
    if pages.is_autosave(request):
        return pages.changed_elsewhere("Cette fiche a été modifiée", sheet.saved_at, sheet.revision)
    return _back(request, sheet.subject, typed, status=409, kept_at=sheet.saved_at)


def _back(
    request: HttpRequest,
    subject: Subject,
    typed: dict[str, Typed],
    problems: Problems | None = None,
    *,
    status: int = 422,
    **more: Any,
) -> HttpResponse:
    """Draw the sheet again with what was typed in it."""
    user = person(request)
    deposit = scores.last_deposit(user, pk=subject.key)
    found = scoring.subject_of(deposit.dossier, user) if deposit else None
    if deposit is None or found is None:
        raise Http404
    paper = reading.paper(found[0], user)
    lines = presenting.lines(paper, typed, problems, compare=status == 409)
    wrong = [line for line in lines if line.error or line.said_error]
    return draw(request, deposit, found[0], paper, found[1:], lines=lines, wrong=wrong, status=status, **more)


# ---------------------------------------------------------------------------------------------------------------- then
def _then(request: HttpRequest, saved: Saved, typed: dict[str, Typed]) -> HttpResponse:
    """Do what the button says once what was typed is kept."""
    sheet, act = saved.sheet, request.POST.get("acte", "")
    subject = sheet.subject
    if saved.errors:
        return _back(request, subject, typed, posted.problems(saved.errors))
    try:
        _act(request, sheet, act)
    except InConflict as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(home(subject.panel))
    except Unmet as error:
        problems = presenting.missing(reading.paper(subject, person(request)))
        return _back(request, subject, {}, problems, refusals=error.messages)
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(address(subject))
    if act in (SUBMIT, NEXT, ABSTAIN):
        return lead_on(request, subject.panel, after=subject)
    messages.success(request, f"Votre fiche est enregistrée, à {hour(sheet.saved_at)}.")
    return HttpResponseRedirect(address(subject))


def _act(request: HttpRequest, sheet: Any, act: str) -> None:
    """Submit the sheet or give it up; raises as the gestures do."""
    user = person(request)
    if act == SUBMIT:
        sheets.submit(sheet, by=user, revision=sheet.revision, judged=request.POST.get("lue", ""))
        messages.success(request, "Votre fiche est remise.")
    elif act == ABSTAIN:
        reason = request.POST.get("motif", "")[:LONGEST_REASON]
        sheets.abstain(sheet, by=user, revision=sheet.revision, reason=reason)
        messages.success(request, "Votre abstention est inscrite.")


# ---------------------------------------------------------------------------------------------------------------- live
@require_POST
def total(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the live total as it is kept, and what is wrong with what stands in the fields; nothing is written."""
    sheet = _own(request, pk)
    try:
        paper = reading.paper(sheet.subject, person(request))
    except NotAllowed as error:
        raise Http404 from error
    context = {
        "paper": paper,
        "total": scores.total(paper),
        "lines": presenting.lines(paper, {}, Problems(_errors(paper, posted.typed(request.POST)))),
        "is_live": True,
    }
    return render(request, "booster_ia/scoring/total.html", context)


def _errors(paper: Any, typed: dict[str, Typed]) -> dict[str, str]:
    found = {}
    for criterion, _ in paper.lines:
        said = typed.get(criterion.slug)
        try:
            read_mark(said.value if said and said.value else "", criterion.scale)
        except BadMark as error:
            found[criterion.slug] = spaced(str(error))
    return found
