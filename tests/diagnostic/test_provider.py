"""What the provider reads of its diagnostics: one sentence each, at every step, and the structure to call."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from diagnostic import provider
from diagnostic.orders import Order
from diagnostic.reports import Report
from diagnostic.services import orders, payments, reports
from normandata.procedure import services as procedure
from tests.factories.accounts import make_agent
from tests.factories.diagnostic import (
    fresh,
    make_accepted,
    make_company,
    make_delivered,
    make_market,
    make_notified,
    make_order,
    make_provider,
    make_started,
    write_report,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def told(order: Order) -> tuple[str, str, bool]:
    card = provider.card(provider.orders_of(make_provider(order.company)).get(pk=order.pk))
    return card.tag[2], card.sentence, card.is_awaited


def test_a_notified_diagnostic_says_before_when_it_begins() -> None:
    order = make_notified(make_market())
    Order.objects.filter(pk=order.pk).update(start_by=timezone.localdate() + timedelta(days=2))
    tag, sentence, awaited = told(order)
    assert (tag, awaited) == ("À commencer", True)
    assert sentence.startswith("Prenez contact avec la structure. Le diagnostic commence au plus tard le ")
    assert sentence.endswith(", dans 2\u00a0jours.")
    Order.objects.filter(pk=order.pk).update(start_by=timezone.localdate() - timedelta(days=1))
    assert told(order)[0] == "En retard"


def test_each_step_of_a_report_has_its_sentence() -> None:
    order = make_started(make_market())
    by, agent = make_provider(order.company), make_agent()
    assert told(order) == (
        "Rapport à écrire",
        "Notez vos journées (aucune journée notée sur 5) et écrivez le rapport, puis envoyez-le à la Région.",
        True,
    )
    write_report(order, by=by)
    Order.objects.filter(pk=order.pk).update(half_days_done=10)
    assert told(order)[1] == "Vos journées sont toutes notées. Écrivez le rapport, puis envoyez-le à la Région."
    Order.objects.filter(pk=order.pk).update(half_days_done=9)
    assert told(order)[1].startswith("Notez vos journées (4,5 jours notés sur 5)")
    reports.submit(order.dossier, by=by)
    assert told(order)[0::2] == ("Envoyé, à lire par la Région", False)
    reports.ask_changes(order.dossier, reason="Précisez la partie 3.", by=agent)
    assert told(order)[0::2] == ("Changements demandés", True)
    reports.submit(order.dossier, by=by)
    procedure.fire(order.dossier, "accept_report", by=agent)
    assert told(order)[0::2] == ("À présenter et à remettre", True)


def test_a_delivered_diagnostic_asks_for_its_invoice_then_ends() -> None:
    order = make_delivered(make_market())
    tag, sentence, awaited = told(order)
    assert (tag, awaited) == ("Remis", False)
    assert sentence.endswith("Envoyez votre facture à la Région ; 0,5 jour noté sur 5.")
    agent = make_agent()
    payments.certify(order.dossier, by=agent)
    payments.settle(order.dossier, invoice="F-12", amount=Decimal("540.00"), on=timezone.localdate(), by=agent)
    assert told(order)[0] == "Terminé"
    assert told(order)[1].endswith("facture F-12 réglée.")


def test_a_cancelled_order_says_why_and_awaits_nothing() -> None:
    order = make_started(make_market())
    orders.cancel(order.dossier, reason="La structure a renoncé.", by=make_agent())
    assert told(order) == ("Annulé", "La Région a annulé cette commande. Motif : La structure a renoncé.", False)


@pytest.mark.parametrize(
    ("done", "written"),
    [
        (0, "aucune journée notée sur 5"),
        (1, "0,5 jour noté sur 5"),
        (3, "1,5 jour noté sur 5"),
        (4, "2 jours notés sur 5"),
        (10, "5 jours notés sur 5"),
    ],
)
def test_days_noted_are_written_in_french(done: int, written: str) -> None:
    assert provider.noted(Order(half_days=10, half_days_done=done)) == written


def test_a_company_sees_its_own_orders_once_notified() -> None:
    market, other = make_market(), make_company()
    mine, theirs = make_notified(market), make_notified(market)
    Order.objects.filter(pk=theirs.pk).update(company=other)
    make_order(market)
    person = make_provider(mine.company)
    assert list(provider.orders_of(person)) == [mine]
    assert list(provider.orders_of(make_provider(other))) == [theirs]
    person.role_assignments.update(ended_at=timezone.now())
    del person.assignments
    assert list(provider.orders_of(person)) == []


def test_the_structure_is_the_one_of_the_last_deposit() -> None:
    order = make_notified(make_market())
    found = provider.structure(order.dossier)
    assert [(one["who"], one["nom"], one["courriel"], one["telephone"]) for one in found["people"]] == [
        ("Responsable du projet", "Camille Exemple", "camille@exemple.invalid", "02 31 00 00 01"),
        ("Personne habilitée", "Dominique Exemple", "dominique@exemple.invalid", "02 31 00 00 02"),
    ]
    assert [answer for _, answer in found["reasons"]] == [
        "Oui, en comité de direction.",
        "Le remplacement du logiciel d’atelier.",
        "Prévoir les pannes des machines.",
        "Deux techniciens méthodes.",
    ]


def test_the_purchase_order_is_the_one_with_its_number() -> None:
    market = make_market()
    first = make_notified(market)
    agent = make_agent()
    orders.cancel(first.dossier, reason="Reprise.", by=agent)
    letter = provider.purchase_order(fresh(first))
    assert letter is not None
    assert letter.title == f"Bon de commande {first.number}"
    assert letter.is_internal


def test_the_parts_come_in_their_order_with_how_far_they_are() -> None:
    order = make_accepted(make_market())
    assert [(one.position, one.slug, one.is_written) for one in provider.parts(Report.objects.get(order=order))] == [
        (1, "donnees", True),
        (2, "freins", True),
        (3, "ia", True),
        (4, "recommandations", True),
        (5, "suites", True),
    ]
    assert provider.neighbours("donnees")[0] is None
    assert provider.neighbours("suites")[1] is None
    assert [one and one[0] for one in provider.neighbours("ia")] == ["freins", "recommandations"]
    assert order.started_on == order.notified_on != date.min
