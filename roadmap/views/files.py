"""The files of the roadmap: its tables, and the state of progress for the assembly as a PDF made by the worker."""

import uuid

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
from normandata.ui import tables

from .. import exports
from .. import report as progress
from ..models import Action
from .public import TITLE

FORMATS = ("csv", "xlsx")
REPORT = "État d’avancement pour l’assemblée"


@login_not_required
@require_safe
def table(request: HttpRequest, table: str, format: str) -> HttpResponseBase:
    """Send the actions or the milestones as CSV or XLSX."""
    if format not in FORMATS or table not in exports.TABLES:
        raise Http404
    title, columns, write = exports.TABLES[table]
    today = timezone.localdate()
    rows, name = write(Action.objects.whole(), today), f"feuille-de-route-{table}-{today}"
    if format == "csv":
        return tables.csv_response(columns, rows, name)
    return tables.xlsx_response(columns, rows, name, title=title)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """Ask for the state of progress as it stands today."""
    is_busy = request.method == "POST" and documents.is_full(progress.REPORT)
    if request.method == "POST" and not is_busy:
        return HttpResponseRedirect(reverse("roadmap:document", args=[progress.ask().pk]))
    trail = [(TITLE, reverse("roadmap:list")), (REPORT, "")]
    context = {"title": REPORT, "today": timezone.localdate(), "trail": trail, "is_busy": is_busy}
    return render(request, "roadmap/report.html", context, status=503 if is_busy else 200)


@login_not_required
@require_safe
@never_cache
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say where a report stands; the page refreshes itself until it is ready, with or without JavaScript."""
    found = get_object_or_404(_reports(), pk=pk)
    has_failed = not found.is_ready and documents.has_failed(found)
    context = {"document": found, "has_failed": has_failed, "title": REPORT}
    context["trail"] = [(TITLE, reverse("roadmap:list")), (REPORT, "")]
    if not request.headers.get("HX-Request"):
        return render(request, "roadmap/document.html", context)
    is_settled = found.is_ready or has_failed
    return render(request, "roadmap/document_state.html", context, status=HTMX_STOP_POLLING if is_settled else 200)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def document_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a report that is ready, always as a download."""
    return documents.download(get_object_or_404(_reports().filter(state=Document.State.READY), pk=pk))


def _reports() -> "QuerySet[Document]":
    """Find the reports that can be fetched; no other document is opened from here."""
    return Document.objects.fetchable(timezone.now()).filter(kind=progress.REPORT)
