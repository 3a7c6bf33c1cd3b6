"""« Mes paiements »: what was voted, paid and left, what to do by when, each request and each repayment."""

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.dossiers import presentation
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotDone

from .. import reckoning, shown, states
from ..services import bank, requests
from .access import own_award, refused, show

TITLE = "Mes paiements"


@require_safe
@never_cache
def mine(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the payments of a grant to its organisation."""
    award = own_award(request, key)
    known = list(award.requests.select_related("certificate"))
    account = bank.current(award.organisation)
    recoveries = list(award.recoveries.exclude(state=states.OPENED).select_related("letter", "order"))
    context = {
        "award": award,
        "dossier": award.dossier,
        "account": account,
        "requests": [(one, shown.amount(one)) for one in known if one.state != states.WITHDRAWN],
        "recoveries": [one for one in recoveries if one.notified_on],
        "next": shown.next_of(award, known, account, timezone.localdate()),
        "filled": next((one for one in known if one.is_filled), None),
        "may_ask_advance": shown.may_ask_advance(award, known),
        "may_ask_balance": shown.may_ask_balance(award, known),
        "advance_most": reckoning.advance_most(award),
        "trail": presentation.trail(award.dossier, TITLE),
    }
    return show(request, "booster_ia/payments/own.html", context)


@require_POST
def begin_advance(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Begin a request for an advance, or take up the one begun."""
    return _begin(request, key, "advance")


@require_POST
def begin_balance(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Begin the balance, or take up the one begun."""
    return _begin(request, key, "balance")


def _begin(request: HttpRequest, key: uuid.UUID, kind: str) -> HttpResponse:
    award = own_award(request, key)
    try:
        made = requests.begin(award, kind, by=person(request))
    except NotDone as error:
        return refused(request, error, reverse("booster_ia:payments_own", args=[key]))
    return HttpResponseRedirect(reverse("booster_ia:payment_fill", args=[key, made.pk]))
