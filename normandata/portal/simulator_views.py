"""The public simulators: one question a page, the result, and its PDF made by the worker."""

import uuid
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.dossiers.schemes import Scheme, Simulator
from normandata.organisations.models import Territory
from normandata.regulation import formats
from normandata.regulation.findings import Conclusion
from normandata.ui.questionnaire import SENT, Progress, Step

from . import presentation
from .handlers import SIMULATION
from .views import scheme_or_404

KEPT_FOR = timedelta(hours=24)
STOP_POLLING = 286
"""The status by which a server tells htmx that an answer is the last one."""


class Found(NamedTuple):
    scheme: Scheme
    simulator: Simulator


def simulator_or_404(url_slug: str) -> Found:
    """Find a scheme that has a simulator; raises Http404."""
    scheme = scheme_or_404(url_slug)
    if scheme.simulator is None:
        raise Http404
    return Found(scheme, scheme.simulator)


@login_not_required
@require_safe
def start(request: HttpRequest, url_slug: str) -> HttpResponse:
    """Lead to the first question that has no valid answer yet."""
    found = simulator_or_404(url_slug)
    return HttpResponseRedirect(_next(found, request.GET))


@login_not_required
@require_safe
@never_cache
def question(request: HttpRequest, url_slug: str, step_slug: str) -> HttpResponse:
    """Ask one question; a sent form is checked, then leads to the next one or comes back with what was typed."""
    found = simulator_or_404(url_slug)
    questionnaire = found.simulator.questionnaire
    step = questionnaire.step(step_slug)
    if step is None:
        raise Http404
    progress = questionnaire.read(request.GET)
    if step not in progress.path or not _is_reached(step, progress):
        return HttpResponseRedirect(_next(found, request.GET))
    is_sent = SENT in request.GET
    form = step.bound(request.GET) if is_sent else step.shown(request.GET)
    if is_sent and form.is_valid():
        return HttpResponseRedirect(_next(found, request.GET))
    form.is_titled_by_page = len(form.fields) == 1
    context = {
        "scheme": presentation.card(found.scheme, timezone.localdate()),
        "step": step,
        "form": form,
        "carried": questionnaire.kept(request.GET, besides=step),
        "position": progress.path.index(step) + 1,
        "previous": _previous(found, request.GET, step, progress),
        "trail": _trail(found, "Simulateur"),
    }
    return render(request, [f"{found.scheme.slug}/questions/{step.slug}.html", "portal/question.html"], context)


@login_not_required
@require_safe
@never_cache
def result(request: HttpRequest, url_slug: str) -> HttpResponse:
    """Show the conclusion, rule by rule; an address with a missing answer leads to its question."""
    found = simulator_or_404(url_slug)
    progress = found.simulator.questionnaire.read(request.GET)
    if progress.pending is not None:
        return HttpResponseRedirect(_next(found, request.GET))
    return render(request, "portal/result.html", _result_context(request, found, progress))


@login_not_required
@require_POST
def keep(request: HttpRequest, url_slug: str) -> HttpResponse:
    """Ask for the result's PDF; the same answers on the same day are one document, however often it is asked."""
    found = simulator_or_404(url_slug)
    progress = found.simulator.questionnaire.read(request.GET)
    if progress.pending is not None:
        return HttpResponseRedirect(_next(found, request.GET))
    if documents.is_full(SIMULATION):
        context = _result_context(request, found, progress) | {"is_busy": True}
        return render(request, "portal/result.html", context, status=503)
    conclusion = found.simulator.conclude(progress.answers, timezone.localdate())
    title = found.scheme.sheet.short_title
    document = documents.request_document(
        SIMULATION,
        title=f"Simulation {title} du {formats.day(conclusion.verdict.on)}",
        filename=f"simulation-{found.scheme.url_slug}-{conclusion.verdict.on}.pdf",
        record={"scheme_title": title, "filing": found.scheme.sheet.where_to_file, "result": conclusion.as_record()},
        expires_at=timezone.now() + KEPT_FOR,
        once=True,
    )
    return HttpResponseRedirect(f"{reverse('portal:document', args=[document.pk])}?{_back(found, request.GET)}")


