"""Decisions at the same instant on the Booster IA: what passes fits the money and the ceiling, and is written once.

COMMITTEE_ROUNDS=20 for the long proof. On SQLite, whose every transaction is alone, a few people say all.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from booster_ia.awards import Award
from booster_ia.services import decisions
from normandata.accounts.models import User
from normandata.budgets import ledger
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.committee.models import Item, Session
from normandata.committee.services import results
from normandata.committee.services.holding import items_of
from normandata.committee.services.results import Deliberation, Result
from normandata.deminimis import account
from normandata.deminimis.models import Aid
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Undertaking
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from tests.factories.booster import NO_AID, REGIME
from tests.factories.committee import make_clerk, make_envelope
from tests.factories.deminimis import make_aid, make_declaration
from tests.factories.sessions import NUMBER, make_lead, make_prepared, make_recorded, make_tabled, make_waiting
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media", "silent")]
D = Decimal
MINIMIS = {"regime": REGIME | {"regime": "de_minimis"}, "aides": NO_AID}
PEOPLE = 60 if connection.vendor == "postgresql" else 8
ROUNDS = int(os.environ.get("COMMITTEE_ROUNDS", "1"))


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    with time_machine.travel("2026-12-15T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave mails and papers in their rows: the worker has no part in the race."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def outcomes(found: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in found)


def decided(session: Session) -> list[Item]:
    """Type a grant on every item of a session, without its check of the whole: each is then fired by itself."""
    Session.objects.filter(pk=session.pk).update(deliberation_number=NUMBER)
    for item in session.items.all():
        Item.objects.filter(pk=item.pk).update(outcome="granted", decided_amount=item.proposed_amount)
    return list(Item.objects.filter(session=session).select_related("session", "dossier__organisation"))


def grant(item: Item) -> Any:
    return procedure.fire(item.dossier, "grant", by=None, item=item)


# ------------------------------------------------------------------------------------------------------- the envelope
def test_sixty_grants_on_one_envelope_pass_as_long_as_there_is_room() -> None:
    for _ in range(ROUNDS):
        room = PEOPLE // 3
        envelope = make_envelope(str(D(10000) * room + D("9999.99")))
        items = decided(make_prepared(make_waiting(PEOPLE)))
        found = together(*[partial(grant, item) for item in items])
        assert outcomes(found) == {"Event": room, "NotEnough": PEOPLE - room}, found
        envelope.refresh_from_db()
        assert (envelope.committed, envelope.free) == (D(10000) * room, D("9999.99"))
        assert envelope.balances == ledger.balances(envelope)
        assert Award.objects.count() == room
        assert Dossier.objects.filter(state="granted").count() == room
        empty()


def test_without_the_lock_on_the_envelope_the_database_refuses_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The witness: judged by what each had read, grants that do not fit reach the CHECK of the row."""
    room, read, found_on = 2, threading.Barrier(6), decisions.envelope_on

    def read_together(day: date) -> Envelope:
        envelope = found_on(day)
        with suppress(threading.BrokenBarrierError):
            read.wait(5)
        return envelope

    make_envelope(str(D(10000) * room))
    items = decided(make_prepared(make_waiting(6)))
    monkeypatch.setattr(budgets, "hold", lambda *envelopes: None)
    is_shared = connection.vendor == "postgresql"
    if is_shared:
        monkeypatch.setattr(decisions, "envelope_on", read_together)
    found = together(*[partial(grant, item) for item in items])
    assert outcomes(found) == {"Event": room, "IntegrityError" if is_shared else "NotEnough": 4}, found


# ----------------------------------------------------------------------------------------------------- the undertaking
def two_sessions_of_one_undertaking() -> tuple[Session, Session]:
    """Make two sessions of two years, each with its envelope: only the account has room for one of their grants."""
    make_envelope("100000", year=2026)
    make_envelope("100000", year=2027)
    one, two = make_waiting(2, answers=MINIMIS, amount="10000.00")
    Dossier.objects.filter(pk=two.pk).update(organisation=one.organisation)
    make_aid(one.organisation, "2026-06-01", "285000.00")
    for dossier in (one, two):
        dossier.refresh_from_db()
        make_declaration(one.organisation, dossier=dossier)
    return make_recorded([one], held_on=date(2026, 12, 14)), make_recorded([two], held_on=date(2027, 1, 11))


def validate(session: Session, by: User) -> Any:
    return results.validate(Session.objects.get(pk=session.pk), by=by)


