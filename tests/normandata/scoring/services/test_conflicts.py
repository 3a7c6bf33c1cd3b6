"""A conflict of interest: declared before or after a sheet was begun, found by the portal, lifted by somebody else."""

import pytest

from normandata.accounts.models import User
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.scoring import kinds, reading, results, ties
from normandata.scoring.errors import Blind, InConflict
from normandata.scoring.models import Conflict, Panel, Sheet, Subject
from normandata.scoring.services import conflicts, panels, sheets
from tests.factories.accounts import UserFactory
from tests.factories.scoring import SCHEME, first, judge, make_lead, make_panel, make_thing

pytestmark = pytest.mark.django_db
WHY = "Mon frère dirige l’entreprise."


def test_declared_before_it_refuses_the_sheet(subject: Subject, ana: User) -> None:
    made = conflicts.declare(ana, subject, by=ana, reason=WHY)
    assert conflicts.declare(ana, subject, by=ana, reason="Encore.") == made
    with pytest.raises(InConflict):
        sheets.start(subject, by=ana)
    with pytest.raises(InConflict):
        reading.paper(subject, ana)
    event = Event.objects.about(subject).named("declare_conflict").get()
    assert (event.by, event.reason) == (ana, WHY)


def test_declared_after_a_sheet_was_submitted_it_counts_no_more_and_nobody_reads_it(
    subject: Subject, ana: User, bob: User, lead: User
) -> None:
    mine = judge(subject, ana, "90")
    judge(subject, bob, "50")
    assert results.score_of(subject) == 70
    assert len(reading.result(subject, bob).sheets) == 2
    conflicts.declare(ana, subject, by=ana, reason=WHY)
    assert results.score_of(subject) == 50
    mine.refresh_from_db()
    assert (mine.state, mine.points) == ("set_aside", None)
    assert [one.author for one in reading.result(subject, bob).sheets] == ["Bob Agent"]
    for gesture in (reading.paper, reading.result, reading.journal):
        with pytest.raises(InConflict):
            gesture(subject, ana)
    for gesture in (
        lambda: sheets.mark(mine, "quality", "1", by=ana, revision=mine.revision),
        lambda: sheets.submit(mine, by=ana, revision=mine.revision),
        lambda: sheets.abstain(mine, by=ana, revision=mine.revision),
        lambda: sheets.resume(mine, by=ana),
        lambda: sheets.start(subject, by=ana),
    ):
        with pytest.raises(InConflict):
            gesture()
    with pytest.raises(NotNow):
        sheets.reopen(mine, by=lead, reason="x")
    assert [one.name for one in Event.objects.about(mine)] == ["set_aside", "submit_sheet", "start_sheet"]
    assert Event.objects.about(mine)[0].by is None
    panels.close_panel(subject.panel, by=lead)
    with pytest.raises(InConflict):
        reading.result(subject, ana)
    assert [one.author for one in reading.result(subject, lead).sheets] == ["Bob Agent"]


@pytest.mark.parametrize("gesture", ["start", "abstain"])
def test_a_draft_and_an_abstention_are_set_aside_too(subject: Subject, ana: User, gesture: str) -> None:
    sheet = sheets.start(subject, by=ana)
    if gesture == "abstain":
        sheets.abstain(sheet, by=ana, revision=1)
    conflicts.declare(ana, subject, by=ana, reason=WHY)
    sheet.refresh_from_db()
    assert sheet.state == "set_aside"


def test_a_conflict_with_the_whole_panel_closes_every_subject(ana: User, bob: User, lead: User) -> None:
    panel = make_panel([ana, bob], subjects=3, lead=lead)
    one, two, three = panel.subjects.select_related("panel__grid").order_by("rank")
    judge(one, ana, "90")
    conflicts.declare_with_panel(ana, panel, by=ana, reason=WHY)
    assert results.score_of(one) is None
    for subject in (one, two, three):
        with pytest.raises(InConflict):
            sheets.start(subject, by=ana)
    assert reading.next_subject(panel, ana) is None
    assert reading.progress(panel, ana).lines == ()
    assert reading.progress(panel, ana).withheld == 3
    with pytest.raises(Blind):
        reading.ranking(panel, ana)


