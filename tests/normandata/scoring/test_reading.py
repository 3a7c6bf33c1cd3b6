"""Blindness attacked: whatever a blind person asks, the answer is the same whatever the others marked."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from normandata.accounts.models import Role, User
from normandata.procedure.errors import NotAllowed
from normandata.procedure.models import Event
from normandata.regulation.formats import NBSP
from normandata.scoring import kinds, ranking, reading
from normandata.scoring.errors import Blind, InConflict
from normandata.scoring.models import Panel, Subject
from normandata.scoring.reading import Sight
from normandata.scoring.services import conflicts, panels, sheets
from tests.factories.accounts import UserFactory, make_agent, make_user_with
from tests.factories.scoring import (
    SCHEME,
    fill,
    first,
    judge,
    make_jury_grid,
    make_lead,
    make_panel,
    make_scorer,
    marks_for,
)

pytestmark = pytest.mark.django_db
TIES = ("feasibility", "quality")
D = Decimal


def subjects_of(panel: Panel) -> list[Subject]:
    return list(panel.subjects.select_related("panel__grid").order_by("rank"))


def asked(question: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What somebody learns: the answer, or the refusal with its words."""
    try:
        return question(*args, **kwargs)
    except NotAllowed as error:
        return type(error).__name__, tuple(error.messages)


def learnt(panel: Panel, user: User) -> list[str]:
    """Everything that `reading` tells a person of a panel, as text."""
    panel = Panel.objects.select_related("grid").get(pk=panel.pk)
    found: list[Any] = [
        asked(reading.progress, panel, user),
        asked(reading.ranking, panel, user, ties=TIES),
        asked(reading.scores, panel, user, named=True),
        asked(reading.scores, panel, user, named=False),
        [_line(event) for event in journal] if isinstance(journal := asked(reading.panel_journal, panel, user), list)
        else journal,
        asked(reading.next_subject, panel, user),
    ]  # fmt: skip
    for subject in subjects_of(panel):
        paper = asked(reading.paper, subject, user)
        found += [
            (paper.total, paper.shown, paper.gap) if isinstance(paper, reading.Paper) else paper,
            asked(reading.result, subject, user),
            asked(reading.may_read, subject, user),
            [_line(event) for event in journal]
            if isinstance(journal := asked(reading.journal, subject, user), list)
            else journal,
        ]
    return [str(one) for one in found]


def _line(event: Event) -> tuple[Any, ...]:
    return event.name, str(event.by), event.reason, sorted(event.data)


def differences(panel: Panel, user: User, *, of: User, low: str = "12", high: str = "97") -> list[int]:
    """The questions whose answer changes with what another person marked on the first subject."""
    answers = []
    for total in (low, high):
        with transaction.atomic():
            judge(first(panel), of, total)
            answers.append(learnt(panel, User.objects.get(pk=user.pk)))
            transaction.set_rollback(True)
    return [index for index, pair in enumerate(zip(*answers, strict=True)) if pair[0] != pair[1]]


@pytest.fixture
def wave(ana: User, bob: User, cleo: User, lead: User) -> Panel:
    return make_panel([ana, bob, cleo], subjects=2, lead=lead)


def nothing(panel: Panel, user: User) -> None:
    """Do nothing before reading."""


def begins(panel: Panel, user: User) -> None:
    fill(sheets.start(first(panel), by=user), {"quality": "3"}, by=user)


def abstains(panel: Panel, user: User) -> None:
    sheet = sheets.start(first(panel), by=user)
    sheets.abstain(sheet, by=user, revision=sheet.revision)


def submits_the_other(panel: Panel, user: User) -> None:
    judge(subjects_of(panel)[1], user, "50")


def is_given_back(panel: Panel, user: User) -> None:
    sheets.reopen(judge(first(panel), user, "50"), by=make_lead(), reason="Relire.")


def declares(panel: Panel, user: User) -> None:
    judge(first(panel), user, "50")
    conflicts.declare(user, first(panel), by=user, reason="Parent.")