def race_of_two_sessions() -> Counter[str]:
    with time_machine.travel("2027-01-12T09:00:00+01:00", tick=True):
        pair = two_sessions_of_one_undertaking()
        lead = make_lead()
        return outcomes(together(*[partial(validate, session, lead) for session in pair]))


def test_two_grants_to_one_undertaking_on_two_sessions_do_not_both_pass() -> None:
    for _ in range(ROUNDS):
        assert race_of_two_sessions() == {"Event": 1, "Unmet": 1}
        assert sum(Envelope.objects.values_list("committed", flat=True)) == D(10000)
        assert Aid.objects.filter(about_kind="booster_ia.award").count() == 1
        assert sorted(Session.objects.values_list("state", flat=True)) == ["recorded", "validated"]
        empty()


def test_the_witness_without_the_account_held_both_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged by what each had read, before either wrote, the undertaking goes beyond its ceiling."""
    read, assess = threading.Barrier(2), account.assess_for

    def look(whose: Any) -> Undertaking:
        return Undertaking.objects.get(pk=whose.undertaking.pk)

    def judge_together(*args: Any, **kwargs: Any) -> Any:
        found = assess(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            read.wait(5)
        return found

    with time_machine.travel("2027-01-12T09:00:00+01:00", tick=True):
        pair = two_sessions_of_one_undertaking()
        lead = make_lead()
        monkeypatch.setattr(account, "hold", look)
        if connection.vendor == "postgresql":
            monkeypatch.setattr(account, "assess_for", judge_together)
        found = outcomes(together(*[partial(validate, session, lead) for session in pair]))
    expected = {"Event": 2} if connection.vendor == "postgresql" else {"Event": 1, "Unmet": 1}
    assert found == expected


# --------------------------------------------------------------------------------------------------------- the session
def test_a_session_validated_twice_at_the_same_instant_is_applied_once() -> None:
    for _ in range(ROUNDS):
        envelope = make_envelope("100000")
        session = make_recorded(make_waiting(3))
        leads = [make_lead() for _ in range(4)]
        found = together(*[partial(validate, session, lead) for lead in leads])
        assert outcomes(found) == {"Event": 1, "NotNow": 3}, found
        envelope.refresh_from_db()
        assert (envelope.committed, envelope.balances) == (D(30000), ledger.balances(envelope))
        assert Award.objects.count() == 3
        assert Event.objects.about(session).named("validate").count() == 1
        empty()


def test_the_witness_without_the_session_held_it_is_validated_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adjournment moves no money: without the lock nothing else stops the second validation."""
    make_envelope("100000")
    clerk = make_clerk()
    session = make_tabled(make_waiting(1), by=clerk)
    [item] = session.items.all()
    adjourned = {item.pk: Result("adjourned", reason="À revoir.")}
    results.record_results(session, adjourned, deliberation=Deliberation(NUMBER), by=clerk)
    results.record(session, by=clerk)
    leads = [make_lead() for _ in range(2)]
    read = threading.Barrier(2)

    def unheld(found: Session) -> list[Item]:
        with suppress(threading.BrokenBarrierError):
            read.wait(5)
        return items_of(found)

    monkeypatch.setattr(results, "hold_all", unheld)
    monkeypatch.setattr(results, "each", lambda items, gesture: None)
    found = together(*[partial(validate, session, lead) for lead in leads])
    assert outcomes(found) == {"Event": 2}, found


def test_two_sessions_validated_at_once_never_wait_in_a_circle() -> None:
    """Their undertakings are the same, in the opposite order: whoever comes second waits for the first, then passes."""
    for _ in range(ROUNDS):
        envelope = make_envelope("100000")
        one, two, three, four = make_waiting(4, answers=MINIMIS)
        Dossier.objects.filter(pk=three.pk).update(organisation=two.organisation)
        Dossier.objects.filter(pk=four.pk).update(organisation=one.organisation)
        for dossier in (one, two, three, four):
            dossier.refresh_from_db()
            make_declaration(dossier.organisation, dossier=dossier)
        pair = (
            make_recorded([one, two], held_on=date(2026, 12, 14)),
            make_recorded([three, four], held_on=date(2026, 12, 15)),
        )
        lead = make_lead()
        assert outcomes(together(*[partial(validate, session, lead) for session in pair])) == {"Event": 2}
        envelope.refresh_from_db()
        assert envelope.committed == D(40000)
        empty()


def empty() -> None:
    """Make room for another round: one envelope a year."""
    if ROUNDS > 1:
        call_command("flush", interactive=False, verbosity=0)