@login_not_required
@require_safe
@never_cache
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say where a document stands; the page refreshes itself until it is ready, with or without JavaScript."""
    found = get_object_or_404(Document.objects.fetchable(timezone.now()), pk=pk, kind=SIMULATION)
    context = {
        "document": found,
        "has_failed": not found.is_ready and documents.has_failed(found),
        "back": _safe_back(request.GET.get("retour", "")),
    }
    if not request.headers.get("HX-Request"):
        return render(request, "portal/document.html", context)
    is_settled = found.is_ready or context["has_failed"]
    return render(request, "portal/document_state.html", context, status=STOP_POLLING if is_settled else 200)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def document_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse | FileResponse:
    """Send a document that is ready, always as a download."""
    found = get_object_or_404(
        Document.objects.fetchable(timezone.now()), pk=pk, kind=SIMULATION, state=Document.State.READY
    )
    return documents.download(found)


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def territories(request: HttpRequest) -> HttpResponse:
    """List the territories that match, as choices put into the question by HTMX."""
    searched = request.GET.get("recherche", "").strip()[:100]
    found = Territory.objects.suggestions(searched)
    return render(request, "portal/territories.html", {"searched": searched, "territories": found})


def _result_context(request: HttpRequest, found: Found, progress: Progress) -> dict[str, Any]:
    conclusion = found.simulator.conclude(progress.answers, timezone.localdate())
    return {
        "scheme": presentation.card(found.scheme, timezone.localdate()),
        "result": conclusion,
        "verdict": conclusion.verdict,
        "start_url": presentation.card(found.scheme, timezone.localdate()).start_url,
        "is_refused": conclusion.verdict.conclusion is Conclusion.INELIGIBLE,
        "findings": presentation.findings(conclusion.verdict),
        "ways": [(way.text, way.link, presentation.link(way)) for way in conclusion.ways],
        "answers": found.simulator.questionnaire.kept(request.GET).urlencode(),
        "count": len(progress.path),
        "trail": _trail(found, "Simulateur : résultat"),
    }


def _is_reached(step: Step, progress: Progress) -> bool:
    return step in progress.done or step == progress.pending


def _next(found: Found, data: QueryDict) -> str:
    """Return the address of the first pending question, or of the result, with the answers given so far."""
    questionnaire = found.simulator.questionnaire
    pending = questionnaire.read(data).pending
    slug = found.scheme.url_slug
    if pending is None:
        address = reverse("portal:simulator_result", args=[slug])
    else:
        address = reverse("portal:simulator_question", args=[slug, pending.slug])
    answers = questionnaire.kept(data).urlencode()
    return f"{address}?{answers}" if answers else address


def _previous(found: Found, data: QueryDict, step: Step, progress: Progress) -> str:
    """Return the address of the question before, or of the scheme's page from the first one."""
    position = progress.path.index(step)
    if not position:
        return reverse("portal:scheme", args=[found.scheme.url_slug])
    address = reverse("portal:simulator_question", args=[found.scheme.url_slug, progress.path[position - 1].slug])
    return f"{address}?{found.simulator.questionnaire.kept(data).urlencode()}"


def _back(found: Found, data: QueryDict) -> str:
    result_page = reverse("portal:simulator_result", args=[found.scheme.url_slug])
    return urlencode({"retour": f"{result_page}?{found.simulator.questionnaire.kept(data).urlencode()}"})


def _safe_back(address: str) -> str:
    """Keep a way back only when it is a result page of ours."""
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None) and address.startswith("/aides/")
    return address if is_ours else reverse("portal:schemes")


def _trail(found: Found, last: str) -> list[tuple[str, str]]:
    page = reverse("portal:scheme", args=[found.scheme.url_slug])
    return [(found.scheme.sheet.short_title, page), (last, "")]
