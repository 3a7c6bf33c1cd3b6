"""Two gestures at the same instant, with real threads: money leaves once, and the loser is told."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from booster_ia.payments.recoveries import Recovery
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import certifying, ending
from normandata.accounts.models import User
from normandata.budgets.models import Entry
from normandata.procedure.errors import NotDone, NotNow
from tests.factories.payments import (
    accept,
    ask_advance,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_lead,
    make_officer,
    make_signatory,
    reread,
)
from tests.threads import together

ROUNDS = 4
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def certification(pk: int, officer: User) -> Callable[[], object]:
    return lambda: certifying.certify(PaymentRequest.objects.select_related("award__dossier").get(pk=pk), by=officer)


def test_two_certifications_at_once_pay_once() -> None:
    for _ in range(ROUNDS):
        award = make_award()
        give_account(award)
        make_signatory()
        request = accept(ask_balance(award, line(amount="18000")))
        results = together(*(certification(request.pk, make_officer()) for _ in range(3)))
        assert sorted(type(one).__name__ for one in results) == ["Event", "NotNow", "NotNow"]
        assert reread(award).paid == Decimal(9000)
        assert Entry.objects.filter(kind="pay", about_key=str(award.pk)).count() == 1


def test_a_certification_and_a_lapse_at_once_leave_nothing_in_between() -> None:
    """Either the lapse comes first and is refused, for a request is in hand, or it comes after and asks back."""
    for _ in range(ROUNDS):
        award = make_award()
        give_account(award)
        make_signatory()
        request = accept(ask_advance(award, "5000.00"))
        ending.propose_lapse(award, reason="Projet arrêté.", by=make_checker())
        lead = make_lead()
        results = together(
            certification(request.pk, make_officer()), lambda award=award, lead=lead: ending.lapse(award, by=lead)
        )
        found = reread(award)
        assert not isinstance(results[0], Exception), results[0]
        assert found.paid == Decimal(5000)
        if isinstance(results[1], NotDone):
            assert (found.dossier.state, Recovery.objects.filter(award=award).count()) == ("in_progress", 0)
        else:
            assert found.dossier.state == "lapsed"
            assert Recovery.objects.get(award=award).amount == Decimal(5000)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in, whatever the code does")
def test_the_witness_without_the_locks_more_than_one_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without holding the rows, several certifications begin; the key of the ledger alone keeps the money."""
    monkeypatch.setattr("booster_ia.payments.services.requests.hold", lambda thing: None)
    monkeypatch.setattr("booster_ia.payments.services.certifying.hold", lambda thing: None)
    entered = 0
    for _ in range(ROUNDS):
        award = make_award()
        give_account(award)
        make_signatory()
        request = accept(ask_advance(award, "5000.00"))
        results = together(*(certification(request.pk, make_officer()) for _ in range(4)))
        entered = max(entered, sum(not isinstance(one, NotNow) for one in results))
        assert Entry.objects.filter(kind="pay", about_key=str(award.pk)).count() == 1
        if entered > 1:
            break
    assert entered > 1
