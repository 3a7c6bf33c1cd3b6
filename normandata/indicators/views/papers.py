"""The sheet for the assembly, as a PDF made by the worker: asked for, waited for, fetched."""

import uuid

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from normandata.documents import services as documents
from normandata.documents.models import Document

from .. import paper, registry
from .public import TITLE, choice_of, shared

SHEET = "Fiche pour l’assemblée"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sheet(request: HttpRequest) -> HttpResponse:
    """Ask for the sheet of the period that the address names."""
    owner = registry.owner_at(request.GET.get("aide", ""))
    choice = choice_of(request, owner)
    is_busy = request.method == "POST" and documents.is_full(paper.SHEET)
    if request.method == "POST" and not is_busy:
        return HttpResponseRedirect(reverse("indicators:document", args=[paper.ask(choice, owner).pk]))
    context = shared(request, owner, choice) | {"title": SHEET, "trail": _trail(), "named": paper.title(choice, owner)}
    return render(request, "indicators/sheet.html", context | {"is_busy": is_busy}, status=503 if is_busy else 200)


@login_not_required
@require_safe
@never_cache
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say where a sheet stands; the page refreshes itself until it is ready, with or without JavaScript."""
    found = get_object_or_404(_sheets(), pk=pk)
    has_failed = not found.is_ready and documents.has_failed(found)
    context = {"document": found, "has_failed": has_failed, "title": SHEET, "trail": _trail()}
    if not request.headers.get("HX-Request"):
        return render(request, "indicators/document.html", context)
    is_settled = found.is_ready or has_failed
    return render(request, "indicators/document_state.html", context, status=HTMX_STOP_POLLING if is_settled else 200)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def document_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a sheet that is ready, always as a download."""
    return documents.download(get_object_or_404(_sheets().filter(state=Document.State.READY), pk=pk))


def _sheets() -> "QuerySet[Document]":
    """Find the sheets that can be fetched; no other document is opened from here."""
    return Document.objects.fetchable(timezone.now()).filter(kind=paper.SHEET)


def _trail() -> list[tuple[str, str]]:
    return [(TITLE, reverse("indicators:index")), (SHEET, "")]
