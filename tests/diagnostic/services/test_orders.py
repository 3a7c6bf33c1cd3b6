"""The life of an order: its papers, its dates, its half-days, and what a cancellation gives back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from diagnostic.market import Conflict, Market
from diagnostic.orders import Order
from diagnostic.services import orders, selection
from normandata.accounts.models import Role
from normandata.deminimis import granting
from normandata.deminimis.errors import CeilingExceeded
from normandata.deminimis.models import Aid
from normandata.dossiers.models import Dossier, Letter
from normandata.dossiers.services import desk
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.regulation.findings import Outcome
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.diagnostic import (
    fresh,
    make_company,
    make_market,
    make_notified,
    make_order,
    make_proposed,
    make_provider,
    make_reviewed,
    make_signatory,
    make_started,
)
from tests.factories.dossiers import FIRM, NO_AID

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOTIFIED = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def balances(market: Market) -> tuple[str, str, str]:
    """What is free, reserved and committed, in euros."""
    envelope = Market.objects.select_related("envelope").get(pk=market.pk).envelope
    return str(envelope.free), str(envelope.reserved), str(envelope.committed)


def test_a_purchase_order_is_numbered_commits_and_is_made_once() -> None:
    make_signatory()
    market = make_market()
    order, agent = make_order(market), make_agent()
    orders.place_order(order.dossier, by=agent)
    kept = fresh(order)
    today = timezone.localdate()
    assert (kept.number, kept.ordered_on) == (f"BC-{today.year}-0001", today)
    assert balances(market) == ("44600.00", "0.00", "5400.00")
    record = Letter.objects.get().document.record
    assert (record["ht"], record["vat"], record["ttc"], record["days"]) == ("4500.00", "900.00", "5400.00", "5 jours")
    assert record["signatory"]["name"] == "Alix Exemple"
    with pytest.raises(Unmet, match="déjà édité"):
        orders.place_order(order.dossier, by=agent)


def test_without_a_signatory_no_paper_leaves_and_nothing_is_written() -> None:
    market = make_market()
    order = make_order(market)
    with pytest.raises(NotNow, match="Aucun signataire"):
        orders.place_order(order.dossier, by=make_agent())
    assert (fresh(order).number, balances(market)) == (None, ("44600.00", "5400.00", "0.00"))


def test_a_notification_names_the_provider_dates_the_start_and_books_the_aid() -> None:
    make_signatory()
    company = make_company("Atelier des données d’essai")
    order = make_order(make_market(company))
    person = make_provider(company)
    agent = make_agent()
    with pytest.raises(Unmet, match="Éditez d’abord le bon de commande"):
        orders.notify(order.dossier, by=agent)
    with time_machine.travel(NOTIFIED, tick=False):
        orders.place_order(order.dossier, by=agent)
        orders.notify(order.dossier, by=agent)
    kept = fresh(order)
    # 30 November + 3 months: February has no 30th
    assert (kept.notified_on, kept.start_by) == (date(2026, 11, 30), date(2027, 2, 28))
    assert (kept.dossier.state, kept.dossier.turn) == ("notified", "provider")
    aid = Aid.objects.get(source="portal")
    assert (aid.on, aid.amount) == (date(2026, 11, 30), Decimal("5400.00"))
    mail = Mail.objects.get(kind="diagnostic.selected")
    for said in ("Atelier des données d’essai", "28\u00a0février\u00a02027", "aide de minimis"):
        assert said in mail.text
    assert Mail.objects.get(kind="diagnostic.order").address == person.email
    letter = Letter.objects.get(kind="diagnostic.selection")
    assert (letter.is_contestable, letter.is_internal) == (True, False)
    assert letter.document.record["company"]["name"] == "Atelier des données d’essai"


def near_the_ceiling(amount: str) -> dict[str, object]:
    """A firm that declares one aid of that amount, granted last year."""
    said = {**NO_AID, "recues": "oui", "aide1_jour": "15/01/2026", "aide1_montant": amount, "aide1_origine": "Ademe"}
    return {**FIRM, "aides": said}


@pytest.mark.parametrize(("declared", "is_taken"), [("294 600,00", True), ("294 600,01", False)])
def test_the_ceiling_is_reached_to_the_cent_and_never_passed(declared: str, is_taken: bool) -> None:
    """300 000 − 5 400 = 294 600."""
    market = make_market()
    dossier = make_reviewed(answers=near_the_ceiling(declared))
    desk.read_finding(dossier, "diagnostic.de_minimis", Outcome.MET, reason="Le prix tient", by=make_agent())
    if is_taken:
        assert make_order(market, dossier=dossier).amount == Decimal("5400.00")
        return
    with pytest.raises(Unmet, match=r"300.000"):
        make_proposed(market, dossier=dossier)
    assert make_proposed(market, dossier=dossier, half_days=9).state == "proposed"


def test_an_aid_learnt_after_the_selection_stops_the_notification_whole() -> None:
    make_signatory()
    dossier = make_reviewed(answers=near_the_ceiling("294 600,00"))
    desk.read_finding(dossier, "diagnostic.de_minimis", Outcome.MET, reason="Le prix tient", by=make_agent())
    order, agent = make_order(make_market(), dossier=dossier), make_agent()
    orders.place_order(dossier, by=agent)
    siren = dossier.organisation.siren
    learnt = {"on": date(2026, 2, 1), "amount": Decimal("0.01"), "reason": "Oubliée", "key": "oubli"}
    granting.adjust(siren, **learnt, by=agent)
    with pytest.raises(CeilingExceeded):
        orders.notify(dossier, by=agent)
    assert (fresh(order).notified_on, Dossier.objects.get().state) == (None, "granted")
    assert (Aid.objects.filter(source="portal").count(), Letter.objects.count()) == (0, 1)


def test_a_local_authority_receives_no_aid() -> None:
    order = make_notified(make_market(), dossier=make_reviewed(answers=TOWN))
    assert not Aid.objects.exists()
    assert "minimis" not in Mail.objects.get(kind="diagnostic.selected").text
    assert order.dossier.state == "notified"


TOWN = {
    "structure": {**FIRM["structure"], "type": "local_authority"},
    "situation": {"population": "12000"},
    "personnes": FIRM["personnes"],
    "motivations": FIRM["motivations"],
}


# --------------------------------------------------------------------------------------------------------- the provider
def test_the_start_comes_after_the_promise_and_the_notification() -> None:
    order = make_notified(make_market())
    provider = make_provider(order.company)
    today = timezone.localdate()
    with pytest.raises(Unmet, match="engagement de confidentialité"):
        orders.start(order.dossier, on=today, by=provider)
    orders.promise_confidentiality(order, by=provider)
    for day, said in ((today + timedelta(days=1), "passée ou du jour"), (today - timedelta(days=1), "commence après")):
        with pytest.raises(Unmet, match=said):
            orders.start(order.dossier, on=day, by=provider)
    orders.start(order.dossier, on=today, by=provider)
    assert (fresh(order).started_on, fresh(order).dossier.turn) == (today, "provider")


@pytest.mark.parametrize("who", ["agent", "applicant", "another company", "a provider without company"])
def test_only_the_orders_company_conducts_it(who: str) -> None:
    order = make_notified(make_market())
    person = {
        "agent": make_agent,
        "applicant": lambda: order.dossier.created_by,
        "another company": lambda: make_provider(make_company()),
        "a provider without company": lambda: make_user_with(Role.PROVIDER, "diagnostic"),
    }[who]()
    with pytest.raises(NotAllowed):
        orders.promise_confidentiality(order, by=person)
    with pytest.raises(NotAllowed):
        orders.start(order.dossier, on=timezone.localdate(), by=person)
    with pytest.raises(NotAllowed):
        orders.note_session(order, on=timezone.localdate(), half_days=1, what="", by=person)


def test_a_sixth_day_is_not_noted() -> None:
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC), tick=False):
        provider_order = make_started(make_market())
    provider = make_provider(provider_order.company)
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        for day in range(3, 8):
            orders.note_session(provider_order, on=date(2026, 11, day), half_days=2, what="Ateliers", by=provider)
        with pytest.raises(NotDone, match="La commande est de 5 jours"):
            orders.note_session(provider_order, on=date(2026, 11, 9), half_days=1, what="", by=provider)
    assert (fresh(provider_order).half_days_done, provider_order.sessions.count()) == (10, 5)


@pytest.mark.parametrize(
    ("day", "half_days", "said"),
    [
        (date(2026, 11, 1), 1, "entre le démarrage et aujourd’hui"),
        (date(2026, 11, 21), 1, "entre le démarrage et aujourd’hui"),
        (date(2026, 11, 3), 3, "une ou deux demi-journées"),
        (date(2026, 11, 4), 1, "est déjà noté"),
    ],
)
def test_a_wrong_line_is_not_noted(day: date, half_days: int, said: str) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC), tick=False):
        order = make_started(make_market())
    provider = make_provider(order.company)
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        orders.note_session(order, on=date(2026, 11, 4), half_days=2, what="", by=provider)
        with pytest.raises(NotDone, match=said):
            orders.note_session(order, on=day, half_days=half_days, what="", by=provider)
    assert fresh(order).half_days_done == 2


def test_a_line_erased_gives_its_half_days_back() -> None:
    order = make_started(make_market())
    provider = make_provider(order.company)
    line = orders.note_session(order, on=timezone.localdate(), half_days=2, what="", by=provider)
    orders.erase_session(line, by=provider)
    assert (fresh(order).half_days_done, order.sessions.count()) == (0, 0)


# ---------------------------------------------------------------------------------------------------------- giving back
def test_a_cancelled_order_gives_back_money_days_and_aid_and_the_request_is_examined_again() -> None:
    market = make_market()
    order = make_notified(market)
    agent = make_agent()
    with pytest.raises(ReasonMissing):
        orders.cancel(order.dossier, reason="", by=agent)
    orders.cancel(order.dossier, reason="Prestataire défaillant", by=agent)
    kept = fresh(order)
    assert (kept.dossier.state, kept.dossier.amount, kept.is_active) == ("review", None, False)
    assert (balances(market), Market.objects.get().half_days_held) == (("50000.00", "0.00", "0.00"), 0)
    assert sorted(Aid.objects.filter(source="portal").values_list("amount", flat=True)) == [
        Decimal("-5400.00"),
        Decimal("5400.00"),
    ]
    assert "Prestataire défaillant" in Mail.objects.get(kind="diagnostic.cancelled").text
    # another provider may be chosen, on a new order
    again = make_order(market, dossier=kept.dossier)
    assert (Order.objects.count(), again.is_active, balances(market)) == (2, True, ("44600.00", "5400.00", "0.00"))


def test_before_the_notification_a_cancellation_tells_nobody_outside() -> None:
    order = make_order(make_market())
    orders.cancel(order.dossier, reason="Erreur de saisie", by=make_agent())
    assert not Mail.objects.filter(kind__startswith="diagnostic.").exists()


def test_a_lapsed_request_is_closed_and_told_why() -> None:
    order = make_notified(make_market())
    orders.lapse(order.dossier, reason="Sans nouvelles depuis six mois", by=make_agent())
    assert fresh(order).dossier.state == "lapsed"
    assert "Sans nouvelles" in Mail.objects.get(kind="diagnostic.lapsed").text
    assert selection.open_proposal(order.dossier) is None


# ------------------------------------------------------------------------------------------------- since the selection
def test_a_reading_that_fell_since_the_selection_stops_the_order_and_the_notification() -> None:
    """The directory answers late: what was read as met is to be read again before money is committed."""
    make_signatory()
    dossier = make_reviewed(answers=near_the_ceiling("270 000,00"))
    agent = make_agent()
    desk.read_finding(dossier, "diagnostic.de_minimis", Outcome.MET, reason="Le prix tient", by=agent)
    order = make_order(make_market(), dossier=dossier)
    kept = Dossier.objects.get()
    for one in kept.verdict["findings"]:
        if one["rule"] == "diagnostic.de_minimis":
            one["message"] += " Activité agricole."
    kept.save(update_fields=["verdict"])
    with pytest.raises(Unmet, match="Lisez d’abord le constat «\u00a0Aides de minimis"):
        orders.place_order(kept, by=agent)
    desk.read_finding(kept, "diagnostic.de_minimis", Outcome.MET, reason="Vu de nouveau", by=agent)
    orders.place_order(kept, by=agent)
    orders.notify(kept, by=agent)
    assert Aid.objects.get(source="portal").amount == order.amount


def test_a_conflict_declared_since_the_selection_stops_the_order() -> None:
    make_signatory()
    order, agent = make_order(make_market()), make_agent()
    siren = order.dossier.organisation.siren
    Conflict.objects.create(company=order.company, siren=siren, reason="Même groupe", by=agent)
    with pytest.raises(Unmet, match="ne peut plus prendre ce diagnostic"):
        orders.place_order(order.dossier, by=agent)
    orders.cancel(order.dossier, reason="Conflit", by=agent)


def test_a_notified_selection_is_taken_back_by_a_letter_that_can_be_contested() -> None:
    order = make_notified(make_market())
    orders.lapse(order.dossier, reason="Sans nouvelles", by=make_agent())
    letter = Letter.objects.get(kind="diagnostic.withdrawal")
    assert (letter.is_contestable, letter.is_internal) == (True, False)
    assert letter.document.record["reason"] == "Sans nouvelles"
