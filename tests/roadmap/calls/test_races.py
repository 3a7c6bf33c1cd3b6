"""Gestures at the same instant on a call: an answer that comes while it is cancelled, a title typed twice.

CALLS_ROUNDS=200 for the long proof. The witnesses take the lock of the call away. On SQLite, whose every transaction is
alone, a few rounds say all.
"""

import os
import threading
import uuid
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from normandata.procedure.errors import Unmet
from normandata.procedure.models import Event
from roadmap.calls import proposals, services
from roadmap.calls.models import Call, CallProposal
from tests.factories.accounts import make_agent
from tests.factories.calls import deposit, make_answered, make_call, make_proposal_draft
from tests.factories.roadmap import ChantierFactory, make_pilot
from tests.threads import PATIENCE, together

pytestmark = pytest.mark.django_db(transaction=True)
ON_POSTGRESQL = connection.vendor == "postgresql"
alone = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite runs one writing transaction at a time: nothing races")
Hold = Callable[[Call], Call]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def rounds() -> int:
    return int(os.environ.get("CALLS_ROUNDS", "5" if ON_POSTGRESQL else "1"))


def names(given: list[Any]) -> list[str]:
    return [type(one).__name__ for one in given]


def closed(call: Call) -> Call:
    Call.objects.filter(pk=call.pk).update(state="closed")
    return Call.objects.get(pk=call.pk)


def taking_back(dossier: Dossier, agent: User) -> Callable[[], Event]:
    again = Dossier.objects.get(pk=dossier.pk)
    return partial(procedure.fire, again, "reconsider", by=agent, reason="Une pièce oubliée.")


def one_then_the_other(
    monkeypatch: pytest.MonkeyPatch, hold: Hold, first: Callable[[], Any], meanwhile: Callable[[], Any]
) -> list[Any]:
    """Do a gesture, and another one whole at the instant when the first is about to hold the call."""
    at_the_door, done = threading.Event(), threading.Event()

    def waiting(call: Call) -> Call:
        at_the_door.set()
        done.wait(PATIENCE)
        return hold(call)

    def passing() -> Any:
        at_the_door.wait(PATIENCE)
        try:
            return meanwhile()
        finally:
            done.set()

    monkeypatch.setattr(proposals, "hold", waiting)
    return together(first, passing)


# -------------------------------------------------------------------------------------------- a deposit, a cancellation
def cancelled_meanwhile(monkeypatch: pytest.MonkeyPatch, hold: Hold) -> tuple[list[Any], Call]:
    call, pilot = make_call(), make_pilot()
    draft = make_proposal_draft(call)
    cancelling = partial(services.fire, call, "cancel", by=pilot, reason="Budget.")
    given = one_then_the_other(monkeypatch, hold, partial(deposit, draft), cancelling)
    return given, Call.objects.get(pk=call.pk)


def test_a_proposal_comes_or_the_call_is_cancelled() -> None:
    for _ in range(rounds()):
        call, pilot = make_call(), make_pilot()
        draft = make_proposal_draft(call)
        sent, gone = together(partial(deposit, draft), partial(services.fire, call, "cancel", by=pilot, reason="Non."))
        kept = Call.objects.get(pk=call.pk)
        said = (kept.state, CallProposal.objects.filter(call=call).count(), *names([sent, gone]))
        assert said in (("open", 1, "Dossier", "Unmet"), ("cancelled", 0, "Unmet", "Event")), (sent, gone)


@alone
def test_a_call_cancelled_under_a_deposit_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    given, call = cancelled_meanwhile(monkeypatch, proposals.hold)
    assert (names(given), call.state) == (["Unmet", "Event"], "cancelled")
    assert given[0].messages == ("Cet appel est annulé. Votre brouillon est gardé.",)
    assert not CallProposal.objects.exists()
    assert Dossier.objects.get().state == "draft"


@alone
def test_witness_without_the_lock_a_cancelled_call_takes_a_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    given, call = cancelled_meanwhile(monkeypatch, lambda one: one)
    assert (names(given), call.state) == (["Dossier", "Event"], "cancelled")
    assert CallProposal.objects.live().filter(call=call).count() == 1


