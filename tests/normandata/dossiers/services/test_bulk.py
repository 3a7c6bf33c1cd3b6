import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import RoleAssignment, User
from normandata.dossiers import schemes
from normandata.dossiers.applications import Bulk
from normandata.dossiers.models import Absence, BulkJob, BulkOutcome, Correction, Dossier
from normandata.dossiers.services import bulk
from normandata.notifications.models import Mail
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.dossiers import make_dossier
from tests.factories.queue import make_row
from tests.threads import together

pytestmark = pytest.mark.django_db
Action, State = BulkJob.Action, BulkOutcome.State


def begin(action: Action, rows: list[Dossier], by: User, **values: Any) -> BulkJob:
    return bulk.begin(action, rows, values, key=uuid.uuid4(), by=by)


def states(job: BulkJob) -> list[str]:
    return list(job.outcomes.values_list("state", flat=True))


def test_forty_dossiers_have_forty_outcomes() -> None:
    agent, owner = make_agent(), make_agent()
    rows = [make_row(owner=owner if number % 4 == 0 else None) for number in range(40)]
    job = begin(Action.ASSIGN, rows, agent, owner=owner.pk)
    assert states(job) == [State.WAITING] * 40
    assert outbox.work(Message.objects.get(handler=bulk.HANDLER).pk)
    assert [states(job).count(state) for state in (State.DONE, State.ALREADY)] == [30, 10]
    assert set(Dossier.objects.values_list("owner", flat=True)) == {owner.pk}
    job.refresh_from_db()
    assert job.done_at is not None
    assert Event.objects.named("assign").count() == 30


def test_each_row_says_why_it_was_refused() -> None:
    agent = make_agent()
    rows = [make_row(state="review"), make_row(state="closed"), make_dossier(), make_row(scheme="booster_ia")]
    job = begin(Action.START_REVIEW, rows, agent)
    bulk.run(job)
    assert states(job) == [State.ALREADY, State.REFUSED, State.DONE, State.REFUSED]
    causes = list(job.outcomes.values_list("cause", flat=True))
    assert causes[1].startswith("L’état a changé entre-temps")
    assert causes[3] == "Vous n’instruisez pas le dispositif de ce dossier."


def test_a_job_killed_between_two_rows_is_resumed_and_nothing_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    agent, owner = make_agent(), make_agent()
    job = begin(Action.ASSIGN, [make_row() for _ in range(6)], agent, owner=owner.pk)
    message, work, done = Message.objects.get(handler=bulk.HANDLER), bulk.work, []

    def killed(pk: int) -> bool:
        if len(done) == 3:
            raise SystemExit
        done.append(pk)
        return work(pk)

    monkeypatch.setattr(bulk, "work", killed)
    with pytest.raises(SystemExit):
        outbox.work(message.pk)
    assert states(job) == [State.DONE] * 3 + [State.WAITING] * 3
    monkeypatch.setattr(bulk, "work", work)
    Message.objects.filter(handler=bulk.HANDLER).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert outbox.work(message.pk)
    assert states(job) == [State.DONE] * 6
    assert (Event.objects.named("assign").count(), Mail.objects.filter(kind="dossiers.assigned").count()) == (6, 6)


