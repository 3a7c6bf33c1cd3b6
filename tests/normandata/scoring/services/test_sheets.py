"""A sheet from its first mark to its end, and moderation that never changes a mark."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ObjectDoesNotExist

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.regulation.formats import NBSP
from normandata.scoring import kinds, reading, results
from normandata.scoring.errors import InConflict, MarkRefused, Stale
from normandata.scoring.kinds import Deadline
from normandata.scoring.models import Conflict, Disclosure, Mark, Panel, Seat, Sheet, Subject
from normandata.scoring.services import conflicts, panels, sheets
from normandata.scoring.services.sheets import Typed
from tests.factories.scoring import fill, first, judge, make_jury_grid, make_lead, make_panel, make_scorer, marks_for

pytestmark = pytest.mark.django_db
D = Decimal


def values(sheet: Sheet) -> dict[str, Decimal | None]:
    return {one.criterion.slug: one.value for one in sheet.marks.select_related("criterion")}


def said(error: pytest.ExceptionInfo[Unmet]) -> list[str]:
    return [one.replace(NBSP, " ") for one in error.value.messages]


def test_begun_once_however_often_it_is_asked(subject: Subject, ana: User) -> None:
    one = sheets.start(subject, by=ana)
    assert sheets.start(subject, by=ana) == one
    assert [event.name for event in Event.objects.about(one)] == ["start_sheet"]


def test_a_mark_is_kept_at_each_change(subject: Subject, ana: User) -> None:
    sheet = sheets.start(subject, by=ana)
    sheet = sheets.mark(sheet, "quality", "12,5", by=ana, revision=1)
    sheet = sheets.mark(sheet, "quality", by=ana, revision=2, justification=" Clair. ")
    sheet = sheets.mark(sheet, "security", "0", by=ana, revision=3)
    assert values(sheet) == {"quality": D("12.50"), "security": D(0)}
    assert sheet.marks.get(criterion__slug="quality").justification == "Clair."
    sheet = sheets.mark(sheet, "quality", "", by=ana, revision=4)
    assert values(sheet) == {"quality": None, "security": D(0)}
    assert (sheet.revision, sheet.points, sheet.state) == (5, None, "draft")


def test_what_cannot_be_read_does_not_lose_the_rest(subject: Subject, ana: User) -> None:
    sheet = sheets.start(subject, by=ana)
    typed = {
        "quality": Typed("21", "Une raison."),
        "security": Typed("-1", None),
        "feasibility": Typed("29,99", "Une autre."),
        "reproducibility": Typed(None, "x" * 5001),
    }
    saved = sheets.save(sheet, typed, by=ana, revision=1, comment="Bien\x00 vu. ")
    assert {slug: text.replace(NBSP, " ") for slug, text in saved.errors.items()} == {
        "quality": "21 dépasse le maximum : écrivez une note de 0 à 20.",
        "security": "Une note n’est jamais négative : écrivez une note de 0 à 10.",
        "reproducibility": sheets.TOO_LONG,
    }
    assert values(saved.sheet) == {
        "quality": None, "security": None, "feasibility": D("29.99"), "reproducibility": None,
    }  # fmt: skip
    assert saved.sheet.marks.get(criterion__slug="quality").justification == "Une raison."
    assert saved.sheet.comment == "Bien vu."


def test_a_comment_too_long_is_said_and_the_one_before_kept(subject: Subject, ana: User) -> None:
    saved = sheets.save(sheets.start(subject, by=ana), {}, by=ana, revision=1, comment="Avant.")
    saved = sheets.save(saved.sheet, {}, by=ana, revision=2, comment="x" * 5001)
    assert (saved.errors, saved.sheet.comment) == ({"comment": sheets.TOO_LONG}, "Avant.")


def test_one_refused_mark_keeps_nothing(subject: Subject, ana: User) -> None:
    sheet = sheets.start(subject, by=ana)
    with pytest.raises(MarkRefused) as refused:
        sheets.mark(sheet, "quality", "20,5", by=ana, revision=1, justification="x")
    assert refused.value.criterion == "quality"
    sheet.refresh_from_db()
    assert (sheet.revision, Mark.objects.count()) == (1, 0)


def test_two_tabs_never_overwrite_silently(subject: Subject, ana: User) -> None:
    sheet = sheets.start(subject, by=ana)
    other_tab = sheets.mark(sheet, "quality", "12", by=ana, revision=1)
    with pytest.raises(Stale):
        sheets.mark(sheet, "quality", "3", by=ana, revision=1)
    with pytest.raises(Stale):
        sheets.submit(sheet, by=ana, revision=1)
    with pytest.raises(Stale):
        sheets.abstain(sheet, by=ana, revision=1)
    assert values(other_tab) == {"quality": D(12)}


def test_a_criterion_of_another_grid_is_no_criterion(subject: Subject, ana: User) -> None:
    with pytest.raises(LookupError):
        sheets.mark(sheets.start(subject, by=ana), "points", "100", by=ana, revision=1)
    assert not Mark.objects.exists()


def test_submitting_names_what_is_missing(subject: Subject, ana: User) -> None:
    sheet = fill(sheets.start(subject, by=ana), marks_for("50", subject.panel.grid), by=ana)
    sheet = sheets.mark(sheet, "quality", "", by=ana, revision=sheet.revision)
    sheet = sheets.mark(sheet, "security", by=ana, revision=sheet.revision, justification="  ")
    with pytest.raises(Unmet) as refused:
        sheets.submit(sheet, by=ana, revision=sheet.revision)
    assert said(refused) == ["Il manque la note : « Qualité ».", "Il manque la justification : « Sécurité »."]
    assert results.score_of(subject) is None


def test_an_unfinished_sheet_is_not_zero(subject: Subject, ana: User, bob: User) -> None:
    judge(subject, ana, "60")
    fill(sheets.start(subject, by=bob), {"quality": "1"}, by=bob)
    assert results.score_of(subject) == 60
    assert results.spread_of(subject) == 0
    assert not results.has_enough_sheets(subject)


def test_a_submitted_sheet_keeps_what_it_judged_and_by_which_grid(subject: Subject, ana: User, registry: None) -> None:
    kinds.register(subject.kind, versions=lambda keys: dict.fromkeys(keys, "3"))
    sheet = judge(subject, ana, "49.99")
    sheet.refresh_from_db()
    assert (sheet.state, sheet.points, sheet.subject_version, sheet.grid) == (
        "submitted", D("49.9900"), "3", subject.panel.grid,
    )  # fmt: skip
    event = Event.objects.about(sheet)[0]
    assert (event.name, event.data) == ("submit_sheet", {"version": "3", "grid": "Grille du Booster IA, version 1"})
    with pytest.raises(NotNow):
        sheets.mark(sheet, "quality", "1", by=ana, revision=sheet.revision)
    with pytest.raises(NotNow):
        sheets.submit(sheet, by=ana, revision=sheet.revision)


def test_another_version_than_the_one_read_asks_to_read_again(subject: Subject, ana: User, registry: None) -> None:
    versions = ["2"]
    kinds.register(subject.kind, versions=lambda keys: dict.fromkeys(keys, versions[-1]))
    sheet = fill(sheets.start(subject, by=ana), marks_for("50", subject.panel.grid), by=ana)
    versions.append("3")
    with pytest.raises(Unmet) as refused:
        sheets.submit(sheet, by=ana, revision=sheet.revision, judged="2")
    assert "la version 3 est arrivée" in said(refused)[0]
    assert sheets.submit(sheet, by=ana, revision=sheet.revision, judged="3").subject_version == "3"


def test_only_the_author_writes_and_submits(subject: Subject, ana: User, bob: User, lead: User) -> None:
    sheet = fill(sheets.start(subject, by=ana), marks_for("50", subject.panel.grid), by=ana)
    for somebody in (bob, lead):
        for gesture in (
            lambda by: sheets.mark(sheet, "quality", "1", by=by, revision=sheet.revision),
            lambda by: sheets.submit(sheet, by=by, revision=sheet.revision),
            lambda by: sheets.abstain(sheet, by=by, revision=sheet.revision),
        ):
            with pytest.raises(NotAllowed):
                gesture(somebody)
    assert values(sheet)["quality"] == 20


def test_nobody_without_a_seat_begins(subject: Subject, lead: User) -> None:
    for somebody in (lead, make_scorer()):
        with pytest.raises(NotAllowed):
            sheets.start(subject, by=somebody)
    assert not Sheet.objects.exists()


def test_a_seat_or_a_role_withdrawn_bites_at_once(subject: Subject, ana: User, bob: User) -> None:
    sheet, other = sheets.start(subject, by=ana), sheets.start(subject, by=bob)
    panels.unseat(Seat.objects.get(person=ana), by=None, reason="Absente.")
    RoleAssignment.objects.filter(user=bob, role=Role.AGENT).update(ended_at="2026-01-01T00:00Z")
    bob = User.objects.get(pk=bob.pk)
    for one, by in ((sheet, ana), (other, bob)):
        with pytest.raises(NotAllowed):
            sheets.mark(one, "quality", "1", by=by, revision=1)
        with pytest.raises(NotAllowed):
            sheets.start(subject, by=by)
        with pytest.raises((NotAllowed, Unmet)):
            sheets.submit(one, by=by, revision=1)


def test_the_same_page_sent_twice_is_one_gesture(subject: Subject, ana: User, bob: User) -> None:
    sheet = fill(sheets.start(subject, by=ana), marks_for("50", subject.panel.grid), by=ana)
    for _ in range(2):
        assert sheets.submit(sheet, by=ana, revision=sheet.revision).state == "submitted"
    with pytest.raises(Stale):
        sheets.submit(sheet, by=bob, revision=sheet.revision)
    other = sheets.start(subject, by=bob)
    for _ in range(2):
        assert sheets.abstain(other, by=bob, revision=1).state == "abstained"
    assert Event.objects.named("submit_sheet", "abstain").count() == 2
    assert sheets.of(subject, ana) == sheet
    assert sheets.of(subject, make_scorer()) is None


def test_abstaining_counts_for_nothing_and_can_be_taken_back(subject: Subject, ana: User) -> None:
    sheet = fill(sheets.start(subject, by=ana), marks_for("50", subject.panel.grid), by=ana)
    sheet = sheets.abstain(sheet, by=ana, revision=sheet.revision)
    assert (sheet.state, results.score_of(subject)) == ("abstained", None)
    with pytest.raises(NotNow):
        sheets.mark(sheet, "quality", "1", by=ana, revision=sheet.revision)
    sheet = sheets.resume(sheet, by=ana)
    assert (sheet.state, values(sheet)["quality"]) == ("draft", 20)
    assert [one.name for one in Event.objects.about(sheet)] == ["resume", "abstain", "start_sheet"]


def test_moderation_gives_a_sheet_back_to_its_author_with_a_reason(subject: Subject, ana: User, lead: User) -> None:
    sheet = judge(subject, ana, "70")
    before = values(sheet)
    with pytest.raises(ReasonMissing):
        sheets.reopen(sheet, by=lead, reason=" ")
    sheet = sheets.reopen(sheet, by=lead, reason="Le budget a été mal lu.")
    assert (sheet.state, sheet.points, sheet.submitted_at, sheet.subject_version) == ("draft", None, None, "")
    assert values(sheet) == before
    assert results.score_of(subject) is None
    event = Event.objects.about(sheet)[0]
    assert (event.name, event.by, event.reason, event.data) == (
        "reopen_sheet", lead, "Le budget a été mal lu.", {},
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        sheets.mark(sheet, "quality", "1", by=lead, revision=sheet.revision)
    sheet = sheets.mark(sheet, "quality", "10", by=ana, revision=sheet.revision)
    sheets.submit(sheet, by=ana, revision=sheet.revision)
    assert results.score_of(subject) == 60


def test_nobody_moderates_without_leading_nor_one_s_own_sheet(subject: Subject, ana: User, bob: User) -> None:
    lead = make_lead()
    panels.seat(subject.panel, lead, by=None)
    for sheet, by in ((judge(subject, ana, "50"), ana), (judge(subject, lead, "60"), lead)):
        for somebody in (by, bob):
            with pytest.raises(NotAllowed):
                sheets.reopen(sheet, by=somebody, reason="x")


def test_nothing_moves_once_the_panel_is_closed(subject: Subject, ana: User, bob: User, lead: User) -> None:
    draft, done = sheets.start(subject, by=ana), judge(subject, bob, "50")
    aside = fill(draft, marks_for("50", subject.panel.grid), by=ana)
    panels.close_panel(Panel.objects.get(pk=subject.panel_id), by=lead)
    for gesture in (
        lambda: sheets.mark(aside, "quality", "1", by=ana, revision=aside.revision),
        lambda: sheets.submit(aside, by=ana, revision=aside.revision),
        lambda: sheets.abstain(aside, by=ana, revision=aside.revision),
        lambda: sheets.reopen(done, by=lead, reason="x"),
        lambda: sheets.start(subject, by=ana),
    ):
        with pytest.raises((NotNow, Unmet)) as refused:
            gesture()
        assert "La notation est close : plus aucune fiche ne change." in refused.value.messages
    assert results.score_of(subject) == 50


def test_a_subject_taken_away_is_not_begun(subject: Subject, ana: User, lead: User) -> None:
    panels.remove_subject(subject, by=lead, reason="Demande retirée.")
    with pytest.raises(NotNow):
        sheets.start(subject, by=ana)


def test_a_tie_found_at_the_start_is_told_written_and_closes(subject: Subject, ana: User, registry: None) -> None:
    kinds.register(subject.kind, concerned=lambda user, keys: dict.fromkeys(keys, "Vous en êtes."))
    for _ in range(2):
        with pytest.raises(InConflict) as refused:
            sheets.start(subject, by=ana)
    assert list(refused.value.messages) == ["Un conflit d’intérêts vous ferme ce projet."]
    assert not Sheet.objects.exists()
    made = Conflict.objects.get()
    assert (made.person, made.kind, made.key, made.declared_by) == (ana, subject.kind, subject.key, None)
    assert (made.reason, made.panel) == ("Vous en êtes.", None)
    event = Event.objects.about(subject).named("declare_conflict").get()
    assert (event.by, event.reason, event.data) == (None, "Vous en êtes.", {"person": ana.pk, "name": "Ana Agente"})


def test_a_tie_that_came_after_the_sheet_was_begun_stops_its_submission(
    subject: Subject, ana: User, registry: None
) -> None:
    sheet = fill(sheets.start(subject, by=ana), marks_for("50", subject.panel.grid), by=ana)
    kinds.register(subject.kind, concerned=lambda user, keys: dict.fromkeys(keys, "Vous en êtes."))
    with pytest.raises(InConflict, match="Vous en êtes"):
        sheets.submit(sheet, by=ana, revision=sheet.revision)
    sheet.refresh_from_db()
    assert (sheet.state, results.score_of(subject)) == ("set_aside", None)


def test_a_jury_s_sheet_is_a_weighted_mean_without_justification() -> None:
    """(3 × 4 + 2 × 3,5 + 1 × 5) / 6 = 4, and 3 everywhere is 3: their mean is 3,5."""
    people = [make_scorer(), make_scorer()]
    subject = first(make_panel(people, grid=make_jury_grid()))
    for by, marks in zip(people, ({"relevance": "4", "originality": "3,5", "talk": "5"}, dict.fromkeys(
        ("relevance", "originality", "talk"), "3")), strict=True):  # fmt: skip
        sheet = sheets.save(
            sheets.start(subject, by=by), {slug: Typed(mark) for slug, mark in marks.items()}, by=by, revision=1
        ).sheet
        sheets.submit(sheet, by=by, revision=2)
    assert results.score_of(subject) == D("3.5")
    assert results.spread_of(subject) == 1
    assert not results.has_enough_sheets(subject)
    assert reading.result(subject, people[0]).shown == "3,50 sur 5"


def test_a_sheet_that_is_gone_is_an_error(subject: Subject, ana: User) -> None:
    with pytest.raises(ObjectDoesNotExist):
        sheets.mark(Sheet(pk=0, subject=subject, author=ana), "quality", "1", by=ana, revision=1)


# ------------------------------------------------------------------------------------------ after the results were read
def open_again(panel: Panel) -> None:
    panels.reopen_panel(Panel.objects.get(pk=panel.pk), by=make_lead(), reason="Une fiche manque.")


def test_who_has_read_the_results_writes_no_new_sheet_in_a_panel_that_reopens(
    ana: User, bob: User, cleo: User, lead: User
) -> None:
    panel = make_panel([ana, bob, cleo], subjects=2, lead=lead)
    one, two = panel.subjects.select_related("panel__grid").order_by("rank")
    judge(one, ana, "60")
    drafted = fill(sheets.start(one, by=bob), {"quality": "12"}, by=bob)
    given_up = sheets.start(two, by=bob)
    sheets.abstain(given_up, by=bob, revision=given_up.revision)
    panels.close_panel(panel, by=lead)
    reading.result(Subject.objects.select_related("panel__grid").get(pk=one.pk), bob)
    reading.ranking(Panel.objects.get(pk=panel.pk), ana)
    reading.scores(Panel.objects.get(pk=panel.pk), lead, named=False)
    open_again(panel)
    drafted.refresh_from_db()
    with pytest.raises(NotNow, match="Vous avez lu les résultats"):
        sheets.mark(drafted, "quality", "20", by=bob, revision=drafted.revision)
    with pytest.raises(Unmet) as refused:
        sheets.submit(drafted, by=bob, revision=drafted.revision)
    assert said(refused)[0].startswith("Vous avez lu les résultats de ce projet")
    with pytest.raises(NotNow, match="Vous avez lu les résultats"):
        sheets.start(Subject.objects.get(pk=two.pk), by=ana)
    panels.seat(panel, lead, by=None)
    for subject in (one, two):
        with pytest.raises(NotNow, match="Vous avez lu les résultats"):
            sheets.start(Subject.objects.get(pk=subject.pk), by=lead)
    again = Panel.objects.get(pk=panel.pk)
    assert reading.next_subject(again, ana) is None
    assert reading.next_subject(again, lead) is None
    assert not reading.paper(Subject.objects.get(pk=two.pk), ana).is_editable
    assert {line.spot.pk: line.is_spoiled for line in reading.progress(again, ana).lines} == {
        one.pk: False,
        two.pk: True,
    }
    # The witnesses: who read nothing, and whose reading left this subject out.
    assert judge(Subject.objects.select_related("panel__grid").get(pk=one.pk), cleo, "70").state == "submitted"
    assert sheets.resume(given_up, by=bob).state == "draft"
    following = reading.next_subject(again, cleo)
    assert following is not None
    assert following.pk == two.pk


def test_a_sheet_given_back_with_a_reason_is_written_by_who_has_read(ana: User, bob: User, lead: User) -> None:
    panel = make_panel([ana, bob], lead=lead)
    sheet = judge(first(panel), ana, "60")
    panels.close_panel(panel, by=lead)
    reading.result(Subject.objects.get(), ana)
    open_again(panel)
    sheet.refresh_from_db()
    back = sheets.reopen(sheet, by=lead, reason="Une pièce est arrivée.")
    assert (back.reopened_by, back.reopened_reason) == (lead, "Une pièce est arrivée.")
    done = sheets.submit(fill(back, {"quality": "11"}, by=ana), by=ana, revision=back.revision + 1)
    done.refresh_from_db()
    assert (done.state, done.reopened_at, done.reopened_by, done.reopened_reason) == ("submitted", None, None, "")


def test_reading_while_the_panel_is_open_is_not_kept(subject: Subject, ana: User, bob: User) -> None:
    judge(subject, ana, "60")
    assert len(reading.result(subject, ana).sheets) == 1
    assert not Disclosure.objects.exists()


def test_what_a_conflict_closes_was_not_read(ana: User, bob: User, lead: User) -> None:
    panel = make_panel([ana, bob], subjects=2, lead=lead)
    one, two = panel.subjects.order_by("rank")
    conflicts.declare(ana, one, by=ana, reason="Parente.")
    panels.close_panel(panel, by=lead)
    reading.ranking(Panel.objects.get(pk=panel.pk), ana)
    assert list(Disclosure.objects.values_list("subject", "person")) == [(two.pk, ana.pk)]


# --------------------------------------------------------------------------------------------------------- the last day
@pytest.mark.parametrize(
    ("at", "is_late"),
    [
        (datetime(2026, 11, 6, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 6, 23, 5, tzinfo=UTC), False),
        (datetime(2026, 11, 6, 23, 5, 1, tzinfo=UTC), True),
    ],
)
def test_a_sheet_is_submitted_by_the_last_day_and_its_grace(
    subject: Subject, ana: User, registry: None, at: datetime, is_late: bool
) -> None:
    Panel.objects.update(kind="essai.vague", key="1")
    kinds.register("essai.vague", deadline_of=lambda key: Deadline(date(2026, 11, 6), grace=5))
    sheet = fill(sheets.start(subject, by=ana), marks_for("60", subject.panel.grid), by=ana)
    if not is_late:
        assert sheets.submit(sheet, by=ana, revision=sheet.revision, at=at).state == "submitted"
        return
    with pytest.raises(Unmet) as refused:
        sheets.submit(sheet, by=ana, revision=sheet.revision, at=at)
    assert said(refused) == [
        "Les fiches se remettaient jusqu’au 6 novembre 2026 à 23 h 59, heure de Paris. Un responsable peut repousser "
        "ce jour, avec un motif. Votre fiche est gardée telle quelle."
    ]
    sheet.refresh_from_db()
    assert (sheet.state, sheet.marks.count()) == ("draft", 6)
