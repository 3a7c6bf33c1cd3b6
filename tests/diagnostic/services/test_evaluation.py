"""The questionnaire is kept as typed, sent once and frozen; the follow-up opens at six months and keeps each answer."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from diagnostic.evaluation import Evaluation, FollowUp, recap
from diagnostic.orders import Order
from diagnostic.services import evaluation
from normandata.accounts.models import User
from normandata.dossiers.questionnaires import Conflict
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.after import at, make_life
from tests.factories.diagnostic import make_provider

ANSWERS: dict[str, Any] = {
    "clarte": "4",
    "utilite": "3",
    "ecoute": "4",
    "duree": "right",
    "appris": "Nos machines parlent.",
    "actions": ["collect", "ai"],
    "actions_precisions": "",
    "recommande": "oui",
    "remarques": "",
}
DELIVERED = date(2026, 5, 31)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(at(date(2026, 6, 2)), tick=False):
        yield


@pytest.fixture
def order(db: None) -> Order:
    return make_life(delivered_on=DELIVERED)


@pytest.fixture
def by(order: Order) -> User:
    return order.dossier.created_by


def test_what_is_typed_is_kept_complete_or_not(order: Order, by: User) -> None:
    first = evaluation.save(order, {"clarte": "4", "appris": "Nos"}, version=0, by=by)
    assert (first.version, first.answers, first.is_sent) == (1, {"clarte": "4", "appris": "Nos"}, False)
    again = evaluation.save(order, first.answers, version=0, by=by)
    assert again.version == 1
    second = evaluation.save(order, {"clarte": "3"}, version=1, by=by)
    assert (second.version, Evaluation.objects.get().answers) == (2, {"clarte": "3"})


def test_two_tabs_never_overwrite_silently(order: Order, by: User) -> None:
    evaluation.save(order, {"appris": "un"}, version=0, by=by)
    evaluation.save(order, {"appris": "deux"}, version=1, by=by)
    with pytest.raises(Conflict) as refused:
        evaluation.save(order, {"appris": "trois"}, version=1, by=by)
    assert refused.value.kept.answers == {"appris": "deux"}
    assert Evaluation.objects.get().answers == {"appris": "deux"}


def test_it_is_sent_once_then_frozen(order: Order, by: User) -> None:
    evaluation.save(order, ANSWERS, version=0, by=by)
    sent = evaluation.send(order, may_be_named=False, by=by)
    assert (sent.is_sent, sent.sent_by, sent.may_be_named) == (True, by, False)
    for gesture in (
        lambda: evaluation.send(order, may_be_named=True, by=by),
        lambda: evaluation.save(order, {"clarte": "1"}, version=1, by=by),
    ):
        with pytest.raises(NotNow, match="ne se modifie plus"):
            gesture()
    kept = Evaluation.objects.get()
    assert (kept.answers, kept.may_be_named) == (ANSWERS, False)
    assert Event.objects.about(order.dossier).named("evaluation").get().data == {"may_be_named": False}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clarte": ""}, "Dites si le rapport est clair."),
        ({"utilite": "5"}, "5"),
        ({"appris": "  "}, "Dites en quelques mots ce que vous avez appris."),
        ({"actions": []}, "Cochez au moins une ligne"),
        ({"actions": ["none", "ai"]}, "ne se coche pas avec une autre"),
        ({"actions": ["forged"]}, "forged"),
        ({"recommande": ""}, "Dites si vous recommanderiez ce diagnostic."),
        ({"remarques": "x" * 4001}, "4000"),
    ],
)
def test_an_incomplete_questionnaire_is_not_sent(order: Order, by: User, change: dict[str, Any], said: str) -> None:
    evaluation.save(order, ANSWERS | change, version=0, by=by)
    with pytest.raises(NotDone) as refused:
        evaluation.send(order, may_be_named=True, by=by)
    assert len(refused.value.messages) == 1
    assert said in refused.value.messages[0]
    assert Evaluation.objects.get().sent_at is None


def test_nothing_typed_is_not_sent(order: Order, by: User) -> None:
    with pytest.raises(NotDone) as refused:
        evaluation.send(order, may_be_named=True, by=by)
    assert len(refused.value.messages) == 7  # every question but the two optional ones


def test_it_opens_with_the_report(by: User) -> None:
    early = make_life(dossier=None)
    who = early.dossier.created_by
    assert evaluation.delivered_order(early.dossier) is None
    with pytest.raises(NotNow, match="quand le rapport vous est remis"):
        evaluation.save(early, ANSWERS, version=0, by=who)
    with pytest.raises(NotNow, match=r"six mois après la remise du rapport\.$"):
        evaluation.answer_follow_up(early, has_acted=False, actions=[], what="", by=who)


def test_the_structure_alone_writes(order: Order) -> None:
    for stranger in (UserFactory(), make_agent(), make_provider(order.company)):
        with pytest.raises(NotAllowed):
            evaluation.save(order, ANSWERS, version=0, by=stranger)
        with pytest.raises(NotAllowed):
            evaluation.send(order, may_be_named=True, by=stranger)
        with pytest.raises(NotAllowed):
            evaluation.decide_naming(order, True, by=stranger)
        with pytest.raises(NotAllowed):
            evaluation.answer_follow_up(order, has_acted=False, actions=[], what="", by=stranger)
    assert (Evaluation.objects.count(), FollowUp.objects.count()) == (0, 0)


def test_the_agreement_to_be_named_is_given_and_taken_back(order: Order, by: User) -> None:
    with pytest.raises(NotNow):
        evaluation.decide_naming(order, True, by=by)
    evaluation.save(order, ANSWERS, version=0, by=by)
    evaluation.send(order, may_be_named=True, by=by)
    evaluation.decide_naming(order, True, by=by)  # changes nothing
    evaluation.decide_naming(order, False, by=by)
    assert Evaluation.objects.get().may_be_named is False
    named = Event.objects.about(order.dossier).named("evaluation_naming")
    assert [one.data for one in named] == [{"may_be_named": False}]


def test_the_follow_up_opens_at_six_months_and_keeps_each_answer(order: Order, by: User) -> None:
    no = {"has_acted": False, "actions": [], "what": ""}
    with (
        time_machine.travel(at(date(2026, 11, 29)), tick=False),
        pytest.raises(NotNow, match="le 30\u00a0novembre\u00a02026"),
    ):
        evaluation.answer_follow_up(order, by=by, **no)  # type: ignore[arg-type]
    with time_machine.travel(at(date(2026, 11, 30)), tick=False):
        first = evaluation.answer_follow_up(order, by=by, **no)  # type: ignore[arg-type]
        assert evaluation.answer_follow_up(order, by=by, **no) == first  # type: ignore[arg-type]
        yes = evaluation.answer_follow_up(order, has_acted=True, actions=["ai"], what=" Un essai. ", by=by)
    assert (first.number, yes.number, yes.what, yes.action_labels) == (
        1,
        2,
        "Un essai.",
        ["Essayer ou utiliser l’intelligence artificielle"],
    )
    assert FollowUp.objects.filter(order=order).first() == yes
    assert Event.objects.about(order.dossier).named("follow_up").count() == 2


@pytest.mark.parametrize(("has_acted", "actions"), [(True, []), (False, ["ai"])])
def test_a_yes_names_its_actions(order: Order, by: User, has_acted: bool, actions: list[str]) -> None:
    with time_machine.travel(at(date(2026, 12, 1)), tick=False), pytest.raises(NotDone, match="quelles actions"):
        evaluation.answer_follow_up(order, has_acted=has_acted, actions=actions, what="", by=by)


@pytest.mark.parametrize(
    "fields", [{"sent_at": at(DELIVERED)}, {"may_be_named": True}], ids=["sent by nobody", "named before it is sent"]
)
def test_the_database_refuses_what_cannot_be(order: Order, by: User, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.create(order=order, saved_by=by, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(order=order, number=1, has_acted=False, actions=["ai"], by=by)


def test_answers_are_written_in_clear() -> None:
    lines = dict(recap(ANSWERS))
    assert lines["Le rapport est-il clair\u00a0?"] == "Oui, tout à fait"
    assert lines["Quelles actions prévoyez-vous\u00a0?"] == (
        "Recenser ou rassembler nos données, Essayer ou utiliser l’intelligence artificielle"
    )
    assert len(lines) == 7
