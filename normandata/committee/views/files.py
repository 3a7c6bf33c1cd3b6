"""The files of a session: its report as a PDF made by the worker, its annex as a table."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.documents import services as documents
from normandata.dossiers.views.access import person
from normandata.dossiers.views.waiting import awaited
from normandata.ui import tables

from .. import annex, papers, permissions
from ..models import Item, Paper, Session
from ..services.holding import items_of
from ..workflow import PREPARING, VALIDATED
from .access import home, session_of

FORMATS = ("csv", "xlsx")


def open_items(request: HttpRequest, session: Session) -> list[Item]:
    """Return the whole agenda, for a file that holds it all; raises Http404 where a dossier of it is closed."""
    items = items_of(session)
    if permissions.closed_to(person(request), items):
        raise Http404
    return items


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the report made as the agenda stands: a draft until it is settled."""
    session = session_of(request, pk)
    items = open_items(request, session)
    stage = {PREPARING: Paper.Stage.DRAFT, VALIDATED: Paper.Stage.MINUTES}.get(session.state, Paper.Stage.FINAL)
    paper = papers.ask(session, stage, items, by=person(request))
    return HttpResponseRedirect(reverse("committee:paper", args=[session.pk, paper.pk]))


@require_safe
@never_cache
def paper(request: HttpRequest, pk: int, paper: int) -> HttpResponseBase:
    """Send a paper of the session, or show how its making goes."""
    session = session_of(request, pk)
    open_items(request, session)
    found = Paper.objects.filter(session=session, pk=paper).select_related("document").first()
    if found is None:
        raise Http404
    waiting = awaited(
        request, found.document, str(found.get_stage_display()), back=(home(session), "Revenir à la séance"), trail=[]
    )
    return waiting or documents.download(found.document)


@require_safe
@never_cache
def table(request: HttpRequest, pk: int, format: str) -> HttpResponseBase:
    """Send the annex as CSV or XLSX, with its totals."""
    session = session_of(request, pk)
    items = open_items(request, session)
    if format not in FORMATS:
        raise Http404
    name, rows = f"annexe-cp-{session.held_on}", annex.rows(items)
    if format == "csv":
        return tables.csv_response(annex.COLUMNS, rows, name)
    return tables.xlsx_response(annex.COLUMNS, rows, name, title=f"Annexe CP {session.held_on}")
