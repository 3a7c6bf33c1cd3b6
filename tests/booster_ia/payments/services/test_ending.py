"""The end of a grant: repayments heard and decided by two people, lapses, the closing of the dossier."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from booster_ia.payments.recoveries import Lapse, Recovery
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import certifying, ending, recoveries, requests
from normandata.budgets.models import Envelope
from normandata.deminimis import granting
from normandata.deminimis.models import Aid
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.booster_after import make_told
from tests.factories.deminimis import make_declaration
from tests.factories.payments import (
    applicant_of,
    ask_advance,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    make_signatory,
    pay,
    pay_advance,
    reread,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOON = datetime.fromisoformat("2027-07-01T12:00:00+02:00")


def overpaid() -> Recovery:
    """Make a grant of which 6 250 € were advanced and 9 000 € justified: 1 750 € too much."""
    award = make_award()
    pay_advance(award, "6250.00")
    pay(ask_balance(award, line(amount="9000")))
    return Recovery.objects.get()


# ------------------------------------------------------------------------------------------------------- adversarial
def test_the_structure_has_thirty_days_for_its_observations() -> None:
    with time_machine.travel(NOON, tick=False):
        recovery = overpaid()
        recoveries.notify(recovery, by=make_checker())
    assert (recovery.notified_on, recovery.observations_by) == (date(2027, 7, 1), date(2027, 7, 31))
    assert recovery.letter is not None
    assert recovery.letter.is_contestable is False


@pytest.mark.parametrize(("days", "is_ordered"), [(30, False), (31, True)])
def test_an_order_waits_for_the_last_day_of_the_observations(days: int, is_ordered: bool) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        recovery, lead = overpaid(), make_lead()
        recoveries.notify(recovery, by=make_checker())
        clock.move_to(NOON + timedelta(days=days))
        if not is_ordered:
            with pytest.raises(Unmet):
                recoveries.order(recovery, by=lead)
            return
        recoveries.order(recovery, by=lead)
    assert (recovery.state, recovery.decided_by) == ("ordered", lead)
    assert recovery.order is not None
    assert recovery.order.is_contestable is True


def test_an_order_may_come_once_the_structure_has_answered() -> None:
    recovery = overpaid()
    recoveries.notify(recovery, by=make_checker())
    with pytest.raises(NotDone):
        recoveries.observe(recovery, observations=" ", by=applicant_of(recovery.award))
    recoveries.observe(recovery, observations="Une facture manquait.", by=applicant_of(recovery.award))
    recoveries.order(recovery, answer="Elle est hors période.", by=make_lead())
    assert (recovery.observations, recovery.decision) == ("Une facture manquait.", "Elle est hors période.")


def test_observations_are_not_received_after_their_last_day() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        recovery = overpaid()
        recoveries.notify(recovery, by=make_checker())
        clock.move_to(NOON + timedelta(days=31))
        with pytest.raises(Unmet):
            recoveries.observe(recovery, observations="Trop tard.", by=applicant_of(recovery.award))


@pytest.mark.parametrize("author", ["opened_by", "notified_by"])
def test_who_opened_it_or_sent_the_letter_does_not_decide(author: str) -> None:
    recovery, lead = overpaid(), make_lead()
    recoveries.notify(recovery, by=lead if author == "notified_by" else make_checker())
    recoveries.observe(recovery, observations="Observations.", by=applicant_of(recovery.award))
    decider = getattr(recovery, author)
    assert decider is not None
    for gesture in (recoveries.order, recoveries.waive):
        with pytest.raises(Unmet):
            gesture(recovery, by=decider, **({"reason": "Non."} if gesture is recoveries.waive else {}))
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.update(decided_by=decider, decided_at=timezone.now())


def test_a_waiver_has_its_reason_and_frees_the_closing() -> None:
    recovery = overpaid()
    with pytest.raises(ReasonMissing):
        recoveries.waive(recovery, reason=" ", by=make_lead())
    recoveries.waive(recovery, reason="Créance minime.", by=make_lead())
    assert recovery.state == "waived"
    assert recoveries.asked_back(recovery.award) == 0


def test_a_titre_comes_after_the_order() -> None:
    recovery, officer = overpaid(), make_officer()
    with pytest.raises(NotNow):
        recoveries.issue(recovery, number="T-1", on=timezone.localdate(), by=officer)
    recoveries.notify(recovery, by=make_checker())
    recoveries.observe(recovery, observations="Observations.", by=applicant_of(recovery.award))
    recoveries.order(recovery, by=make_lead())
    for number, on in (("", timezone.localdate()), ("T-1", timezone.localdate() + timedelta(days=1))):
        with pytest.raises(NotDone):
            recoveries.issue(recovery, number=number, on=on, by=officer)
    recoveries.issue(recovery, number="T-1", on=timezone.localdate(), by=officer)
    assert (recovery.state, recovery.claim) == ("issued", "T-1")


def test_a_mistyped_titre_is_corrected_with_a_reason_and_the_journal_keeps_the_former() -> None:
    recovery, officer, today = overpaid(), make_officer(), timezone.localdate()
    recoveries.notify(recovery, by=make_checker())
    recoveries.observe(recovery, observations="Observations.", by=applicant_of(recovery.award))
    recoveries.order(recovery, by=make_lead())
    with pytest.raises(NotNow):
        recoveries.correct_claim(recovery, number="T-2", on=today, reason="Faute.", by=officer)
    recoveries.issue(recovery, number="T-1", on=today, by=officer)
    with pytest.raises(NotAllowed):
        recoveries.correct_claim(recovery, number="T-2", on=today, reason="Faute.", by=make_checker())
    with pytest.raises(ReasonMissing):
        recoveries.correct_claim(recovery, number="T-2", on=today, reason=" ", by=officer)
    for number, on in (("T-1", today), (" ", today), ("T-2", today + timedelta(days=1))):
        with pytest.raises(NotDone):
            recoveries.correct_claim(recovery, number=number, on=on, reason="Faute.", by=officer)
    recoveries.correct_claim(recovery, number="T-2", on=today, reason="Faute de frappe.", by=officer)
    recovery.refresh_from_db()
    assert (recovery.state, recovery.claim) == ("issued", "T-2")
    told = Event.objects.about(recovery.award.dossier).named("recovery_correct_claim").get()
    assert (told.reason, told.data["was"], told.data["was_on"]) == ("Faute de frappe.", "T-1", today.isoformat())
    assert Mail.objects.filter(kind="booster_ia.recovery_issued", text__contains="T-2").exists()


@pytest.mark.parametrize(
    ("amount", "passes"), [("5000.00", True), ("5000.01", False), ("0.00", False), ("-1.00", False)]
)
def test_a_breach_asks_back_what_was_paid_at_most(amount: str, passes: bool) -> None:
    award = make_award()
    pay_advance(award, "5000.00")
    if passes:
        made = recoveries.open_breach(award, amount=Decimal(amount), reason="Logo absent.", by=make_checker())
        assert (made.kind, made.amount) == ("breach", Decimal(5000))
        with pytest.raises(NotNow):
            recoveries.open_breach(award, amount=Decimal(1), reason="Encore.", by=make_checker())
    else:
        with pytest.raises(NotDone):
            recoveries.open_breach(award, amount=Decimal(amount), reason="Logo absent.", by=make_checker())


# ------------------------------------------------------------------------------------------------------------ lapse
def test_a_lapse_takes_two_people_and_frees_the_commitment() -> None:
    award, first = make_award(), make_checker()
    with pytest.raises(ReasonMissing):
        ending.propose_lapse(award, reason=" ", by=first)
    ending.propose_lapse(award, reason="Rien n’a été justifié.", by=first)
    with pytest.raises(NotNow):
        ending.propose_lapse(award, reason="Encore.", by=make_checker())
    with pytest.raises(Unmet):
        ending.lapse(award, by=first)
    ending.lapse(award, by=make_lead())
    envelope = Envelope.objects.get()
    assert (reread(award).dossier.state, envelope.committed, envelope.paid) == ("lapsed", Decimal(0), Decimal(0))
    assert Recovery.objects.count() == 0


def test_the_database_too_refuses_that_who_proposes_a_lapse_decides_it() -> None:
    award, first = make_award(), make_checker()
    ending.propose_lapse(award, reason="Rien.", by=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lapse.objects.update(decided_by=first, decided_at=timezone.now(), is_confirmed=True)


def test_a_lapse_is_never_fired_without_a_proposal() -> None:
    award = make_award()
    with pytest.raises(Unmet):
        procedure.fire(award.dossier, "lapse", by=make_lead(), reason="Directement.")
    assert reread(award).dossier.state == "in_progress"


def test_a_lapse_of_an_advance_asks_it_back() -> None:
    award = make_award()
    pay_advance(award, "5000.00")
    requests.begin(award, "balance", by=applicant_of(award))
    ending.propose_lapse(award, reason="Projet arrêté.", by=make_checker())
    ending.lapse(award, by=make_lead())
    recovery = Recovery.objects.get()
    envelope = Envelope.objects.get()
    assert (recovery.kind, recovery.amount, recovery.state) == ("lapse", Decimal(5000), "opened")
    assert (envelope.committed, envelope.paid) == (Decimal(0), Decimal(5000))
    assert set(PaymentRequest.objects.values_list("kind", "state")) == {("advance", "paid"), ("balance", "withdrawn")}


@pytest.mark.parametrize(("is_paid", "left"), [(False, 0), (True, 12500)])
def test_the_de_minimis_aid_of_a_grant_never_paid_is_reversed(is_paid: bool, left: int) -> None:
    award = make_award()
    make_declaration(award.organisation)
    granting.grant(
        award.organisation, on=award.granted_on, amount=award.amount, about=award, key="essai", by=None,
        dossier=None,
    )  # fmt: skip
    if is_paid:
        pay_advance(award, "5000.00")
    ending.propose_lapse(award, reason="Projet arrêté.", by=make_checker())
    ending.lapse(award, by=make_lead())
    assert sum(Aid.objects.values_list("amount", flat=True)) == left


def test_what_the_structure_sent_is_answered_before_a_lapse() -> None:
    award = make_award()
    give_account(award)
    ask_advance(award, "5000.00")
    ending.propose_lapse(award, reason="Projet arrêté.", by=make_checker())
    with pytest.raises(Unmet):
        ending.lapse(award, by=make_lead())


def test_a_lapse_set_aside_leaves_room_for_another() -> None:
    award, first = make_award(), make_checker()
    ending.propose_lapse(award, reason="Rien.", by=first)
    ending.drop_lapse(award, reason="Le porteur a écrit.", by=first)
    assert ending.open_lapse(award) is None
    ending.propose_lapse(award, reason="Toujours rien.", by=first)


def test_somebody_else_lapses_nothing() -> None:
    award = make_award()
    with pytest.raises(NotAllowed):
        ending.propose_lapse(award, reason="Rien.", by=applicant_of(award))


# ---------------------------------------------------------------------------------------------------------- closing
def close(award: Any) -> str:
    dossier = reread(award).dossier
    procedure.fire(dossier, "close", by=make_checker())
    return str(dossier.state)


def test_a_dossier_closes_once_paid_and_without_a_pending_repayment() -> None:
    award = make_award()
    give_account(award)
    request = pay(ask_balance(award, line(amount="20000")))
    with pytest.raises(Unmet) as refused:
        close(award)
    assert refused.value.messages == (
        "Un paiement certifié attend son numéro de mandat.",
        "La structure n’a pas envoyé son bilan, avec ses indicateurs d’avancée.",
        "L’échange de fin de projet n’est pas noté.",
    )
    told = make_told(award, on=timezone.localdate())
    told.exchange_on, told.exchange_mode, told.exchange_by = timezone.localdate(), "remote", make_lead()
    told.save()
    certifying.mandate(request, number="M-1", on=timezone.localdate(), by=make_officer())
    made = recoveries.open_breach(award, amount=Decimal(100), reason="Logo absent.", by=make_checker())
    with pytest.raises(Unmet):
        close(award)
    recoveries.waive(made, reason="Régularisé.", by=make_lead())
    assert close(award) == "closed"


def test_a_grant_is_not_justified_by_hand() -> None:
    award = make_award()
    make_signatory()
    with pytest.raises(NotAllowed):
        procedure.fire(award.dossier, "justify", by=make_lead())