# ---------------------------------------------------------------------------------- an answer taken back, an assessment
def published_meanwhile(monkeypatch: pytest.MonkeyPatch, hold: Hold) -> tuple[list[Any], Call]:
    agent, pilot = make_agent("roadmap"), make_pilot()
    answered = make_answered(make_call(), agent=agent)
    call = closed(answered.call)
    first = taking_back(answered.dossier, agent)
    given = one_then_the_other(monkeypatch, hold, first, partial(services.fire, call, "publish", by=pilot))
    return given, Call.objects.get(pk=call.pk)


def test_an_answer_is_taken_back_or_the_assessment_is_published() -> None:
    agent, pilot = make_agent("roadmap"), make_pilot()
    for _ in range(rounds()):
        answered = make_answered(make_call(), agent=agent)
        call = closed(answered.call)
        given = together(taking_back(answered.dossier, agent), partial(services.fire, call, "publish", by=pilot))
        said = (Call.objects.get(pk=call.pk).state, call.proposals.unanswered().count(), *names(given))
        assert said in (("closed", 1, "Event", "Unmet"), ("published", 0, "Unmet", "Event")), given


@alone
def test_an_assessment_published_meanwhile_keeps_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    given, call = published_meanwhile(monkeypatch, proposals.hold)
    assert (names(given), call.state) == (["Unmet", "Event"], "published")
    assert not call.proposals.unanswered().exists()


@alone
def test_witness_without_the_lock_an_assessment_counts_a_proposal_without_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given, call = published_meanwhile(monkeypatch, lambda one: one)
    assert (names(given), call.state) == (["Event", "Event"], "published")
    assert call.proposals.unanswered().count() == 1


def test_a_proposal_comes_before_the_assessment_or_not_at_all() -> None:
    call = make_call()
    draft = make_proposal_draft(call)
    Call.objects.filter(pk=call.pk).update(state="published")
    with pytest.raises(Unmet) as caught:
        deposit(draft)
    assert caught.value.messages == (
        "Le bilan de l’appel est publié\u00a0: il ne reçoit plus de proposition. Votre brouillon est gardé.",
    )


# --------------------------------------------------------------------------------------------------------- a new call
def addresses(monkeypatch: pytest.MonkeyPatch, writers: int) -> list[Any]:
    """Begin calls of one title; all look for a free address before any is taken."""
    chantier, pilots = ChantierFactory.create(), [make_pilot() for _ in range(writers)]
    met, asked, free = threading.Barrier(writers), count(), services._free_slug

    def found_together(title: str) -> str:
        found = free(title)
        if ON_POSTGRESQL and next(asked) < writers:
            met.wait(PATIENCE)
        return found

    monkeypatch.setattr(services, "_free_slug", found_together)
    return together(*[partial(services.create, chantier, "Vélos", by=one) for one in pilots])


def test_calls_of_one_title_begun_together_have_each_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    given = addresses(monkeypatch, 4)
    assert names(given) == ["Call"] * 4, given
    assert sorted(one.slug for one in given) == ["velos", "velos-2", "velos-3", "velos-4"]
    assert sorted(Call.objects.values_list("slug", flat=True)) == sorted(one.slug for one in given)


@alone
def test_witness_without_another_try_one_alone_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(call: Call) -> None:
        call.slug = services._free_slug(call.title)
        call.save()

    monkeypatch.setattr(services, "_save_at_a_free_address", once)
    assert sorted(names(addresses(monkeypatch, 4))) == ["Call", *["IntegrityError"] * 3]


def test_a_page_sent_several_times_begins_one_call() -> None:
    for _ in range(rounds()):
        chantier, pilot, key = ChantierFactory.create(), make_pilot(), uuid.uuid4()
        given = together(*[partial(services.create, chantier, "Trains", by=pilot, key=key) for _ in range(4)])
        assert names(given) == ["Call"] * 4, given
        assert len({one.pk for one in given}) == 1
        assert list(Call.objects.filter(chantier=chantier)) == [given[0]]
        assert Event.objects.about(given[0]).count() == 1


@alone
def test_witness_without_the_lock_the_key_still_begins_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(User.objects.all()), "select_for_update", lambda self: self)
    chantier, pilot, key = ChantierFactory.create(), make_pilot(), uuid.uuid4()
    together(*[partial(services.create, chantier, "Trains", by=pilot, key=key) for _ in range(4)])
    assert Call.objects.count() == 1
