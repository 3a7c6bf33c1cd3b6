"""What the database itself keeps of a certified request: its figures, its people, its state, its row."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from booster_ia.payments.requests import PaymentRequest
from booster_ia.payments.services import certifying
from tests.factories.payments import (
    accept,
    applicant_of,
    ask_advance,
    ask_balance,
    give_account,
    line,
    make_award,
    make_officer,
    pay,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal("4999.99")},
        {"asked": Decimal("6000.00")},
        {"accepted": Decimal("4999.99")},
        {"explanation": {"sentence": "Autre calcul."}},
        {"checked_at": timezone.now() - timedelta(days=1)},
        {"certified_at": timezone.now() - timedelta(days=1)},
        {"bank": None},
        {"kind": "balance"},
        {"state": "checked"},
        {"state": "withdrawn"},
    ],
)
def test_what_is_certified_keeps_its_figures(change: dict[str, Any]) -> None:
    award = make_award()
    give_account(award)
    request = accept(ask_advance(award, "5000.00"))
    rows = PaymentRequest.objects.filter(pk=request.pk)
    assert rows.update(asked=Decimal("5000.00")) == 1, "the witness: before the certification it takes a change"
    pay(request)
    before = rows.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**change)
    assert rows.values().get() == before


@pytest.mark.parametrize("name", ["checked_by", "certified_by"])
def test_what_is_certified_keeps_its_people(name: str) -> None:
    award = make_award()
    give_account(award)
    request = pay(ask_balance(award, line(amount="18000")))
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentRequest.objects.filter(pk=request.pk).update(**{name: applicant_of(award)})


def test_what_is_certified_is_never_erased_and_still_takes_its_mandate() -> None:
    award = make_award()
    give_account(award)
    officer, today = make_officer(), timezone.localdate()
    request = pay(ask_advance(award, "5000.00"), officer=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentRequest.objects.filter(pk=request.pk).delete()
    certifying.mandate(request, number="M-1", on=today, by=officer)
    certifying.correct_mandate(request, number="M-2", on=today, reason="Faute de frappe.", by=make_officer())
    found = PaymentRequest.objects.get()
    assert (found.state, found.mandate, found.amount) == ("paid", "M-2", Decimal("5000.00"))


def test_what_is_not_certified_may_be_erased() -> None:
    """The witness of the test above: it is the certification that keeps a row."""
    award = make_award()
    give_account(award)
    request = ask_advance(award, "5000.00")
    assert PaymentRequest.objects.filter(pk=request.pk).delete()[0] == 1
