"""Public pages."""

from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from normandata.dossiers import schemes
from normandata.dossiers.schemes import Scheme
from normandata.privacy.retention import retention
from normandata.ui.fields import DayField
from normandata.ui.strata import cliff

from . import presentation
from .orientation import STAGES

ELSEWHERE = "autre"
"""The answer of whoever does not know yet: the continuum in words."""
public = cache_control(public=True, max_age=300)


def scheme_or_404(url_slug: str) -> Scheme:
    """Find a scheme by its address; raises Http404."""
    for scheme in schemes.aids():
        if scheme.url_slug == url_slug:
            return scheme
    raise Http404


@login_not_required
@require_safe
@public
def home(request: HttpRequest) -> HttpResponse:
    """Ask where the visitor stands; the answer, in the address, is the first one of the orientation tool."""
    stage = request.GET.get("stade")
    if stage == ELSEWHERE:
        return HttpResponseRedirect(reverse("portal:continuum"))
    if stage in STAGES:
        return HttpResponseRedirect(f"{reverse('portal:orientation')}?{urlencode({'stade': stage})}")
    context = {
        "schemes": presentation.cards(timezone.localdate()),
        "cliff": cliff(),
        "dates": presentation.voted_dates(),
        "is_unanswered": "stade" in request.GET or "voir" in request.GET,
    }
    return render(request, "portal/home.html", context)


@login_not_required
@require_safe
@public
def scheme_list(request: HttpRequest) -> HttpResponse:
    """Show every aid in the order of the continuum."""
    context = {"schemes": presentation.cards(timezone.localdate()), "trail": [("Les aides", "")]}
    return render(request, "portal/schemes.html", context)


@login_not_required
@require_safe
@public
def scheme(request: HttpRequest, url_slug: str) -> HttpResponse:
    """Show a scheme's sheet, every field of it, and the figures applied today."""
    found, today = scheme_or_404(url_slug), timezone.localdate()
    card = presentation.card(found, today)
    context = {
        "scheme": card,
        "sheet": card.sheet,
        "status": card.status,
        "figures": presentation.figures(found.reglement, today),
        "scoring": presentation.scoring_chart(found.reglement, today),
        "openings": found.openings() if found.openings else (),
        "editions_url": reverse(found.editions_route) if found.editions_route else "",
        "trail": [("Les aides", reverse("portal:schemes")), (card.sheet.short_title, "")],
    }
    return render(request, "portal/scheme.html", context)


@login_not_required
@require_safe
@public
def regulation(request: HttpRequest) -> HttpResponse:
    """Show each figure of each règlement on a day, its dates and its article."""
    on, problem = _asked_day(request.GET.get("le", ""))
    shown = [presentation.chapter(reglement, on) for reglement in presentation.reglements()]
    context = {
        "on": on,
        "typed": request.GET.get("le", ""),
        "problem": problem,
        "reglements": shown,
        "has_future": any(figure.is_future for chapter in shown for figure in chapter.figures),
        "trail": [("Règlement appliqué", "")],
    }
    return render(request, "portal/regulation.html", context)


@login_not_required
@require_safe
@public
def page(request: HttpRequest, template: str, title: str) -> HttpResponse:
    """Show a page of text."""
    today = timezone.localdate()
    context = {
        "schemes": presentation.cards(today),
        "de_minimis_years": presentation.de_minimis_years(today),
        "trail": [(title, "")],
        "title": title,
    }
    return render(request, f"portal/{template}.html", context)


@login_not_required
@require_safe
@public
def privacy(request: HttpRequest) -> HttpResponse:
    """Say who treats which data, why, on what basis, until when, and the rights of people; durations are the file's."""
    today = timezone.localdate()
    kept = retention()
    context = {
        "treatments": kept.treatments,
        "rules": [(rule, rule.on(today)) for rule in kept.rules],
        "figures": [(kept.labels[code], kept.figure(code, today)) for code in kept.figures],
        "trail": [("Données personnelles", "")],
    }
    return render(request, "portal/privacy.html", context)


@login_not_required
@require_safe
@public
def robots(request: HttpRequest) -> HttpResponse:
    """Keep simulators' answers and made documents out of search engines."""
    text = "User-agent: *\nDisallow: /documents/\nDisallow: /aides/*/simulateur/resultat/\n"
    text += "Disallow: /accompagnement/orientation/reponse/\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@cache_control(no_store=True)
def health(request: HttpRequest) -> HttpResponse:
    """Answer the load balancer: the process serves pages."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def _asked_day(typed: str) -> tuple[date, str]:
    """Read the day asked for, or today with the reason why the typed one is unreadable."""
    if not typed.strip():
        return timezone.localdate(), ""
    try:
        return DayField().clean(typed), ""
    except ValidationError as error:
        return timezone.localdate(), error.messages[0]