def test_a_gesture_killed_before_its_outcome_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    agent, owner = make_agent(), make_agent()
    job = begin(Action.ASSIGN, [make_row()], agent, owner=owner.pk)

    def killed(*args: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(bulk, "_settle", killed)
    with pytest.raises(SystemExit):
        bulk.run(job)
    assert (states(job), Event.objects.named("assign").count()) == ([State.WAITING], 0)
    assert Dossier.objects.get().owner is None


def test_a_row_that_breaks_stops_no_other_and_is_refused_at_the_last_try(monkeypatch: pytest.MonkeyPatch) -> None:
    agent, owner = make_agent(), make_agent()
    rows = [make_row() for _ in range(3)]
    job = begin(Action.ASSIGN, rows, agent, owner=owner.pk)
    gesture = bulk._gesture

    def broken(outcome: BulkOutcome) -> None:
        if outcome.dossier_id == rows[0].pk:
            raise ZeroDivisionError
        gesture(outcome)

    monkeypatch.setattr(bulk, "_gesture", broken)
    with pytest.raises(ZeroDivisionError):
        bulk.run(job)
    assert states(job) == [State.WAITING, State.DONE, State.DONE]
    bulk.run(job, is_last_try=True)
    assert states(job) == [State.REFUSED, State.DONE, State.DONE]
    assert job.outcomes.first().cause == bulk.FAULT  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_job_do_each_row_once() -> None:
    agent, owner = make_agent(), make_agent()
    job = begin(Action.ASSIGN, [make_row() for _ in range(8)], agent, owner=owner.pk)
    results = together(*[lambda: bulk.run(BulkJob.objects.get(pk=job.pk))] * 2)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert (states(job), Event.objects.named("assign").count()) == ([State.DONE] * 8, 8)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_instant_is_one_job() -> None:
    agent, key = make_agent(), uuid.uuid4()
    rows = [make_row() for _ in range(5)]
    made = together(*[lambda: bulk.begin(Action.START_REVIEW, rows, {}, key=key, by=agent).pk] * 4)
    assert [result for result in made if isinstance(result, Exception)] == []
    assert (len(set(made)), BulkOutcome.objects.count(), Message.objects.count()) == (1, 5, 1)


def test_whoever_lost_the_role_meanwhile_does_nothing() -> None:
    agent, owner = make_agent(), make_agent()
    job = begin(Action.ASSIGN, [make_row()], agent, owner=owner.pk)
    RoleAssignment.objects.filter(user=agent).update(ended_at=timezone.now())
    bulk.run(BulkJob.objects.get())
    assert states(job) == [State.REFUSED]
    assert Dossier.objects.get().owner is None


def test_an_absent_colleague_stays_as_back_up() -> None:
    agent, away = make_agent(), make_agent()
    Absence.objects.create(agent=away, since=timezone.localdate(), declared_by=away)
    bulk.run(begin(Action.ASSIGN, [make_row(owner=away)], agent, owner=agent.pk))
    dossier = Dossier.objects.get()
    assert (dossier.owner, dossier.backup) == (agent, away)


def test_a_piece_is_asked_once() -> None:
    agent, dossier = make_agent(), make_dossier()
    due_on = (timezone.localdate() + timedelta(days=15)).isoformat()
    piece = next(f"piece:{one.slug}" for one in dossier_pieces(dossier))
    for expected in (State.DONE, State.ALREADY):
        job = begin(Action.ASK, [dossier], agent, piece=piece, reason="Signée, merci.", due_on=due_on)
        bulk.run(job)
        assert states(job) == [expected]
    assert Correction.objects.count() == 1


def dossier_pieces(dossier: Dossier) -> tuple[Any, ...]:
    return schemes.application_of(dossier.scheme).pieces


def test_a_job_is_refused_as_a_whole_when_it_makes_no_sense() -> None:
    agent, key = make_agent(), uuid.uuid4()
    row = make_row()
    with pytest.raises(NotAllowed):
        bulk.begin(Action.START_REVIEW, [row], {}, key=key, by=UserFactory())
    with pytest.raises(NotDone):
        bulk.begin(Action.START_REVIEW, [], {}, key=key, by=agent)
    bulk.begin(Action.START_REVIEW, [row], {}, key=key, by=agent)
    with pytest.raises(NotAllowed):
        bulk.begin(Action.START_REVIEW, [row], {}, key=key, by=make_agent())
    assert BulkJob.objects.count() == 1


@pytest.mark.parametrize("other", ["action", "values", "fewer dossiers", "other dossiers"])
def test_a_key_that_served_launches_nothing_else(other: str) -> None:
    agent, owner, key = make_agent(), make_agent(), uuid.uuid4()
    rows = [make_row() for _ in range(3)]
    first = bulk.begin(Action.ASSIGN, rows[:2], {"owner": owner.pk}, key=key, by=agent)
    assert bulk.begin(Action.ASSIGN, rows[1::-1], {"owner": owner.pk}, key=key, by=agent) == first
    action, values, chosen = {
        "action": (Action.START_REVIEW, {"owner": owner.pk}, rows[:2]),
        "values": (Action.ASSIGN, {"owner": agent.pk}, rows[:2]),
        "fewer dossiers": (Action.ASSIGN, {"owner": owner.pk}, rows[:1]),
        "other dossiers": (Action.ASSIGN, {"owner": owner.pk}, rows[1:]),
    }[other]
    with pytest.raises(bulk.KeyTaken):
        bulk.begin(action, chosen, values, key=key, by=agent)
    assert (BulkJob.objects.count(), BulkOutcome.objects.count(), Message.objects.count()) == (1, 2, 1)
    assert set(first.outcomes.values_list("dossier", flat=True)) == {row.pk for row in rows[:2]}


def test_a_closed_dossier_is_given_to_nobody_in_bulk() -> None:
    agent, owner = make_agent(), make_agent()
    job = begin(Action.ASSIGN, [make_row(state="closed"), make_row()], agent, owner=owner.pk)
    bulk.run(job)
    assert states(job) == [State.REFUSED, State.DONE]
    assert job.outcomes.first().cause == "Ce dossier est terminé : il ne se confie plus."  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------------- a scheme's gestures
def declare(monkeypatch: pytest.MonkeyPatch, gesture: Any) -> None:
    """Have the scheme of the diagnostic declare a gesture on several dossiers."""
    scheme = schemes.by_slug()["diagnostic"]
    assert scheme.application is not None
    made = Bulk("Saluer", gesture, lambda job: ("Revenir", "/"))
    application = replace(scheme.application, bulk={"greet": made})
    monkeypatch.setitem(schemes._registry, "diagnostic", replace(scheme, application=application))


def test_a_scheme_declares_a_gesture_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, greeted = [make_row() for _ in range(3)], []

    def greet(job: BulkJob, dossier: Dossier) -> None:
        if dossier.pk == rows[1].pk:
            raise NotDone(job.values["why"])
        greeted.append(dossier.pk)

    declare(monkeypatch, greet)
    job = bulk.begin("diagnostic.greet", rows, {"why": "Pas lui."}, key=uuid.uuid4(), by=make_agent())
    bulk.run(job)
    assert greeted == [rows[0].pk, rows[2].pk]
    assert list(job.outcomes.values_list("state", "cause")) == [("done", ""), ("refused", "Pas lui."), ("done", "")]
    assert job.label == "Saluer"


def test_the_database_knows_the_kernels_gestures_and_a_schemes_only() -> None:
    agent = make_agent()
    BulkJob.objects.create(action="booster_ia.propose", by=agent)
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkJob.objects.create(action="propose", by=agent)
