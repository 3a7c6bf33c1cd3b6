"""What the agents' pages of a diagnostic have in common: what they show of it, its report to read."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from normandata.dossiers.models import Dossier
from normandata.dossiers.views import desk_gestures
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_access import instructors, refused
from normandata.procedure.errors import NotNow
from normandata.ui import markup as marks
from normandata.ui.forms import Form

from .. import desk, markup
from ..orders import Order
from ..reports import PARTS, Opening, ReportVersion
from ..services import orders, reports

NOT_SENT = "Le prestataire n’a pas encore envoyé de rapport."


def show(
    request: HttpRequest,
    dossier: Dossier,
    template: str,
    form: Form | None = None,
    *,
    half_days: int | None = None,
    **more: Any,
) -> HttpResponse:
    """Draw a page of a gesture with the same money, order and account as the dossier's page."""
    panel = desk.content(dossier, person(request), half_days)
    return desk_gestures.show(request, dossier, template, form, panel=panel, **more)


def order_here(dossier: Dossier) -> Order:
    """Return the order of a dossier; raises Http404."""
    order = orders.order_of(dossier)
    if order is None:
        raise Http404
    return order


# ------------------------------------------------------------------------------------------------------------- report
def opened(request: HttpRequest, dossier: Dossier, order: Order) -> ReportVersion | None:
    """Open the last version sent for this person, in writing: for « service fait », then for feedback only."""
    version = reports.latest(order)
    if version is None:
        return None
    purpose = Opening.Purpose.FEEDBACK if order.service_done_on else Opening.Purpose.SERVICE
    if request.method != "HEAD":
        reports.open_report(version, purpose=purpose, by=person(request))
    return version


def parts(version: ReportVersion) -> list[tuple[str, str]]:
    """List the five parts of a version with their titles, in their order, as the structure reads them."""
    return [(title, marks.render(markup.shown(version.parts.get(slug, "")))) for slug, title in PARTS.items()]


@require_safe
@instructors
def report(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Read the report last sent; the opening is written in the journal."""
    version = opened(request, dossier, order_here(dossier))
    if version is None:
        return refused(request, dossier, NotNow(NOT_SENT))
    return show(
        request,
        dossier,
        "diagnostic/desk/report.html",
        version=version,
        parts=parts(version),
        openings=_openings(version),
    )


def _openings(version: ReportVersion) -> list[Opening]:
    return list(Opening.objects.of(version.report.order)[:50])