def loses_the_seat(panel: Panel, user: User) -> None:
    judge(first(panel), user, "50")
    panels.unseat(panel.seats.get(person=user), by=None, reason="Mutation.")


@pytest.mark.parametrize(
    "before", [nothing, begins, abstains, submits_the_other, is_given_back, declares, loses_the_seat]
)
def test_who_has_not_submitted_learns_nothing(wave: Panel, ana: User, bob: User, before: Callable[..., None]) -> None:
    before(wave, ana)
    assert differences(wave, ana, of=bob) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_lead(),
        lambda: make_scorer(),
        lambda: make_user_with(Role.AUDITOR),
        lambda: make_user_with(Role.ADMINISTRATOR),
        lambda: make_user_with(Role.JUROR, SCHEME),
        lambda: make_agent("diagnostic"),
        lambda: UserFactory(is_superuser=True, is_staff=True),
    ],
)
def test_nobody_without_a_sheet_learns_anything_while_it_is_open(
    wave: Panel, bob: User, make: Callable[[], User]
) -> None:
    assert differences(wave, make(), of=bob) == []


def test_who_leads_and_sits_is_as_blind_as_the_others(wave: Panel, bob: User, lead: User) -> None:
    panels.seat(wave, lead, by=None)
    assert differences(wave, lead, of=bob) == []


def test_the_progress_of_who_leads_changes_with_a_submission_not_with_its_marks(
    wave: Panel, bob: User, lead: User
) -> None:
    before = reading.progress(wave, lead)
    judge(first(wave), bob, "97")
    after = reading.progress(wave, lead)
    assert [line.submitted for line in before.lines] == [0, 0]
    assert [line.submitted for line in after.lines] == [1, 0]
    assert [(one.name, one.submitted, one.drafts, one.abstained) for one in after.scorers] == [
        ("Ana Agente", 0, 0, 0), ("Bob Agent", 1, 0, 0), ("Cléo Agente", 0, 0, 0),
    ]  # fmt: skip
    assert (after.ready, after.lines[0].needed) == (0, 2)
    assert after.lines[0].states == {bob.pk: "submitted"}
    sitting = reading.progress(wave, bob)
    assert (sitting.done, sitting.scorers, [dict(line.states) for line in sitting.lines]) == (1, (), [{}, {}])


def test_submitting_opens_that_subject_and_no_rank(wave: Panel, ana: User, bob: User) -> None:
    """The witness that the attack sees what is open: the result and the journal of the first subject, nothing else."""
    judge(first(wave), ana, "50")
    assert reading.may_read(first(wave), ana)
    assert differences(wave, ana, of=bob) == [7]
    with pytest.raises(Blind):
        reading.ranking(wave, ana, ties=TIES)
    with pytest.raises(Blind):
        reading.result(subjects_of(wave)[1], ana)


def test_all_submitted_the_rank_opens(wave: Panel, ana: User, bob: User) -> None:
    for subject in subjects_of(wave):
        judge(subject, ana, "50")
    judge(first(wave), bob, "90")
    found = reading.ranking(wave, ana, ties=TIES)
    assert [(one.shown, one.rank) for one in found.places] == [("70,00", 1)]
    with pytest.raises(Blind):
        reading.ranking(wave, bob, ties=TIES)


def test_closing_opens_all_to_those_of_the_panel_and_nobody_else(wave: Panel, ana: User, bob: User, lead: User) -> None:
    judge(first(wave), bob, "90")
    panels.close_panel(wave, by=lead)
    wave = Panel.objects.get(pk=wave.pk)
    for reader in (ana, lead, make_lead(), make_user_with(Role.AUDITOR)):
        assert reading.result(first(wave), reader).shown == "90,00 sur 100"
        assert len(reading.scores(wave, reader, named=True)) == 1
    for stranger in (UserFactory(), make_scorer(), make_agent("diagnostic"), make_user_with(Role.JUROR, SCHEME)):
        with pytest.raises(NotAllowed):
            reading.result(first(wave), stranger)
        with pytest.raises(NotAllowed):
            reading.ranking(wave, stranger)
        with pytest.raises(NotAllowed):
            reading.progress(wave, stranger)


