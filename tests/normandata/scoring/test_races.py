"""Gestures at the same instant: submissions against the closing, two tabs, a conflict against a submission.

SCORING_ROUNDS=200 for the long proof. On SQLite, whose every transaction is alone, a few rounds say all.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from normandata.scoring import results
from normandata.scoring.models import Conflict, Panel, Seat, Sheet, Subject
from normandata.scoring.services import conflicts, panels, sheets
from tests.factories.scoring import SCHEME, fill, first, make_lead, make_panel, make_scorer, make_thing, marks_for
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def rounds() -> int:
    return int(os.environ.get("SCORING_ROUNDS", "10" if connection.vendor == "postgresql" else "2"))


def outcomes(given: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in given)


def ready(people: list[User]) -> tuple[Panel, Subject, list[Sheet]]:
    """A panel where everybody has a complete draft on the one subject."""
    panel = make_panel(people)
    subject = first(panel)
    drafts = [fill(sheets.start(subject, by=by), marks_for("60", panel.grid), by=by) for by in people]
    return panel, subject, drafts


def again(sheet: Sheet) -> Sheet:
    """Read a sheet as another process would."""
    return Sheet.objects.select_related("subject__panel").get(pk=sheet.pk)


def submission(sheet: Sheet) -> Callable[[], Sheet]:
    """The author's gesture, on what another process read."""
    return partial(sheets.submit, again(sheet), by=sheet.author, revision=sheet.revision)


def test_a_submission_is_before_the_closing_or_refused() -> None:
    people, lead = [make_scorer() for _ in range(PEOPLE)], make_lead()
    for _ in range(rounds()):
        panel, subject, drafts = ready(people)
        given = together(
            *[submission(one) for one in drafts[: PEOPLE // 2]],
            partial(panels.close_panel, Panel.objects.get(pk=panel.pk), by=lead),
            *[submission(one) for one in drafts[PEOPLE // 2 :]],
        )
        said = outcomes(given)
        assert said["NoneType"] == 1, given
        assert set(said) <= {"NoneType", "Sheet", "Unmet"}, given
        assert Sheet.objects.counted().filter(subject=subject).count() == said["Sheet"]
        closing = Event.objects.about(panel).named("close_panel").get()
        late = Event.objects.filter(name="submit_sheet", pk__gt=closing.pk, thing_key__in=[str(x.pk) for x in drafts])
        assert not late.exists()


def test_a_double_click_submits_once() -> None:
    person = make_scorer()
    for _ in range(rounds()):
        _, subject, (draft,) = ready([person])
        given = together(*[submission(draft) for _ in range(PEOPLE)])
        assert outcomes(given) == {"Sheet": PEOPLE}, given
        assert Event.objects.about(draft).named("submit_sheet").count() == 1
        assert results.score_of(subject) == 60


def test_two_tabs_one_wins_and_the_other_is_told() -> None:
    person = make_scorer()
    for _ in range(rounds()):
        _, _, (draft,) = ready([person])
        given = together(
            *[
                partial(sheets.mark, again(draft), "quality", str(value), by=person, revision=draft.revision)
                for value in range(PEOPLE)
            ]
        )
        assert outcomes(given) == {"Sheet": 1, "Stale": PEOPLE - 1}, given
        winner = next(value for value, one in enumerate(given) if isinstance(one, Sheet))
        assert draft.marks.get(criterion__slug="quality").value == winner


def test_a_sheet_and_a_seat_are_begun_once() -> None:
    person = make_scorer()
    for _ in range(rounds()):
        panel = make_panel([person])
        newcomer = make_scorer()
        given = together(
            *[partial(sheets.start, Subject.objects.get(panel=panel), by=person) for _ in range(PEOPLE)],
            *[partial(panels.seat, Panel.objects.get(pk=panel.pk), newcomer, by=None) for _ in range(PEOPLE)],
        )
        assert outcomes(given) == {"Sheet": PEOPLE, "Seat": PEOPLE}, given
        assert Sheet.objects.filter(subject__panel=panel).count() == 1
        assert Seat.objects.filter(panel=panel).count() == 2


def test_a_conflict_declared_at_the_instant_of_the_submission_wins() -> None:
    person = make_scorer()
    for _ in range(rounds()):
        _, subject, (draft,) = ready([person])
        given = together(
            partial(sheets.submit, again(draft), by=User.objects.get(pk=person.pk), revision=draft.revision),
            *[
                partial(conflicts.declare, person, Subject.objects.select_related("panel").get(pk=subject.pk),
                        by=User.objects.get(pk=person.pk), reason="Parente.")
                for _ in range(4)
            ],
        )  # fmt: skip
        assert set(outcomes(given)) <= {"Sheet", "Conflict", "InConflict"}, given
        assert outcomes(given)["Conflict"] == 4
        assert Conflict.objects.filter(key=subject.key).count() == 1
        assert again(draft).state == "set_aside"
        assert results.score_of(subject) is None


def test_a_conflict_on_a_thing_that_nobody_judges_is_declared_once() -> None:
    """No panel is there to be held: the row itself is unique."""
    person = make_scorer()
    for _ in range(rounds()):
        thing = make_thing()
        given = together(
            *[
                partial(
                    conflicts.declare_on, person, thing, scheme=SCHEME, by=User.objects.get(pk=person.pk), reason="x"
                )
                for _ in range(PEOPLE)
            ]
        )
        assert outcomes(given) == {"Conflict": PEOPLE}, given
        assert Conflict.objects.filter(key=str(thing.pk)).count() == 1


def test_a_mark_typed_at_the_instant_of_the_submission_is_in_or_out_never_half() -> None:
    """Points are always those of the marks kept."""
    person = make_scorer()
    for _ in range(rounds()):
        _, _, (draft,) = ready([person])
        given = together(
            partial(sheets.submit, again(draft), by=person, revision=draft.revision),
            partial(sheets.mark, again(draft), "quality", "1", by=person, revision=draft.revision),
        )
        assert outcomes(given)["Sheet"] == 1, given
        kept = again(draft)
        if kept.points is not None:
            assert kept.points == sum(one.value or 0 for one in kept.marks.all()) == 60


def test_the_witness_without_locks_a_closed_panel_takes_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite every transaction is alone: the missing lock does no harm there."""
    can_overlap = connection.vendor == "postgresql"
    monkeypatch.setattr(sheets, "held", lambda key: Panel.objects.select_related("grid").get(pk=key))
    monkeypatch.setattr(procedure, "lock", lambda thing: None)
    people, lead, late = [make_scorer() for _ in range(PEOPLE)], make_lead(), 0
    for _ in range(40 if can_overlap else 2):
        panel, _, drafts = ready(people)
        together(
            *[submission(one) for one in drafts],
            partial(panels.close_panel, Panel.objects.get(pk=panel.pk), by=lead),
        )
        closing = Event.objects.about(panel).named("close_panel").get()
        keys = [str(one.pk) for one in drafts]
        late += Event.objects.filter(name="submit_sheet", pk__gt=closing.pk, thing_key__in=keys).count()
        if late:
            break
    assert bool(late) is can_overlap
