"""What the agents read beside the findings: money, places, de minimis, order, alerts; in how many queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from diagnostic import desk
from diagnostic.orders import Order
from diagnostic.services import orders, selection
from normandata.accounts.models import Role, User
from normandata.deminimis.shown import READINGS
from normandata.dossiers import cards
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import corrections, thread
from normandata.dossiers.services import desk as readings
from normandata.dossiers.services.corrections import Asked
from normandata.procedure import services as procedure
from normandata.regulation.findings import Outcome
from tests.diagnostic.conftest import NOW
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import (
    fresh,
    make_accepted,
    make_company,
    make_delivered,
    make_market,
    make_notified,
    make_order,
    make_proposed,
    make_provider,
    make_reviewed,
    make_signatory,
    make_started,
    write_report,
)
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft
from tests.normandata.dossiers.views.test_examine import attach, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet_day")]


def labels(order: Order, user: User) -> object:
    found = desk.panel(order.dossier, user)
    return found and found.labels


def page(client: Client, dossier: Dossier) -> str:
    return text(client, reverse("dossiers:examine", args=[dossier.key]))


# --------------------------------------------------------------------------------------------------------------- money
def test_a_price_is_written_as_it_is_counted() -> None:
    market = make_market(day_rate="850.50", vat_rate=Decimal("5.50"))
    # 1.5 × 850.50 = 1 275.75 HT; × 1.055 = 1 345.916… → 1 345.92
    assert desk.sentence(market, 3).replace("\xa0", " ") == ("1,5 jour × 850,50 € HT + TVA 5,5 % = 1 345,92 € TTC")


def test_the_page_shows_the_envelope_after_this_decision_and_those_before(client: Client, agent: User) -> None:
    make_market(envelope=make_envelope("16000.00"))
    make_reviewed(at=datetime(2026, 10, 1, 8, tzinfo=UTC))
    make_reviewed(at=datetime(2026, 10, 2, 8, tzinfo=UTC))
    dossier = make_reviewed(at=datetime(2026, 10, 3, 8, tzinfo=UTC))
    said = page(client, dossier)
    assert "Après cette décision, il reste" not in said
    # 16 000 − 2 × 5 400: 5 200 are left, 5 400 are wanted
    sentence = (
        "L’enveloppe a 16 000,00 € libres, et les 2 demandes complètes avant celle-ci en attendent 10 800,00 € : "
        "il reste 5 200,00 € TTC pour celle-ci."
    )
    assert said.count(sentence) == 1
    money = desk.content(dossier, agent)["money"]
    assert (money.price.ttc, money.room.left, money.has_room) == (Decimal("5400.00"), Decimal("5200.00"), False)


@pytest.mark.parametrize(("voted", "passes"), [("5400.00", True), ("5399.99", False)])
def test_the_last_euro_decides(agent: User, voted: str, passes: bool) -> None:
    make_market(envelope=make_envelope(voted))
    money = desk.content(make_reviewed(), agent)["money"]
    assert (money.has_room, money.gauge.after.passes) == (passes, passes)


def test_one_request_before_is_said_in_the_singular(agent: User) -> None:
    make_market()
    make_reviewed(at=datetime(2026, 10, 1, 8, tzinfo=UTC))
    money = desk.content(make_reviewed(at=datetime(2026, 10, 3, 8, tzinfo=UTC)), agent)["money"]
    assert money.places.replace("\xa0", " ") == (
        "L’enveloppe a 50 000,00 € libres, et la demande complète avant celle-ci en attend 5 400,00 € : "
        "il reste 44 600,00 € TTC pour celle-ci."
    )
    assert money.gauge.sentence.replace("\xa0", " ") == "Après cette décision, il reste 44 600,00 € TTC."


def test_what_others_are_kept_is_never_said_to_be_part_of_what_is_free(client: Client, agent: User) -> None:
    make_market(envelope=make_envelope("3020.00"))
    for day in range(1, 8):
        make_reviewed(at=datetime(2026, 10, day, 8, tzinfo=UTC))
    dossier = make_reviewed(at=datetime(2026, 10, 9, 8, tzinfo=UTC))
    money = desk.content(dossier, agent)["money"]
    assert money.gauge.sentence.replace("\xa0", " ") == (
        "L’enveloppe a 3 020,00 € libres, et les 7 demandes complètes avant celle-ci en attendent 37 800,00 € : "
        "il ne reste rien pour celle-ci."
    )
    assert money.gauge.after.passes is False
    drawn = client.get(reverse("diagnostic:propose", args=[dossier.key])).content.decode()
    assert 'class="btn btn-secondary" type="submit" name="geste" value="proposer"' in drawn


def test_an_envelope_that_cannot_pay_anyone_says_what_is_missing(agent: User) -> None:
    make_market(envelope=make_envelope("5399.99"))
    money = desk.content(make_reviewed(), agent)["money"]
    assert money.gauge.sentence.replace("\xa0", " ") == "L’enveloppe ne suffit pas : il manque 0,01 € TTC."


def test_a_refusal_costs_nothing(client: Client, agent: User) -> None:
    make_market()
    dossier = make_reviewed()
    assert desk.content(dossier, agent)["money"].price is not None
    selection.propose_refusal(dossier, reason="Hors sujet.", by=make_agent())
    found = desk.content(dossier, agent)
    assert found["proposal"].kind == "refuse"
    money = found["money"]
    assert (money.price, money.room, money.sentence, money.places, money.gauge.after) == (None, None, "", "", None)
    assert "Après cette décision" not in page(client, dossier)


def test_a_request_with_an_unmet_rule_costs_nothing_unless_it_is_priced_on_purpose(agent: User) -> None:
    make_market()
    dossier = make_reviewed()
    assert dossier.verdict is not None
    dossier.verdict["findings"][0]["outcome"] = Outcome.UNMET.value
    money = desk.content(dossier, agent)["money"]
    assert (money.price, money.gauge.after) == (None, None)
    assert desk.content(dossier, agent, 2)["money"].price.ttc == Decimal("1080.00")


def test_without_a_market_the_page_says_so(client: Client, agent: User) -> None:
    assert "Aucun marché n’est en vigueur aujourd’hui." in page(client, make_reviewed())


def test_the_proposal_is_priced_not_the_most(client: Client, agent: User) -> None:
    dossier = make_proposed(make_market(), half_days=3)
    said = page(client, dossier)
    assert "1,5 jour × 900,00 € HT + TVA 20 % = 1 620,00 € TTC" in said
    assert "Après cette décision, il reste 48 380,00 € TTC." in said
    assert "Décider la sélection" in said
    for hidden in ("Décider le refus", "Renvoyer à l’instruction", "Valider"):
        assert hidden not in said


def test_the_proposer_reads_that_another_decides(client: Client, agent: User) -> None:
    dossier = make_proposed(make_market(), agent=agent)
    assert "Vous avez fait cette proposition : une autre personne la décide." in page(client, dossier)


# ---------------------------------------------------------------------------------------------------------- de minimis
def test_both_readings_are_shown_with_what_is_left_after(client: Client, agent: User) -> None:
    make_market()
    dossier = make_reviewed()
    found = desk.content(dossier, agent)["minimis"]
    assert found.amount == Decimal("5400.00")
    titles = [one.title for one in found.readings]
    assert titles == list(READINGS.values())
    in_force, cited = found.readings
    assert (in_force.ceiling, cited.ceiling) == (Decimal(300000), Decimal(200000))
    assert in_force.used is not None
    assert in_force.after == in_force.ceiling - in_force.used - Decimal("5400.00")
    said = page(client, dossier)
    assert "Règlement (UE) 2023/2831, en vigueur." in said
    assert "Règlement (UE) 1407/2013, cité par la délibération et expiré." in said


@pytest.mark.parametrize(
    ("before", "is_hidden"), [(Outcome.NOT_APPLICABLE, True), (Outcome.TO_REVIEW, True), (Outcome.MET, False)]
)
def test_a_structure_that_is_no_undertaking_has_no_account(
    agent: User, monkeypatch: pytest.MonkeyPatch, before: Outcome, is_hidden: bool
) -> None:
    make_market()
    dossier = make_reviewed()
    assert dossier.verdict is not None
    for finding in dossier.verdict["findings"]:
        if finding["rule"] == "diagnostic.de_minimis":
            finding["outcome"] = before.value
    finding = next(one for one, _ in readings.outcomes(dossier) if one.rule == "diagnostic.de_minimis")
    monkeypatch.setattr(readings, "outcomes", lambda dossier: [(finding, Outcome.NOT_APPLICABLE)])
    assert (desk.content(dossier, agent)["minimis"] is None) is is_hidden


def test_once_ordered_the_account_is_read_at_the_price_of_the_order(agent: User) -> None:
    market = make_market()
    order = make_order(market, half_days=3)
    market.day_rate = Decimal("1000.00")
    market.save()
    # 1.5 × 900 × 1.2, whatever the market asks today
    assert desk.content(fresh(order).dossier, agent)["minimis"].amount == Decimal("1620.00")


# --------------------------------------------------------------------------------------------------------------- order
def test_an_order_is_shown_with_its_price_and_its_dates(client: Client, agent: User) -> None:
    order = make_order(make_market(make_company("Atelier Alpha")))
    said = page(client, order.dossier)
    assert "Commande à éditer" in said
    assert "5 jours à 900,00 € HT 4 500,00 € TVA 20 % 900,00 € Total TTC 5 400,00 €" in said
    assert "Éditer le bon de commande" in said
    assert "Notifier la sélection" not in said
    make_signatory()
    orders.place_order(order.dossier, by=agent)
    said = page(client, order.dossier)
    assert "Bon de commande BC-2026-0001" in said
    assert "Notifier la sélection" in said
    assert "Éditer le bon de commande" not in said


def test_the_dates_of_a_life_are_listed_in_order(client: Client, agent: User) -> None:
    order = make_delivered(make_market())
    assert [label for label, _ in desk.shown(order).dates] == [
        "Sélectionné le",
        "Commandé le",
        "Notifié le",
        "Commencé le",
        "Présenté le",
        "Remis le",
    ]
    said = page(client, order.dossier)
    assert "Demi-journées faites 1 sur 10" in said
    assert "Accepté, version 1 du 13 octobre 2026" in said
    assert "Constater le service fait" in said
    assert "Enregistrer la facture" not in said


def test_a_report_is_to_be_read_only_once_sent(client: Client, agent: User) -> None:
    order = make_started(make_market())
    assert "rapport" not in [
        button.label for button in client.get(reverse("dossiers:examine", args=[order.dossier.key])).context["buttons"]
    ]
    provider = make_provider(order.company)
    write_report(order, by=provider)
    assert labels(order, agent) == {"accept_report": "", "ask_report_changes": ""}
    procedure.fire(order.dossier, "submit_report", by=provider)
    assert labels(order, agent) == {"accept_report": "Lire le rapport pour l’accepter"}
    assert "Lire le rapport pour l’accepter" in page(client, order.dossier)
    procedure.fire(order.dossier, "accept_report", by=agent)
    assert labels(order, agent) == {"accept_report": ""}
    assert "Demander des changements au rapport" in page(client, order.dossier)


@pytest.mark.parametrize(
    ("voted", "styles"), [("5400.00", ("primary", "secondary")), ("5399.99", ("secondary", "primary"))]
)
def test_the_first_gesture_offered_is_the_one_that_can_be_made(
    client: Client, agent: User, voted: str, styles: tuple[str, str]
) -> None:
    make_market(envelope=make_envelope(voted))
    dossier = make_reviewed()
    found = client.get(reverse("dossiers:examine", args=[dossier.key])).context["buttons"]
    by_label = {button.label: button.style for button in found}
    assert (by_label["Proposer la sélection"], by_label["Mettre en liste d’attente"]) == styles


@pytest.mark.parametrize(
    ("day", "alert"),
    [
        (date(2026, 12, 13), []),
        (date(2026, 12, 14), ["Le délai pour commencer finit dans 30 jours."]),
        (date(2027, 1, 13), ["Le délai pour commencer finit aujourd’hui."]),
        (date(2027, 1, 14), ["Le diagnostic devait commencer il y a 1 jour : relancez le prestataire."]),
        (date(2027, 1, 23), ["Le diagnostic devait commencer il y a 10 jours : relancez le prestataire."]),
    ],
)
def test_a_late_start_is_told(day: date, alert: list[str]) -> None:
    order = make_notified(make_market())
    make_provider(order.company)
    assert order.start_by == date(2027, 1, 13)
    with time_machine.travel(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), tick=False):
        assert [one.replace("\xa0", " ") for one in desk.alerts(fresh(order))] == alert


def test_a_company_without_anybody_is_told() -> None:
    order = make_order(make_market(make_company("Alpha")))
    assert desk.alerts(order) == ["Personne n’a de compte pour Alpha\xa0: invitez quelqu’un avant de notifier."]


def test_a_reader_who_does_not_instruct_sees_the_money_and_no_report(client: Client) -> None:
    order = make_delivered(make_market())
    sign_in(client, make_user_with(Role.AUDITOR))
    said = page(client, order.dossier)
    assert "Total TTC 5 400,00 €" in said
    assert "Lire le rapport" not in said


# ------------------------------------------------------------------------------------------------------------- queries
MOST_QUERIES = 20
"""Of an agent's page (quality C)."""