def test_it_follows_the_thing_from_one_panel_to_another(ana: User, bob: User, lead: User) -> None:
    thing = make_thing()
    here, there = (make_panel([ana, bob], subjects=[thing], lead=lead) for _ in range(2))
    sheet = judge(first(there), ana, "50")
    conflicts.declare(ana, first(here), by=ana, reason=WHY)
    sheet.refresh_from_db()
    assert sheet.state == "set_aside"
    with pytest.raises(InConflict):
        sheets.start(first(there), by=ana)


def test_nobody_declares_for_another_but_who_leads(subject: Subject, ana: User, bob: User, lead: User) -> None:
    for somebody in (bob, UserFactory()):
        with pytest.raises(NotAllowed):
            conflicts.declare(ana, subject, by=somebody, reason=WHY)
    with pytest.raises(ReasonMissing):
        conflicts.declare(ana, subject, by=ana, reason=" ")
    assert conflicts.declare(ana, subject, by=lead, reason=WHY).declared_by == lead


def test_lifted_by_another_who_leads_the_sheet_comes_back_as_a_draft(subject: Subject, ana: User, lead: User) -> None:
    sheet = judge(subject, ana, "90")
    made = conflicts.declare(ana, subject, by=lead, reason=WHY)
    with pytest.raises(NotAllowed):
        conflicts.lift(made, by=ana, reason="Erreur.")
    with pytest.raises(ReasonMissing):
        conflicts.lift(made, by=lead, reason="")
    conflicts.lift(made, by=lead, reason="Homonyme.")
    sheet.refresh_from_db()
    assert (sheet.state, results.score_of(subject)) == ("draft", None)
    assert (made.lifted_by, made.lifted_reason) == (lead, "Homonyme.")
    sheets.submit(sheet, by=ana, revision=sheet.revision)
    assert results.score_of(subject) == 90
    with pytest.raises(NotNow):
        conflicts.lift(made, by=lead, reason="Homonyme.")
    event = Event.objects.about(subject).named("lift_conflict").get()
    assert (event.by, event.reason) == (lead, "Homonyme.")


def test_who_leads_does_not_lift_the_own_conflict(subject: Subject, lead: User) -> None:
    made = conflicts.declare(lead, subject, by=lead, reason=WHY)
    with pytest.raises(NotAllowed):
        conflicts.lift(made, by=lead, reason="x")
    conflicts.lift(made, by=make_lead(), reason="Homonyme.")


def test_one_of_two_conflicts_lifted_leaves_the_other(subject: Subject, ana: User, lead: User) -> None:
    sheet = sheets.start(subject, by=ana)
    one = conflicts.declare(ana, subject, by=ana, reason=WHY)
    conflicts.declare_with_panel(ana, subject.panel, by=ana, reason=WHY)
    conflicts.lift(one, by=lead, reason="x")
    sheet.refresh_from_db()
    assert sheet.state == "set_aside"


def test_a_tie_that_is_still_there_is_not_lifted(subject: Subject, ana: User, lead: User, registry: None) -> None:
    ties = [True]
    kinds.register(subject.kind, concerned=lambda user, keys: {key: "Vous en êtes." for key in keys if ties})
    with pytest.raises(InConflict):
        sheets.start(subject, by=ana)
    with pytest.raises(NotDone, match="toujours là"):
        conflicts.lift(Conflict.objects.get(), by=lead, reason="x")
    ties.clear()
    conflicts.lift(Conflict.objects.get(), by=lead, reason="A quitté la structure.")
    assert sheets.start(subject, by=ana).state == "draft"


def test_in_a_closed_panel_a_sheet_that_counts_asks_for_reopening(
    subject: Subject, ana: User, bob: User, lead: User
) -> None:
    judge(subject, ana, "90")
    panels.close_panel(subject.panel, by=lead)
    with pytest.raises(NotNow, match="faites rouvrir"):
        conflicts.declare(ana, subject, by=ana, reason=WHY)
    assert (Conflict.objects.count(), results.score_of(subject)) == (0, 90)
    conflicts.declare(bob, subject, by=bob, reason=WHY)
    panels.reopen_panel(Panel.objects.get(pk=subject.panel_id), by=make_lead(), reason="Conflit.")
    conflicts.declare(ana, subject, by=ana, reason=WHY)
    assert results.score_of(Subject.objects.get(pk=subject.pk)) is None


