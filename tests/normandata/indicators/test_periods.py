"""The period that an address asks for, and why the day typed for its facts is not taken."""

from datetime import date

import pytest

from normandata.indicators.definitions import Period
from normandata.indicators.periods import TO_COME, read

TODAY = date(2027, 3, 10)


def asked(**query: str) -> tuple[Period, int | None, str]:
    found = read(query, today=TODAY, first_year=2026)
    return found.period, found.year, found.query


def year(of: int, as_of: date = TODAY) -> Period:
    return Period(date(of, 1, 1), date(of, 12, 31), as_of)


@pytest.mark.parametrize("typed", ["", "2025", "2028", "27", "deux mille", "２０２６", "20266", "-026", "\0"])
def test_an_unreadable_year_is_the_current_one(typed: str) -> None:
    assert asked(annee=typed) == (year(2027), 2027, "annee=2027")


def test_a_year_is_read_and_asked_for_again() -> None:
    assert asked(annee="2026") == (year(2026), 2026, "annee=2026")


@pytest.mark.parametrize("typed", ["2026-12-31", "31/12/2026", "31 décembre 2026"])
def test_facts_are_looked_at_on_a_past_day(typed: str) -> None:
    assert asked(annee="2026", arrete=typed) == (
        year(2026, date(2026, 12, 31)),
        2026,
        "annee=2026&arrete=2026-12-31",
    )
    assert asked(arrete=typed)[1] == 2026


@pytest.mark.parametrize("typed", ["", "2027-03-10", "2028-01-01", "31/02/2026", "hier", "x" * 5000])
def test_no_day_to_come_is_looked_at(typed: str) -> None:
    assert asked(arrete=typed) == (year(2027), 2027, "annee=2027")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", ""),
        ("2027-03-10", ""),
        ("2027-03-11", TO_COME),
        ("31/02/2026", "Cette date n’existe pas dans le calendrier."),
        ("hier", "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."),
        ("01/01/0999", "L’année doit être comprise entre 1000 et 2100."),
    ],
)
def test_why_a_day_is_not_taken(typed: str, problem: str) -> None:
    found = read({"arrete": typed}, today=TODAY, first_year=2026)
    assert (found.problem, found.typed) == (problem, typed if problem else "")


def test_a_period_between_two_days() -> None:
    found = read({"du": "1er mars 2026", "au": "28/02/2027"}, today=TODAY, first_year=2026)
    assert found.period == Period(date(2026, 3, 1), date(2027, 2, 28), TODAY)
    assert (found.year, found.query) == (None, "du=2026-03-01&au=2027-02-28")
    assert found.label == "du 1er\u00a0mars\u00a02026 au 28\u00a0février\u00a02027"
    assert found.period.words == found.label


@pytest.mark.parametrize(("du", "au"), [("2027-01-02", "2027-01-01"), ("2027-01-02", ""), ("", "2027-01-01")])
def test_two_days_out_of_order_or_missing_are_the_current_year(du: str, au: str) -> None:
    assert asked(du=du, au=au) == (year(2027), 2027, "annee=2027")


@pytest.mark.parametrize(
    ("day", "held"),
    [(date(2026, 12, 31), False), (date(2027, 1, 1), True), (TODAY, True), (date(2027, 3, 11), False), (None, False)],
)
def test_a_period_holds_the_days_known(day: date | None, held: bool) -> None:
    assert year(2027).holds(day) is held


def test_several_whole_years_are_named() -> None:
    assert Period(date(2026, 1, 1), date(2027, 12, 31), TODAY).words == "de 2026 à 2027"
