"""Delays by the calendar and by the clock of Paris: month ends, changes of hour, to the second."""

from datetime import UTC, date, datetime, timedelta

import pytest

from normandata.dossiers import delays
from normandata.dossiers.delays import Suspension


@pytest.mark.parametrize(
    ("received_on", "suspensions", "expected"),
    [
        (date(2026, 10, 1), (), date(2026, 12, 1)),
        (date(2026, 12, 31), (), date(2027, 2, 28)),  # no 31 February
        (date(2027, 12, 30), (), date(2028, 2, 29)),  # a leap year
        (date(2026, 7, 31), (), date(2026, 9, 30)),
        (date(2026, 10, 1), (Suspension(date(2026, 10, 2), date(2026, 10, 16)),), date(2026, 12, 15)),
        (date(2026, 10, 1), (Suspension(date(2026, 10, 2), date(2026, 10, 16), date(2026, 10, 5)),), date(2026, 12, 4)),
        # what arrives after its last day suspends no longer than that day
        (
            date(2026, 10, 1),
            (Suspension(date(2026, 10, 2), date(2026, 10, 16), date(2026, 10, 30)),),
            date(2026, 12, 15),
        ),
        # the same day: nothing is suspended
        (date(2026, 10, 1), (Suspension(date(2026, 10, 2), date(2026, 10, 16), date(2026, 10, 2)),), date(2026, 12, 1)),
        # the two months are counted first, then the days: 31 December → 28 February → 2 March
        (date(2026, 12, 31), (Suspension(date(2027, 1, 4), date(2027, 1, 6)),), date(2027, 3, 2)),
        (
            date(2026, 10, 1),
            (
                Suspension(date(2026, 10, 2), date(2026, 10, 16), date(2026, 10, 5)),
                Suspension(date(2026, 10, 10), date(2026, 10, 24), date(2026, 10, 20)),
            ),
            date(2026, 12, 14),
        ),
    ],
)
def test_silence_is_a_refusal_two_months_after_the_receipt_put_off_by_suspensions(
    received_on: date, suspensions: tuple[Suspension, ...], expected: date
) -> None:
    assert delays.silence_day(received_on, suspensions) == expected


def test_agents_are_alerted_fifteen_days_before_and_appeals_last_two_months() -> None:
    assert delays.silence_alert_day(date(2026, 12, 1)) == date(2026, 11, 16)
    assert delays.silence_alert_day(date(2027, 3, 1)) == date(2027, 2, 14)
    assert delays.appeal_day(date(2026, 12, 31)) == date(2027, 3, 1)


def test_fifteen_days_are_proposed_and_the_reminder_comes_three_days_before() -> None:
    assert delays.correction_deadline(date(2026, 12, 20)) == date(2027, 1, 4)
    assert delays.reminder_day(date(2027, 1, 2)) == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC)),  # the night when the hour goes back comes next
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # 25 hours long
        (date(2027, 3, 27), datetime(2027, 3, 27, 23, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 22, tzinfo=UTC)),  # 23 hours long
        (date(2026, 12, 31), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_in_paris_whatever_the_season(day: date, end: datetime) -> None:
    assert delays.end_of(day) == end
    assert delays.grace_end(day, 5) == end + timedelta(minutes=5)


@pytest.mark.parametrize("day", [date(2026, 10, 16), date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 28)])
@pytest.mark.parametrize("grace", [0, 5, 240])
def test_the_last_second_of_the_grace_is_in_time_and_the_next_is_not(day: date, grace: int) -> None:
    last = delays.end_of(day).astimezone(UTC) + timedelta(minutes=grace)
    assert [delays.is_in_time(day, last + timedelta(seconds=one), grace) for one in (-1, 0, 1)] == [True, True, False]


def test_a_grace_longer_than_a_change_of_hour_lasts_its_own_minutes() -> None:
    """Four hours after the midnight that precedes the change: 240 minutes elapsed, whatever the clocks say."""
    end = delays.grace_end(date(2026, 10, 24), 240)
    assert end.astimezone(UTC) == datetime(2026, 10, 25, 2, tzinfo=UTC)
    assert (end.hour, end.utcoffset()) == (3, timedelta(hours=1))
