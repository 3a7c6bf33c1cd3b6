"""The money of diagnostics, from the ledger to their dossiers: the euros, by hand."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from diagnostic import statement
from diagnostic.application import APPLICATION
from diagnostic.services import orders, payments
from normandata.dossiers.models import Dossier
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import make_delivered, make_market, make_notified, make_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def sums(dossiers: list[Dossier]) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    """Add the lines of each dossier up."""
    found: dict[int, tuple[Decimal, Decimal, Decimal]] = {}
    for line in statement.lines(Dossier.objects.filter(pk__in=[one.pk for one in dossiers])):
        reserved, committed, paid = found.get(line.dossier, (D(0), D(0), D(0)))
        found[line.dossier] = (reserved + line.reserved, committed + line.committed, paid + line.paid)
    return found


def test_what_stands_for_each_diagnostic(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    market, agent = make_market(envelope=make_envelope("50000.00")), make_agent()
    # 0.5, 1 and 1.5 days at 900 € HT + 20 %: 540, 1 080 and 1 620 € TTC
    selected, notified = make_order(market, half_days=1).dossier, make_notified(market, half_days=2).dossier
    settled = make_delivered(market, half_days=3).dossier
    payments.certify(settled, by=agent)
    payments.settle(settled, invoice="F-9", amount=D("539.97"), on=timezone.localdate(), by=agent)
    given_up = make_notified(market, half_days=1).dossier
    orders.cancel(given_up, reason="Projet arrêté.", by=agent)
    elsewhere = make_order(market, half_days=1).dossier
    found = [selected, notified, settled, given_up]
    with django_assert_num_queries(2):
        totals = sums(found)
    assert totals == {
        selected.pk: (D("540.00"), D("0.00"), D("0.00")),
        notified.pk: (D("0.00"), D("1080.00"), D("0.00")),
        settled.pk: (D("0.00"), D("0.00"), D("539.97")),
        given_up.pk: (D("0.00"), D("0.00"), D("0.00")),
    }
    assert elsewhere.pk not in totals
    told = statement.lines(Dossier.objects.filter(pk=settled.pk))
    assert [(line.what, line.amount, line.basis, line.act) for line in told] == [
        ("Réservation", D("1620.00"), "TTC", ""),
        ("Engagement", D("1620.00"), "TTC", told[1].act),
        ("Paiement", D("539.97"), "TTC", "Facture F-9"),
    ]


def test_two_orders_of_one_dossier_are_its_money() -> None:
    market, agent = make_market(), make_agent()
    first = make_notified(market, half_days=1)
    orders.cancel(first.dossier, reason="Autre prestataire.", by=agent)
    again = Dossier.objects.get(pk=first.dossier.pk)
    second = make_order(market, dossier=again, half_days=4)
    assert sums([second.dossier]) == {first.dossier.pk: (D("2160.00"), D("0.00"), D("0.00"))}


def test_the_scheme_hands_it_up() -> None:
    assert APPLICATION.money is statement.lines
    assert statement.lines(Dossier.objects.all()) == []
