"""The words and the drawings of calls: dates in a sentence, titles that are the finding."""

from collections.abc import Mapping
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from normandata.bulletin import reading, subjects
from roadmap.calls import presentation, workflow
from roadmap.calls.assessment import Assessment, Line
from roadmap.calls.models import Call
from tests.factories.bulletin import make_news
from tests.factories.calls import make_call

TODAY = date(2026, 11, 23)


def call(state: str, closes_on: date | None = date(2026, 12, 3)) -> Call:
    return Call(state=state, opens_on=date(2026, 11, 1), closes_on=closes_on)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (call("open"), "Ouvert jusqu’au 3 décembre 2026 à 23 h 59, heure de Paris (10 jours)."),
        (call("open", TODAY), "Ouvert jusqu’au 23 novembre 2026 à 23 h 59, heure de Paris (dernier jour)."),
        (call("open", date(2026, 11, 22)), "Du 1er novembre 2026 au 22 novembre 2026."),
        (call("announced"), "Du 1er novembre 2026 au 3 décembre 2026, 23 h 59, heure de Paris."),
        (call("closed"), "Du 1er novembre 2026 au 3 décembre 2026."),
        (call("cancelled"), "Annulé."),
        (call("cancelled", None), "Annulé."),
        (call("draft", None), "Dates à fixer."),
    ],
)
def test_dates_are_said_in_a_sentence(shown: Call, said: str) -> None:
    assert presentation.period(shown, TODAY).replace("\u00a0", " ") == said


def test_the_journal_has_a_word_for_every_gesture() -> None:
    moves = {row.name for row in workflow.TRANSITIONS}
    assert set(presentation.ACTS) == {"create_call", "describe"} | moves


def counted(themes: tuple[Line, ...] = (), departments: Mapping[str, int] | None = None, total: int = 4) -> Assessment:
    found = dict.fromkeys(("14", "27", "50", "61", "76"), 0) | dict(departments or {})
    return Assessment(total, 1, (), themes, found, 0)


@pytest.mark.parametrize(
    ("departments", "said"),
    [
        ({"14": 2, "50": 1}, "Le Calvados vient en tête, avec 2 propositions sur 4"),
        ({"27": 1, "61": 1}, "L’Eure et l’Orne viennent en tête, avec 1 proposition sur 4 chacun"),
        ({}, "Aucune proposition en Normandie"),
    ],
)
def test_the_map_says_which_departments_come_first(departments: dict[str, int], said: str) -> None:
    assert presentation.shown(counted(departments=departments)).map.title.replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("themes", "title", "labels"),
    [
        ((Line("Vélo", 3), Line("Train", 1)), "Vélo : 3 sur 4", ["Vélo", "Train"]),
        ((Line("Vélo", 2), Line("Train", 2)), "Vélo et Train : 2 chacune sur 4", ["Vélo", "Train"]),
        ((Line("Vélo", 3),), "Vélo : 3 sur 4", ["Vélo", "Non ventilé par la source"]),
        ((Line("Vélo", 0),), "Thématique : aucune proposition", ["Vélo", "Non ventilé par la source"]),
    ],
)
def test_a_breakdown_says_what_comes_first_and_what_is_left(
    themes: tuple[Line, ...], title: str, labels: list[str]
) -> None:
    drawn = presentation.shown(counted(themes)).themes
    assert (drawn.title.replace("\u00a0", " "), [bar.label for bar in drawn.bars]) == (title, labels)
    assert drawn.told == "Propositions, par thématique"
    assert presentation.rows(counted(themes))[0] == ("Ensemble", "", 4)


def test_a_call_that_received_nothing_says_so() -> None:
    assert presentation.shown(counted(total=0)).sentence == "Aucune proposition."


# ------------------------------------------------------------------------------------------ what a news may be about
@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_a_news_may_be_about_a_call_that_is_read_and_about_its_assessment() -> None:
    for state in ("draft", "dropped"):
        make_call(state, title="Secret")
    make_call("announced", title="Vélos", slug="velos", opens_on=date(2026, 12, 1))
    make_call("published", title="Trains : le retour", slug="trains", opens_on=date(2026, 11, 1))
    with CaptureQueriesContext(connection) as asked:
        found = [(one.key, one.label, one.url) for one in presentation.subjects()]
    assert found == [
        ("appel:velos", "Vélos", "/appels/velos/"),
        ("appel:trains", "Trains\u00a0: le retour", "/appels/trains/"),
        ("bilan:trains", "Trains\u00a0: le retour\u00a0: le bilan", "/appels/trains/bilan/"),
        ("appel:donnees-et-territoires", "Données et Territoires", "/appels/donnees-et-territoires/"),
    ]
    assert len(asked) == 1
    assert [one.key for one in dict(subjects.families())["Appels à manifestation d’intérêt"]] == [
        key for key, *_ in found
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
def test_a_news_about_an_assessment_taken_back_leads_nowhere() -> None:
    call = make_call("published", slug="trains")
    news = make_news(subject="bilan:trains")
    assert reading.shown([news])[0].subject is not None
    Call.objects.filter(pk=call.pk).update(state="closed")
    assert reading.shown([news])[0].subject is None