def test_after_closing_a_conflict_leaves_its_subject_out_and_counts_places_without_it(
    wave: Panel, ana: User, bob: User, cleo: User, lead: User
) -> None:
    one, two = subjects_of(wave)
    conflicts.declare(ana, one, by=ana, reason="Parente.")
    for by in (bob, cleo):
        judge(one, by, "90")
        judge(two, by, "60")
    panels.close_panel(wave, by=lead)
    wave = Panel.objects.get(pk=wave.pk)
    assert [place.rank for place in reading.ranking(wave, bob).places] == [1, 2]
    mine = reading.ranking(wave, ana)
    assert ([(place.rank, place.key) for place in mine.places], mine.withheld) == ([(1, two.key)], 1)
    assert {row.spot.key for row in reading.scores(wave, ana, named=True)} == {two.key}
    assert reading.progress(wave, ana).withheld == 1


def test_who_leads_in_conflict_reads_nothing_of_that_subject_ever(
    wave: Panel, bob: User, cleo: User, lead: User
) -> None:
    conflicts.declare(lead, first(wave), by=lead, reason="Parente.")
    assert differences(wave, lead, of=bob) == []
    judge(first(wave), cleo, "60")
    panels.close_panel(wave, by=lead)
    for gesture in (reading.result, reading.journal, reading.paper):
        with pytest.raises(InConflict):
            gesture(first(wave), lead)
    assert "declare_conflict" not in [one.name for one in reading.panel_journal(wave, lead)]


def test_a_tie_that_nobody_declared_closes_as_well(wave: Panel, ana: User, lead: User, registry: None) -> None:
    judge(first(wave), ana, "60")
    panels.close_panel(wave, by=lead)
    kinds.register(
        first(wave).kind, concerned=lambda user, keys: {first(wave).key: "Vous en êtes."} if user == ana else {}
    )
    with pytest.raises(InConflict, match="Vous en êtes"):
        reading.result(first(wave), ana)
    assert len(reading.progress(wave, ana).lines) == 1


def test_reopening_the_panel_is_blind_again(wave: Panel, ana: User, bob: User, lead: User) -> None:
    judge(first(wave), bob, "60")
    panels.close_panel(wave, by=lead)
    panels.reopen_panel(wave, by=make_lead(), reason="Une fiche manque.")
    assert differences(wave, ana, of=make_seated(wave)) == []
    with pytest.raises(Blind):
        reading.result(first(wave), ana)


def make_seated(panel: Panel) -> User:
    person = make_scorer()
    panels.seat(panel, person, by=None)
    return person


def test_no_event_carries_a_mark(wave: Panel, ana: User, bob: User, lead: User) -> None:
    """The whole journal, unfiltered: no figure of a sheet is written in it."""
    for total in ("13", "87"):
        sheet = judge(first(wave), ana if total == "13" else bob, total)
    sheets.reopen(sheet, by=lead, reason="Relire.")
    panels.close_panel(wave, by=lead)
    written = [(one.data, one.reason) for one in Event.objects.exclude(name__in=("add_subjects", "seat"))]
    assert not any(figure in str(one) for one in written for figure in ("13", "87", "quality", "Parce que"))
    keys = {key for one in Event.objects.filter(thing_kind="scoring.sheet") for key in one.data}
    assert keys == {"version", "grid"}


