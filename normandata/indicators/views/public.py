"""What everybody reads: the first page, a page for each owner and each indicator, and their files."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from normandata.ui import tables

from .. import asking, dimensions, figures, files, overview, presentation, registry
from ..asking import Choice
from ..definitions import Indicator, Split
from ..figures import Scope
from ..registry import Owner

MAX_AGE = 300
TITLE = "Indicateurs"
public = cache_control(public=True, max_age=MAX_AGE)


def choice_of(request: HttpRequest, owner: Owner | None = None) -> Choice:
    return asking.public(request.GET, today=timezone.localdate(), first_year=first_year(owner))


def first_year(owner: Owner | None = None) -> int:
    """Return the first year of an owner, or that of the first of them all."""
    return min(one.since for one in registry.owners() if owner in (None, one)).year


def shared(request: HttpRequest, owner: Owner | None, choice: Choice) -> dict[str, Any]:
    """Give a page its filters: what may be chosen, and what was."""
    splits = {split for one in registry.of(owner.slug) for split in one.splits} if owner else set(Split)
    return {
        "choice": choice,
        "owner": owner,
        "owners": registry.owners(),
        "years": range(timezone.localdate().year, first_year(owner) - 1, -1),
        "parts": [(code, name) for code, (name, *_) in asking.PARTS.items()],
        "departments": dimensions.LABELS[Split.DEPARTMENT] if Split.DEPARTMENT in splits else {},
        "structures": dimensions.LABELS[Split.STRUCTURE] if Split.STRUCTURE in splits else {},
        "now": timezone.now(),
    }


def owner_of(url: str) -> Owner:
    """Return the owner that an address names; raises Http404."""
    found = registry.owner_at(url)
    if found is None:
        raise Http404
    return found


def _indicator(owner: Owner, slug: str) -> Indicator:
    found = registry.find(owner.slug, slug)
    if found is None:
        raise Http404
    return found


@login_not_required
@require_safe
@public
def index(request: HttpRequest) -> HttpResponse:
    """Show what each owner does first, the aids by department, and the list of every indicator."""
    choice = choice_of(request)
    if chosen := registry.owner_at(request.GET.get("aide", "")):
        return HttpResponseRedirect(f"{reverse('indicators:owner', args=[chosen.url])}?{choice.query}")
    headlines = [one.slug for owner in registry.owners() for one in registry.of(owner.slug) if one.is_headline]
    listed = figures.every(choice.period, choice.scope, public=True, only=[*headlines, *overview.slugs()])
    context = shared(request, None, choice) | {
        "headlines": [presentation.shown(one) for one in listed if one.indicator.is_headline],
        "aids": None if choice.scope.department else overview.aids(listed),
        "groups": [(owner, registry.of(owner.slug)) for owner in registry.owners()],
        "trail": [(TITLE, "")],
    }
    return render(request, "indicators/index.html", context)


@login_not_required
@require_safe
@public
def owner(request: HttpRequest, url: str) -> HttpResponse:
    """Show every indicator of a scheme or of the roadmap over a period."""
    found = owner_of(url)
    choice = choice_of(request, found)
    chosen = registry.owner_at(request.GET.get("aide", url)) or found
    if chosen != found:
        return HttpResponseRedirect(f"{reverse('indicators:owner', args=[chosen.url])}?{choice.query}")
    listed = figures.every(choice.period, choice.scope, public=True, owners=[found])
    context = shared(request, found, choice) | {
        "indicators": [presentation.shown(one) for one in listed],
        "trail": [(TITLE, reverse("indicators:index")), (found.label, "")],
    }
    return render(request, "indicators/owner.html", context)


@login_not_required
@require_safe
@public
def indicator(request: HttpRequest, url: str, slug: str) -> HttpResponse:
    """Show an indicator: its definition, its figure, its parts and its map."""
    found = owner_of(url)
    choice = choice_of(request, found)
    one = presentation.shown(figures.published(found, _indicator(found, slug), choice.period, choice.scope))
    here = f"{reverse('indicators:owner', args=[url])}?{choice.query}"
    context = shared(request, found, choice) | {
        "one": one,
        "trail": [(TITLE, reverse("indicators:index")), (found.label, here), (one.indicator.title, "")],
    }
    return render(request, "indicators/indicator.html", context)


@login_not_required
@require_safe
def all_files(request: HttpRequest, name: str, format: str) -> HttpResponseBase:
    """Send every published figure of a period, those of an owner, or the aids by department."""
    owner = registry.owner_at(name)
    choice = choice_of(request, owner)
    if name == overview.SLUG:
        scope = Scope(structure=choice.scope.structure)
        found = overview.aids(figures.every(choice.period, scope, public=True, only=overview.slugs()))
        return _cached(_table(format, found, f"{name}-{choice.asked.label}"))
    if owner is None and name != "tous":
        raise Http404
    listed = figures.every(choice.period, choice.scope, public=True, owners=[owner] if owner else None)
    return _cached(files.answer(format, listed, _name(name, choice), title=TITLE))


def _table(format: str, found: overview.Aids, name: str) -> HttpResponseBase:
    if format == "csv":
        return tables.csv_response(found.columns, found.rows, name)
    if format == "xlsx":
        return tables.xlsx_response(found.columns, found.rows, name, title="Aides par département")
    raise Http404


@login_not_required
@require_safe
def file(request: HttpRequest, url: str, slug: str, format: str) -> HttpResponseBase:
    """Send the figure of an indicator, with its parts."""
    found = owner_of(url)
    choice = choice_of(request, found)
    one = figures.published(found, _indicator(found, slug), choice.period, choice.scope)
    return _cached(files.answer(format, [one], _name(slug, choice), title=slug))


def _name(name: str, choice: Choice) -> str:
    part = f"-{choice.part}" if choice.part else ""
    return f"indicateurs-{name}-{choice.asked.year}{part}-au-{choice.period.end:%Y-%m-%d}"


def _cached(response: HttpResponseBase) -> HttpResponseBase:
    """Let anybody keep a public file for a while, and any site read it: no cookie goes with it."""
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
