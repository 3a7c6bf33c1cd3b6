"""What everybody reads: the list, the timeline, the actions by state, one action."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import presentation, workflow
from ..models import Action, Deliberation
from .access import action_of, public

NEWS_A_PAGE = 20
VIEWS = (
    ("roadmap:list", "Liste", "roadmap/list.html"),
    ("roadmap:timeline", "Frise", "roadmap/timeline.html"),
    ("roadmap:states", "Par état", "roadmap/states.html"),
)
TITLE = "Feuille de route"


@login_not_required
@require_safe
@public
def listing(request: HttpRequest, name: str = "list") -> HttpResponse:
    """Show the actions asked for, in one of three ways: by chantier, on a timeline, by state."""
    today, actions = timezone.localdate(), list(Action.objects.whole())
    filters = presentation.Filters.read(request.GET, actions)
    cards = [presentation.card(one, today) for one in filters.keep(actions)]
    route, _, template = next(one for one in VIEWS if one[0] == f"roadmap:{name}")
    query = f"?{request.GET.urlencode()}" if filters.is_set else ""
    context = {
        "today": today,
        "filters": filters,
        "cards": cards,
        "total": len(actions),
        "is_empty": not actions,
        "sections": presentation.sections(cards),
        "standings": presentation.by_state(cards),
        "summary": presentation.summary(actions, today) if actions else "",
        "states": workflow.CHOICES,
        "views": [(label, f"{reverse(one)}{query}", one == route) for one, label, _ in VIEWS],
        "trail": [(TITLE, "")],
    }
    return render(request, template, context)


@login_not_required
@require_safe
@public
def action(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an action: what was voted, how far it is, and how that is computed."""
    found, today = action_of(slug), timezone.localdate()
    context = {
        "action": found,
        "card": presentation.card(found, today),
        "steps": presentation.shown_steps(found, today),
        "voted": presentation.paragraphs(found.voted_text),
        "partners": [line.strip() for line in found.partners.splitlines() if line.strip()],
        "deliberations": Deliberation.objects.about(found),
        "calls": found.calls.all(),
        "opened": found.chantier.calls.public(),
        "news": Paginator(found.news.all(), NEWS_A_PAGE).get_page(request.GET.get("page")),
        "today": today,
        "trail": [(TITLE, reverse("roadmap:list")), (found.title, "")],
    }
    return render(request, "roadmap/action.html", context)