def queries(client: Client, dossier: Dossier) -> int:
    address = reverse("dossiers:examine", args=[dossier.key])
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_thirty_requests_before_cost_no_query_more(client: Client, agent: User) -> None:
    make_market(envelope=make_envelope("500000.00"))
    make_reviewed(at=datetime(2026, 9, 1, 8, tzinfo=UTC))
    dossier = make_reviewed(at=datetime(2026, 10, 3, 8, tzinfo=UTC))
    page(client, dossier)
    few = queries(client, dossier)
    for _ in range(29):
        make_reviewed(at=datetime(2026, 9, 2, 8, tzinfo=UTC))
    assert queries(client, dossier) == few


def make_incomplete(dossier: Dossier) -> Dossier:
    """Ask for a piece and a section: the piece has come."""
    things = [Asked("piece:complement", "Illisible."), Asked("section:motivations", "Trop court.")]
    due = timezone.localdate() + timedelta(days=20)
    corrections.ask(dossier, things, due_on=due, by=make_agent())
    attach(dossier)
    return dossier


@pytest.mark.parametrize(
    "make",
    [
        make_reviewed,
        make_incomplete,
        make_proposed,
        make_order,
        make_notified,
        make_started,
        make_accepted,
        make_delivered,
    ],
)
def test_the_page_holds_in_a_bounded_number_of_queries(
    client: Client, agent: User, make: Callable[..., Dossier | Order]
) -> None:
    """With its owner another person, somebody before it, a file and a message with its own."""
    market, draft = make_market(), make_draft()
    make_reviewed(at=datetime(2026, 9, 1, 8, tzinfo=UTC))
    attach(draft)
    asked = make_deposit(draft).dossier
    procedure.fire(asked, "start_review", by=make_agent())
    thread.write(asked, "Voici.", by=asked.created_by, uploads=[UploadFactory(uploaded_by=asked.created_by)])
    made = make(asked) if make is make_incomplete else asked if make is make_reviewed else make(market, dossier=asked)
    dossier = made.dossier if isinstance(made, Order) else made
    page(client, dossier)
    assert queries(client, dossier) <= MOST_QUERIES


# ----------------------------------------------------------------------------------------------------------- sentences
@pytest.mark.parametrize("state", sorted(desk.SENTENCES))
def test_the_organisation_reads_a_sentence_without_a_query(state: str) -> None:
    dossier = Dossier(scheme="diagnostic", state=state)
    with CaptureQueriesContext(connection) as captured:
        assert cards.sentence(dossier, NOW) == desk.worded(dossier)
    assert len(captured) == 0
