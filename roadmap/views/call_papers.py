"""The assessment of a call as a PDF made by the worker: everybody asks for it once published, its pilot before."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from normandata.documents import services as documents
from normandata.documents.models import Document

from ..calls import paper, workflow
from ..calls.history import past_calls
from ..calls.models import Call
from .call_pilot import home, of_call
from .calls import assessed, trail

TITLE = "Bilan en PDF"


# ------------------------------------------------------------------------------------------------- what is published
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the PDF of an assessment that is published."""
    record = _published(slug)
    if request.method == "POST":
        return HttpResponseRedirect(reverse("roadmap:call_document", args=[slug, paper.ask(record).pk]))
    context = _page(slug, record["title"]) | {"record": record}
    return render(request, "roadmap/calls/paper.html", context)


@login_not_required
@require_safe
@never_cache
def document(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Say where the PDF of an assessment stands."""
    record = _published(slug)
    context = _page(slug, record["title"]) | {"route": "roadmap:call_document_file"}
    return _state(request, _current(slug, pk, record), context)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def document_file(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponseBase:
    """Send the PDF of an assessment that is published, always as a download."""
    return _send(_current(slug, pk, _published(slug)))


def _published(slug: str) -> dict[str, Any]:
    """Return what the PDF of an assessment that everybody reads says today; raises Http404."""
    past = past_calls().get(slug)
    return paper.of_past(past) if past else paper.of_call(assessed(slug))


def _current(slug: str, pk: uuid.UUID, record: dict[str, Any]) -> Document:
    """Find a PDF that says what is published today: one of figures taken back since is not sent; raises Http404."""
    found = get_object_or_404(_papers(slug), pk=pk)
    if found.record != record:
        raise Http404
    return found


def _page(slug: str, title: str) -> dict[str, Any]:
    past = slug in past_calls()
    back = reverse("roadmap:call" if past else "roadmap:call_results", args=[slug])
    return {"title": TITLE, "slug": slug, "back": back, "trail": trail((title, back), (TITLE, ""))}


# ------------------------------------------------------------------------------------------------- what a pilot reads
@of_call
def pilot_ask(request: HttpRequest, call: Call) -> HttpResponse:
    """Ask for the PDF of what a call received so far; it says that it is provisional until it is published."""
    if call.state not in workflow.RECEIVED:
        raise Http404
    on = None if call.state == workflow.PUBLISHED else timezone.localdate()
    record = paper.of_call(call, on=on)
    if request.method == "POST":
        return HttpResponseRedirect(reverse("roadmap:call_pilot_document", args=[call.slug, paper.ask(record).pk]))
    return render(request, "roadmap/calls/paper.html", _pilot_page(call) | {"record": record})


@require_safe
@of_call
def pilot_document(request: HttpRequest, call: Call, pk: uuid.UUID) -> HttpResponse:
    """Say to a pilot where a PDF stands."""
    context = _pilot_page(call) | {"route": "roadmap:call_pilot_document_file"}
    return _state(request, get_object_or_404(_papers(call.slug), pk=pk), context)


@require_safe
@of_call
def pilot_document_file(request: HttpRequest, call: Call, pk: uuid.UUID) -> HttpResponseBase:
    """Send a pilot a PDF that is ready, always as a download."""
    return _send(get_object_or_404(_papers(call.slug), pk=pk))


def _pilot_page(call: Call) -> dict[str, Any]:
    back = home(call)
    return {"title": TITLE, "slug": call.slug, "back": back, "trail": trail((call.title, back), (TITLE, ""))}


# ---------------------------------------------------------------------------------------------------- what is shared
def _state(request: HttpRequest, found: Document, context: dict[str, Any]) -> HttpResponse:
    """Say where a PDF stands; the page refreshes itself until it is ready, with or without JavaScript."""
    has_failed = not found.is_ready and documents.has_failed(found)
    context |= {"document": found, "has_failed": has_failed}
    if not request.headers.get("HX-Request"):
        return render(request, "roadmap/calls/paper_document.html", context)
    is_settled = found.is_ready or has_failed
    return render(request, "roadmap/calls/paper_state.html", context, status=HTMX_STOP_POLLING if is_settled else 200)


def _send(found: Document) -> HttpResponseBase:
    if not found.is_ready:
        raise Http404
    return documents.download(found)


def _papers(slug: str) -> "QuerySet[Document]":
    """Find the PDFs of a call that can be fetched; no other document is opened from here."""
    kept = Document.objects.fetchable(timezone.now())
    return kept.filter(kind=paper.ASSESSMENT, record__slug=slug)
