"""The ranking of a wave once its panel is closed, and its files; for lead agents."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.dossiers.views.access import person
from normandata.indicators.definitions import Column
from normandata.procedure.errors import NotAllowed
from normandata.regulation.formats import number, plural
from normandata.scoring import permissions
from normandata.scoring.errors import Blind
from normandata.scoring.models import Panel
from normandata.scoring.ranking import Ranking
from normandata.ui import tables

from .. import score_exports, scores
from ..waves import Wave
from .scoring import home, panel_here, shut

FILES = ("csv", "xlsx")
KINDS = {"nominatives": True, "anonymes": False}
NOT_CLOSED = "Le classement s’ouvre quand la notation est close : d’ici là, seul l’avancement est visible."
TITLE = "Le classement n’est pas ouvert"


def led(request: HttpRequest, pk: int) -> tuple[Wave, Panel]:
    """Return a wave and its panel to whoever leads it; raises Http404."""
    wave, panel = panel_here(request, pk)
    if not permissions.may_lead(person(request), panel):
        raise Http404
    return wave, panel


@require_safe
@never_cache
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the places with their reasons, the reserve under the floor, and what lacks sheets."""
    wave, panel = led(request, pk)
    if not panel.is_closed:
        return shut(request, [NOT_CLOSED], back=home(panel), title=TITLE)
    try:
        found, named = scores.ranked(panel, person(request))
    except Blind as error:
        return shut(request, error.messages, back=home(panel), title=TITLE)
    context = {
        "wave": wave,
        "panel": panel,
        "summary": _summary(found),
        "withheld": scores.closed_to_you(found.withheld),
        "found": found,
        "places": scores.with_names(found.places, named),
        "reserve": scores.with_names(found.reserve, named),
        "waiting": scores.with_names(found.waiting, named),
        "floor": number(panel.grid.floor or 0),
        "alert": number(panel.grid.spread_alert or 0),
        "wide": sum(place.is_wide for place in (*found.places, *found.reserve, *found.waiting)),
    }
    return render(request, "booster_ia/scoring/ranking.html", context)


def _summary(found: Ranking) -> str:
    ranked = plural(len(found.places), "dossier classé", "dossiers classés")
    under, waiting = number(len(found.reserve)), number(len(found.waiting))
    return f"{ranked}, {under} sous le plancher, {waiting} sans assez de fiches."


@require_safe
@never_cache
def places_file(request: HttpRequest, pk: int, format: str) -> HttpResponseBase:
    """Send the ranking."""
    wave, panel = led(request, pk)
    return _file(
        panel,
        format,
        f"classement-{_name(wave)}",
        lambda: (score_exports.PLACES, score_exports.places(panel, person(request))),
    )


@require_safe
@never_cache
def sheets_file(request: HttpRequest, pk: int, kind: str, format: str) -> HttpResponseBase:
    """Send the submitted sheets, named or anonymous."""
    wave, panel = led(request, pk)
    if kind not in KINDS:
        raise Http404
    named = KINDS[kind]
    return _file(
        panel,
        format,
        f"fiches-{kind}-{_name(wave)}",
        lambda: (
            score_exports.columns(panel, named=named),
            score_exports.sheets(panel, person(request), named=named),
        ),
    )


def _name(wave: Wave) -> str:
    return f"booster-ia-{wave.year}-{wave.number}-{timezone.localdate():%Y-%m-%d}"


def _file(panel: Panel, format: str, name: str, table: Callable[[], tuple[Any, tables.Rows]]) -> HttpResponseBase:
    """Answer a file of a closed panel; before, it does not exist."""
    if format not in FILES or not panel.is_closed:
        raise Http404
    try:
        columns, rows = table()
    except NotAllowed as error:
        raise Http404 from error
    written: list[Column] = list(columns)
    if format == "csv":
        return tables.csv_response(written, rows, name)
    return tables.xlsx_response(written, rows, name, title="Notation Booster IA")
