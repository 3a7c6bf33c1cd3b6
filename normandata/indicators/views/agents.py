"""The page of a scheme's indicators and its files, for the Region's readers; screen and files say the same numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.accounts.models import Role, User
from normandata.dossiers.models import READERS
from normandata.dossiers.views.access import person
from normandata.ui import tables

from .. import asking, dimensions, permissions, presentation, registry
from ..asking import Choice
from ..definitions import Column, Indicator, Reading, Split
from ..figures import Told, told

FILES = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a scheme shows: the heading of its page, its first year, its export, and its other files.

    `scheme` is its slug and the name of its routes; `files` are (label, name of a route without arguments) pairs;
    `readers` are the roles that read them, `everything` is what the export holds.
    """

    scheme: str
    heading: str
    title: str
    first_year: Callable[[], int]
    columns: Sequence[Column]
    rows: Callable[[User], tables.Rows]
    files: tuple[tuple[str, str], ...] = ()
    readers: tuple[Role, ...] = READERS
    everything: str = "Tous les dossiers"

    @property
    def page_route(self) -> str:
        return f"{self.scheme}:indicators"

    @property
    def file_route(self) -> str:
        return f"{self.scheme}:indicator_file"

    @property
    def export_route(self) -> str:
        return f"{self.scheme}:export"


def urls(prefix: str, figures: Figures) -> list[URLPattern]:
    """Return the addresses of a scheme's page, of its export and of the files of each indicator."""
    return [
        path(prefix, partial(indicators, figures=figures), name="indicators"),
        path(f"{prefix}dossiers.<slug:format>", partial(export, figures=figures), name="export"),
        path(f"{prefix}<slug:slug>.<slug:format>", partial(indicator_file, figures=figures), name="indicator_file"),
    ]


def reader(request: HttpRequest, figures: Figures) -> User:
    """Return who reads the figures of a scheme; raises Http404 for anybody else."""
    user = person(request)
    if not user.holds(*figures.readers, scheme=figures.scheme):
        raise Http404
    return user


def _asked(request: HttpRequest, figures: Figures) -> Choice:
    return asking.agents(request.GET, today=timezone.localdate(), first_year=figures.first_year())


def _told(scheme: str, indicator: Indicator, choice: Choice, reading: Reading) -> Told:
    """Count an indicator; where its parts are asked for, they are what it shows, in the place of its own table."""
    owner = registry.owner(scheme)
    if owner is None:
        raise Http404
    found = told(owner, indicator, choice.period, choice.scope, reading=reading)
    shared = found.splits.get(choice.by) if choice.by else None
    return replace(found, figure=shared or found.figure, splits={})


@require_safe
@never_cache
def indicators(request: HttpRequest, figures: Figures) -> HttpResponse:
    """Show every indicator of the sheet over a period: its finding, its drawing, its table and its files."""
    user = reader(request, figures)
    choice = _asked(request, figures)
    reading = Reading(choice.period)
    listed = [_told(figures.scheme, one, choice, reading) for one in registry.of(figures.scheme)]
    context = {
        "figures": figures,
        "choice": choice,
        "asked": choice.asked,
        "indicators": [presentation.shown(one) for one in listed],
        "years": range(timezone.localdate().year, figures.first_year() - 1, -1),
        "departments": dimensions.LABELS[Split.DEPARTMENT],
        "structures": dimensions.LABELS[Split.STRUCTURE],
        "sharings": asking.SHARINGS,
        "owner": registry.owner(figures.scheme),
        "may_type": permissions.may_type(user, figures.scheme),
        "today": timezone.localdate(),
    }
    return render(request, "indicators/page.html", context, status=422 if choice.asked.has_problem else 200)


@require_safe
def indicator_file(request: HttpRequest, slug: str, format: str, figures: Figures) -> HttpResponseBase:
    """Send the table of an indicator, as the page shows it."""
    reader(request, figures)
    found = registry.find(figures.scheme, slug)
    choice = _asked(request, figures)
    if found is None or choice.asked.has_problem:
        raise Http404
    figure = _told(figures.scheme, found, choice, Reading(choice.period)).figure
    if figure is None:
        raise Http404
    name = f"{slug}-{choice.asked.year or choice.period.first.isoformat()}-au-{choice.period.end:%Y-%m-%d}"
    return answer(format, figure.columns, figure.rows, name, title=slug)


@require_safe
def export(request: HttpRequest, format: str, figures: Figures) -> HttpResponseBase:
    """Send every deposited dossier of the scheme that this person reads."""
    user = reader(request, figures)
    name = f"{figures.scheme.replace('_', '-')}-{timezone.localdate():%Y-%m-%d}"
    return answer(format, figures.columns, figures.rows(user), name, title=figures.title)


def answer(format: str, columns: Sequence[Column], rows: tables.Rows, name: str, *, title: str) -> HttpResponseBase:
    """Answer a table as a file of this name; raises Http404 for a format that the portal does not write."""
    if format not in FILES:
        raise Http404
    if format == "csv":
        return tables.csv_response(columns, rows, name)
    return tables.xlsx_response(columns, rows, name, title=title)
