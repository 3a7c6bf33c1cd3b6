"""The organisation's dossier once begun: where it stands, its thread, its versions, and leaving it."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from normandata.documents import responses, uploads
from normandata.documents import services as documents
from normandata.documents.limits import Limits
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone

from .. import cards, drafts, periods, presentation, schemes
from ..exchange import ThreadFile
from ..models import Deposit, Dossier
from ..services import deposits, thread
from ..services import drafts as gestures
from .access import own, person, readable
from .waiting import awaited

MESSAGE_LIMITS = Limits(most_files=5)
MOST_MESSAGES = 50
TYPED = "message_typed"


@require_safe
@never_cache
def dossier(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show a dossier to its organisation: a draft's task list, or where a deposited one stands."""
    found = own(request, key)
    state = drafts.read(found)
    if found.is_draft:
        return _draft(request, state)
    correction = found.corrections.open().prefetch_related("items").first()
    context = {
        "dossier": found,
        "scheme": schemes.by_slug()[found.scheme],
        "banner": presentation.banner(found, timezone.now()) if presentation.is_changed(found, state) else None,
        "card": cards.card(found, timezone.now()),
        "correction": correction,
        "asked": presentation.asked(found, state, correction) if correction else [],
        "sending_key": uuid.uuid4(),
        "typed": _typed(request, key),
        "edit_url": reverse("dossiers:section", args=[key, state.sections[0].section.slug]),
        "letters": found.letters.filter(is_internal=False),
        "panel": state.application.space_panel and state.application.space_panel(found, person(request)),
        "versions": found.deposits.select_related("by", "receipt").order_by("-version"),
        "thread": found.messages.public()
        .select_related("author")
        .prefetch_related("files__upload")
        .order_by("-at", "-pk")[:MOST_MESSAGES],
        "limits": MESSAGE_LIMITS,
        "actions": [row for row in procedure.available(found, person(request)) if row.name == "withdraw"],
        "service": state.application.service,
        "trail": [(found.number or "", "")],
    }
    return render(request, "dossiers/applicant/dossier.html", context)


def _draft(request: HttpRequest, state: drafts.FormState) -> HttpResponse:
    context = presentation.around(state, "") | {
        "trail": presentation.trail(state.dossier, "Vue d’ensemble")[:1],
        "window": periods.window_of(state.dossier, timezone.now()),
    }
    return render(request, "dossiers/applicant/draft.html", context)


@require_safe
@never_cache
def version(request: HttpRequest, key: uuid.UUID, version: int) -> HttpResponse:
    """Show what was deposited, frozen, and what changed since the version before."""
    found = own(request, key)
    sent = Deposit.objects.filter(dossier=found, version=version).select_related("by", "receipt").first()
    if sent is None:
        raise Http404
    before = Deposit.objects.filter(dossier=found, version=version - 1).first()
    context = {
        "dossier": found,
        "sent": sent,
        "changes": deposits.changes(before.recap, sent.recap) if before else [],
        "trail": presentation.trail(found, f"Version {version}"),
    }
    return render(request, "dossiers/applicant/version.html", context)


@require_safe
@never_cache
def receipt(request: HttpRequest, key: uuid.UUID, version: int) -> HttpResponse | FileResponse:
    """Send the receipt of a deposit, or say that it is being made."""
    found = readable(request, key)
    sent = Deposit.objects.filter(dossier=found, version=version).select_related("receipt").first()
    if sent is None or sent.receipt is None:
        raise Http404
    deposited = f"{reverse('dossiers:deposited', args=[key])}?version={sent.version}"
    page = awaited(
        request,
        sent.receipt,
        f"Accusé de réception, {found.number}",
        back=(deposited, "Revenir à la confirmation"),
        trail=presentation.trail(found, "Accusé de réception"),
        also="L’accusé vous est aussi envoyé par courriel : il a la même valeur.",
    )
    return page or documents.download(sent.receipt)


@require_POST
def write(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Add a message to the thread, with its files; a file refused keeps the text."""
    found = own(request, key)
    back = reverse("dossiers:dossier", args=[key]) + "#echanges"
    text = _said(request, "texte")
    outcomes = uploads.receive_all(request.FILES.getlist("fichier"), by=person(request), limits=MESSAGE_LIMITS)
    refused = [outcome.message for outcome in outcomes if outcome.upload is None]
    received = [outcome.upload for outcome in outcomes if outcome.upload is not None]
    try:
        if refused:
            raise NotDone(*refused)
        thread.write(found, text, by=person(request), uploads=received)
    except NotDone as refusal:
        for upload in received:
            uploads.forget(upload)
        request.session[TYPED] = {"dossier": str(key), "text": text}
        return presentation.refused(request, refusal, back)
    return presentation.done(request, "Votre message est envoyé.", back)


@require_safe
@never_cache
def message_file(request: HttpRequest, key: uuid.UUID, pk: int) -> FileResponse:
    """Send a file of the thread; those of internal notes stay with the Region."""
    found = readable(request, key)
    joined = ThreadFile.objects.filter(message__dossier=found, pk=pk).select_related("message", "upload").first()
    if joined is None or (joined.message.is_internal and not _is_region(request, found)):
        raise Http404
    return responses.send(joined.upload)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def withdraw(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Withdraw a request, after a confirmation."""
    found = own(request, key)
    back = reverse("dossiers:dossier", args=[key])
    if not any(row.name == "withdraw" for row in procedure.available(found, person(request))):
        return HttpResponseRedirect(back)
    if request.method == "POST":
        try:
            procedure.fire(found, "withdraw", by=person(request), reason=_said(request, "motif")[:1000])
        except NotDone as refusal:
            return presentation.refused(request, refusal, back)
        return presentation.done(request, "Votre demande est retirée.", back)
    context = {"dossier": found, "trail": presentation.trail(found, "Retirer la demande")}
    return render(request, "dossiers/applicant/withdraw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def discard(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Erase a draft, after a confirmation."""
    found = own(request, key)
    if not found.is_draft:
        return HttpResponseRedirect(reverse("dossiers:dossier", args=[key]))
    if request.method == "POST":
        try:
            gestures.discard(found, by=person(request))
        except NotDone as refusal:
            return presentation.refused(request, refusal, reverse("dossiers:mine"))
        return presentation.done(request, "Le brouillon est effacé.", reverse("dossiers:mine"))
    context = {"dossier": found, "trail": presentation.trail(found, "Effacer le brouillon")}
    return render(request, "dossiers/applicant/discard.html", context)


def _said(request: HttpRequest, name: str) -> str:
    """Return a text as typed, without the NUL that PostgreSQL refuses and with the line ends that a count expects."""
    return request.POST.get(name, "").replace("\x00", "").replace("\r\n", "\n")


def _typed(request: HttpRequest, key: uuid.UUID) -> str:
    """Return the message that could not be sent, once."""
    kept = request.session.pop(TYPED, {})
    return str(kept.get("text", "")) if kept.get("dossier") == str(key) else ""


def _is_region(request: HttpRequest, found: Dossier) -> bool:
    return Dossier.objects.for_region(person(request)).filter(pk=found.pk).exists()