def test_the_journal_of_who_is_blind_is_that_of_the_own_sheet(wave: Panel, ana: User, bob: User, lead: User) -> None:
    subject = first(wave)
    with pytest.raises(Blind):
        reading.journal(subject, ana)
    sheets.start(subject, by=ana)
    judge(subject, bob, "60")
    panels.ask_sheet(subject, by=lead, reason="Écart de vingt points.")
    assert [one.name for one in reading.journal(subject, ana)] == ["start_sheet"]
    assert [one.name for one in reading.journal(subject, bob)] == [
        "ask_sheet", "submit_sheet", "start_sheet", "start_sheet",
    ]  # fmt: skip
    assert {one.name for one in reading.panel_journal(wave, lead)} == {
        "create_panel", "add_subjects", "seat", "open_panel",
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        reading.panel_journal(wave, ana)


# ------------------------------------------------------------------------------------------------------------ witnesses
def test_the_witness_without_the_gate_marks_are_learnt(
    wave: Panel, ana: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "require", lambda subject, user: None)
    assert 7 in differences(wave, ana, of=bob)


def test_the_witness_with_ranks_for_all_the_order_tells(
    wave: Panel, ana: User, bob: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(first(wave), cleo, "60")
    monkeypatch.setattr(Sight, "reads_all", True)
    assert differences(wave, ana, of=bob) == [1, 2, 3]


def test_the_witness_without_conflicts_the_closed_subject_is_read(
    wave: Panel, ana: User, bob: User, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflicts.declare(ana, first(wave), by=ana, reason="Parente.")
    judge(first(wave), bob, "60")
    panels.close_panel(wave, by=lead)
    monkeypatch.setattr(reading, "_refuse_conflict", lambda subject, user: None)
    assert reading.result(first(wave), ana).shown == "60,00 sur 100"


# ------------------------------------------------------------------------------------------------------- what is given
def test_one_s_own_paper_says_the_live_total_and_the_gap(wave: Panel, ana: User) -> None:
    subject = first(wave)
    empty = reading.paper(subject, ana)
    assert (empty.revision, empty.standing, empty.is_editable, empty.total) == (0, None, True, 0)
    assert empty.gap.replace(NBSP, " ") == "Il manque 50 points pour atteindre 50"
    fill(sheets.start(subject, by=ana), marks_for("47", wave.grid), by=ana)
    paper = reading.paper(subject, ana)
    assert (paper.shown, paper.revision, paper.is_under_floor) == ("47,00 sur 100", 2, True)
    assert paper.gap.replace(NBSP, " ") == "Il manque 3 points pour atteindre 50"
    assert [(line.slug, mark.value) for line, mark in paper.lines if mark][:2] == [("quality", 20), ("feasibility", 27)]
    with pytest.raises(NotAllowed):
        reading.paper(subject, make_scorer())


def test_a_jury_s_paper_has_no_floor(ana: User) -> None:
    panel = make_panel([ana], grid=make_jury_grid())
    fill(sheets.start(first(panel), by=ana), {"relevance": "4"}, by=ana)
    paper = reading.paper(first(panel), ana)
    assert (paper.shown, paper.gap, paper.is_under_floor) == ("4,00 sur 5", "", False)


def test_a_result_gives_sheets_mean_and_spread(wave: Panel, ana: User, bob: User) -> None:
    judge(first(wave), ana, "49.99")
    judge(first(wave), bob, "50.00")
    found = reading.result(first(wave), ana)
    assert (found.shown, found.is_under_floor, found.shown_spread, found.is_wide) == (
        "49,99 sur 100", True, "0,01", False,
    )  # fmt: skip
    assert [(one.author, one.is_mine, one.shown) for one in found.sheets] == [
        ("Ana Agente", True, "49,99"), ("Bob Agent", False, "50,00"),
    ]  # fmt: skip
    assert found.sheets[0].lines[0].justification == "Parce que quality."


def test_the_next_subject_passes_over_what_is_done_and_skipping_writes_nothing(
    ana: User, bob: User, lead: User
) -> None:
    panel = make_panel([ana, bob], subjects=5, lead=lead)
    one, two, three, four, five = subjects_of(panel)
    judge(one, ana, "50")
    sheet = sheets.start(two, by=ana)
    sheets.abstain(sheet, by=ana, revision=1)
    conflicts.declare(ana, four, by=ana, reason="Parente.")
    assert reading.next_subject(panel, ana) == three
    events = Event.objects.count()
    assert reading.next_subject(panel, ana, after=three) == five
    assert reading.next_subject(panel, ana, after=five) == three
    assert Event.objects.count() == events
    judge(five, ana, "50")
    assert reading.next_subject(panel, ana, after=three) is None
    assert reading.next_subject(panel, bob) == one
    assert reading.next_subject(panel, lead) is None


def test_an_anonymous_export_follows_nobody(wave: Panel, ana: User, bob: User, lead: User) -> None:
    one, two = subjects_of(wave)
    judge(one, ana, "90")
    judge(one, bob, "60")
    judge(two, ana, "30")
    judge(two, bob, "70")
    panels.close_panel(wave, by=lead)
    wave = Panel.objects.get(pk=wave.pk)
    named = reading.scores(wave, lead, named=True)
    assert [(row.who, int(row.score)) for row in named] == [
        ("Ana Agente", 90), ("Bob Agent", 60), ("Bob Agent", 70), ("Ana Agente", 30),
    ]  # fmt: skip
    hidden = reading.scores(wave, lead, named=False)
    assert [(row.who, int(row.score)) for row in hidden] == [
        ("Fiche 1", 90), ("Fiche 2", 60), ("Fiche 1", 70), ("Fiche 2", 30),
    ]  # fmt: skip
    assert (hidden[0].mark("quality"), hidden[0].justification("quality")) == (D(20), "")
    assert named[0].justification("quality") == "Parce que quality."


def test_conflicts_are_listed_to_who_leads_but_for_the_own(wave: Panel, ana: User, bob: User, lead: User) -> None:
    one, two = subjects_of(wave)
    conflicts.declare(ana, one, by=ana, reason="a")
    conflicts.declare(bob, two, by=bob, reason="b")
    conflicts.declare_with_panel(make_lead(), wave, by=lead, reason="c")
    assert [made.reason for made in reading.conflicts(wave, lead)] == ["a", "b", "c"]
    conflicts.declare(lead, one, by=lead, reason="d")
    assert [made.reason for made in reading.conflicts(wave, lead)] == ["b", "c", "d"]
    with pytest.raises(NotAllowed):
        reading.conflicts(wave, ana)


def test_ranks_are_those_of_the_room_below(wave: Panel, ana: User, bob: User, lead: User) -> None:
    for subject, total in zip(subjects_of(wave), ("60", "80"), strict=True):
        judge(subject, ana, total)
        judge(subject, bob, total)
    panels.close_panel(wave, by=lead)
    wave = Panel.objects.get(pk=wave.pk)
    assert reading.ranking(wave, lead, ties=TIES) == ranking.rank(wave, ties=TIES)


@pytest.mark.parametrize("own", ["none", "draft", "submitted"])
def test_a_panel_that_is_blind_to_the_end_shows_nothing_before_it_closes(own: str) -> None:
    juror, other = make_scorer(), make_scorer()
    panel = make_panel([juror, other], grid=make_jury_grid(), is_blind_to_the_end=True)
    subject = first(panel)
    judge(subject, other, relevance="4", originality="4", talk="4")
    if own == "submitted":
        judge(subject, juror, relevance="3", originality="3", talk="3")
    elif own == "draft":
        sheets.start(subject, by=juror)
    for reader in (juror, make_lead()):
        for ask in (
            lambda who=reader: reading.result(subject, who),
            lambda who=reader: reading.ranking(panel, who),
            lambda who=reader: reading.scores(panel, who, named=False),
        ):
            with pytest.raises(Blind) as refusal:
                ask()
            assert refusal.value.messages == (reading.AT_CLOSING,)
        assert reading.sight(panel, reader).open == frozenset()
    panels.close_panel(panel, by=make_lead())
    shown = ["4,00", "3,00"] if own == "submitted" else ["4,00"]
    assert [sheet.shown for sheet in reading.result(first(panel), juror).sheets] == shown
