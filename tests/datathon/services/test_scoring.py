"""Opening the scoring: what must hold, the grid frozen from the edition's criteria, the order of presentations."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from datathon import phases
from datathon.models import Criterion, Juror, Registration, Team
from datathon.services import scoring
from normandata.accounts.models import Role
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.scoring.errors import Frozen, InConflict
from normandata.scoring.models import Grid
from normandata.scoring.services import sheets
from tests.factories.datathon import make_organiser, make_team
from tests.factories.datathon_jury import (
    make_ready,
    make_scoring,
    panel_of,
    people,
    subject_of,
    teams_of,
    typed,
    vote,
)

pytestmark = pytest.mark.django_db


def test_opening_freezes_the_grid_seats_the_jury_and_is_blind_to_the_end() -> None:
    edition = make_ready(2, 3, quorum=2)
    organiser = make_organiser(edition)
    panel = scoring.open_scoring(edition, by=organiser, revision=edition.revision)
    edition.refresh_from_db()
    grid = Grid.objects.get()
    assert edition.state == phases.SCORING
    assert (panel.scheme, panel.scope, panel.kind, panel.key) == (
        "datathon", edition.slug, "datathon.edition", str(edition.pk),
    )  # fmt: skip
    assert (panel.is_open, panel.is_blind_to_the_end) == (True, True)
    assert (grid.method, grid.least_sheets, grid.spread_alert, grid.needs_justification) == (
        "mean", 2, Decimal("1.5"), False,
    )  # fmt: skip
    assert grid.frozen_at is not None
    assert [(one.slug, one.weight, one.maximum, one.step) for one in grid.lines] == [
        (one.slug, one.weight, Decimal(5), Decimal(1)) for one in edition.criteria.all()
    ]
    assert [level["label"] for level in grid.lines[0].levels] == list(scoring.WORDS)
    assert [one.key for one in panel.subjects.order_by("rank")] == [str(team.pk) for team in teams_of(edition)]
    seats = panel.seats.active().order_by("pk")
    assert {(one.person, one.role) for one in seats} == {(one, Role.JUROR) for one in people(edition)}
    assert [one.quality for one in seats] == ["Élu régional", "Expert thématique", "Expert thématique"]
    assert Grid.objects.filter(pk=panel.grid_id).get().frozen_at is not None
    with pytest.raises(Frozen):
        grid.criteria.update(weight=5)
    Criterion.objects.filter(edition=edition).update(weight=9)
    assert Grid.objects.get().lines[0].weight == Decimal(3), "the edition changes, the grid does not"


def test_scoring_opens_with_officials_experts_a_chair_teams_and_deliverables_in() -> None:
    edition = make_ready(1, 3)
    organiser = make_organiser(edition)

    def refused() -> str:
        with pytest.raises(Unmet) as error:
            scoring.open_scoring(edition, by=organiser)
        return " ".join(error.value.messages)

    Juror.objects.filter(quality="elected").update(accepted_at=None)
    assert "il lui manque un élu régional ou son représentant" in refused()
    assert "Désignez qui préside" in refused()
    Juror.objects.update(accepted_at=timezone.now(), quality="representative")
    assert "il lui manque un expert thématique" in refused()
    Juror.objects.filter(is_chair=False).update(quality="expert")
    edition.deliverables_due_at = timezone.now() + timedelta(hours=1)
    edition.save()
    assert "Des équipes peuvent encore remettre" in refused()
    edition.deliverables_due_at = timezone.now() - timedelta(minutes=4)
    edition.save()
    assert "Des équipes peuvent encore remettre" in refused(), "the grace is for all"
    edition.deliverables_due_at = timezone.now() - timedelta(hours=1)
    edition.save()
    team = teams_of(edition)[0]
    team.extensions.create(until=timezone.now() + timedelta(hours=1), reason="x", given_by=organiser)
    assert "prolongations comprises" in refused()
    Team.objects.filter(pk=team.pk).update(presents=False)
    assert "Aucune équipe ne présente" in refused()
    make_team(edition)
    assert scoring.open_scoring(edition, by=organiser).is_open


def test_a_juror_whose_role_ended_is_not_counted() -> None:
    edition = make_ready(1, 3)
    people(edition)[0].role_assignments.update(ended_at=timezone.now())
    with pytest.raises(Unmet, match="élu régional"):
        scoring.open_scoring(edition, by=make_organiser(edition))


def test_a_page_out_of_date_and_others_open_nothing() -> None:
    edition = make_ready(1, 3)
    with pytest.raises(Unmet, match="a changé depuis"):
        scoring.open_scoring(edition, by=make_organiser(edition), revision=99)
    with pytest.raises(NotAllowed):
        scoring.open_scoring(edition, by=people(edition)[0])
    assert not Grid.objects.exists()


def test_the_order_is_typed_or_drawn_with_a_line_in_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_ready(3, 3)
    organiser, (one, two, three) = make_organiser(edition), teams_of(edition)
    scoring.order(edition, [three, one], by=organiser, revision=edition.revision)
    assert [(team.pk, team.order) for team in scoring.presenting(edition)] == [(three.pk, 1), (one.pk, 2)]
    assert Event.objects.about(edition).named("order_teams").get().data == {"teams": [three.pk, one.pk]}
    with pytest.raises(NotNow, match="L’ordre a changé"):
        scoring.order(edition, [one], by=organiser, revision=edition.revision - 1)
    with pytest.raises(NotDone):
        scoring.order(edition, [], by=organiser)
    monkeypatch.setattr("random.SystemRandom.shuffle", lambda self, rows: rows.reverse())
    scoring.order(edition, [one, two, three], by=organiser)
    scoring.draw(edition, by=organiser)
    assert [team.pk for team in scoring.presenting(edition)] == [three.pk, two.pk, one.pk]
    assert Event.objects.about(edition).named("draw_order").get().data == {"teams": [three.pk, two.pk, one.pk]}


def test_during_the_scoring_a_team_goes_away_with_a_reason_and_the_order_follows() -> None:
    edition = make_scoring(3, 3)
    organiser, (one, two, three) = make_organiser(edition), teams_of(edition)
    with pytest.raises(ReasonMissing):
        scoring.order(edition, [three, one], by=organiser)
    scoring.order(edition, [three, one], by=organiser, reason="L’équipe ne vient pas.")
    judged = panel_of(edition).subjects.judged().order_by("rank")
    assert [subject.key for subject in judged] == [str(three.pk), str(one.pk)]
    scoring.order(edition, [one, two, three], by=organiser)
    assert [subject.key for subject in judged.all()] == [str(one.pk), str(two.pk), str(three.pk)]
    with pytest.raises(NotNow):
        scoring.draw(edition, by=organiser)


def test_a_ballot_without_all_its_criteria_is_not_validated() -> None:
    edition = make_scoring(1, 3)
    team, juror = teams_of(edition)[0], people(edition)[0]
    sheet = sheets.start(subject_of(team), by=juror)
    saved = scoring.save_ballot(sheet.pk, dict(list(typed(4).items())[:5]), by=juror, revision=1)
    with pytest.raises(Unmet, match="Il manque la note : « Qualité de la présentation orale »"):
        sheets.submit(saved.sheet, by=juror, revision=saved.sheet.revision)
    with pytest.raises(LookupError):
        scoring.save_ballot(999, {}, by=juror, revision=1)


@pytest.mark.parametrize(("whole", "shut"), [(False, 1), (True, 2)])
def test_a_recusal_closes_one_team_or_the_whole_jury(whole: bool, shut: int) -> None:
    edition = make_scoring(2, 3, recusal_is_whole=whole)
    (one, two), juror = teams_of(edition), people(edition)[0]
    scoring.recuse(edition, one, by=juror, reason="Un proche y participe.")
    closed = 0
    for team in (one, two):
        try:
            sheets.start(subject_of(team), by=juror)
        except InConflict:
            closed += 1
    assert closed == shut
    with pytest.raises(NotAllowed):
        scoring.recuse(edition, two, by=make_organiser(edition), reason="x")


def test_a_member_of_the_team_or_its_mentor_does_not_judge_it() -> None:
    edition = make_scoring(2, 3)
    one, two = teams_of(edition)
    juror, helper = people(edition)[:2]
    seat = one.seats.get()
    Registration.objects.filter(pk=seat.registration_id).update(person=juror)
    mentor = edition.mentors.create(person=helper)
    one.help_requests.create(asked=mentor, taken_by=mentor, taken_at=timezone.now(), question="Quel format ?")
    for person in (juror, helper):
        with pytest.raises(InConflict):
            sheets.start(subject_of(one), by=person)
        assert vote(two, person, 4).state == "submitted"


def test_a_validated_ballot_is_given_back_with_a_reason() -> None:
    edition = make_scoring(1, 3)
    team, juror = teams_of(edition)[0], people(edition)[0]
    organiser = make_organiser(edition)
    with pytest.raises(NotNow):
        scoring.give_back(subject_of(team), juror, by=organiser, reason="x")
    vote(team, juror, 4)
    scoring.give_back(subject_of(team), juror, by=organiser, reason="À sa demande.")
    assert scoring.own_ballot(subject_of(team).sheets.get().pk, juror).state == "draft"  # type: ignore[union-attr]
