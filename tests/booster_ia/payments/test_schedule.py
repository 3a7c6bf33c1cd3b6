"""What the days set off: each reminder on its day, once, and to whom it is for."""

from datetime import datetime, timedelta

import pytest
import time_machine

from booster_ia.payments import schedule
from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import checking, recoveries
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from tests.factories.payments import (
    JUSTIFY_BY,
    ask_balance,
    give_account,
    line,
    make_award,
    make_checker,
    make_officer,
    pay,
    pay_advance,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
LAST = datetime.fromisoformat("2027-12-30T10:00:00+01:00")


def kinds(kind: str) -> int:
    return Mail.objects.filter(kind=f"booster_ia.{kind}").count()


@pytest.mark.parametrize(("days", "count"), [(61, 0), (60, 1), (31, 1), (30, 1), (7, 1), (0, 1)])
def test_a_balance_is_reminded_before_its_last_day(days: int, count: int) -> None:
    make_award()
    at = LAST - timedelta(days=days)
    assert LAST.date() == JUSTIFY_BY
    for _ in range(2):
        schedule.remind_to_justify(at)
    assert kinds("justify_reminder") == count


def test_the_three_reminders_are_three_mails() -> None:
    make_award()
    for days in (60, 45, 30, 8, 7, 1):
        schedule.remind_to_justify(LAST - timedelta(days=days))
    assert kinds("justify_reminder") == 3


def test_a_balance_that_was_sent_is_not_reminded() -> None:
    award = make_award()
    give_account(award)
    ask_balance(award, line())
    schedule.remind_to_justify(LAST)
    schedule.alert_unjustified(LAST + timedelta(days=1))
    assert (kinds("justify_reminder"), kinds("justify_late")) == (0, 0)


def test_the_agents_are_told_once_the_last_day_is_past() -> None:
    make_award()
    make_checker()
    for days in (0, 1, 2):
        schedule.alert_unjustified(LAST + timedelta(days=days))
    assert kinds("justify_late") == 1


def test_a_request_sent_back_is_reminded_then_told_to_the_agents() -> None:
    with time_machine.travel("2027-07-01T10:00:00+02:00", tick=False):
        award = make_award()
        give_account(award)
        checking.send_back(ask_balance(award, line()), reason="Facture illisible.", by=make_checker())
    found = PaymentRequest.objects.get()
    assert str(found.answer_by) == "2027-07-31"
    for day, reminded, told in (("23", 0, 0), ("24", 1, 0), ("31", 1, 0)):
        schedule.remind_to_answer(datetime.fromisoformat(f"2027-07-{day}T10:00:00+02:00"))
        assert (kinds("payment_answer_reminder"), kinds("payment_unanswered")) == (reminded, told)
    schedule.remind_to_answer(datetime.fromisoformat("2027-08-01T10:00:00+02:00"))
    assert kinds("payment_unanswered") == 1


def test_a_request_sent_back_near_the_last_day_to_justify_is_due_that_day() -> None:
    with time_machine.travel("2027-12-20T10:00:00+01:00", tick=False):
        award = make_award()
        give_account(award)
        checking.send_back(ask_balance(award, line()), reason="Facture illisible.", by=make_checker())
    assert PaymentRequest.objects.get().answer_by == JUSTIFY_BY


def test_observations_are_reminded_then_their_end_is_told() -> None:
    with time_machine.travel("2027-07-01T10:00:00+02:00", tick=False):
        award = make_award()
        pay_advance(award, "6250.00")
        pay(ask_balance(award, line(amount="9000")))
        made = award.recoveries.get()  # type: ignore[attr-defined]
        agent = make_checker()
        recoveries.notify(made, by=agent)
    Dossier.objects.filter(pk=award.dossier.pk).update(owner=agent)
    for moment, reminded, told in (("2027-07-23", 0, 0), ("2027-07-24", 1, 0), ("2027-08-01", 1, 1)):
        schedule.remind_to_observe(datetime.fromisoformat(f"{moment}T10:00:00+02:00"))
        assert (kinds("recovery_reminder"), kinds("recovery_over")) == (reminded, told)


def test_a_mandate_missing_after_thirty_days_is_told_to_the_officers_once() -> None:
    with time_machine.travel("2027-07-01T10:00:00+02:00", tick=False):
        award = make_award()
        give_account(award)
        pay(ask_balance(award, line(amount="18000")), officer=make_officer())
    for moment in ("2027-07-30", "2027-07-31", "2027-08-01"):
        schedule.alert_mandates(datetime.fromisoformat(f"{moment}T10:00:00+02:00"))
    assert kinds("payment_mandate_missing") == User.objects.filter(role_assignments__role="payments_officer").count()
