"""The envelope of the Diagnostic: its gauge, its ledger, the votes of credits."""

import uuid

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from normandata.budgets import services as budgets
from normandata.budgets.amounts import MOST
from normandata.budgets.models import Basis, Entry, Envelope
from normandata.dossiers import examination
from normandata.dossiers.views.access import person
from normandata.procedure.models import kind_of
from normandata.ui.gauge import gauge_of

from ..market_forms import EnvelopeForm, VoteForm
from ..orders import Order
from ..services import markets as services
from .markets import answer, managers, posted, readers


def _mine(pk: int) -> Envelope:
    """Return an envelope of the Diagnostic; raises Http404."""
    return get_object_or_404(Envelope.objects.of("diagnostic"), pk=pk)


def _orders(entries: list[Entry]) -> dict[str, Order]:
    """Return the orders that entries are about, by key; one query."""
    named = [one.about_key for one in entries if one.about_kind == kind_of(Order())]
    found: QuerySet[Order] = Order.objects.filter(pk__in=named).select_related("dossier", "organisation")
    return {str(one.pk): one for one in found}


@readers
def envelope(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an envelope and what was written on it, the newest first."""
    found = _mine(pk)
    page = examination.paged(found.entries.select_related("by").order_by("-pk"), request)
    entries = list(page)
    about = _orders(entries)
    context = {
        "envelope": found,
        "gauge": gauge_of(found),
        "page": page,
        "lines": [(one, about.get(one.about_key)) for one in entries],
        "may_manage": services.may_manage(person(request)),
    }
    return render(request, "diagnostic/desk/envelope.html", context)


@managers
def new(request: HttpRequest) -> HttpResponse:
    """Open an envelope, without credits."""
    form = EnvelopeForm(posted(request))
    page = {
        "title": "Nouvelle enveloppe",
        "lead": "Elle s’ouvre sans crédits : votez-les ensuite. Ses montants sont TTC.",
        "button": "Ouvrir l’enveloppe",
    }

    def gesture() -> None:
        year = form.cleaned_data["year"]
        budgets.open_envelope(
            "diagnostic",
            form.cleaned_data["label"],
            basis=Basis.TTC,
            year=int(year) if year else None,
            by=person(request),
        )

    back = reverse("diagnostic:markets")
    return answer(request, form, gesture, "L’enveloppe est ouverte. Votez ses crédits.", back=back, page=page)


@managers
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a vote of credits with its deliberation."""
    found = _mine(pk)
    form = VoteForm(posted(request), initial={"key": f"vote:{uuid.uuid4()}"})
    page = {"title": f"Voter des crédits, {found}", "button": "Inscrire le vote"}

    def gesture() -> None:
        typed = form.cleaned_data
        if abs(typed["amount"]) + found.voted > MOST:
            raise ValidationError({"amount": "Ce montant dépasse ce qu’une enveloppe peut tenir."})
        budgets.vote(found, typed["amount"], act=typed["act"], day=typed["day"], key=typed["key"], by=person(request))

    back = reverse("diagnostic:envelope", args=[pk])
    return answer(request, form, gesture, "Le vote est inscrit.", back=back, page=page)
