"""How a clone moves the dates of an edition, through both changes of the clock."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from datathon.days import Days
from normandata.regulation.calendar import PARIS

SOURCE = Days(
    opens_on=date(2027, 9, 1),
    registration_closes_on=date(2027, 9, 30),
    starts_on=date(2027, 10, 4),
    teams_lock_on=date(2027, 10, 8),
    deliverables_due_at=datetime(2027, 10, 22, 12, tzinfo=PARIS),
    closing_at=datetime(2027, 10, 30, 14, tzinfo=PARIS),
)


def test_a_clone_keeps_the_days_of_the_week_and_the_hours_of_paris() -> None:
    assert SOURCE.later(1) == Days(
        opens_on=date(2028, 8, 30),
        registration_closes_on=date(2028, 9, 28),
        starts_on=date(2028, 10, 2),
        teams_lock_on=date(2028, 10, 6),
        deliverables_due_at=datetime(2028, 10, 20, 12, tzinfo=PARIS),
        closing_at=datetime(2028, 10, 28, 14, tzinfo=PARIS),
    )
    moved = SOURCE.later(3)
    assert moved.closing_at is not None
    assert (moved.starts_on and moved.starts_on.weekday(), moved.closing_at.hour) == (0, 14)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # On 31 March 2024 the clock goes from 2 to 3; on 31 October 2027, back from 3 to 2.
        (datetime(2023, 4, 2, 1, 59, tzinfo=PARIS), datetime(2024, 3, 31, 1, 59, tzinfo=PARIS)),
        (datetime(2023, 4, 2, 2, 30, tzinfo=PARIS), None),
        (datetime(2023, 4, 2, 3, 0, tzinfo=PARIS), datetime(2024, 3, 31, 3, 0, tzinfo=PARIS)),
        (datetime(2026, 11, 1, 2, 30, tzinfo=PARIS), None),
        (datetime(2026, 11, 1, 3, 0, tzinfo=PARIS), datetime(2027, 10, 31, 3, 0, tzinfo=PARIS)),
    ],
)
def test_an_hour_that_the_new_night_lacks_or_has_twice_is_left_out(before: datetime, after: datetime | None) -> None:
    assert replace(SOURCE, closing_at=before).later(1).closing_at == after
