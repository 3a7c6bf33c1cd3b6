"""Sixty people at the same instant on the last euros of an envelope: what passes is what there is room for.

LEDGER_ROUNDS=200 for the long proof. On SQLite, whose every transaction is alone, a few rounds say all.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from normandata.budgets import ledger, services
from normandata.budgets.amounts import Balances
from normandata.budgets.errors import NotEnough
from normandata.budgets.models import Entry, Envelope
from tests.factories.budgets import make_envelope, make_thing
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
PEOPLE = 60
PRICE = D("5400.00")
WITHIN_VOTE = "budgets_envelope_within_vote"


def rounds() -> int:
    return int(os.environ.get("LEDGER_ROUNDS", "20" if connection.vendor == "postgresql" else "2"))


def race(envelope: Envelope, gesture: Callable[..., Entry] = services.reserve) -> list[Any]:
    """Let everybody take the price of one thing each, all having read the envelope before."""
    seen = [Envelope.objects.get(pk=envelope.pk) for _ in range(PEOPLE)]
    return together(
        *[
            partial(gesture, one, make_thing(number), PRICE, key=f"choice-{number}", by=None)
            for number, one in enumerate(seen, start=1)
        ]
    )


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


@pytest.mark.parametrize(("gesture", "share"), [(services.reserve, 1), (services.commit, 10)])
def test_sixty_people_pass_as_long_as_there_is_room(gesture: Callable[..., Entry], share: int) -> None:
    chance = Random(4)
    for _ in range(max(1, rounds() // share)):
        room = chance.randrange(1, PEOPLE)
        envelope = make_envelope(str(PRICE * room + chance.randrange(0, 540_000) / D(100)))
        results = race(envelope, gesture)
        assert outcomes(results) == {"Entry": room, "NotEnough": PEOPLE - room}, results
        kept = Envelope.objects.get(pk=envelope.pk)
        assert kept.balances == ledger.balances(kept)
        assert kept.reserved + kept.committed == PRICE * room
        assert 0 <= kept.free < PRICE
        refusals = [one for one in results if isinstance(one, NotEnough)]
        assert {one.wanted for one in refusals} == {PRICE}
        assert {one.free for one in refusals} == {kept.free}


def test_one_key_sent_by_all_is_one_entry() -> None:
    for _ in range(3):
        envelope = make_envelope("50000")
        seen = [Envelope.objects.get(pk=envelope.pk) for _ in range(12)]
        results = together(*[partial(services.reserve, one, make_thing(), PRICE, key="one", by=None) for one in seen])
        assert len({entry.pk for entry in results}) == 1, results
        assert Envelope.objects.get(pk=envelope.pk).reserved == PRICE


def test_all_gestures_on_one_thing_at_once_keep_the_sum() -> None:
    """Payments, releases and further orders together: whoever comes first, the entries explain the row."""
    for _ in range(3):
        envelope, thing = make_envelope("20000"), make_thing()
        services.commit(envelope, thing, PRICE, key="order", by=None)
        seen = [Envelope.objects.get(pk=envelope.pk) for _ in range(12)]
        results = together(
            *[partial(services.pay, one, thing, D(2000), key=f"pay-{n}", by=None) for n, one in enumerate(seen[:4])],
            *[
                partial(services.release, one, thing, key=f"free-{n}", by=None, reason="x")
                for n, one in enumerate(seen[4:6])
            ],
            *[partial(services.commit, one, thing, PRICE, key=f"more-{n}", by=None) for n, one in enumerate(seen[6:])],
        )
        assert set(outcomes(results)) <= {"Entry", "NotEnough", "NothingHeld", "NotCommitted"}, results
        kept, running = Envelope.objects.get(pk=envelope.pk), Balances()
        for entry in envelope.entries.order_by("pk"):
            running += entry.moves
            assert entry.after == running
        assert kept.balances == running
        assert kept.free >= 0


# ------------------------------------------------------------------------------------------------------------ witnesses
@contextmanager
def without_check() -> Iterator[None]:
    """Take away the CHECK that the parts stay within the vote, in every connection."""
    if connection.vendor == "postgresql":
        constraint = next(one for one in Envelope._meta.constraints if one.name == WITHIN_VOTE)
        with connection.schema_editor() as editor:
            editor.remove_constraint(Envelope, constraint)
        try:
            yield
        finally:
            # The rows that broke it are gone before it comes back.
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE budgets_envelope CASCADE")
            with connection.schema_editor() as editor:
                editor.add_constraint(Envelope, constraint)
        return

    def ignore(connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")

    connection_created.connect(ignore)
    try:
        yield
    finally:
        connection_created.disconnect(ignore)


@pytest.fixture
def _unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by what each had read, holding nothing."""
    monkeypatch.setattr(services, "hold", lambda *envelopes: None)


@pytest.mark.usefixtures("_unlocked")
def test_without_the_lock_the_database_still_refuses_what_exceeds_the_vote() -> None:
    envelope = make_envelope(str(PRICE * 7))
    results = race(envelope)
    assert outcomes(results) == {"Entry": 7, "IntegrityError": PEOPLE - 7}
    assert {WITHIN_VOTE in str(one) for one in results if not isinstance(one, Entry)} == {True}
    assert Envelope.objects.get(pk=envelope.pk).free == 0


@pytest.mark.usefixtures("_unlocked")
def test_without_the_lock_and_the_check_the_envelope_is_exceeded() -> None:
    with without_check():
        envelope = make_envelope(str(PRICE * 7))
        results = race(envelope)
        assert outcomes(results) == {"Entry": PEOPLE}
        assert Envelope.objects.get(pk=envelope.pk).free == PRICE * (7 - PEOPLE)
