"""The figures of the roadmap at several dates: states of the journal, milestones from the day they were held."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from normandata.indicators.definitions import Period
from normandata.procedure.models import Event
from roadmap import indicators
from roadmap.models import Action, Deliberation
from tests.factories.roadmap import ActionFactory, make_action

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def until(day: date, year: int = 2026) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31), day)


def moved(action: Action, name: str, day: date, hour: int = 10) -> None:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)
    Event.objects.create(thing_kind="roadmap.action", thing_key=str(action.pk), name=name, at=at)


def test_a_state_is_that_of_the_evening_it_is_asked_for() -> None:
    action = make_action()
    make_action()
    for name, day, hour in (
        ("start", date(2026, 3, 1), 23),
        ("suspend", date(2026, 5, 1), 10),
        ("resume", date(2026, 6, 1), 10),
        ("complete", date(2026, 9, 1), 10),
    ):
        moved(action, name, day, hour)
    said = {}
    for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 2), date(2026, 6, 1), date(2026, 12, 31)):
        figure = indicators.by_state(until(day))
        said[day] = (figure.numerator, [label for label, count in figure.rows if count])
    assert said == {
        date(2026, 2, 28): (0, ["Prévue"]),
        date(2026, 3, 1): (1, ["Prévue", "En cours"]),
        date(2026, 5, 2): (1, ["Prévue", "Suspendue"]),
        date(2026, 6, 1): (1, ["Prévue", "En cours"]),
        date(2026, 12, 31): (1, ["Prévue", "Achevée"]),
    }


def test_milestones_on_time_late_after_and_to_come() -> None:
    first = make_action(
        [
            (1, date(2026, 2, 1), date(2026, 2, 1)),
            (1, date(2026, 3, 1), date(2026, 3, 20)),
            (1, date(2026, 6, 30), None),
            (1, date(2027, 1, 1), None),  # another year
        ]
    )
    stopped = make_action([(1, date(2026, 4, 1), None)])
    moved(first, "start", date(2026, 1, 2))
    moved(stopped, "abandon", date(2026, 5, 1))
    rows = {}
    for day in (date(2026, 3, 19), date(2026, 4, 30), date(2026, 6, 30), date(2026, 7, 1)):
        figure = indicators.milestones(until(day))
        rows[day] = ([count for _, count in figure.rows], figure.numerator, figure.denominator)
    assert rows == {
        date(2026, 3, 19): ([1, 0, 1, 0, 2], 1, 2),
        date(2026, 4, 30): ([1, 1, 1, 0, 1], 2, 3),
        date(2026, 6, 30): ([1, 1, 0, 1, 1], 2, 3),
        date(2026, 7, 1): ([1, 1, 1, 1, 0], 2, 4),
    }


def test_progress_is_that_of_the_pages() -> None:
    action = make_action([(3, date(2026, 2, 1), date(2026, 2, 1)), (1, date(2026, 9, 1), None)])
    other = make_action([(1, date(2026, 2, 1), date(2026, 2, 1))])
    figure = indicators.progress(until(date(2026, 12, 31)))
    assert {row[0]: row[2] for row in figure.rows} == {one.title: one.progress for one in (action, other)}
    assert figure.finding == "1\u00a0action sur 2 a tenu tous ses jalons"
    assert (figure.numerator, figure.denominator) == (2, 3)
    assert indicators.progress(until(date(2026, 1, 31))).numerator == 0
    shares = {row[0]: row[1:] for row in indicators.by_chantier(until(date(2026, 12, 31))).rows}
    assert sorted(row[1:] for row in shares.values()) == [(1, 1, 1), (1, 2, 1)]


def test_a_deliberation_counts_once_with_the_chantier_it_is_about() -> None:
    action = ActionFactory()
    said = {"title": "Suite", "adopted_on": date(2026, 6, 15)}
    Deliberation.objects.create(action=action, number="CP D 1", **said)
    Deliberation.objects.create(action=ActionFactory(), number="CP D 1", **said)
    Deliberation.objects.create(chantier=action.chantier, number="CP D 2", **said)
    figure = indicators.deliberations(until(date(2026, 12, 31)))
    label = f"Annexe 1, chantier {action.chantier.number} : {action.chantier.title}"
    assert (figure.value, figure.rows) == (2, ((label, 2),))
    assert indicators.deliberations(until(date(2026, 6, 14))).value == 0


def test_a_milestone_of_the_last_day_is_late_in_its_own_period_once_that_day_is_over() -> None:
    moved(make_action([(1, date(2026, 12, 31), None)]), "start", date(2026, 1, 2))
    figures = [indicators.milestones(until(day)) for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert [(one.numerator, one.denominator) for one in figures] == [(0, 0), (0, 1)]
