"""The provider's space: its diagnostics, whom to call, the dates, the half-days spent."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from normandata.accounts.models import Role
from normandata.documents import services as documents
from normandata.dossiers import refusals
from normandata.dossiers.views.access import person
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.services import available
from normandata.ui.forms import Form

from .. import provider
from ..orders import Order
from ..provider_forms import DeliverForm, SessionForm, StartForm
from ..services import orders, reports

PER_PAGE = 30
COMMITMENT = (
    "Je m’engage, pour mon entreprise et les experts qu’elle envoie, à garantir la confidentialité des informations "
    "dont nous aurons connaissance au cours de ce diagnostic (délibération AP D 25-12-5, annexe 3)."
)


def own(request: HttpRequest, key: uuid.UUID) -> Order:
    """Return the order of a dossier that this person's company was notified, the one that stands; raises Http404."""
    found = provider.orders_of(person(request)).filter(dossier__key=key).select_related("market__envelope")
    listed = list(found)
    standing = [order for order in listed if order.is_active]
    if not listed:
        raise Http404
    return (standing or listed)[0]


def standing(request: HttpRequest, key: uuid.UUID) -> Order:
    """Return an order of the person's company that nobody cancelled; raises Http404."""
    order = own(request, key)
    if not order.is_active:
        raise Http404
    return order


@require_safe
@never_cache
def missions(request: HttpRequest) -> HttpResponse:
    """List the diagnostics of the person's companies; without a company there is no such page."""
    if not person(request).holds(Role.PROVIDER, scheme="diagnostic"):
        raise Http404
    page = Paginator(provider.orders_of(person(request)), PER_PAGE).get_page(request.GET.get("page"))
    listed = provider.cards(page)
    context = {"page": page, "cards": listed, "awaited": sum(card.is_awaited for card in listed)}
    return render(request, "diagnostic/provider/missions.html", context)


@require_safe
@never_cache
def mission(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show a diagnostic to its provider."""
    return shown(request, own(request, key))


def shown(request: HttpRequest, order: Order, *, status: int = 200, **bound: Form) -> HttpResponse:
    """Draw the page of a diagnostic; a form that was refused takes the place of the empty one."""
    if not order.is_active:
        context: dict[str, Any] = {"order": order, "card": provider.card(order)}
        return render(request, "diagnostic/provider/cancelled.html", context)
    version = reports.latest(order)
    context = {
        "order": order,
        "dossier": order.dossier,
        "card": provider.card(order),
        "noted": provider.noted(order),
        "structure": provider.structure(order.dossier),
        "purchase_order": provider.purchase_order(order),
        "commitment": COMMITMENT,
        "sessions": order.sessions.select_related("by").order_by("on"),
        "gestures": {row.name for row in available(order.dossier, person(request))},
        "version": version,
        "start_form": StartForm(auto_id="debut_%s"),
        "session_form": SessionForm(auto_id="journee_%s"),
        "deliver_form": DeliverForm(auto_id="remise_%s"),
    }
    errors = next((form for form in bound.values() if form.errors), None)
    return render(request, "diagnostic/provider/mission.html", context | bound | {"form": errors}, status=status)


def done(request: HttpRequest, order: Order, sentence: str, anchor: str = "") -> HttpResponse:
    """Lead back to the page of a diagnostic with a word that it is done."""
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("diagnostic:mission", args=[order.dossier.key]) + anchor)


def refused(request: HttpRequest, order: Order, error: NotDone, back: str = "") -> HttpResponse:
    """Say why a gesture was not done; what a person may not do does not exist."""
    if isinstance(error, NotAllowed):
        raise Http404
    for sentence in error.messages:
        messages.error(request, sentence)
    return HttpResponseRedirect(back or reverse("diagnostic:mission", args=[order.dossier.key]))


def told(form: Form, error: NotDone, field: str) -> None:
    """Write a refusal beside the field it speaks of, or this one."""
    if isinstance(error, NotAllowed):
        raise Http404
    refusals.write(form, error, field)


@require_safe
@never_cache
def purchase_order(request: HttpRequest, key: uuid.UUID) -> FileResponse:
    """Send the purchase order."""
    letter = provider.purchase_order(standing(request, key))
    if letter is None or not letter.document.is_ready:
        raise Http404
    return documents.download(letter.document)


@require_POST
def promise(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Sign the commitment of confidentiality."""
    order = standing(request, key)
    try:
        orders.promise_confidentiality(order, by=person(request))
    except NotDone as error:
        return refused(request, order, error)
    return done(request, order, "L’engagement de confidentialité est signé.", "#demarrage")


@require_POST
def start(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Write the day of the first meeting."""
    order, form = standing(request, key), StartForm(request.POST, auto_id="debut_%s")
    if form.is_valid():
        try:
            orders.start(order.dossier, on=form.cleaned_data["on"], by=person(request))
        except NotDone as error:
            told(form, error, "on")
        else:
            return done(request, order, "Le diagnostic est commencé. La Région en est avertie.")
    return shown(request, own(request, key), status=422, start_form=form)


@require_POST
def note_session(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Note half-days."""
    order, form = standing(request, key), SessionForm(request.POST, auto_id="journee_%s")
    if form.is_valid():
        try:
            orders.note_session(order, by=person(request), **form.cleaned_data)
        except NotDone as error:
            told(form, error, "on")
        else:
            return done(request, order, "L’intervention est notée.", "#journees")
    return shown(request, own(request, key), status=422, session_form=form)


@require_POST
def erase_session(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Take back a line noted by mistake; one that is gone already is gone."""
    order = standing(request, key)
    session = order.sessions.filter(pk=pk).select_related("order__dossier", "order__company").first()
    if session is None:
        raise Http404
    try:
        orders.erase_session(session, by=person(request))
    except NotDone as error:
        return refused(request, order, error)
    return done(request, order, "La ligne est effacée.", "#journees")


@require_POST
def deliver(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Hand the report over to the structure, once presented."""
    order, form = standing(request, key), DeliverForm(request.POST, auto_id="remise_%s")
    if form.is_valid():
        presented_on: date = form.cleaned_data["presented_on"]
        try:
            reports.deliver(order.dossier, presented_on=presented_on, by=person(request))
        except NotDone as error:
            told(form, error, "presented_on")
        else:
            return done(request, order, "Le rapport est remis. La structure et la Région en sont averties.")
    return shown(request, own(request, key), status=422, deliver_form=form)
