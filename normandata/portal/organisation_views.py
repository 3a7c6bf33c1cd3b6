"""The organisations that the Region's people read: their list, and all of one of them, across schemes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from normandata.accounts.models import User
from normandata.dossiers.views.queue import reader
from normandata.organisations import presentation
from normandata.organisations.siret import written_siren
from normandata.organisations.undertakings import may_regroup
from normandata.ui import tables

from .organisation import exchanges, exports, money, sheet
from .organisation import listing as organisations
from .organisation.sheet import Held


@require_safe
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """List the organisations of which this person reads a dossier, those that answer a search."""
    user, search = reader(request), organisations.clean(request.GET.get("q", ""))
    shown = organisations.page(user, search, request.GET.get("apres", ""), request.GET.get("avant", ""))
    context = {
        "search": search,
        "page": shown,
        "per_page": organisations.PER_PAGE,
        "keeps_register": may_regroup(user),
    }
    return render(request, "portal/organisations.html", context)


@require_safe
@never_cache
def page(request: HttpRequest, siren: str) -> HttpResponse:
    """Show all that this person reads of one SIREN."""
    user, found = _found(request, siren)
    dossiers = sheet.dossiers_of(user, siren)
    kind = request.GET.get("quoi", "")
    cut, written = exchanges.page(found, kind, request.GET.get("page", "1"))
    main = sheet.main(found)
    standing, declaring = sheet.minimis(siren)
    context = {
        "organisation": main,
        "identity": presentation.identity(main),
        "dossiers": found,
        "schemes": sheet.by_scheme(found),
        "establishments": sheet.establishments(found),
        "people": sheet.people(found),
        "relatives": sheet.relatives(user, siren),
        "money": money.money(money.lines(dossiers, found), found),
        "reclaims": money.reclaims(dossiers, found),
        "minimis": standing,
        "declaring": [one for one in found if one.pk in declaring],
        "exchanges": written,
        "page": cut,
        "tabs": exchanges.tabs(kind),
        "letters": exchanges.letters(found),
    }
    return render(request, "portal/organisation.html", context)


@require_safe
def export(request: HttpRequest, siren: str, format: str) -> HttpResponseBase:
    """Send the page as one table."""
    if format not in ("csv", "xlsx"):
        raise Http404
    user, found = _found(request, siren)
    rows = exports.rows(user, siren, found)
    name = f"structure-{siren}-{timezone.localdate():%Y-%m-%d}"
    if format == "csv":
        return tables.csv_response(exports.COLUMNS, rows, name)
    return tables.xlsx_response(exports.COLUMNS, rows, name, title=f"Structure {written_siren(siren)}")


def _found(request: HttpRequest, siren: str) -> tuple[User, list[Held]]:
    """Return who reads, and the dossiers read of this SIREN; raises Http404 where there is none."""
    user = reader(request)
    found = sheet.held(sheet.dossiers_of(user, siren))
    if not found:
        raise Http404
    return user, found
