"""The arithmetic of an envelope, against a model of it in plain integers, over random sequences of gestures.

100 sequences of 30 gestures; LEDGER_EXAMPLES=500 LEDGER_STEPS=50 for the long proof.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from normandata.budgets import ledger, services
from normandata.budgets.amounts import Balances, Position
from normandata.budgets.errors import NotCommitted, NotEnough, NothingHeld, OtherContent
from normandata.budgets.models import Entry, Envelope
from normandata.procedure.errors import NotDone
from tests.factories.budgets import ACT, DAY, make_envelope, make_thing

pytestmark = pytest.mark.django_db
LENGTH = settings(
    max_examples=int(os.environ.get("LEDGER_EXAMPLES", "100")),
    stateful_step_count=int(os.environ.get("LEDGER_STEPS", "30")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
BRIEF = settings(LENGTH, phases=[Phase.generate], derandomize=True, database=None, report_multiple_bugs=False)
"""For what must fail: as many tries, without looking for the shortest."""
THINGS = st.sampled_from([1, 2, 3])
SIZES = st.sampled_from(["cent", "third", "exact", "over"]) | st.integers(1, 60_000)
Held = dict[str, int]


@dataclass
class Model:
    """The envelope as a child would keep it, in cents."""

    voted: int = 0
    things: dict[int, Held] = field(
        default_factory=lambda: {number: {"reserved": 0, "committed": 0, "paid": 0} for number in (1, 2, 3)}
    )

    def total(self, name: str) -> int:
        return sum(held[name] for held in self.things.values())

    @property
    def free(self) -> int:
        return self.voted - self.total("reserved") - self.total("committed") - self.total("paid")


def euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def sized(size: str | int, edge: int) -> int:
    """Choose an amount near an edge, where errors are."""
    if isinstance(size, int):
        return size
    return max(1, {"cent": 1, "third": edge // 3, "exact": edge, "over": edge + 1}[size])


class Ledger(RuleBasedStateMachine):
    """Every gesture, its refusals, and old keys sent again."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(100_000)
        self.envelope = make_envelope("1000.00", label=str(uuid.uuid4()))
        self.done: list[tuple[Callable[..., Entry], tuple[Any, ...], dict[str, Any], Entry]] = []

    def attempt(
        self, gesture: Callable[..., Entry], *args: Any, expected: type[NotDone] | None, **fields: Any
    ) -> Entry | None:
        """Make a gesture and assert that it passes, or is refused as the model says."""
        fields |= {"key": str(uuid.uuid4()), "by": None}
        try:
            entry = gesture(self.envelope, *args, **fields)
        except NotDone as error:
            if type(error) is not expected:
                raise AssertionError(f"refused otherwise than by {expected}") from error
            return None
        assert expected is None, (entry, expected)
        self.done.append((gesture, args, fields, entry))
        return entry

    @rule(size=SIZES, less=st.booleans())
    def vote(self, size: str | int, less: bool) -> None:
        amount = sized(size, self.model.free if less else 20_000) * (-1 if less else 1)
        expected = NotEnough if -amount > self.model.free else None
        self.attempt(services.vote, euros(amount), act=ACT, day=DAY, expected=expected)
        self.model.voted += 0 if expected else amount

    @rule(number=THINGS, size=SIZES)
    def reserve(self, number: int, size: str | int) -> None:
        amount = sized(size, self.model.free)
        expected = NotEnough if amount > self.model.free else None
        self.attempt(services.reserve, make_thing(number), euros(amount), expected=expected)
        self.model.things[number]["reserved"] += 0 if expected else amount

    @rule(number=THINGS, size=SIZES, beyond=st.booleans())
    def commit(self, number: int, size: str | int, beyond: bool) -> None:
        held = self.model.things[number]
        amount = sized(size, held["reserved"] + (self.model.free if beyond else 0))
        expected = NotEnough if amount > held["reserved"] + self.model.free else None
        self.attempt(services.commit, make_thing(number), euros(amount), expected=expected)
        if not expected:
            held["reserved"], held["committed"] = 0, held["committed"] + amount

    @rule(number=THINGS, size=SIZES, is_last=st.booleans())
    def pay(self, number: int, size: str | int, is_last: bool) -> None:
        held = self.model.things[number]
        amount = sized(size, held["committed"])
        expected = None if amount <= held["committed"] else NotCommitted if held["committed"] else NothingHeld
        self.attempt(services.pay, make_thing(number), euros(amount), is_last=is_last, expected=expected)
        if not expected:
            held["paid"] += amount
            held["committed"] = 0 if is_last else held["committed"] - amount

    @rule(number=THINGS)
    def release(self, number: int) -> None:
        held = self.model.things[number]
        expected = None if held["reserved"] + held["committed"] else NothingHeld
        self.attempt(services.release, make_thing(number), reason="Abandon", expected=expected)
        held["reserved"] = held["committed"] = 0

    @rule(number=THINGS, size=SIZES, part=SIZES, is_last=st.booleans())
    def live(self, number: int, size: str | int, part: str | int, is_last: bool) -> None:
        """Take a thing from its reservation to its end: left to chance, few are paid and fewer released afterwards."""
        self.reserve(number, size)
        self.commit(number, "exact", beyond=False)
        self.pay(number, part, is_last)
        self.release(number)

    @precondition(lambda self: self.done)
    @rule(data=st.data(), is_other=st.booleans())
    def send_again(self, data: Any, is_other: bool) -> None:
        gesture, args, fields, entry = data.draw(st.sampled_from(self.done))
        if is_other:
            change = {"reason": "Autre"} if gesture is services.release else {"act": "Autre"}
            with pytest.raises(OtherContent):
                gesture(self.envelope, *args, **fields | change)
        else:
            assert gesture(self.envelope, *args, **fields) == entry

    @invariant()
    def row_entries_and_model_agree(self) -> None:
        expected = Balances(
            euros(self.model.voted), *(euros(self.model.total(name)) for name in ("reserved", "committed", "paid"))
        )
        row = Envelope.objects.get(pk=self.envelope.pk)
        assert row.balances == ledger.balances(row) == expected
        assert row.free == euros(self.model.free) >= 0
        known = ledger.positions(row)
        for number, held in self.model.things.items():
            assert known.get(("accounts.user", str(number)), Position()) == Position(
                euros(held["reserved"]), euros(held["committed"]), euros(held["paid"])
            )

    def teardown(self) -> None:
        """Read the ledger once more, line by line: it explains itself."""
        running = Balances()
        for entry in self.envelope.entries.order_by("pk"):
            running += entry.moves
            assert entry.after == running
            assert running.free >= 0
        assert self.envelope.entries.count() == len(self.done) + 1


