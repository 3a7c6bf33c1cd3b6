"""The gestures on a wave's panel: whose dossiers, in which order, with which seats, judged at which version."""

from datetime import date
from typing import Any

import pytest

from booster_ia.services import scoring
from normandata.accounts.models import Role, RoleAssignment
from normandata.dossiers.models import Dossier
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.scoring.models import Panel, Sheet
from normandata.scoring.services import sheets
from normandata.scoring.services.sheets import Typed
from tests.factories.accounts import UserFactory
from tests.factories.booster_scoring import make_dossiers, make_lead, make_scorer, open_wave, put_in, score, subjects
from tests.factories.waves import make_application, make_next_wave, make_wave

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def test_only_dossiers_of_the_wave_under_review_in_order_of_completeness() -> None:
    wave, lead = make_wave(), make_lead()
    late = put_in(wave, make_application(), complete_on=date(2026, 9, 30))
    early = put_in(wave, make_application(), complete_on=date(2026, 8, 1))
    asked = put_in(wave, make_application())
    Dossier.objects.filter(pk=asked.pk).update(state="incomplete")
    put_in(make_next_wave(), make_application())
    panel = scoring.open_scoring(wave, [make_scorer()], by=lead)
    assert [one.key for one in subjects(panel)] == [str(early.pk), str(late.pk)]
    assert scoring.wave_of(panel) == wave
    assert scoring.panel_of(wave) == panel


def test_a_dossier_sent_back_for_a_piece_stays_to_be_judged() -> None:
    lead = make_lead()
    panel = open_wave([make_scorer()], lead=lead)
    Dossier.objects.filter(pk=subjects(panel)[0].key).update(state="incomplete")
    assert scoring.refresh(panel, by=lead).replace("\u00a0", " ") == "0 dossier ajouté, 0 retiré."


@pytest.mark.parametrize("count", [1, 30])
def test_bringing_a_panel_up_to_date_costs_the_same(count: int, django_assert_num_queries: Any) -> None:
    lead = make_lead()
    panel = open_wave([make_scorer()], count, lead=lead)
    lead.holds(Role.LEAD_AGENT, scheme="booster_ia")
    with django_assert_num_queries(7):
        scoring.refresh(panel, by=lead)


def test_only_who_leads_closes_and_nothing_moves_when_refused() -> None:
    agent = make_scorer()
    panel = open_wave([agent])
    make_dossiers(scoring.wave_of(panel), 1)
    with pytest.raises(NotAllowed):
        scoring.close_scoring(panel, by=agent)
    assert panel.subjects.count() == 1


def test_only_a_lead_agent_opens_and_nothing_is_left_of_a_refusal() -> None:
    wave, agent = make_wave(), make_scorer()
    make_dossiers(wave, 1)
    with pytest.raises(NotAllowed):
        scoring.open_scoring(wave, [agent], by=agent)
    with pytest.raises(NotDone):
        scoring.open_scoring(wave, [], by=make_lead())
    assert Panel.objects.count() == 0


def test_a_seat_keeps_the_role_that_is_held() -> None:
    both = make_lead()
    RoleAssignment.objects.create(user=both, role=Role.AGENT, scheme="booster_ia")
    panel = open_wave([both, make_scorer()])
    assert list(panel.seats.order_by("pk").values_list("role", flat=True)) == [Role.LEAD_AGENT, Role.AGENT]


def test_who_may_sit() -> None:
    agent, lead = make_scorer(name="Ange"), make_lead(name="Lou")
    UserFactory(name="Ailleurs")
    gone = make_scorer(name="Zoé", is_active=False)
    assert scoring.scorers() == [agent, lead]
    assert scoring.scorers([gone.pk]) == [agent, lead, gone]


def test_a_sheet_keeps_the_version_of_the_dossier_and_the_grid() -> None:
    scorer = make_scorer()
    panel = open_wave([scorer])
    subject = subjects(panel)[0]
    Dossier.objects.filter(pk=subject.key).update(version=3)
    score(subject, scorer, "12", "12", "12", "4", "4", "3")
    sheet = Sheet.objects.get()
    assert (sheet.subject_version, sheet.grid_id, str(sheet.points)) == ("3", panel.grid_id, "47.0000")


def test_how_many_sheets_one_submitted() -> None:
    scorer, other = make_scorer(), make_scorer()
    panel = open_wave([scorer, other], 3)
    first, second, _ = subjects(panel)
    score(first, scorer, "12", "12", "12", "4", "4", "3")
    score(first, other, "12", "12", "12", "4", "4", "3")
    score(second, other, "12", "12", "12", "4", "4", "3")
    found = scoring.subject_of(Dossier.objects.get(pk=second.key), scorer)
    assert found == (second, 1, 3)
    assert scoring.submitted_by(second, [scorer.pk, other.pk]) == {other.pk}


def test_nobody_saves_anothers_sheet() -> None:
    scorer, other = make_scorer(), make_scorer()
    sheet = sheets.start(subjects(open_wave([scorer, other]))[0], by=scorer)
    with pytest.raises(NotAllowed):
        scoring.save_sheet(sheet.pk, {"quality": Typed("1")}, by=other, revision=1)
    with pytest.raises(LookupError):
        scoring.save_sheet(sheet.pk + 1, {}, by=scorer, revision=1)
    assert scoring.own_sheet(sheet.pk, other) is None
