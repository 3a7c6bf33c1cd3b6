"""Numbers: gapless in a year, given back when the deposit is not."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from normandata.dossiers import numbers
from normandata.dossiers.models import Counter
from tests.threads import together


@pytest.mark.django_db
def test_a_series_for_each_prefix_and_year() -> None:
    assert [numbers.next_number("DIA", 2026) for _ in range(3)] == ["DIA-2026-0001", "DIA-2026-0002", "DIA-2026-0003"]
    assert (numbers.next_number("DIA", 2027), numbers.next_number("BIA", 2026)) == ("DIA-2027-0001", "BIA-2026-0001")


@pytest.mark.django_db
def test_a_number_rolled_back_is_given_again() -> None:
    numbers.next_number("DIA", 2026)
    with transaction.atomic():
        assert numbers.next_number("DIA", 2026) == "DIA-2026-0002"
        transaction.set_rollback(True)
    assert numbers.next_number("DIA", 2026) == "DIA-2026-0002"


@pytest.mark.django_db(transaction=True)
def test_a_number_is_not_taken_outside_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        numbers.next_number("DIA", 2026)
    assert not Counter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_first_numbers_of_a_year_taken_at_once_have_no_gap() -> None:
    def take() -> str:
        with transaction.atomic():
            return numbers.next_number("DIA", 2026)

    taken = together(*[take] * 12)
    assert sorted(taken) == [f"DIA-2026-{number:04d}" for number in range(1, 13)]
