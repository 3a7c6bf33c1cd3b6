"""Figures read again from the entries: at any instant, and thing by thing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from normandata.accounts.models import User
from normandata.budgets import services
from normandata.budgets.amounts import Balances, Position
from normandata.budgets.ledger import balances, position, positions, thing_of
from normandata.budgets.models import Envelope
from tests.factories.budgets import DAY, make_envelope, make_thing

pytestmark = pytest.mark.django_db
D = Decimal
T0 = datetime(2026, 10, 1, 8, tzinfo=UTC)


def hours(count: int) -> datetime:
    return T0 + timedelta(hours=count)


@pytest.fixture
def moved(agent: User) -> Envelope:
    """50 000 voted; one diagnostic paid below its order, one only reserved, one given up; then 10 000 withdrawn."""
    envelope = make_envelope(label="Diagnostics", at=T0)
    paid, chosen, left = make_thing(1), make_thing(2), make_thing(3)
    services.reserve(envelope, paid, D("5400"), key="a", by=agent, at=hours(1))
    services.commit(envelope, paid, D("5400"), key="b", by=agent, at=hours(2))
    services.reserve(envelope, chosen, D("4860"), key="c", by=agent, at=hours(3))
    services.reserve(envelope, left, D("1080.10"), key="d", by=agent, at=hours(4))
    services.pay(envelope, paid, D("5130.20"), key="e", by=agent, is_last=True, at=hours(5))
    services.release(envelope, left, key="f", by=agent, reason="Abandon", at=hours(6))
    services.vote(envelope, D("-10000"), act="Décision modificative", day=DAY, key="g", by=agent, at=hours(7))
    return envelope


@pytest.mark.parametrize(
    ("hour", "voted", "reserved", "committed", "paid", "free"),
    [
        (-1, "0", "0", "0", "0", "0"),
        (0, "50000", "0", "0", "0", "50000"),
        (1, "50000", "5400", "0", "0", "44600"),
        (2, "50000", "0", "5400", "0", "44600"),
        (3, "50000", "4860", "5400", "0", "39740"),
        (4, "50000", "5940.10", "5400", "0", "38659.90"),
        (5, "50000", "5940.10", "0", "5130.20", "38929.70"),
        (6, "50000", "4860", "0", "5130.20", "40009.80"),
        (7, "40000", "4860", "0", "5130.20", "30009.80"),
    ],
)
def test_balances_at_any_instant(
    moved: Envelope, hour: int, voted: str, reserved: str, committed: str, paid: str, free: str
) -> None:
    then = balances(moved, hours(hour))
    assert then == Balances(D(voted), D(reserved), D(committed), D(paid))
    assert then.free == D(free)
    assert balances(moved, hours(hour + 1) - timedelta(microseconds=1)) == then


def test_all_entries_give_the_balances_of_the_row_and_of_the_last_entry(moved: Envelope) -> None:
    kept = Envelope.objects.get()
    assert balances(moved) == kept.balances == moved.balances == moved.entries.latest("pk").after


def test_the_ledger_reads_by_itself(moved: Envelope) -> None:
    running = Balances()
    for entry in moved.entries.order_by("pk"):
        running += entry.moves
        assert entry.after == running


def test_what_each_thing_holds(moved: Envelope) -> None:
    assert positions(moved) == {
        ("accounts.user", "1"): Position(paid=D("5130.20")),
        ("accounts.user", "2"): Position(reserved=D(4860)),
        ("accounts.user", "3"): Position(),
    }
    assert list(positions(moved)) == [("accounts.user", "1"), ("accounts.user", "2"), ("accounts.user", "3")]
    assert position(moved, make_thing(2)) == Position(reserved=D(4860))
    assert position(moved, make_thing(9)) == Position()


def test_an_envelope_knows_nothing_of_another(moved: Envelope, agent: User) -> None:
    other = make_envelope("100")
    services.reserve(other, make_thing(1), D(7), key="a", by=agent)
    assert positions(other) == {("accounts.user", "1"): Position(reserved=D(7))}
    assert position(moved, make_thing(1)) == Position(paid=D("5130.20"))
    assert balances(other) == Balances(D(100), D(7))


@pytest.mark.parametrize("things", [1, 30])
def test_each_figure_is_one_query(agent: User, things: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    envelope = make_envelope()
    for number in range(1, things + 1):
        services.reserve(envelope, make_thing(number), D(10), key=str(number), by=agent)
    with django_assert_num_queries(1):
        assert len(positions(envelope)) == things
    with django_assert_num_queries(1):
        assert balances(envelope).reserved == 10 * things
    with django_assert_num_queries(1):
        assert position(envelope, make_thing(1)).reserved == 10


def test_a_thing_that_is_not_saved_holds_nothing() -> None:
    with pytest.raises(ValueError, match="that is saved"):
        thing_of(User())
