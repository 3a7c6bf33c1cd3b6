"""The diagnostics carried out: counted by year, never a name."""

from datetime import date

import pytest
from django.utils import timezone

from diagnostic import results
from diagnostic.orders import Order
from normandata.bulletin.results import Asked
from tests.factories.after import make_life

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 1)


def test_diagnostics_are_counted_by_year_of_delivery(django_assert_num_queries) -> None:
    lives = [
        make_life(delivered_on=day)
        for day in (date(2026, 11, 20), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 2), None)
    ]
    cancelled = make_life(delivered_on=date(2026, 12, 1))
    Order.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now(), cancelled_reason="Essai.")
    with django_assert_num_queries(1):
        part = results.read(Asked(TODAY))
    assert part.finding == "3\u00a0diagnostics réalisés"
    assert [one.cells for one in part.table.lines] == [("2027", 1), ("2026", 2)]
    assert lives[0].organisation.name not in str(part)
    only = results.read(Asked(TODAY, year=2026))
    assert (only.finding, [one.cells for one in only.table.lines]) == (
        "2\u00a0diagnostics réalisés en 2026",
        [("2026", 2)],
    )


def test_nothing_yet_is_said() -> None:
    assert results.read(Asked(TODAY, year=2026)).finding == "Aucun diagnostic réalisé en 2026 pour le moment"
