"""Results: typed in one gesture, validated by another person, every item or none, undone while nothing is notified."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from booster_ia.awards import Award
from booster_ia.models import BoosterApplication
from booster_ia.services import decisions, notification
from normandata.budgets import ledger
from normandata.committee.errors import About
from normandata.committee.models import Paper, Recusal, Session
from normandata.committee.services import results, sessions
from normandata.committee.services.results import Deliberation, Result, Votes
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import SessionFactory, make_clerk, make_envelope
from tests.factories.letters import make_signatory
from tests.factories.sessions import (
    NUMBER,
    VOTES,
    item_of,
    make_lead,
    make_recorded,
    make_tabled,
    make_validated,
    make_waiting,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        yield


def plain(messages: object) -> list[str]:
    return [str(one).replace("\u00a0", " ").replace("\u202f", " ") for one in messages]  # type: ignore[attr-defined]


# -------------------------------------------------------------------------------------------------------------- typing
def test_everything_as_proposed_in_one_gesture() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_tabled(make_waiting(3, refusals=1), by=clerk)
    results.record_results(
        session, {}, deliberation=Deliberation(NUMBER, presided_by="Élu d’essai"), votes=VOTES, by=clerk
    )
    found = [
        (one.outcome, one.decided_amount, one.reason, one.votes_for, one.votes_against, one.abstentions)
        for one in session.items.all()
    ]
    assert found == [
        ("granted", D("10000.00"), "", 40, 2, 1),
        ("granted", D("10000.00"), "", 40, 2, 1),
        ("refused", None, "Note inférieure à celle des autres projets.", 40, 2, 1),
    ]
    session.refresh_from_db()
    assert (session.deliberation_number, session.presided_by, session.state) == (NUMBER, "Élu d’essai", "tabled")
    assert [one.departs for one in session.items.all()] == [False, False, False]


def test_exceptions_keep_their_amount_reason_votes_and_recusals() -> None:
    make_envelope()
    clerk = make_clerk()
    dossiers = make_waiting(4, refusals=1)
    session = make_tabled(dossiers, by=clerk)
    one, two, three, four = session.items.all()
    results.record_results(
        session,
        {
            one.pk: Result("granted", D("9000.50"), "Moins cher.", Votes(30, 12, 0), (("A. Elbeuf", "Adjointe"),)),
            two.pk: Result("adjourned", reason="Budget à préciser."),
            three.pk: Result("refused", reason="Hors sujet."),
            four.pk: Result("granted", D("4000.00"), "Le jury change d’avis."),
        },
        deliberation=Deliberation(NUMBER),
        votes=VOTES,
        by=clerk,
    )
    rows = session.items.values_list("outcome", "decided_amount", "reason", "votes_for")
    assert list(rows) == [
        ("granted", D("9000.50"), "Moins cher.", 30),
        ("adjourned", None, "Budget à préciser.", 40),
        ("refused", None, "Hors sujet.", 40),
        ("granted", D("4000.00"), "Le jury change d’avis.", 40),
    ]
    assert list(Recusal.objects.values_list("item", "name", "reason")) == [(one.pk, "A. Elbeuf", "Adjointe")]
    results.record_results(session, {}, deliberation=Deliberation(NUMBER), by=clerk)
    assert (Recusal.objects.count(), session.items.filter(votes_for=None).count()) == (0, 4)


@pytest.mark.parametrize(
    ("result", "field", "sentence"),
    [
        (Result("granted", D("9000.00")), "reason", "Dites pourquoi la décision s’écarte de la proposition."),
        (Result("granted", D("0.00"), "Motif."), "amount", "Le montant accordé est supérieur à zéro."),
        (
            Result("granted", D("12500.01"), "Motif."),
            "amount",
            "Au plus 12 499,99 € : ce qui peut être accordé ce jour-là.",
        ),
        (Result("refused"), "reason", "Indiquez le motif : la structure le lira."),
        (Result("adjourned", reason="  "), "reason", "Indiquez le motif : la structure le lira."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(result: Result, field: str, sentence: str) -> None:
    make_envelope()
    clerk = make_clerk()
    [dossier] = make_waiting()
    session = make_tabled([dossier], by=clerk)
    item = item_of(session, dossier)
    with pytest.raises(NotDone) as refused:
        results.record_results(session, {item.pk: result}, deliberation=Deliberation(NUMBER), by=clerk)
    [said] = refused.value.messages
    assert isinstance(said, About)
    assert (said.field, said.item, plain([said])) == (field, item.pk, [sentence])
    assert list(session.items.values_list("outcome", flat=True)) == [""]


def test_two_tabs_never_overwrite_each_other() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_tabled(make_waiting(), by=clerk)
    seen = session.revision
    results.record_results(session, {}, deliberation=Deliberation(NUMBER), by=clerk, seen=seen)
    with pytest.raises(NotNow):
        results.record_results(session, {}, deliberation=Deliberation("Autre"), by=clerk, seen=seen)
    assert Session.objects.get().deliberation_number == NUMBER


def test_results_are_those_of_a_session_held_and_numbered() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_tabled(make_waiting(), by=clerk, held_on=date(2026, 12, 16))
    results.record_results(session, {}, deliberation=Deliberation(), by=clerk)
    with pytest.raises(Unmet) as refused:
        results.record(session, by=clerk)
    assert plain(refused.value.messages) == [
        "La séance n’a pas encore eu lieu.",
        "Indiquez le numéro de la délibération.",
    ]


def test_a_dossier_that_left_must_be_dealt_with_first() -> None:
    make_envelope()
    clerk = make_clerk()
    gone, stays = make_waiting(2)
    session = make_tabled([gone, stays], by=clerk)
    Dossier.objects.filter(pk=gone.pk).update(state="lapsed")
    results.record_results(session, {}, deliberation=Deliberation(NUMBER), by=clerk)
    with pytest.raises(Unmet) as refused:
        results.record(session, by=clerk)
    assert plain(refused.value.messages) == [
        f"{gone.number} n’est plus devant la Commission (caduc) : retirez-le de l’ordre du jour."
    ]
    sessions.take_off(item_of(session, gone), reason="Caduc.", by=clerk)
    gone.refresh_from_db()
    assert gone.state == "lapsed", "taking it off does not bring it back"
    results.record(session, by=clerk)
    assert session.state == "recorded"


def test_who_validates_is_told_and_the_author_is_not() -> None:
    make_envelope()
    clerk, other, lead = make_clerk(), make_clerk(), make_lead()
    make_recorded(make_waiting(), by=clerk)
    to = Mail.objects.filter(kind="committee.recorded").values_list("address", flat=True)
    assert sorted(to) == sorted([other.email, lead.email])


# ---------------------------------------------------------------------------------------------------------- validating
def test_a_validated_session_moves_both_ledgers_to_the_cent() -> None:
    envelope = make_envelope("100000")
    dossiers = make_waiting(3, refusals=1)
    session = make_recorded(dossiers)
    results.validate(session, by=make_lead())
    envelope.refresh_from_db()
    assert (envelope.committed, envelope.free) == (D("20000.00"), D("80000.00"))
    assert envelope.balances == ledger.balances(envelope)
    assert [Dossier.objects.get(pk=one.pk).state for one in dossiers] == ["granted", "granted", "refused"]
    assert list(Award.objects.order_by("pk").values_list("amount", "deliberation")) == [(D("10000.00"), NUMBER)] * 2
    assert session.items.filter(applied_at=None).count() == 0
    assert (session.state, session.validated_by == session.recorded_by) == ("validated", False)
    assert Paper.objects.filter(session=session, stage="minutes").count() == 1


def test_who_typed_does_not_validate() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_recorded(make_waiting(), by=clerk)
    with pytest.raises(Unmet) as refused:
        results.validate(session, by=clerk)
    assert plain(refused.value.messages) == ["Vous avez saisi ces résultats : une autre personne les valide."]
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(
            state="validated", validated_by=clerk, validated_at=session.recorded_at
        )
    assert Award.objects.count() == 0


def test_every_problem_is_named_and_nothing_is_written() -> None:
    """The proposal of the second stands no more, the third left: two are named, the first is not decided either."""
    envelope = make_envelope("100000")
    one, two, three = make_waiting(3)
    session = make_recorded([one, two, three])
    BoosterApplication.objects.filter(pk=two.pk).update(grant=D("9999.99"))
    Dossier.objects.filter(pk=three.pk).update(state="withdrawn")
    with pytest.raises(Unmet) as refused:
        results.validate(session, by=make_lead())
    assert plain(refused.value.messages) == [
        f"{three.number} n’est plus devant la Commission (retiré) : retirez-le de l’ordre du jour.",
        f"{two.number} : 10 000,00 € dépassent ce qui peut être accordé, 9 999,99 €.",
    ]
    envelope.refresh_from_db()
    assert (envelope.committed, Award.objects.count(), session.state) == (0, 0, "recorded")


def test_a_problem_found_while_deciding_takes_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheme refuses the second and the third in the middle: the first is not decided either."""
    envelope = make_envelope("100000")
    one, two, three = make_waiting(3)
    session = make_recorded([one, two, three])
    monkeypatch.setattr(decisions, "over", lambda dossier, amount, on: ["Essai."] if dossier.pk != one.pk else [])
    with pytest.raises(Unmet) as refused:
        results.validate(session, by=make_lead())
    assert plain(refused.value.messages) == [f"{two.number} : Essai.", f"{three.number} : Essai."]
    envelope.refresh_from_db()
    assert (envelope.committed, Award.objects.count()) == (0, 0)
    assert set(Dossier.objects.filter(pk__in=[one.pk, two.pk, three.pk]).values_list("state", flat=True)) == {
        "scheduled"
    }
    assert not Event.objects.about(one).named("grant").exists()
    session.refresh_from_db()
    assert (session.state, session.items.exclude(applied_at=None).count()) == ("recorded", 0)


