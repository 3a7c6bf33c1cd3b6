"""The figures of the roadmap at several dates: states of the journal, milestones from the day they were held."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from normandata.indicators.definitions import Period
from normandata.procedure.models import Event
from roadmap import indicators, known, services
from roadmap.models import Action, Deliberation
from tests.factories.roadmap import ActionFactory, make_action, make_pilot

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
    place = f"chantier {other.chantier.number} de l’annexe {other.chantier.axis.number}"
    said = f"Le {place} est le plus avancé : 100,0 % de ses jalons sont tenus"
    assert indicators.by_chantier(until(date(2026, 12, 31))).finding.replace("\u00a0", " ") == said
    level = indicators.by_chantier(until(date(2026, 1, 31))).finding.replace("\u00a0", " ")
    assert level == "2 chantiers sont en tête : 0,0 % de leurs jalons sont tenus"


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


@contextmanager
def on(month: int, day: int, year: int = 2026) -> Iterator[None]:
    with time_machine.travel(datetime(year, month, day, 22, tzinfo=PARIS), tick=False):
        yield


def milestone_figures(day: date) -> tuple[object, ...]:
    figure, share = indicators.milestones(until(day)), indicators.progress(until(day))
    return [count for _, count in figure.rows], share.rows[0][2], share.numerator, share.denominator


def test_what_is_typed_of_a_milestone_later_does_not_change_a_past_figure() -> None:
    """Four milestones: one held and typed late, one put off, one taken away, one added; every evening stays as said."""
    action, pilot = make_action(), make_pilot()
    due = {"Un": date(2026, 3, 1), "Deux": date(2026, 4, 1), "Trois": date(2026, 2, 15)}
    with on(1, 10):
        rows = {
            title: services.add_milestone(action, title=title, due_on=day, weight=1, by=pilot)
            for title, day in due.items()
        }
    evenings = (date(2026, 1, 9), date(2026, 1, 10), date(2026, 3, 9), date(2026, 3, 10))
    evenings += (date(2026, 4, 2), date(2026, 5, 1), date(2026, 5, 2))
    said = {}

    def change(title: str, **changed: object) -> None:
        asked = {"title": title, "due_on": due[title], "weight": 1, "done_on": None} | changed
        services.change_milestone(rows[title], **asked, by=pilot)  # type: ignore[arg-type]

    def evening(day: date) -> None:
        said[day] = milestone_figures(day)

    evening(evenings[0])
    evening(evenings[1])
    evening(evenings[2])
    with on(3, 10):
        change("Un", done_on=date(2026, 2, 20))
    evening(evenings[3])
    evening(evenings[4])
    with on(5, 1):
        services.remove_milestone(rows["Trois"], reason="Regroupé.", by=pilot)
        change("Deux", due_on=date(2026, 12, 1), weight=3)
    evening(evenings[5])
    with on(5, 2):
        change("Un", done_on=None)
        services.add_milestone(
            action, title="Quatre", due_on=date(2026, 1, 20), weight=1, done_on=date(2026, 1, 15), by=pilot
        )
    evening(evenings[6])
    assert said == {
        evenings[0]: ([0, 0, 0, 0, 0], None, 0, 0),
        evenings[1]: ([0, 0, 0, 0, 3], 0, 0, 3),
        evenings[2]: ([0, 0, 2, 0, 1], 0, 0, 3),
        evenings[3]: ([1, 0, 1, 0, 1], 33, 1, 3),
        evenings[4]: ([1, 0, 2, 0, 0], 33, 1, 3),
        evenings[5]: ([1, 0, 0, 0, 1], 25, 1, 2),
        evenings[6]: ([1, 0, 1, 0, 1], 20, 1, 3),
    }
    assert {day: milestone_figures(day) for day in evenings} == said


def test_what_is_known_today_is_what_the_rows_say() -> None:
    action, pilot = make_action([(2, date(2026, 3, 1), None)]), make_pilot()
    with on(2, 1):
        one = services.add_milestone(action, title="Un", due_on=date(2026, 3, 1), weight=1, by=pilot)
        services.change_milestone(
            one, title="Un", due_on=date(2026, 4, 1), weight=5, done_on=date(2026, 1, 3), by=pilot
        )
        services.add_milestone(action, title="Deux", due_on=date(2026, 6, 1), weight=1, by=pilot)
    found = known.milestones(date(2026, 12, 31))[action.pk]
    rows = [row.step for row in action.milestones.order_by("pk")]
    assert sorted(found, key=lambda step: step.weight) == sorted(rows, key=lambda step: step.weight)


def test_a_deliberation_linked_or_taken_away_later_does_not_change_a_past_figure() -> None:
    action, pilot = make_action(), make_pilot()
    act = {"title": "Suite", "adopted_on": date(2026, 6, 15)}
    with on(7, 1):
        one = services.link_deliberation(action, number="CP D 1", **act, by=pilot)
    with on(7, 10):
        services.link_deliberation(action, number="CP D 2", **act, is_for_chantier=True, by=pilot)
    with on(7, 20):
        services.unlink_deliberation(one, action, reason="Erreur.", by=pilot)
    evenings = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 10), date(2026, 7, 19), date(2026, 7, 20)]
    found = [indicators.deliberations(until(day)) for day in evenings]
    label = f"Annexe 1, chantier {action.chantier.number} : {action.chantier.title}"
    assert [one.value for one in found] == [0, 1, 2, 2, 1]
    assert [one.rows for one in found] == [(), *(((label, count),) for count in (1, 2, 2, 1))]
