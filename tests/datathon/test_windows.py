"""Windows of an edition: each day to its end in Paris, through both changes of hour, whatever the server's zone."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from datathon import phases, windows
from datathon.windows import Phase, moment
from tests.factories.datathon import PARIS

GRACE = 5
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the server in another zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    os.environ.setdefault("TZ", "")
    if not os.environ["TZ"]:
        del os.environ["TZ"]
    time.tzset()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The end of the day in Paris, as the clock of Greenwich says it: the hour changes in the night before it, or after.
ENDS = [
    (SPRING - timedelta(days=1), utc("2027-03-27T23:00:00")),
    (SPRING, utc("2027-03-28T22:00:00")),
    (AUTUMN - timedelta(days=1), utc("2027-10-30T22:00:00")),
    (AUTUMN, utc("2027-10-31T23:00:00")),
    (date(2027, 9, 30), utc("2027-09-30T22:00:00")),
]


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(("last", "end"), ENDS)
def test_a_last_day_ends_at_midnight_in_paris_then_comes_the_grace(last: date, end: datetime) -> None:
    instants = [
        (end - timedelta(milliseconds=100), True),  # 23:59:59.9
        (end, True),
        (end + timedelta(minutes=GRACE), True),
        (end + timedelta(minutes=GRACE, microseconds=1), False),
    ]
    for at, is_open in instants:
        register = windows.registration(Phase(phases.REGISTRATION), at, opens_on=None, closes_on=last, grace=GRACE)
        change = windows.changes(Phase(phases.CHALLENGE), at, lock_on=last, grace=GRACE)
        assert (register.is_open, change.is_open) == (is_open, is_open), at


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    "due",
    [
        datetime(2027, 3, 28, 1, 58, tzinfo=PARIS),  # three minutes before the clock jumps to 3:00
        datetime(2027, 10, 31, 2, 58, tzinfo=PARIS, fold=0),  # two minutes before 3:00 becomes 2:00
        datetime(2027, 10, 31, 2, 58, tzinfo=PARIS, fold=1),  # the same reading, an hour later
        datetime(2027, 10, 22, 12, 0, tzinfo=PARIS),
    ],
)
def test_the_grace_of_an_hour_is_five_minutes_that_elapse(due: datetime) -> None:
    instant = due.astimezone(UTC)
    for shift, is_open in (
        (timedelta(microseconds=-1), True),
        (timedelta(0), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=5, microseconds=1), False),
        (timedelta(hours=1), False),
    ):
        window = windows.delivery(Phase(phases.CHALLENGE), instant + shift, due_at=due, grace=GRACE)
        assert window.is_open is is_open, shift


def test_a_late_page_says_the_hour_and_whose_limit() -> None:
    due, at = datetime(2027, 10, 22, 12, tzinfo=PARIS), datetime(2027, 10, 22, 12, 5, 1, tzinfo=PARIS)
    said = windows.delivery(Phase(phases.CHALLENGE), at, due_at=due, grace=GRACE).sentence
    assert said.replace("\u00a0", " ") == (
        "Le délai est passé depuis le 22 octobre 2027 à 12 h 00. "
        "Nous sommes le 22 octobre 2027 à 12 h 05 min 01 s, heure de Paris."
    )
    extended = windows.delivery(Phase(phases.CHALLENGE), at, due_at=due, grace=GRACE, is_extended=True)
    assert extended.sentence.startswith("Le délai donné à votre équipe est passé")


@pytest.mark.parametrize(
    ("since", "due", "said"),
    [
        (datetime(2027, 11, 2, 9, 10, tzinfo=PARIS), None, "La remise est close depuis le 2 novembre 2027 à 9 h 10."),
        (
            datetime(2027, 11, 2, 9, 10, tzinfo=PARIS),
            datetime(2027, 10, 22, 12, tzinfo=PARIS),
            "La remise est close depuis le 22 octobre 2027 à 12 h 00.",
        ),
        (
            datetime(2027, 10, 20, 9, 10, tzinfo=PARIS),
            datetime(2027, 10, 22, 12, tzinfo=PARIS),
            "La remise est close depuis le 20 octobre 2027 à 9 h 10.",
        ),
        (None, None, "La remise est close."),
    ],
)
def test_a_closed_delivery_says_the_limit_or_the_phase_that_came_before_it(
    since: datetime | None, due: datetime | None, said: str
) -> None:
    at = datetime(2027, 12, 1, tzinfo=PARIS)
    window = windows.delivery(Phase(phases.PUBLISHED, since), at, due_at=due, grace=GRACE)
    assert window.sentence.replace("\u00a0", " ") == said


NOT_OPEN = "Les inscriptions ne sont pas ouvertes"
OPENS, CLOSES = date(2027, 9, 1), date(2027, 9, 30)
SINCE = datetime(2027, 10, 4, 8, tzinfo=PARIS)
NOON = datetime(2027, 9, 15, 12, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("phase", "at", "title", "sentence"),
    [
        (
            phases.PREPARING,
            NOON,
            NOT_OPEN,
            "Les inscriptions ouvrent le 1er septembre 2027.",
        ),
        (
            phases.REHEARSAL,
            NOON,
            NOT_OPEN,
            "Cette édition se prépare : elle n’est pas ouverte.",
        ),
        (
            phases.REGISTRATION,
            datetime(2027, 8, 31, 12, tzinfo=PARIS),
            NOT_OPEN,
            "Les inscriptions ouvrent le 1er septembre 2027.",
        ),
        (
            phases.REGISTRATION,
            datetime(2027, 10, 2, tzinfo=PARIS),
            "Les inscriptions sont closes",
            "Les inscriptions sont closes depuis le 30 septembre 2027 à minuit, heure de Paris.",
        ),
        (
            phases.CHALLENGE,
            NOON,
            "Les inscriptions sont closes",
            "Les inscriptions sont closes : le challenge a commencé depuis le 4 octobre 2027 à 8 h 00.",
        ),
        (
            phases.CANCELLED,
            NOON,
            "Cette édition est annulée",
            "Cette édition est annulée depuis le 4 octobre 2027 à 8 h 00.",
        ),
    ],
)
def test_a_closed_registration_says_why_and_since_when(phase: str, at: datetime, title: str, sentence: str) -> None:
    window = windows.registration(Phase(phase, SINCE), at, opens_on=OPENS, closes_on=CLOSES, grace=GRACE)
    assert (window.is_open, window.title, window.sentence.replace("\u00a0", " ")) == (False, title, sentence)


def test_a_trial_ignores_the_days() -> None:
    trial, late = Phase(phases.REHEARSAL), datetime(2028, 1, 1, tzinfo=PARIS)
    assert windows.registration(trial, late, opens_on=OPENS, closes_on=CLOSES, grace=GRACE, may_try=True).is_open
    assert windows.changes(trial, late, lock_on=CLOSES, grace=GRACE).is_open
    assert windows.delivery(trial, late, due_at=NOON, grace=GRACE).is_open


@pytest.mark.parametrize(
    ("phase", "changes", "delivery"),
    [
        (phases.PREPARING, False, False),
        (phases.REHEARSAL, True, True),
        (phases.REGISTRATION, True, False),
        (phases.CHALLENGE, True, True),
        (phases.SCORING, False, False),
        (phases.DELIBERATION, False, False),
        (phases.DECIDED, False, False),
        (phases.PUBLISHED, False, False),
        (phases.CANCELLED, False, False),
    ],
)
def test_each_phase_opens_its_gestures(phase: str, changes: bool, delivery: bool) -> None:
    found = (
        windows.changes(Phase(phase), NOON, lock_on=None, grace=GRACE),
        windows.delivery(Phase(phase), NOON, due_at=None, grace=GRACE),
    )
    assert tuple(one.is_open for one in found) == (changes, delivery)
    assert all(one.sentence and one.title for one in found if not one.is_open)


def test_moments_read_as_in_paris() -> None:
    assert moment(utc("2027-10-31T00:58:00")).replace("\u00a0", " ") == "31 octobre 2027 à 2 h 58"
    assert moment(utc("2027-10-31T01:58:00")).replace("\u00a0", " ") == "31 octobre 2027 à 2 h 58"
