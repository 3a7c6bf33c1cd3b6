"""Filing periods: both days included, to the second in Paris, through the changes of hour."""

from datetime import UTC, date, datetime, timedelta

import pytest

from normandata.dossiers import periods
from normandata.dossiers.models import FilingPeriod

pytestmark = pytest.mark.django_db


def period(opens_on: date, closes_on: date | None = None) -> FilingPeriod:
    return FilingPeriod.objects.create(scheme="diagnostic", opens_on=opens_on, closes_on=closes_on)


@pytest.mark.parametrize(
    ("last_day", "end"),
    [
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),  # a day of 25 hours
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),  # the day before it
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),  # a day of 23 hours
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, 0, tzinfo=UTC)),  # the day before it
        (date(2026, 12, 31), datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize(
    ("after", "is_open"),
    [(-0.1, True), (0.0, True), (60.0, True), (300.0, True), (300.1, False), (301.0, False)],
)
def test_the_last_second_of_the_grace_is_the_last(last_day: date, end: datetime, after: float, is_open: bool) -> None:
    period(date(2026, 1, 1), last_day)
    assert periods.window("diagnostic", end + timedelta(seconds=after)).is_open is is_open


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_zone_of_the_server_changes_nothing(zone: str, settings: object) -> None:
    from zoneinfo import ZoneInfo

    period(date(2026, 1, 1), date(2026, 10, 30))
    late = datetime(2026, 10, 30, 23, 5, 1, tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert periods.window("diagnostic", late - timedelta(seconds=1)).is_open
    assert not periods.window("diagnostic", late).is_open


def test_a_period_opens_at_midnight_in_paris() -> None:
    period(date(2026, 3, 29))
    assert not periods.window("diagnostic", datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)).is_open
    assert periods.window("diagnostic", datetime(2026, 3, 28, 23, 0, tzinfo=UTC)).is_open


def test_without_any_period_deposits_are_taken_all_along() -> None:
    FilingPeriod.objects.create(scheme="booster_ia", opens_on=date(2030, 1, 1))
    assert periods.window("diagnostic", datetime(2026, 5, 1, tzinfo=UTC)) == periods.Window(is_open=True)


def test_the_refusal_says_when_it_closed_and_when_it_opens_next() -> None:
    period(date(2026, 3, 1), date(2026, 4, 30))
    period(date(2026, 9, 1), date(2026, 10, 30))
    between = periods.window("diagnostic", datetime(2026, 6, 1, tzinfo=UTC))
    assert between.refusal.replace("\u00a0", " ") == (
        "Le dépôt s’est arrêté le 30 avril 2026 à 23 h 59. Votre brouillon est gardé. "
        "Le prochain dépôt ouvre le 1er septembre 2026."
    )
    before = periods.window("diagnostic", datetime(2026, 1, 1, tzinfo=UTC))
    assert before.refusal.replace("\u00a0", " ") == (
        "Le dépôt n’est pas encore ouvert. Votre brouillon est gardé. Le prochain dépôt ouvre le 1er mars 2026."
    )
    assert periods.window("diagnostic", datetime(2026, 9, 1, tzinfo=UTC)).closes_on == date(2026, 10, 30)


def test_the_window_says_the_grace_of_the_reglement_where_there_is_a_last_day() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    made = period(date(2026, 1, 1), date(2026, 10, 30))
    expected = periods.grace_minutes("diagnostic", at.date())
    assert (periods.window("diagnostic", at).grace, expected) == (5, 5)
    made.closes_on = None
    made.save()
    assert periods.window("diagnostic", at).grace == 0
