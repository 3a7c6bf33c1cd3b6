"""Asking for pieces, one by one, seeing the mail before it leaves, and giving the request up."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.services import available
from normandata.regulation.formats import day as written_day

from .. import delays, examination
from ..examine_forms import CorrectionForm, FireForm
from ..models import Attachment, Correction, Dossier
from ..services import corrections
from .access import person
from .desk_access import done, instructors, refused


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def ask(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Tick what is asked for, see the mail, send it."""
    targets = corrections.targets(dossier)
    due_on = delays.correction_deadline(timezone.localdate())
    data = request.POST if request.method == "POST" else None
    form = CorrectionForm(data, targets=targets, known=_to_replace(dossier), due_on=due_on)
    if data is None or not form.is_valid():
        return _ask_page(request, dossier, form, status=200 if data is None else 422)
    if data.get("geste") != "envoyer":
        said = {"due_on": form.cleaned_data["due_on"], "text": form.cleaned_data["text"]}
        return _ask_page(request, dossier, form, mail=corrections.preview(dossier, form.asked, **said))
    return _asked(request, dossier, form)


def _asked(request: HttpRequest, dossier: Dossier, form: CorrectionForm) -> HttpResponse:
    due_on, text = form.cleaned_data["due_on"], form.cleaned_data["text"]
    try:
        corrections.ask(dossier, form.asked, due_on=due_on, text=text, by=person(request))
    except NotAllowed as error:
        raise Http404 from error
    except NotNow as error:
        return refused(request, dossier, error)
    except NotDone as error:
        form.add_error("due_on" if "date" in " ".join(error.messages) else None, list(error.messages))
        return _ask_page(request, dossier, form, status=422)
    said = f"La demande est envoyée. La structure peut répondre jusqu’au {written_day(due_on)} compris."
    return done(request, dossier, said)


def _ask_page(
    request: HttpRequest, dossier: Dossier, form: CorrectionForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    if status == 200 and "ask_correction" not in [row.name for row in available(dossier, person(request))]:
        return refused(request, dossier, NotNow(_why_not(dossier)))
    context = examination.head(request, dossier, person(request), "") | {"form": form, **more}
    return render(request, "dossiers/examine/ask.html", context, status=status)


def _why_not(dossier: Dossier) -> str:
    if dossier.corrections.open().exists():
        return "Une demande de pièces est déjà en attente : annulez-la avant d’en faire une autre."
    return "À cette étape, le dossier ne se complète plus."


def _to_replace(dossier: Dossier) -> dict[str, str]:
    """Propose what an agent already marked as to be replaced, with the reason given."""
    marked = dossier.attachments.current().filter(status=Attachment.Status.TO_REPLACE)
    return {f"piece:{piece}": reason for piece, reason in marked.values_list("piece", "reason")}


@require_http_methods(["GET", "HEAD", "POST"])
@instructors
def cancel(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Give up the request that is awaited, with a reason that the organisation reads."""
    data = request.POST if request.method == "POST" else None
    form = FireForm(data, asks=True, requires=True)
    if data is not None and form.is_valid():
        seen = form.cleaned_data["seen"]
        correction = get_object_or_404(dossier.corrections, pk=int(seen) if seen.isdecimal() and len(seen) < 12 else 0)
        return _cancelled(request, correction, form.cleaned_data["reason"])
    asked = examination.request_of(dossier)
    if asked is None:
        return refused(request, dossier, NotNow("Aucune demande n’est en attente sur ce dossier."))
    form.initial["seen"] = asked["correction"].pk
    context = examination.head(request, dossier, person(request), "") | {"form": form, "asked": asked}
    return render(request, "dossiers/examine/cancel.html", context, status=200 if data is None else 422)


def _cancelled(request: HttpRequest, correction: Correction, reason: str) -> HttpResponse:
    try:
        corrections.cancel(correction, by=person(request), reason=reason)
    except NotDone as error:
        return refused(request, correction.dossier, error)
    return done(request, correction.dossier, "La demande est annulée. La structure en est avertie.")