def test_grants_beyond_the_envelope_are_refused_before_any() -> None:
    envelope = make_envelope("20000")
    session = make_recorded(make_waiting(2))
    type(envelope).objects.filter(pk=envelope.pk).update(voted=D("19999.99"))
    with pytest.raises(Unmet) as refused:
        results.validate(session, by=make_lead())
    assert plain(refused.value.messages) == [
        "Les accords font 20 000,00 € et l’enveloppe a 19 999,99 € libres : il manque 0,01 € HT."
    ]


def test_a_session_is_validated_once() -> None:
    envelope = make_envelope()
    session = make_validated(make_waiting())
    with pytest.raises(NotNow):
        results.validate(session, by=make_lead())
    envelope.refresh_from_db()
    assert envelope.committed == D("10000.00")


def test_results_sent_back_are_typed_again() -> None:
    make_envelope()
    clerk, lead = make_clerk(), make_lead()
    session = make_recorded(make_waiting(), by=clerk)
    with pytest.raises(ReasonMissing):
        results.send_back(session, reason=" ", by=lead)
    results.send_back(session, reason="Vote à vérifier.", by=lead)
    assert (session.state, session.recorded_by, session.items.get().outcome) == ("tabled", None, "granted")
    results.record_results(session, {}, deliberation=Deliberation("CP 2"), by=clerk)
    results.record(session, by=clerk)
    assert (session.state, session.deliberation_number) == ("recorded", "CP 2")


