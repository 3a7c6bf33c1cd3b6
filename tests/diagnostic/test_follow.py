"""The days on which a structure, its agents and its provider are told, counted from date to date."""

from datetime import date, timedelta

import pytest

from diagnostic import follow
from normandata.regulation.calendar import add_months


@pytest.mark.parametrize(
    ("delivered_on", "expected"),
    [
        (date(2026, 5, 20), date(2026, 11, 20)),
        (date(2026, 5, 31), date(2026, 11, 30)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
    ],
)
def test_six_months_run_from_date_to_date(delivered_on: date, expected: date) -> None:
    assert follow.follow_up_day(delivered_on) == expected


def test_the_bound_of_queries_forgets_nobody() -> None:
    for offset in range(800):
        day = date(2026, 3, 1) + timedelta(days=offset)
        reached = day
        while add_months(reached, 6) > day:
            reached -= timedelta(days=1)
        assert reached <= follow.delivered_by(day) <= reached + timedelta(days=4)


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2026, 6, 13), ""),
        (date(2026, 6, 14), "fortnight"),
        (date(2026, 6, 29), "fortnight"),
        (date(2026, 6, 30), "month"),  # 31 May and one month: 30 June
    ],
)
def test_reminders_of_the_questionnaire(day: date, rung: str) -> None:
    assert follow.evaluation_rung(date(2026, 5, 31), day) == rung


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2026, 11, 29), ""),
        (date(2026, 11, 30), "first"),
        (date(2026, 12, 14), "first"),
        (date(2026, 12, 15), "again"),
    ],
)
def test_mails_of_the_follow_up(day: date, rung: str) -> None:
    assert follow.follow_up_rung(date(2026, 5, 31), day) == rung


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2026, 12, 26), ""),
        (date(2026, 12, 27), "ahead"),
        (date(2027, 1, 10), "ahead"),
        (date(2027, 1, 11), "day"),
        (date(2027, 1, 20), "day"),
    ],
)
def test_alerts_of_the_start(day: date, rung: str) -> None:
    assert follow.start_rung(date(2027, 1, 11), day) == rung
