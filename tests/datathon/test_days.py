"""What the dates of an edition open and close, through both changes of the clock, and how a clone moves them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from datathon.days import Days
from normandata.regulation.calendar import PARIS

# 2027: summer time begins on Sunday 28 March and ends on Sunday 31 October.
LAST = timedelta(milliseconds=100)


def midnight(day: date) -> datetime:
    """Return the instant at which a civil day of Paris begins."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize("last", [date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)])
def test_registrations_close_with_the_last_instant_of_their_last_day(last: date) -> None:
    days = Days(opens_on=date(2027, 1, 4), registration_closes_on=last)
    end = midnight(last + timedelta(days=1))
    assert days.registers_at(end - LAST)
    assert not days.registers_at(end)


@pytest.mark.parametrize("first", [date(2027, 3, 28), date(2027, 3, 29), date(2027, 10, 31), date(2027, 11, 1)])
def test_registrations_open_with_the_first_instant_of_their_first_day(first: date) -> None:
    days = Days(opens_on=first, registration_closes_on=date(2027, 12, 31))
    assert not days.registers_at(midnight(first) - LAST)
    assert days.registers_at(midnight(first))


def test_the_day_of_the_change_lasts_23_or_25_hours() -> None:
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    for day, hours in ((spring, 23), (autumn, 25)):
        assert midnight(day + timedelta(days=1)) - midnight(day) == timedelta(hours=hours)
    # 23:59:59.9 in Paris, as another server's zone reads it: 21:59:59.9 or 22:59:59.9 UTC.
    only = Days(opens_on=spring, registration_closes_on=spring)
    assert only.registers_at(datetime(2027, 3, 28, 21, 59, 59, 900_000, tzinfo=UTC))
    assert not only.registers_at(datetime(2027, 3, 28, 22, 0, tzinfo=UTC))
    only = Days(opens_on=autumn, registration_closes_on=autumn)
    assert only.registers_at(datetime(2027, 10, 31, 22, 59, 59, 900_000, tzinfo=UTC))
    assert not only.registers_at(datetime(2027, 10, 31, 23, 0, tzinfo=UTC))


def test_a_bound_that_is_not_known_bounds_nothing() -> None:
    assert Days().registers_at(datetime(2027, 1, 1, tzinfo=UTC))


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
