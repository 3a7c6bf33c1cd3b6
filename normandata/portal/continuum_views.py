"""The continuum in words, and the orientation tool: one question a page, answers in the address, each explained."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from normandata.ui.questionnaire import SENT, Progress, Step

from . import continuum, orientation_reading, presentation
from .orientation_forms import QUESTIONNAIRE
from .views import public

TITLE = "Quel accompagnement pour mon projet ?"


@login_not_required
@require_safe
@public
def page(request: HttpRequest) -> HttpResponse:
    """Tell the continuum: its logic, its four steps in order, the actors around, the doors outside, the trap."""
    cards = {card.slug: card for card in presentation.cards(timezone.localdate())}
    facts = continuum.read()
    context = {
        "facts": facts,
        "steps": [(step, cards.get(step.slug)) for step in facts.steps],
        "datathon": cards.get("datathon"),
        "trail": [("Accompagnement", "")],
    }
    return render(request, "portal/continuum.html", context)


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the first question that has no valid answer yet."""
    return HttpResponseRedirect(_next(request.GET))


@login_not_required
@require_safe
@public
def question(request: HttpRequest, step_slug: str) -> HttpResponse:
    """Ask one question; a sent form is checked, then leads to the next one or comes back with what was typed."""
    step = QUESTIONNAIRE.step(step_slug)
    if step is None:
        raise Http404
    progress = QUESTIONNAIRE.read(request.GET)
    if step not in progress.path or not (step in progress.done or step == progress.pending):
        return HttpResponseRedirect(_next(request.GET))
    is_sent = SENT in request.GET
    form = step.bound(request.GET) if is_sent else step.shown(request.GET)
    if is_sent and form.is_valid():
        return HttpResponseRedirect(_next(request.GET))
    form.is_titled_by_page = len(form.fields) == 1
    context = {
        "step": step,
        "form": form,
        "carried": QUESTIONNAIRE.kept(request.GET, besides=step),
        "position": progress.path.index(step) + 1,
        "previous": _previous(request.GET, step, progress),
        "trail": _trail("Question"),
    }
    return render(request, "portal/orientation_question.html", context)


@login_not_required
@require_safe
@public
def result(request: HttpRequest) -> HttpResponse:
    """Answer with every support, the best one first; an address with a missing answer leads to its question."""
    progress = QUESTIONNAIRE.read(request.GET)
    if progress.pending is not None:
        return HttpResponseRedirect(_next(request.GET))
    found = orientation_reading.conclude(progress.answers, request.GET, timezone.localdate())
    context: dict[str, Any] = {
        "result": found,
        "answers": QUESTIONNAIRE.kept(request.GET).urlencode(),
        "count": len(progress.path),
        "trail": _trail("Réponse"),
    }
    return render(request, "portal/orientation_result.html", context)


def _next(data: QueryDict) -> str:
    """Return the address of the first pending question, or of the answer, with the answers given so far."""
    pending = QUESTIONNAIRE.read(data).pending
    if pending is None:
        address = reverse("portal:orientation_result")
    else:
        address = reverse("portal:orientation_question", args=[pending.slug])
    answers = QUESTIONNAIRE.kept(data).urlencode()
    return f"{address}?{answers}" if answers else address


def _previous(data: QueryDict, step: Step, progress: Progress) -> str:
    """Return the address of the question before, or of the continuum's page from the first one."""
    position = progress.path.index(step)
    if not position:
        return reverse("portal:continuum")
    address = reverse("portal:orientation_question", args=[progress.path[position - 1].slug])
    return f"{address}?{QUESTIONNAIRE.kept(data).urlencode()}"


def _trail(last: str) -> list[tuple[str, str]]:
    return [("Accompagnement", reverse("portal:continuum")), (TITLE, reverse("portal:orientation")), (last, "")]