def test_no_sequence_of_gestures_breaks_the_arithmetic() -> None:
    run_state_machine_as_test(Ledger, settings=LENGTH)


# ------------------------------------------------------------------------- witnesses: what the machine would have found
def frees_what_is_paid(envelope: Envelope, asked: services.Asked) -> Balances:
    held = ledger.position(envelope, asked.about)
    if not held.held + held.paid:
        raise NothingHeld
    return Balances(reserved=-held.reserved, committed=-held.committed - held.paid)


def forgets_the_rest(envelope: Envelope, asked: services.Asked) -> Balances:
    reserved = ledger.position(envelope, asked.about).reserved
    services._require(envelope, asked.amount - reserved)
    return Balances(reserved=-min(reserved, asked.amount), committed=asked.amount)


def pays_with_the_order_of_another(envelope: Envelope, asked: services.Asked) -> Balances:
    if asked.amount > envelope.committed:
        raise NothingHeld
    return Balances(committed=-asked.amount, paid=asked.amount)


def requires_nothing(envelope: Envelope, wanted: Decimal) -> None:
    """Let all pass."""


def refuses_the_last_euros(envelope: Envelope, wanted: Decimal) -> None:
    if wanted >= envelope.free:
        raise NotEnough(envelope.free, wanted, label="", unit="")


def counts_twice(known: Any) -> Any:
    def enter(envelope: Envelope, asked: services.Asked, moving: services.Moving, **fields: Any) -> tuple[Entry, bool]:
        fields["key"] = str(uuid.uuid4())
        done: tuple[Entry, bool] = known(envelope, asked, moving, **fields)
        return done

    return enter


def moves_the_object_only(known: Any) -> Any:
    def write(envelope: Envelope, *args: Any, **fields: Any) -> Entry:
        before = Envelope.objects.filter(pk=envelope.pk).values("voted", "reserved", "committed", "paid").get()
        entry: Entry = known(envelope, *args, **fields)
        Envelope.objects.filter(pk=envelope.pk).update(**before)
        return entry

    return write


BROKEN: dict[str, Any] = {
    "_release": frees_what_is_paid,
    "_commit": forgets_the_rest,
    "_pay": pays_with_the_order_of_another,
    "_require": refuses_the_last_euros,
    "_enter": counts_twice(services._enter),
    "_write": moves_the_object_only(services._write),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_ledger_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, name, BROKEN[name])
    with pytest.raises((AssertionError, IntegrityError, NotDone, pytest.fail.Exception)):
        run_state_machine_as_test(Ledger, settings=BRIEF)


def test_without_the_check_of_the_gesture_the_database_still_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_require", requires_nothing)
    with pytest.raises(IntegrityError, match="budgets_envelope_within_vote"):
        run_state_machine_as_test(Ledger, settings=BRIEF)
