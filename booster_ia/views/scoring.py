"""The pages of who scores: the dossiers of a wave, one's own sheet on one, what comes next."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.accounts.models import User
from normandata.dossiers import examination
from normandata.dossiers.models import READERS, Deposit, Dossier
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import number, plural
from normandata.scoring import permissions, presenting, reading, workflow
from normandata.scoring.errors import Blind, InConflict
from normandata.scoring.models import Panel, Subject
from normandata.scoring.papers import Paper
from normandata.scoring.presenting import ShownLine
from normandata.scoring.services import sheets
from normandata.scoring.workflow import ABSTAINED

from .. import scores
from ..services import partners, scoring
from ..waves import Wave

NOTHING_LEFT = "Plus aucun autre dossier de cette vague n’attend votre fiche."


# ------------------------------------------------------------------------------------------------------------- finding
def wave_here(request: HttpRequest, pk: int) -> Wave:
    """Return a wave to whoever reads the Booster IA for the Region; raises Http404."""
    if not person(request).holds(*READERS, scheme=scoring.SCHEME):
        raise Http404
    return get_object_or_404(Wave, pk=pk)


def panel_here(request: HttpRequest, pk: int) -> tuple[Wave, Panel]:
    """Return a wave and its panel, once it was made; raises Http404."""
    wave = wave_here(request, pk)
    panel = scoring.panel_of(wave)
    if panel is None:
        raise Http404
    return wave, panel


def dossier_here(request: HttpRequest, key: uuid.UUID) -> tuple[Deposit, Subject, tuple[int, int]]:
    """Return the last deposit of a dossier that is judged, and what it is in its panel; raises Http404."""
    deposit = scores.last_deposit(person(request), key=key)
    found = scoring.subject_of(deposit.dossier, person(request)) if deposit else None
    if deposit is None or found is None:
        raise Http404
    return deposit, found[0], found[1:]


def address(subject: Subject) -> str:
    """Return the address of one's own sheet on a subject."""
    key = Dossier.objects.filter(pk=subject.key).values_list("key", flat=True).get()
    return reverse("booster_ia:sheet", args=[key])


def home(panel: Panel) -> str:
    """Return the address of the scoring of a panel's wave."""
    return reverse("booster_ia:scoring", args=[int(panel.key)])


def shut(request: HttpRequest, sentences: Any, *, back: str, title: str = "Page fermée") -> HttpResponse:
    """Say why a page is closed to this person, and where to go."""
    context = {"title": title, "sentences": sentences, "back": back}
    return render(request, "booster_ia/scoring/shut.html", context, status=403)


# ------------------------------------------------------------------------------------------------------------ the wave
@require_safe
@never_cache
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """List the dossiers of a wave with one's own sheets and how far everybody is, without any score."""
    wave, user = wave_here(request, pk), person(request)
    panel = scoring.panel_of(wave)
    context: dict[str, Any] = {"wave": wave, "panel": panel, "leads": scoring.may_open(user)}
    if panel is not None:
        try:
            context["advance"] = scores.advance(panel, user)
        except NotAllowed as error:
            raise Http404 from error
        context["leads"] = permissions.may_lead(user, panel)
        context["is_seated"] = scoring.is_seated(panel, user)
        context["conflicts"] = scores.declared(panel, user) if context["leads"] else []
        context["too_late"] = scoring.too_late(panel) if panel.is_open else ""
    return render(request, "booster_ia/scoring/overview.html", context)