def test_who_leads_in_conflict_moderates_nothing_of_that_subject(subject: Subject, ana: User, lead: User) -> None:
    sheet = judge(subject, ana, "50")
    conflicts.declare(lead, subject, by=lead, reason=WHY)
    for gesture in (
        lambda: sheets.reopen(sheet, by=lead, reason="x"),
        lambda: panels.ask_sheet(subject, by=lead, reason="x"),
        lambda: panels.remove_subject(subject, by=lead, reason="x"),
    ):
        with pytest.raises(InConflict):
            gesture()
    assert Sheet.objects.get().state == "submitted"


def test_a_sheet_on_a_subject_removed_before_the_closing_does_not_refuse_a_declaration(
    ana: User, bob: User, lead: User
) -> None:
    thing = make_thing()
    panel, after = (
        make_panel([ana, bob], subjects=[thing, make_thing()], lead=lead),
        make_panel([ana], subjects=[thing]),
    )
    subject = first(panel)
    sheet = judge(subject, ana, "90")
    panels.remove_subject(subject, by=lead, reason="Passé à la vague suivante.")
    panels.close_panel(Panel.objects.get(pk=panel.pk), by=lead)
    made = conflicts.declare(ana, first(after), by=ana, reason=WHY)
    sheet.refresh_from_db()
    assert (sheet.state, Conflict.objects.get()) == ("set_aside", made)


# ----------------------------------------------------------------------------------------------------- out of any panel
def test_a_conflict_is_declared_on_a_thing_that_nobody_judges_yet_by_who_has_no_seat(ana: User, lead: User) -> None:
    thing = make_thing()
    made = conflicts.declare_on(ana, thing, scheme=SCHEME, by=ana, reason=WHY)
    assert conflicts.declare_on(ana, thing, scheme=SCHEME, by=ana, reason="Encore.") == made
    event = Event.objects.about(made).get()
    assert (event.name, event.by, event.reason) == ("declare_conflict", ana, WHY)
    panel = make_panel([ana], subjects=[thing], lead=lead)
    with pytest.raises(InConflict):
        sheets.start(first(panel), by=ana)
    assert reading.conflicts(panel, lead) == [made]
    with pytest.raises(NotAllowed):
        conflicts.lift(made, by=ana, reason="Erreur.")
    conflicts.lift(made, by=lead, reason="Erreur.")
    assert sheets.start(first(panel), by=ana).state == "draft"


def test_nobody_declares_for_another_but_who_leads_the_scheme(ana: User, bob: User, lead: User) -> None:
    thing = make_thing()
    with pytest.raises(NotAllowed):
        conflicts.declare_on(ana, thing, scheme=SCHEME, by=bob, reason=WHY)
    with pytest.raises(NotAllowed):
        conflicts.declare_on(ana, thing, scheme="diagnostic", by=lead, reason=WHY)
    with pytest.raises(ReasonMissing):
        conflicts.declare_on(ana, thing, scheme=SCHEME, by=ana, reason=" ")
    assert conflicts.declare_on(ana, thing, scheme=SCHEME, by=lead, reason=WHY).declared_by == lead


def test_one_rule_closes_for_gestures_readings_sheets_and_lists(ana: User, bob: User, lead: User) -> None:
    """What one panel's whole conflict closes is closed in another panel too, whoever asks and however it is asked."""
    shared, alone, free = (make_thing() for _ in range(3))
    declared = make_panel([ana, bob], subjects=[shared], lead=lead)
    panel = make_panel([ana, bob], subjects=[shared, alone, free], lead=lead)
    begun = {one.key: sheets.start(one, by=ana) for one in panel.subjects.select_related("panel__grid")}
    conflicts.declare_with_panel(ana, declared, by=ana, reason=WHY)
    conflicts.declare_on(ana, alone, scheme=SCHEME, by=ana, reason=WHY)
    expected = {str(shared.pk), str(alone.pk)}
    subjects = list(panel.subjects.all())
    kind = subjects[0].kind
    rows = Sheet.objects.with_standing().filter(pk__in=[one.pk for one in begun.values()])
    assert {one.key for one in subjects if ties.declared(ana, one)} == expected
    assert {one.subject.key for one in rows if vars(one)["in_conflict"]} == expected
    assert {one.subject.key for one in rows if one.state == "set_aside"} == expected
    assert {row["thing"] for row in Conflict.objects.keys_closed(ana, kind)} == expected
    closed = reading.sight(panel, ana).closed
    assert {one.key for one in subjects if one.pk in closed} == expected
    assert reading.sight(panel, bob).closed == frozenset()
