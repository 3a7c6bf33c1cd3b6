"""The one door: what it checks, in which order, what it writes, and what two people at once get through it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from normandata.accounts.models import User
from normandata.dossiers.models import Deposit, Dossier, ThreadMessage
from normandata.dossiers.procedures import procedure_of
from normandata.dossiers.states import STATES
from normandata.notifications.models import Mail
from normandata.procedure import services
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from normandata.procedure.services import Firing, Procedure
from normandata.regulation.citation import Citation
from normandata.regulation.findings import Finding, Outcome, Verdict
from normandata.workflow.table import Reason, Transition, UnknownTransition, Workflow
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.dossiers import make_dossier
from tests.threads import together

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 2, 10, tzinfo=UTC)
CITATION = Citation("Texte d’essai", "article 1", AT.date())
VERDICT = Verdict((Finding("x.rule", "Règle", Outcome.MET, "C’est « juste » : oui.", CITATION, {"a": "1"}),), AT.date())


def fail(firing: Firing) -> None:
    ThreadMessage.objects.create(dossier=firing.thing, side="portal", text="perdu")
    raise ZeroDivisionError


REFUSE = Transition(
    "try_refuse",
    "Refuser",
    ("submitted", "review"),
    "refused",
    permission="examine",
    conditions=("first", "second"),
    effect="note",
    reason=Reason.REQUIRED,
    is_danger=True,
)
ROWS = (
    REFUSE,
    Transition("try_stay", "Noter", ("submitted",), permission="examine", turn="committee"),
    Transition("try_fail", "Échouer", ("submitted",), "review", permission="examine", effect="fail"),
    Transition("try_alone", "Seul", ("submitted",), "review"),
)


@pytest.fixture(autouse=True)
def _procedure(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give dossiers a few rows of the tests' own; `data` says which conditions hold."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    made = procedure_of(
        ROWS,
        conditions={
            "first": lambda firing: list(firing.data.get("first", ())),
            "second": lambda firing: list(firing.data.get("second", ())),
        },
        effects={
            "note": lambda firing: (
                ThreadMessage.objects.create(dossier=firing.thing, side="portal", text=f"événement {firing.written.pk}")
                and None
            ),
            "fail": fail,
        },
        judges={"try_refuse": lambda firing: VERDICT},
    )
    monkeypatch.setattr(Dossier, "procedure", property(lambda self: made))
    return


@pytest.fixture
def agent() -> User:
    return make_agent()


@pytest.fixture
def dossier(_procedure: None) -> Dossier:
    return make_dossier()


def nothing_written(dossier: Dossier) -> bool:
    kept = Dossier.objects.get(pk=dossier.pk)
    return kept.state == "submitted" and not Event.objects.filter(name__startswith="try_").exists()


def test_a_firing_writes_state_journal_verdict_and_effect_together(dossier: Dossier, agent: User) -> None:
    event = services.fire(dossier, "try_refuse", by=agent, reason=" Hors champ ", at=AT, journal={"score": 3})
    kept = Dossier.objects.get()
    assert (kept.state, kept.turn, kept.turn_since, kept.editable) == ("refused", "nobody", AT, "none")
    assert (dossier.state, dossier.turn) == ("refused", "nobody")
    stored = Event.objects.get(pk=event.pk)
    assert (stored.source, stored.target, stored.by, stored.at) == ("submitted", "refused", agent, AT)
    assert (stored.reason, stored.data) == ("Hors champ", {"score": 3})
    assert ThreadMessage.objects.filter(text=f"événement {event.pk}").count() == 1


def test_the_verdict_is_kept_word_for_word(dossier: Dossier, agent: User) -> None:
    event = services.fire(dossier, "try_refuse", by=agent, reason="Hors champ")
    stored = Event.objects.get(pk=event.pk).verdict
    assert stored == VERDICT.as_record()
    assert Verdict.from_record(stored) == VERDICT


def test_a_transition_without_target_stays_and_may_pass_the_turn(dossier: Dossier, agent: User) -> None:
    event = services.fire(dossier, "try_stay", by=agent, at=AT)
    kept = Dossier.objects.get()
    assert (event.source, event.target, kept.state, kept.turn) == ("submitted", "submitted", "submitted", "committee")


def test_the_wait_goes_on_while_the_turn_stays(dossier: Dossier, agent: User) -> None:
    since = dossier.turn_since
    services.fire(dossier, "start_review", by=agent, at=AT)
    assert Dossier.objects.get().turn_since == since


@pytest.mark.parametrize(
    ("by", "state", "reason", "data", "error", "said"),
    [
        # each row lacks all that the following ones lack: the first fault in the order is the one said
        ("applicant", "withdrawn", "", {"first": ["a"]}, NotAllowed, services.FORBIDDEN),
        ("agent", "withdrawn", "", {"first": ["a"]}, NotNow, services.TOO_LATE),
        ("agent", "submitted", " ", {"first": ["a"]}, ReasonMissing, "Indiquez le motif"),
        ("agent", "submitted", "Oui", {"first": ["a"], "second": ["b", "c"]}, Unmet, "a"),
    ],
)
def test_checks_come_in_order_and_a_refusal_writes_nothing(
    dossier: Dossier, agent: User, by: str, state: str, reason: str, data: Any, error: type[Exception], said: str
) -> None:
    Dossier.objects.update(state=state)
    person = agent if by == "agent" else dossier.created_by
    with pytest.raises(error, match=said) as refused:
        services.fire(dossier, "try_refuse", by=person, reason=reason, **data)
    assert Dossier.objects.get().state == state
    assert not Event.objects.named("try_refuse").exists()
    if error is Unmet:
        assert refused.value.messages == ("a", "b", "c")  # type: ignore[attr-defined]


def test_an_effect_that_fails_takes_everything_back(dossier: Dossier, agent: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.fire(dossier, "try_fail", by=agent)
    assert nothing_written(dossier)
    assert not ThreadMessage.objects.filter(text="perdu").exists()


def test_the_portal_s_own_transitions_are_fired_by_nobody_else(dossier: Dossier, agent: User) -> None:
    with pytest.raises(NotAllowed):
        services.fire(dossier, "try_alone", by=agent)
    assert nothing_written(dossier)
    assert services.fire(dossier, "try_alone", by=None).by is None
    with pytest.raises(UnknownTransition):
        services.fire(dossier, "try_nothing", by=agent)


def test_buttons_are_what_would_pass_the_door(dossier: Dossier, agent: User) -> None:
    assert [row.name for row in services.available(dossier, agent)] == [
        "start_review",
        "ask_correction",
        "try_refuse",
        "try_stay",
        "try_fail",
    ]
    assert [row.name for row in services.available(dossier, dossier.created_by)] == ["submit", "withdraw"]
    assert services.available(dossier, UserFactory()) == []
    services.fire(dossier, "try_refuse", by=agent, reason="Oui")
    assert services.available(dossier, agent) == []


def test_a_stale_object_is_judged_by_the_row(dossier: Dossier, agent: User) -> None:
    stale = Dossier.objects.get()
    services.fire(dossier, "try_refuse", by=agent, reason="Oui")
    with pytest.raises(NotNow):
        services.fire(stale, "start_review", by=agent)
    assert stale.state == "refused"


def test_a_table_that_names_code_that_nobody_wrote_is_refused() -> None:
    workflow = Workflow(STATES, (REFUSE,))
    with pytest.raises(ValueError, match="« try_refuse » names code that nobody wrote: first, second, examine, note"):
        Procedure(workflow, {})


def test_a_gesture_that_changes_no_state_is_recorded(dossier: Dossier, agent: User) -> None:
    event = services.record(dossier, "note", by=agent, reason=" Vu ", data={"a": 1}, verdict=VERDICT)
    stored = Event.objects.about(dossier).get(pk=event.pk)
    assert (stored.source, stored.target, stored.reason, stored.data) == ("", "", "Vu", {"a": 1})
    assert stored.verdict == VERDICT.as_record()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_fire_at_the_same_instant_make_one_event() -> None:
    agents = [make_agent(), make_agent()]
    for _ in range(5):
        dossier = make_dossier()
        mails = Mail.objects.count()
        seen = [Dossier.objects.get(pk=dossier.pk) for _ in agents]
        gestures = [
            lambda one=one, by=by: services.fire(one, "start_review", by=by)
            for one, by in zip(seen, agents, strict=True)
        ]
        results = together(*gestures)
        assert sorted(type(result).__name__ for result in results) == ["Event", "NotNow"], results
        event = Event.objects.about(dossier).named("start_review").get()
        kept = Dossier.objects.get(pk=dossier.pk)
        assert (kept.state, kept.owner) == ("review", event.by)
        assert Mail.objects.count() == mails + 1
    assert Deposit.objects.count() == 5


def test_the_portal_itself_fires_what_belongs_to_it_and_nothing_else() -> None:
    dossier = make_dossier()
    with pytest.raises(NotAllowed):
        services.fire(dossier, "start_review", by=None)
    with pytest.raises(NotAllowed):
        services.fire(dossier, "withdraw", by=None)