@require_safe
@never_cache
def following(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the next dossier that waits for one's sheet; the one that is left unfinished comes back at its turn."""
    _, panel = panel_here(request, pk)
    if not scoring.is_seated(panel, person(request)):
        raise Http404
    return lead_on(request, panel, after=_after(request, panel))


@require_safe
@never_cache
def preceding(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the dossier before, in the order of the panel."""
    _, panel = panel_here(request, pk)
    after, seen = _after(request, panel), reading.sight(panel, person(request))
    if not seen.seated:
        raise Http404
    mine = [spot.pk for spot in seen.spots if spot.pk not in seen.closed]
    place = mine.index(after.pk) if after is not None and after.pk in mine else 0
    if place == 0:
        return HttpResponseRedirect(home(panel))
    return HttpResponseRedirect(address(Subject.objects.get(pk=mine[place - 1])))


def _after(request: HttpRequest, panel: Panel) -> Subject | None:
    named = request.GET.get("apres", "")
    known = named.isdecimal() and named.isascii() and len(named) < 10
    return panel.subjects.filter(pk=int(named)).first() if known else None


def lead_on(request: HttpRequest, panel: Panel, *, after: Subject | None) -> HttpResponse:
    """Lead to the next dossier to score, or back to the list when there is none."""
    found = reading.next_subject(panel, person(request), after)
    if found is None:
        messages.info(request, NOTHING_LEFT)
        return HttpResponseRedirect(home(panel))
    return HttpResponseRedirect(address(found))


# ------------------------------------------------------------------------------------------------------------- a sheet
@require_safe
@never_cache
def sheet(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the evidence of a dossier and one's own sheet: to begin, to fill, or as it was submitted."""
    deposit, subject, counts = dossier_here(request, key)
    try:
        paper = reading.paper(subject, person(request))
    except InConflict as error:
        return shut(request, error.messages, back=home(subject.panel), title="Ce dossier vous est fermé")
    except NotAllowed as error:
        raise Http404 from error
    return draw(request, deposit, subject, paper, counts)


def draw(
    request: HttpRequest,
    deposit: Deposit,
    subject: Subject,
    paper: Paper,
    counts: tuple[int, int],
    *,
    lines: list[ShownLine] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the page of a sheet as it stands."""
    context = {
        "deposit": deposit,
        "dossier": deposit.dossier,
        "title": scores.title_of(deposit),
        "subject": subject,
        "panel": subject.panel,
        "wave_pk": int(subject.panel.key),
        "paper": paper,
        "counted": f"{plural(counts[0], 'remise')} sur {number(counts[1])}",
        "too_late": scoring.too_late(subject.panel) if subject.panel.is_open and paper.is_editable else "",
        "spoiled": workflow.SPOILED if subject.panel.is_open and paper.is_spoiled else "",
    }
    if paper.sheet is None:
        context["partners"] = partners.partners_of(deposit.dossier)
        return render(request, "booster_ia/scoring/begin.html", context | more, status=status)
    shown = _begun(deposit, subject, paper, lines)
    return render(request, "booster_ia/scoring/sheet.html", context | shown | more, status=status)


def _begun(deposit: Deposit, subject: Subject, paper: Paper, lines: list[ShownLine] | None) -> dict[str, Any]:
    """Prepare what a sheet that was begun shows: evidence, criteria, total."""
    return {
        "extracts": scores.extracts(deposit, examination.pieces(deposit.dossier, deposit)),
        "lines": lines if lines is not None else presenting.lines(paper),
        "total": scores.total(paper),
        "is_draft": paper.is_editable and subject.panel.is_open,
        "is_abstained": paper.sheet is not None and paper.sheet.state == ABSTAINED,
        "is_outdated": paper.sheet is not None and paper.sheet.subject_version not in ("", str(deposit.version)),
    }


@require_POST
def begin(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Begin one's sheet: the person declares to have no interest in the project."""
    _, subject, _ = dossier_here(request, key)
    return _made(request, subject, lambda user: sheets.start(subject, by=user))


@require_POST
def resume(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Go back on an abstention."""
    _, subject, _ = dossier_here(request, key)

    def gesture(user: User) -> None:
        mine = reading.paper(subject, user).sheet
        if mine is None:
            raise NotAllowed(sheets.NOT_SEATED)
        sheets.resume(mine, by=user)

    return _made(request, subject, gesture)


@require_POST
def confirm(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Say that one's submitted sheet stays the same on the version that was deposited since."""
    _, subject, _ = dossier_here(request, key)

    def gesture(user: User) -> None:
        mine = reading.paper(subject, user).sheet
        if mine is None:
            raise NotAllowed(sheets.NOT_SEATED)
        sheets.confirm(mine, by=user, judged=request.POST.get("lue", ""))
        messages.success(request, "Votre fiche reste la même sur cette version.")

    return _made(request, subject, gesture)


def _made(request: HttpRequest, subject: Subject, gesture: Any) -> HttpResponse:
    """Make a gesture on one's own sheet and show the sheet; say why where it was not done."""
    try:
        gesture(person(request))
    except InConflict as error:
        return shut(request, error.messages, back=home(subject.panel), title="Ce dossier vous est fermé")
    except NotAllowed as error:
        raise Http404 from error
    except NotDone as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(home(subject.panel))
    return HttpResponseRedirect(address(subject))


@require_http_methods(["GET", "HEAD"])
@never_cache
def results(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the submitted sheets on a dossier, their mean and their spread, to who is not blind any more."""
    deposit, subject, _ = dossier_here(request, key)
    user = person(request)
    try:
        found = reading.result(subject, user)
    except (Blind, InConflict) as error:
        return shut(request, error.messages, back=home(subject.panel), title="Les fiches ne vous sont pas ouvertes")
    except NotAllowed as error:
        raise Http404 from error
    context = {
        "dossier": deposit.dossier,
        "title": scores.title_of(deposit),
        "panel": subject.panel,
        "wave_pk": int(subject.panel.key),
        "found": found,
        "leads": permissions.may_lead(user, subject.panel),
        "events": scores.journal(subject, user),
    }
    return render(request, "booster_ia/scoring/results.html", context)
