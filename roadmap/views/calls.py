"""What everybody reads of the calls: the list, one call, its dates, its assessment."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from normandata.ui import agenda, tables

from ..calls import assessment, presentation, workflow
from ..calls.history import PastCall, past_calls
from ..calls.models import Call
from ..presentation import paragraphs
from .access import public
from .files import FORMATS

TITLE = "Appels à manifestation d’intérêt"
PER_PAGE = 30
NAMED_PER_PAGE = 50


@login_not_required
@require_safe
@public
def listing(request: HttpRequest) -> HttpResponse:
    """List the calls: those open or to come first, then those that are over, those of before this portal included."""
    today = timezone.localdate()
    found = Call.objects.public().select_related("chantier__axis")
    current = found.filter(state__in=(workflow.OPEN, workflow.ANNOUNCED)).order_by("closes_on", "pk")
    over = found.exclude(state__in=(workflow.OPEN, workflow.ANNOUNCED))
    page = Paginator(over, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "current": [presentation.card(one, today) for one in current],
        "over": [presentation.card(one, today) for one in page],
        "past": presentation.past_cards() if not page.has_next() else [],
        "page": page,
        "trail": [("Feuille de route", reverse("roadmap:list")), (TITLE, "")],
    }
    return render(request, "roadmap/calls/list.html", context)


@login_not_required
@require_safe
@public
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a call: what it asks, until when, and how to answer it."""
    if past := past_calls().get(slug):
        return _past(request, past)
    found, today = call_of(slug), timezone.localdate()
    context = {
        "call": found,
        "card": presentation.card(found, today),
        "is_answerable": Call.objects.answerable(today).filter(pk=found.pk).exists(),
        "start_url": f"{reverse('dossiers:start', args=['appels'])}?appel={found.slug}",
        "text": paragraphs(found.text),
        "deliberations": found.deliberations.all(),
        "trail": trail((found.title, "")),
    }
    return render(request, "roadmap/calls/call.html", context)


@login_not_required
@require_safe
@public
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the dates of a call as a calendar file."""
    found = call_of(slug)
    return agenda.answer(presentation.calendar(found, timezone.now()), f"appel-{found.slug}")


@login_not_required
@require_safe
@public
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the assessment of a call, once it is published."""
    if slug in past_calls():
        return HttpResponseRedirect(reverse("roadmap:call", args=[slug]))
    found = assessed(slug)
    context: dict[str, Any] = {
        "call": found,
        "slug": slug,
        "shown": presentation.shown(assessment.of_call(found)),
        "trail": trail((found.title, reverse("roadmap:call", args=[slug])), ("Bilan", "")),
    }
    if found.names_carriers:
        context["named"] = Paginator(assessment.named(found), NAMED_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "roadmap/calls/results.html", context)


@login_not_required
@require_safe
def results_file(request: HttpRequest, slug: str, format: str) -> HttpResponseBase:
    """Send an assessment as CSV or XLSX."""
    if format not in FORMATS:
        raise Http404
    past = past_calls().get(slug)
    counts = past.assessment if past else assessment.of_call(assessed(slug))
    rows, name = presentation.rows(counts), f"bilan-{slug}"
    if format == "csv":
        return tables.csv_response(presentation.COLUMNS, rows, name)
    return tables.xlsx_response(presentation.COLUMNS, rows, name, title="Bilan")


def call_of(slug: str) -> Call:
    """Return a call that everybody reads; raises Http404."""
    found = Call.objects.public().whole().filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def assessed(slug: str) -> Call:
    """Return a call whose assessment is published; raises Http404."""
    found = call_of(slug)
    if found.state != workflow.PUBLISHED:
        raise Http404
    return found


def _past(request: HttpRequest, past: PastCall) -> HttpResponse:
    context = {
        "past": past,
        "slug": past.slug,
        "shown": presentation.shown(past.assessment, word="projet"),
        "text": paragraphs(past.text),
        "trail": trail((past.title, "")),
    }
    return render(request, "roadmap/calls/past.html", context)


def trail(*last: tuple[str, str]) -> list[tuple[str, str]]:
    """Lead to a page of the calls, step by step."""
    return [("Feuille de route", reverse("roadmap:list")), (TITLE, reverse("roadmap:calls")), *last]
