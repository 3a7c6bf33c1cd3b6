"""The lists of payments and of repayments across dossiers, and the export for the finance system."""

from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from normandata.dossiers import closures, examination
from normandata.dossiers.models import Dossier
from normandata.dossiers.views.access import person
from normandata.ui import tables

from .. import exports, listing, permissions, states
from ..filters import KINDS, STATES, Filters
from ..recoveries import Recovery
from ..requests import PaymentRequest
from .access import region, show

FILES = ("csv", "xlsx")
TITLE = "Paiements du Booster IA"


@require_safe
@region
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests of the scheme, those that wait for this person unless others are asked."""
    user = person(request)
    is_officer = permissions.is_officer(user)
    filters = Filters.read(request.GET, default="certifier" if is_officer else "controler")
    found = filters.apply(PaymentRequest.objects.for_region(user))
    page = examination.paged(found.values(*listing.REQUEST_FIELDS), request)
    context: dict[str, Any] = {
        "page": page,
        "rows": listing.requests(page),
        "filters": filters,
        "states": [(slug, label) for slug, (label, _) in STATES.items()],
        "kinds": KINDS.items(),
        "total": found.aggregate(total=Sum("amount"))["total"],
        "is_officer": is_officer,
        "may_certify": is_officer and filters.state == "certifier",
    }
    return show(request, "booster_ia/payments/desk/list.html", context)


@require_safe
@region
def recoveries(request: HttpRequest) -> HttpResponse:
    """List the repayments of the scheme, those that wait first."""
    mine = Dossier.objects.filter(closures.left_open(person(request)))
    found = Recovery.objects.filter(award__dossier__in=mine)
    is_all = request.GET.get("etat") == "tous"
    if not is_all:
        found = found.pending()
    page = examination.paged(found.order_by("-pk").values(*listing.RECOVERY_FIELDS), request)
    context = {"page": page, "rows": listing.recoveries(page), "is_all": is_all}
    return show(request, "booster_ia/payments/desk/recoveries.html", context)


@require_safe
@region
def export(request: HttpRequest, format: str) -> HttpResponseBase:
    """Send the certified payments, those without a mandate unless all are asked: the officers' alone, for the IBANs."""
    user = person(request)
    if format not in FILES or not permissions.is_officer(user):
        raise Http404
    kept = (states.CERTIFIED, states.PAID) if request.GET.get("etat") == "tous" else (states.CERTIFIED,)
    found = exports.rows(PaymentRequest.objects.for_region(user).filter(state__in=kept))
    name = f"paiements-booster-ia-{timezone.localdate():%Y-%m-%d}"
    if format == "csv":
        return tables.csv_response(exports.COLUMNS, found, name)
    return tables.xlsx_response(exports.COLUMNS, found, name, title=TITLE)
