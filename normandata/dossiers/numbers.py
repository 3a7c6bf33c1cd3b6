"""Numbers of dossiers: gapless in a year, given under lock in the transaction of the deposit."""

from django.db import connection
from django.db.transaction import TransactionManagementError

from .models import Counter


def next_number(prefix: str, year: int) -> str:
    """Take the next number of a series, as `DIA-2026-0001`; a transaction rolled back gives it back.

    Must run in a transaction; raises TransactionManagementError otherwise.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("a number is taken in the transaction of its deposit")
    counter = Counter.objects.select_for_update().filter(prefix=prefix, year=year).first()
    if counter is None:
        Counter.objects.bulk_create([Counter(prefix=prefix, year=year)], ignore_conflicts=True)
        counter = Counter.objects.select_for_update().get(prefix=prefix, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return str(counter)