def test_results_validated_are_not_typed_again() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_validated(make_waiting(), by=clerk)
    with pytest.raises(NotNow):
        results.record_results(session, {}, deliberation=Deliberation("Autre"), by=clerk)
    with pytest.raises(NotNow):
        sessions.take_off(session.items.get(), reason="Trop tard.", by=clerk)


# ----------------------------------------------------------------------------------------------------------- reopening
def test_a_session_opened_again_gives_its_money_back_and_is_validated_anew() -> None:
    envelope = make_envelope("30000")
    clerk = make_clerk()
    one, two = make_waiting(2, refusals=1)
    session = make_validated([one, two], by=clerk)
    first = session.validated_by
    assert first is not None
    with pytest.raises(Unmet):
        results.reopen_results(session, reason="Erreur.", by=first)
    results.reopen_results(session, reason="Erreur de saisie.", by=make_lead())
    envelope.refresh_from_db()
    assert (session.state, session.validated_by, envelope.committed) == ("recorded", None, 0)
    assert [Dossier.objects.get(pk=pk).state for pk in (one.pk, two.pk)] == ["scheduled", "scheduled"]
    results.validate(session, by=make_lead())
    envelope.refresh_from_db()
    assert (session.state, envelope.committed, envelope.balances) == ("validated", D(10000), ledger.balances(envelope))
    assert list(Award.objects.order_by("pk").values_list("undone_reason", flat=True)) == ["Erreur de saisie.", ""]


def test_a_session_with_a_decision_notified_stays_shut() -> None:
    envelope = make_envelope()
    session = make_validated(make_waiting(2, refusals=1))
    one, two = Dossier.objects.get(state="granted"), Dossier.objects.get(state="refused")
    make_signatory()
    notification.tell(two, by=make_scorer())
    with pytest.raises(Unmet) as refused:
        results.reopen_results(session, reason="Erreur.", by=make_lead())
    assert plain(refused.value.messages) == [f"{two.number} : La décision est notifiée : elle ne se défait plus."]
    envelope.refresh_from_db()
    assert (session.state, envelope.committed) == ("validated", D(10000))
    assert Dossier.objects.get(pk=one.pk).state == "granted"


def test_a_dossier_taken_up_by_another_session_keeps_this_one_shut() -> None:
    make_envelope()
    clerk = make_clerk()
    [dossier] = make_waiting()
    session = make_tabled([dossier], by=clerk)
    item = item_of(session, dossier)
    adjourned = {item.pk: Result("adjourned", reason="Budget à préciser.")}
    results.record_results(session, adjourned, deliberation=Deliberation(NUMBER), by=clerk)
    results.record(session, by=clerk)
    results.validate(session, by=make_lead())
    dossier.refresh_from_db()
    sessions.put_on_agenda(SessionFactory(held_on=date(2027, 2, 8)), [dossier], by=clerk)
    with pytest.raises(Unmet) as refused:
        results.reopen_results(session, reason="Erreur.", by=make_lead())
    assert plain(refused.value.messages) == [f"{dossier.number} : ce dossier est passé à une autre séance depuis."]


# ------------------------------------------------------------------------------------------------------------- who may
def test_only_the_schemes_own_people_gesture() -> None:
    make_envelope()
    clerk = make_clerk()
    session = make_tabled(make_waiting(), by=clerk)
    for stranger in (make_lead(), make_clerk(is_active=False)):
        with pytest.raises(NotAllowed):
            results.record_results(session, {}, deliberation=Deliberation(NUMBER), by=stranger)
    results.record_results(session, {}, deliberation=Deliberation(NUMBER), by=clerk)
    with pytest.raises(NotAllowed):
        results.record(session, by=make_lead())
