"""Numbers: gapless in a year, given back when the deposit is not."""

import threading

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from normandata.dossiers import numbers
from normandata.dossiers.models import Counter


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
    taken: list[str] = []
    barrier = threading.Barrier(12)

    def take() -> None:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            with transaction.atomic():
                taken.append(numbers.next_number("DIA", 2026))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == [f"DIA-2026-{number:04d}" for number in range(1, 13)]
