"""What an edition lacks before it opens, and what comes next, in words."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from datathon import phases, readiness
from datathon.days import Days
from datathon.readiness import Contents
from normandata.regulation.calendar import PARIS

DAYS = Days(
    opens_on=date(2027, 9, 1),
    registration_closes_on=date(2027, 9, 30),
    starts_on=date(2027, 10, 4),
    teams_lock_on=date(2027, 10, 8),
    deliverables_due_at=datetime(2027, 10, 22, 12, tzinfo=PARIS),
    closing_at=datetime(2027, 10, 23, 14, tzinfo=PARIS),
)
FULL = Contents(days=DAYS, rules=1, themes=1, criteria=6)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_an_edition_says_its_days_its_rules_its_themes_and_its_criteria() -> None:
    assert readiness.wanting(FULL) == []
    assert readiness.wanting(Contents(days=Days(), rules=0, themes=0, criteria=0)) == [
        "le début des inscriptions",
        "la fin des inscriptions",
        "le début du challenge",
        "le dernier jour pour changer d’équipe",
        "l’heure limite des livrables",
        "le jour et l’heure de la clôture",
        "le règlement",
        "un thème au moins",
        "les critères du jury",
    ]
    assert readiness.wanting(replace(FULL, themes=0)) == ["un thème au moins"]


def test_the_place_the_data_and_the_prizes_may_come_later() -> None:
    assert readiness.advice(FULL) == ["aucun jeu de données n’est proposé", "aucun prix n’est annoncé"]
    assert readiness.advice(replace(FULL, data_sets=2, prizes=3)) == []


@pytest.mark.parametrize(
    ("state", "today", "expected"),
    [
        (phases.REGISTRATION, date(2027, 9, 20), "Les inscriptions se closent le 30 septembre 2027, dans 10 jours."),
        (phases.REGISTRATION, date(2027, 9, 30), "Les inscriptions se closent le 30 septembre 2027, aujourd’hui."),
        (
            phases.REGISTRATION,
            date(2027, 10, 1),
            "Les inscriptions se sont closes le 30 septembre 2027. Lancez le challenge.",
        ),
        (phases.CHALLENGE, date(2027, 10, 21), "Les livrables sont dus le 22 octobre 2027, dans 1 jour."),
        (
            phases.CHALLENGE,
            date(2027, 10, 23),
            "Les livrables étaient dus le 22 octobre 2027. Ouvrez la notation quand le jury est prêt.",
        ),
        (phases.CANCELLED, date(2027, 10, 23), "L’édition est annulée."),
    ],
)
def test_what_comes_next_is_said_with_its_day(state: str, today: date, expected: str) -> None:
    assert plain(readiness.following(state, DAYS, today)) == expected


def test_each_phase_says_what_comes_next() -> None:
    said = [readiness.following(state, DAYS, date(2027, 9, 20)) for state in phases.STATES]
    assert len(set(said)) == len(phases.STATES)
    assert readiness.following(phases.REGISTRATION, Days(), date(2027, 9, 20)) == "Lancez le challenge."
