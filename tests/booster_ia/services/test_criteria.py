"""What each criterion gave a refused dossier: hand-worked means, cut as the score is, in queries that do not grow."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booster_ia.services import criteria
from booster_ia.services.criteria import Mark
from normandata.scoring.services import panels
from tests.factories.booster_scoring import make_full_dossier, make_scorer, open_wave, score, subjects
from tests.factories.committee import make_lead, make_scored
from tests.factories.waves import make_wave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_the_means_of_three_sheets_are_cut_after_two_decimals() -> None:
    """(15 + 14 + 15) / 3 = 14.666…, cut at 14,66; (24 + 20 + 24) / 3 = 22.666…; the others are whole or halves."""
    dossier = make_full_dossier(make_wave(), complete_on=date(2026, 8, 1))
    people = [make_scorer() for _ in range(3)]
    lead = make_lead()
    panel = open_wave(people, [dossier], lead=lead)
    [subject] = subjects(panel)
    sheets = (("15", "24", "15", "8", "7", "8"), ("14", "20", "9", "8", "5", "0"), ("15", "24", "12", "8", "6", "10"))
    for person, marks in zip(people, sheets, strict=True):
        score(subject, person, *marks)
    assert criteria.of([dossier.pk]) == {}, "nothing before the scoring is closed"
    panels.close_panel(panel, by=lead)
    assert [(one.mark, one.maximum) for one in criteria.of([dossier.pk])[dossier.pk]] == [
        ("14,66", "20"),
        ("22,66", "30"),
        ("12,00", "20"),
        ("8,00", "10"),
        ("6,00", "10"),
        ("6,00", "10"),
    ]


def test_a_dossier_that_was_never_scored_has_none() -> None:
    [dossier] = make_scored(1)
    [first, *_] = criteria.of([dossier.pk, dossier.pk + 1])[dossier.pk]
    assert first.as_record() == {"label": first.label, "mark": "15,00", "maximum": "20"}
    assert criteria.of([dossier.pk + 1]) == criteria.of([]) == {}
    assert isinstance(first, Mark)


def test_the_marks_of_several_dossiers_cost_those_of_one() -> None:
    dossiers = make_scored(4)
    costs = []
    for some in (dossiers[:1], dossiers):
        with CaptureQueriesContext(connection) as captured:
            assert len(criteria.of([one.pk for one in some])) == len(some)
        costs.append(len(captured))
    assert costs == [3, 3]
