"""Public pages: the editions, one of them, its rules, its dates, the projects it shows."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from normandata.documents import services as documents
from normandata.ui import agenda

from .. import phases, showcase
from ..editions import Edition
from ..phases import CANCELLED

brief = cache_control(public=True, max_age=60)
"""Short: a phase opens and an embargo ends at their hour."""


def public_edition(slug: str) -> Edition:
    """Return an edition that anybody reads; raises Http404."""
    return get_object_or_404(Edition.objects.public(), slug=slug)


@login_not_required
@require_safe
@brief
def listing(request: HttpRequest) -> HttpResponse:
    """List the editions, the last on top."""
    now = timezone.now()
    rows = Edition.objects.public().exclude(state=CANCELLED)
    context = {
        "editions": [(one, showcase.standing(one, now), one.shows_results(now)) for one in rows],
        "trail": [("Les aides", reverse("portal:schemes")), ("Éditions du Datathon", "")],
    }
    return render(request, "datathon/public/editions.html", context)


@login_not_required
@require_safe
@brief
def edition(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an edition: themes, data sets, dates, prizes, criteria, rules, where to register."""
    found, now = public_edition(slug), timezone.now()
    context = {
        "edition": found,
        "standing": showcase.standing(found, now),
        "registering": showcase.registering(found, now),
        "dates": showcase.dates(found),
        "place_to_come": showcase.PLACE_TO_COME,
        "themes": found.themes.all(),
        "data_sets": found.data_sets.select_related("theme"),
        "criteria": showcase.weights(list(found.criteria.all())),
        "rules": found.rules_texts.select_related("document").first(),
        "shows_results": found.shows_results(now),
        "seeks_mentors": found.state not in phases.OVER,
        "trail": trail(found),
    }
    return render(request, "datathon/public/edition.html", context)


@login_not_required
@require_safe
@brief
def rules(request: HttpRequest, slug: str, version: int = 0) -> HttpResponse:
    """Show the rules of an edition: the last version, or one of them, and the list of all."""
    found = public_edition(slug)
    versions = list(found.rules_texts.select_related("document"))
    shown = next((one for one in versions if not version or one.version == version), None)
    if shown is None:
        raise Http404
    context = {
        "edition": found,
        "rules": shown,
        "versions": versions,
        "trail": trail(found, "Règlement"),
    }
    return render(request, "datathon/public/rules.html", context)


@login_not_required
@require_safe
def rules_file(request: HttpRequest, slug: str, version: int) -> HttpResponseBase:
    """Send the PDF of a version of the rules."""
    found = get_object_or_404(public_edition(slug).rules_texts.select_related("document"), version=version)
    if found.document is None or not found.document.is_ready:
        raise Http404
    return documents.download(found.document)


@login_not_required
@require_safe
@brief
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the calendar file of the dates."""
    found = public_edition(slug)
    return agenda.answer(showcase.calendar(found), f"dates-{found.slug}")


@login_not_required
@require_safe
@brief
def gallery(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the projects of an edition whose results are visible."""
    found = public_edition(slug)
    if not found.shows_results(timezone.now()):
        raise Http404
    context = {"edition": found, "projects": showcase.projects(found), "trail": trail(found, "Projets")}
    return render(request, "datathon/public/gallery.html", context)


def trail(found: Edition, *more: str) -> list[tuple[str, str]]:
    """Return the way to a page of an edition."""
    home = reverse("datathon:edition", args=[found.slug]) if more else ""
    return [("Éditions du Datathon", reverse("datathon:editions")), (found.title, home), *((one, "") for one in more)]
