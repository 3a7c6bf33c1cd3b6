"""The indicators of the sheet against figures worked out by hand, at several dates."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datathon import indicators, phases, workflow
from datathon.models import Audience, Edition, FollowUp, Team
from datathon.scheme import SCHEME
from normandata.indicators import figures, registry
from normandata.indicators.definitions import Figure, Period
from normandata.procedure.models import Event
from normandata.regulation.formats import NBSP
from tests.factories.datathon import PARIS, make_edition, make_registration, make_team

pytestmark = pytest.mark.django_db
LATER = date(2028, 12, 31)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)


def year(of: int, as_of: date = LATER) -> Period:
    return Period(date(of, 1, 1), date(of, 12, 31), as_of)


def rows(figure: Figure) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in figure.rows]


def told(edition: Edition, name: str, day: date, hour: int = 10) -> None:
    Event.objects.create(thing_kind="datathon.edition", thing_key=str(edition.pk), name=name, at=at(day, hour))


def held(title: str, day: date, **fields: Any) -> Edition:
    edition = make_edition(phases.PUBLISHED, title=title, year=day.year, **fields)
    told(edition, "start_challenge", day.replace(day=1))
    told(edition, "open_scoring", day)
    return edition


def follow(team: Team, on: date, kind: str = "reuse", *, noted: date | None = None, **fields: Any) -> None:
    given = {"actor": "Métropole d’essai", "text": "Reprise.", "noted_by": team.edition.created_by} | fields
    FollowUp.objects.create(team=team, kind=kind, on=on, noted_at=at(noted or on), **given)


def test_a_solution_is_presented_on_the_day_its_scoring_opens() -> None:
    """2027: three teams, one that does not present, one of a trial, one dissolved; 2028: one; a cancelled edition."""
    one, other = held("Première", date(2027, 10, 23)), held("Seconde", date(2028, 5, 20))
    for _ in range(3):
        make_team(one)
    make_team(one, presents=False)
    make_team(one, rehearsal=True)
    gone = make_team(one)
    Team.objects.filter(pk=gone.pk).update(state=workflow.DISSOLVED, dissolved_at=at(LATER), referent=None)
    make_team(other)
    cancelled = held("Annulée", date(2027, 11, 5))
    make_team(cancelled)
    told(cancelled, "cancel", date(2027, 11, 6))
    found = indicators.solutions(year(2027))
    assert (found.value, found.finding) == (3, f"3{NBSP}solutions présentées en{NBSP}2027")
    assert rows(found) == [("Première", 3)]
    whole = indicators.solutions(Period(date(2027, 1, 1), date(2028, 12, 31), LATER))
    assert rows(whole) == [("Première", 3), ("Seconde", 1)]
    before = indicators.solutions(year(2027, date(2027, 10, 22)))
    assert (before.value, rows(before)) == (0, [])


def test_editions_are_counted_by_year_and_a_year_without_one_is_said() -> None:
    held("Première", date(2027, 10, 23))
    found = indicators.editions(Period(date(2027, 1, 1), date(2028, 12, 31), LATER))
    assert (found.value, rows(found)) == (1, [("2027", 1), ("2028", 0)])
    assert found.note == "Le règlement en prévoit au moins une par an."
    assert indicators.editions(year(2027)).note == ""


def test_a_solution_counts_once_however_often_it_is_reused() -> None:
    """Four presented: one reused twice, one integrated later, one accompanied only, one reused outside the region."""
    edition = held("Première", date(2027, 10, 23))
    twice, later, helped, outside = (make_team(edition) for _ in range(4))
    follow(twice, date(2027, 12, 1))
    follow(twice, date(2028, 1, 10), "integration")
    follow(later, date(2028, 3, 1), "integration")
    follow(helped, date(2027, 12, 1), "accompaniment")
    follow(outside, date(2027, 12, 1), is_regional=False)
    found = indicators.valorisation(year(2027))
    assert (found.numerator, found.denominator, str(found.value)) == (2, 4, "50.0")
    assert rows(found) == [("Première", 2, 4)]
    assert found.finding == f"2{NBSP}solutions valorisées sur 4 en{NBSP}2027"
    early = indicators.valorisation(year(2027, date(2027, 12, 31)))
    assert (early.numerator, str(early.value)) == (1, "25.0")


def test_what_is_noted_late_was_not_known_before() -> None:
    team = make_team(held("Première", date(2027, 10, 23)))
    follow(team, date(2027, 11, 2), noted=date(2028, 2, 1))
    assert indicators.valorisation(year(2027, date(2027, 12, 31))).numerator == 0
    assert indicators.valorisation(year(2027)).numerator == 1


def test_nothing_presented_has_no_rate() -> None:
    found = indicators.valorisation(year(2027))
    assert (found.value, found.finding) == (None, f"Aucune solution présentée en{NBSP}2027")


def test_audience_is_given_measure_by_measure() -> None:
    edition = held("Première", date(2027, 10, 23))
    for source, measure, count, day in (
        ("Page de l’édition", "visites", 1200, date(2027, 10, 1)),
        ("Réseau social", "vues", 5300, date(2027, 10, 24)),
        ("Réseau social", "vues", 6100, date(2028, 1, 2)),
    ):
        Audience.objects.create(
            edition=edition, source=source, measure=measure, count=count, measured_on=day, typed_at=at(day),
            typed_by=edition.created_by,
        )  # fmt: skip
    found = indicators.audience(year(2027))
    assert (found.value, found.finding) == (2, f"2{NBSP}relevés d’audience en{NBSP}2027")
    assert rows(found) == [
        ("Première", "Page de l’édition", "visites", date(2027, 10, 1), 1200),
        ("Première", "Réseau social", "vues", date(2027, 10, 24), 5300),
    ]


def test_participants_are_counted_by_profile_from_the_first_hour_of_a_period_to_its_last() -> None:
    edition = make_edition()
    first, last = at(date(2027, 1, 1), 0), datetime(2027, 12, 31, 23, 59, tzinfo=PARIS)
    make_registration(edition, profile="student", registered_at=first)
    make_registration(edition, profile="student", registered_at=last)
    make_registration(edition, registered_at=last)
    make_registration(edition, profile="other", registered_at=at(date(2028, 1, 1), 0))
    make_registration(edition, profile="other", registered_at=first, state=workflow.WITHDRAWN)
    make_registration(edition, profile="other", registered_at=first, rehearsal=True)
    found = indicators.participants(year(2027))
    assert (found.value, found.finding) == (3, f"3{NBSP}personnes inscrites en{NBSP}2027")
    assert {label: count for label, count in rows(found) if count} == {"Étudiant": 2, "Non renseigné ou effacé": 1}


def test_the_indicators_of_the_sheet_are_all_there_word_for_word() -> None:
    known = registry.of("datathon")
    sheet = SCHEME.sheet.indicators
    voted = [*sheet.output, *sheet.result, *sheet.context]
    assert [one.title for one in known[: len(voted)]] == voted


@pytest.mark.parametrize("teams", [1, 30])
def test_the_queries_do_not_grow_with_the_teams(teams: int) -> None:
    edition = held("Première", date(2027, 10, 23))
    for _ in range(teams):
        follow(make_team(edition), date(2027, 12, 1))
    owner = registry.owner("datathon")
    assert owner
    with CaptureQueriesContext(connection) as queries:
        figures.every(year(2027), public=False, owners=[owner])
    assert len(queries) == 7
