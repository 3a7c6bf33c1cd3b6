"""The organisers' pages of people: teams, registrations, who is at the closing event, who received the lot."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import plural
from normandata.ui.tables import csv_response, xlsx_response

from .. import lists, permissions
from ..editions import Edition
from ..paging import slice_of
from ..registrations import PROFILES
from ..services import attendance
from ..workflow import REGISTRATION_STATES
from .organise_access import done, followers, gestures, readers, refused

TICKED = {"presence": attendance.PRESENT, "lot": attendance.LOT}
FILES = {
    "equipes": (lists.TEAM_COLUMNS, lists.team_rows, "Équipes"),
    "inscriptions": (lists.REGISTRATION_COLUMNS, lists.registration_rows, "Inscriptions"),
}


@followers
def teams(request: HttpRequest, edition: Edition) -> HttpResponse:
    """List the teams of an edition."""
    rows = lists.teams(edition, request.GET)
    context = {
        "edition": edition,
        "page": slice_of(rows, request.GET),
        "count": rows.count(),
        "filters": [("equipes", "Équipes", "Toutes", list(lists.TEAM_FILTERS.items()))],
        "typed": lists.typed(request.GET),
        "chosen": request.GET,
        "may_organise": permissions.organises(person(request), edition),
    }
    return render(request, "datathon/organise/teams.html", context)


@readers
def registrations(request: HttpRequest, edition: Edition) -> HttpResponse:
    """List the registrations of an edition, for its organisers only."""
    rows = lists.registrations(edition, request.GET)
    states = [(slug, state.label) for slug, state in REGISTRATION_STATES.items()]
    context = {
        "edition": edition,
        "page": slice_of(rows, request.GET),
        "count": rows.count(),
        "filters": [
            ("etat", "État", "Tous", states),
            ("profil", "Profil", "Tous", list(PROFILES)),
            ("equipe", "Équipe", "Toutes", list(lists.SOUGHT.items())),
        ],
        "typed": lists.typed(request.GET),
        "chosen": request.GET,
        "is_held": edition.state in attendance.HELD_IN,
    }
    return render(request, "datathon/organise/registrations.html", context)


@readers
def export(request: HttpRequest, edition: Edition, what: str, format: str) -> HttpResponseBase:
    """Send teams or registrations, as filtered, in a file."""
    if what not in FILES or format not in ("csv", "xlsx"):
        raise Http404
    columns, rows, title = FILES[what]
    name = f"{what}-{edition.slug}-{timezone.localdate()}"
    if format == "csv":
        return csv_response(columns, rows(edition, request.GET), name)
    return xlsx_response(columns, rows(edition, request.GET), name, title=title)


@readers
def presences(request: HttpRequest, edition: Edition, what: str) -> HttpResponse:
    """Show the list to tick: who is at the closing event, or who received the lot."""
    if what not in TICKED or edition.state not in attendance.HELD_IN:
        raise Http404
    rows = lists.registrations(edition, {**request.GET.dict(), "etat": "registered"})
    page = slice_of(rows, request.GET)
    context = {
        "edition": edition,
        "what": what,
        "page": page,
        "rows": [(one, getattr(one, TICKED[what])) for one in page.rows],
        "count": rows.count(),
        "typed": lists.typed(request.GET),
    }
    return render(request, "datathon/organise/presences.html", context)


@gestures
def tick(request: HttpRequest, edition: Edition, what: str) -> HttpResponse:
    """Write the boxes that changed: those whose mark is not what the page showed."""
    if what not in TICKED:
        raise Http404
    shown = {key for key in request.POST.getlist("shown") if key.isdecimal()}
    was, now = set(request.POST.getlist("was")), set(request.POST.getlist("tick"))
    ticks = {int(key): key in now for key in shown if (key in was) != (key in now) and len(key) < 18}
    try:
        changed = attendance.tick(edition, TICKED[what], ticks, by=person(request))
    except NotDone as error:
        return refused(request, error, "datathon:board", edition.slug)
    said = f"{plural(changed, 'case enregistrée', 'cases enregistrées')}." if changed else "Rien n’a changé."
    answer = done(request, said, "datathon:presences", edition.slug, what)
    if place := request.POST.get("apres", ""):
        answer["Location"] += f"?apres={place}" if place.isdecimal() else ""
    return answer
