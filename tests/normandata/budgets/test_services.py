"""The gestures on an envelope: what each moves to the cent, what it refuses, what a repeated key gives back."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from normandata.accounts.models import User
from normandata.budgets import services
from normandata.budgets.amounts import Balances, Position
from normandata.budgets.errors import NotCommitted, NotEnough, NothingHeld, OtherContent
from normandata.budgets.ledger import balances, position
from normandata.budgets.models import Basis, Entry, Envelope, Kind
from normandata.procedure.errors import NotDone, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.formats import spaced
from tests.factories.budgets import ACT, DAY, make_envelope, make_thing

pytestmark = pytest.mark.django_db
D = Decimal
ONE, TWO = make_thing(1), make_thing(2)


def stands(envelope: Envelope, *figures: str) -> None:
    """Assert voted, reserved, committed, paid and free, in the object, the row and the entries."""
    *given, free = map(D, figures)
    expected = Balances(*given)
    assert expected.free == free
    assert envelope.balances == Envelope.objects.get(pk=envelope.pk).balances == balances(envelope) == expected


def refused(error: type[NotDone], envelope: Envelope, gesture: Callable[[], object]) -> Any:
    """Assert that a gesture is refused and writes nothing."""
    before, entries = envelope.balances, envelope.entries.count()
    with pytest.raises(error) as raised:
        gesture()
    assert (Envelope.objects.get(pk=envelope.pk).balances, envelope.entries.count()) == (before, entries)
    return raised.value


# ------------------------------------------------------------------------------------------------------ opening, voting
def test_an_envelope_is_opened_without_credits_and_journalled(agent: User) -> None:
    envelope = services.open_envelope("diagnostic", " Diagnostics ", year=2026, basis=Basis.TTC, by=agent)
    assert (str(envelope), envelope.scheme, envelope.basis) == ("Diagnostics 2026", "diagnostic", "TTC")
    stands(envelope, "0", "0", "0", "0", "0")
    event = Event.objects.about(envelope).get()
    assert (event.name, event.by) == ("open_envelope", agent)


@pytest.mark.parametrize("fields", [{"label": " "}, {"scheme": ""}, {"basis": "XX"}, {"year": 26}])
def test_an_envelope_that_says_too_little_is_not_opened(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        services.open_envelope(**{"scheme": "diagnostic", "label": "X", "basis": "HT", "by": None} | fields)
    assert not Envelope.objects.exists()
    assert not Event.objects.exists()


def test_a_vote_adds_credits_and_says_its_act(agent: User) -> None:
    envelope = make_envelope("0")
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    entry = services.vote(envelope, D("50000"), act=f" {ACT} ", day=DAY, key="v1", by=agent, at=at)
    services.vote(envelope, D("1000.50"), act="Décision modificative", day=date(2026, 6, 1), key="v2", by=agent)
    stands(envelope, "51000.50", "0", "0", "0", "51000.50")
    kept = Entry.objects.get(pk=entry.pk)
    assert (kept.kind, kept.amount, kept.act, kept.day, kept.at, kept.by) == (Kind.VOTE, 50000, ACT, DAY, at, agent)
    assert (kept.about_kind, kept.about_key, kept.after) == ("", "", Balances(D(50000)))
    event = Event.objects.about(envelope).named("vote").earliest("pk")
    assert (event.by, event.reason, event.data) == (agent, ACT, {"amount": "50000.00", "entry": entry.pk})


def test_a_vote_takes_back_free_money_only(envelope: Envelope) -> None:
    services.reserve(envelope, ONE, D(45000), key="a", by=None)
    less: dict[str, Any] = {"act": "Décision modificative", "day": DAY, "by": None}
    error = refused(NotEnough, envelope, lambda: services.vote(envelope, D("-5000.01"), key="b", **less))
    assert (error.free, error.wanted) == (D(5000), D("5000.01"))
    services.vote(envelope, D(-5000), key="b", **less)
    stands(envelope, "45000", "45000", "0", "0", "0")


def test_a_vote_without_its_act_or_above_what_a_row_holds_is_refused(envelope: Envelope) -> None:
    refused(ReasonMissing, envelope, lambda: services.vote(envelope, D(1), act=" ", day=DAY, key="b", by=None))
    with pytest.raises(ValueError, match=r"holds 9999999999\.99 at most"):
        services.vote(envelope, D("9999950000.00"), act=ACT, day=DAY, key="b", by=None)
    services.vote(envelope, D("9999949999.99"), act=ACT, day=DAY, key="b", by=None)
    stands(envelope, "9999999999.99", "0", "0", "0", "9999999999.99")


# ----------------------------------------------------------------------------------------------- from choice to payment
def test_a_diagnostic_from_its_choice_to_its_invoice(envelope: Envelope, agent: User) -> None:
    """Five days at 900,00 € before tax are 5 400,00 € with 20 %; the invoice is half a day shorter: 4 860,00 €."""
    at = datetime(2026, 10, 5, 22, 30, tzinfo=UTC)
    reserved = services.reserve(envelope, ONE, D(5) * 900 * D("1.2"), key="choice", by=agent, at=at)
    assert (reserved.amount, reserved.day, reserved.at) == (D(5400), date(2026, 10, 6), at)  # Paris is at 0 h 30
    stands(envelope, "50000", "5400", "0", "0", "44600")
    ordered = services.commit(envelope, ONE, D(5400), key="order", by=agent, act="BC-2026-0003")
    assert (ordered.act, ordered.moves, ordered.freed) == ("BC-2026-0003", Balances(D(0), D(-5400), D(5400)), D(0))
    stands(envelope, "50000", "0", "5400", "0", "44600")
    paid = services.pay(envelope, ONE, D("4.5") * 900 * D("1.2"), key="invoice", by=agent, is_last=True)
    assert (paid.amount, paid.moves, paid.freed) == (D(4860), Balances(D(0), D(0), D(-5400), D(4860)), D(540))
    stands(envelope, "50000", "0", "0", "4860", "45140")
    assert position(envelope, ONE) == Position(paid=D(4860))
    stored = Entry.objects.about(ONE).order_by("pk")
    assert [(one.kind, one.by, one.after) for one in stored] == [
        (Kind.RESERVE, agent, Balances(D(50000), D(5400))),
        (Kind.COMMIT, agent, Balances(D(50000), D(0), D(5400))),
        (Kind.PAY, agent, Balances(D(50000), D(0), D(0), D(4860))),
    ]


def test_the_last_euros_may_be_reserved_and_not_a_cent_more(envelope: Envelope) -> None:
    services.reserve(envelope, ONE, D("48800"), key="a", by=None)
    error = refused(NotEnough, envelope, lambda: services.reserve(envelope, TWO, D("1200.01"), key="b", by=None))
    assert (error.free, error.wanted) == (D(1200), D("1200.01"))
    assert error.messages == (
        spaced("Il reste 1\u00a0200,00 € TTC sur l’enveloppe « Diagnostics 2026 » : il faudrait 1\u00a0200,01 € TTC."),
    )
    services.reserve(envelope, TWO, D("1200.00"), key="b", by=None)
    stands(envelope, "50000", "50000", "0", "0", "0")
    error = refused(NotEnough, envelope, lambda: services.reserve(envelope, TWO, D("0.01"), key="c", by=None))
    assert error.messages == (
        spaced("Il ne reste rien sur l’enveloppe « Diagnostics 2026 » : il faudrait 0,01 € TTC."),
    )


def test_reservations_of_one_thing_add_up(envelope: Envelope) -> None:
    services.reserve(envelope, ONE, D("0.10"), key="a", by=None)
    services.reserve(envelope, ONE, D("0.20"), key="b", by=None)
    assert position(envelope, ONE) == Position(reserved=D("0.30"))
    services.commit(envelope, ONE, D("0.30"), key="c", by=None)
    services.pay(envelope, ONE, D("0.10"), key="d", by=None)
    services.pay(envelope, ONE, D("0.20"), key="e", by=None)
    stands(envelope, "50000", "0", "0", "0.30", "49999.70")


@pytest.mark.parametrize(
    ("reserved", "ordered", "freed", "figures"),
    [
        ("5400", "5400", "0", ("50000", "700", "5400", "0", "43900")),
        ("5400", "4860", "540", ("50000", "700", "4860", "0", "44440")),
        ("5400", "0.01", "5399.99", ("50000", "700", "0.01", "0", "49299.99")),
        ("5400", "6000", "0", ("50000", "700", "6000", "0", "43300")),
        ("5400", "49300", "0", ("50000", "700", "49300", "0", "0")),
    ],
)
def test_an_order_takes_the_whole_reservation(
    envelope: Envelope, reserved: str, ordered: str, freed: str, figures: tuple[str, ...]
) -> None:
    services.reserve(envelope, TWO, D(700), key="other", by=None)
    services.reserve(envelope, ONE, D(reserved), key="a", by=None)
    entry = services.commit(envelope, ONE, D(ordered), key="b", by=None)
    assert (entry.amount, entry.moves.reserved, entry.freed) == (D(ordered), -D(reserved), D(freed))
    stands(envelope, *figures)
    assert position(envelope, TWO) == Position(reserved=D(700))


def test_an_order_above_its_reservation_and_the_free_money_is_refused(envelope: Envelope) -> None:
    services.reserve(envelope, TWO, D(44000), key="other", by=None)
    services.reserve(envelope, ONE, D(5400), key="a", by=None)
    error = refused(NotEnough, envelope, lambda: services.commit(envelope, ONE, D("6000.01"), key="b", by=None))
    assert (error.free, error.wanted) == (D(600), D("600.01"))
    stands(envelope, "50000", "49400", "0", "0", "600")
    services.commit(envelope, ONE, D(6000), key="b", by=None)
    stands(envelope, "50000", "44000", "6000", "0", "0")


def test_an_order_without_reservation_comes_from_the_free_money(envelope: Envelope) -> None:
    services.commit(envelope, ONE, D(100), key="a", by=None)
    services.commit(envelope, ONE, D(50), key="b", by=None)
    stands(envelope, "50000", "0", "150", "0", "49850")
    error = refused(NotEnough, envelope, lambda: services.commit(envelope, ONE, D("49850.01"), key="c", by=None))
    assert (error.free, error.wanted) == (D(49850), D("49850.01"))


def test_a_payment_stays_within_the_order_of_its_thing(envelope: Envelope) -> None:
    services.commit(envelope, ONE, D(5400), key="a", by=None)
    services.commit(envelope, TWO, D(4000), key="b", by=None)
    services.reserve(envelope, ONE, D(1000), key="c", by=None)
    error = refused(NotCommitted, envelope, lambda: services.pay(envelope, ONE, D("5400.01"), key="d", by=None))
    assert (error.committed, error.wanted) == (D(5400), D("5400.01"))
    assert error.messages == (
        spaced(
            "Le paiement demandé est de 5\u00a0400,01 € TTC et il reste 5\u00a0400,00 € TTC d’engagé : "
            "complétez d’abord l’engagement."
        ),
    )
    services.pay(envelope, ONE, D(2000), key="d", by=None)
    refused(NotCommitted, envelope, lambda: services.pay(envelope, ONE, D("3400.01"), key="e", by=None))
    services.pay(envelope, ONE, D(3400), key="e", by=None)
    stands(envelope, "50000", "1000", "4000", "5400", "39600")
    error = refused(NothingHeld, envelope, lambda: services.pay(envelope, ONE, D("0.01"), key="f", by=None))
    assert error.messages == (services.NOTHING_COMMITTED,)


def test_the_last_payment_frees_the_rest_of_the_order_and_no_reservation(envelope: Envelope) -> None:
    services.commit(envelope, ONE, D(5400), key="a", by=None)
    services.reserve(envelope, ONE, D(1000), key="b", by=None)
    services.commit(envelope, TWO, D(300), key="c", by=None)
    services.pay(envelope, ONE, D(400), key="d", by=None)
    entry = services.pay(envelope, ONE, D(4000), key="e", by=None, is_last=True)
    assert entry.freed == D(1000)
    stands(envelope, "50000", "1000", "300", "4400", "44300")


def test_a_release_frees_all_that_is_held_and_nothing_that_is_paid(envelope: Envelope, agent: User) -> None:
    services.commit(envelope, ONE, D(5400), key="a", by=agent)
    services.pay(envelope, ONE, D(1200), key="b", by=agent)
    services.reserve(envelope, ONE, D(800), key="c", by=agent)
    services.reserve(envelope, TWO, D(100), key="d", by=agent)
    stands(envelope, "50000", "900", "4200", "1200", "43700")
    entry = services.release(envelope, ONE, key="e", by=agent, reason=" Abandon de la structure ")
    assert (entry.amount, entry.freed, entry.reason) == (D(5000), D(5000), "Abandon de la structure")
    assert entry.moves == Balances(D(0), D(-800), D(-4200))
    stands(envelope, "50000", "100", "0", "1200", "48700")
    assert position(envelope, ONE) == Position(paid=D(1200))
    error = refused(NothingHeld, envelope, lambda: services.release(envelope, ONE, key="f", by=agent, reason="Encore"))
    assert error.messages == (services.NOTHING_HELD,)


def test_a_release_says_why(envelope: Envelope) -> None:
    services.reserve(envelope, ONE, D(1), key="a", by=None)
    refused(ReasonMissing, envelope, lambda: services.release(envelope, ONE, key="b", by=None, reason=" "))


# ----------------------------------------------------------------------------------------------------------------- keys
def gestures(envelope: Envelope, key: str = "k") -> dict[str, Callable[..., Entry]]:
    """List each gesture with its content; keywords change a part of it."""

    def one(verb: Callable[..., Entry], *args: Any, **usual: Any) -> Callable[..., Entry]:
        def done(**changes: Any) -> Entry:
            fields = {"key": key, "by": None} | usual | changes
            about = [fields.pop("about", ONE)] if verb is not services.vote else []
            amount = [fields.pop("amount", *args)] if args else []
            return verb(envelope, *about, *amount, **fields)

        return done

    return {
        "vote": one(services.vote, D(10), act="Vote", day=DAY),
        "reserve": one(services.reserve, D(10)),
        "commit": one(services.commit, D(10)),
        "pay": one(services.pay, D(10)),
        "release": one(services.release, reason="Abandon"),
    }


@pytest.fixture
def busy(envelope: Envelope) -> Envelope:
    """Two things hold money, so that every gesture on either passes."""
    for about in (ONE, TWO):
        services.commit(envelope, about, D(500), key=f"order-{about.pk}", by=None)
        services.reserve(envelope, about, D(300), key=f"choice-{about.pk}", by=None)
    return envelope


@pytest.mark.parametrize("name", ["vote", "reserve", "commit", "pay", "release"])
def test_a_repeated_key_gives_the_same_entry_and_moves_nothing(busy: Envelope, agent: User, name: str) -> None:
    gesture = gestures(busy)[name]
    first = gesture()
    before, events = busy.balances, Event.objects.count()
    services.reserve(busy, TWO, busy.free, key="all", by=None)  # nothing is left: only a replay may pass
    assert gesture() == first
    assert gesture(by=agent, at=datetime(2027, 1, 1, tzinfo=UTC)) == first
    assert busy.entries.filter(key="k").count() == 1
    assert Event.objects.count() == events
    assert busy.balances == Envelope.objects.get().balances == before + Balances(reserved=before.free)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("vote", {"amount": D("10.01")}),
        ("vote", {"act": "Autre"}),
        ("vote", {"day": date(2026, 1, 1)}),
        ("reserve", {"amount": D("10.01")}),
        ("reserve", {"about": TWO}),
        ("reserve", {"act": "Décision"}),
        ("commit", {"amount": D("9.99")}),
        ("commit", {"about": TWO}),
        ("pay", {"amount": D("9.99")}),
        ("pay", {"about": TWO}),
        ("pay", {"is_last": True}),
        ("release", {"about": TWO}),
        ("release", {"reason": "Autre"}),
    ],
)
def test_a_key_with_another_content_is_refused(busy: Envelope, name: str, changes: dict[str, Any]) -> None:
    gesture = gestures(busy)[name]
    gesture()
    refused(OtherContent, busy, lambda: gesture(**changes))


def test_a_key_of_one_gesture_is_refused_to_the_others(busy: Envelope) -> None:
    known = gestures(busy)
    known["reserve"]()
    for name in ("vote", "commit", "pay", "release"):
        error = refused(OtherContent, busy, known[name])
        assert error.messages[0].startswith("Cette écriture a déjà été passée avec un autre contenu")


def test_a_refused_gesture_leaves_its_key_free(envelope: Envelope) -> None:
    refused(NotEnough, envelope, lambda: services.reserve(envelope, ONE, D(50001), key="a", by=None))
    assert services.reserve(envelope, ONE, D(50000), key="a", by=None).amount == D(50000)


@pytest.mark.parametrize("key", ["", " ", "k" * 121])
def test_an_entry_without_a_key_of_the_right_length_is_refused(envelope: Envelope, key: str) -> None:
    with pytest.raises(ValueError, match="an entry has a key"):
        services.reserve(envelope, ONE, D(1), key=key, by=None)
    assert services.reserve(envelope, ONE, D(1), key="k" * 120, by=None).pk


# ------------------------------------------------------------------------------------------------------- what is no use
@pytest.mark.parametrize("amount", [D(0), D("-1"), D("0.001"), D("NaN"), 5, "5"])
@pytest.mark.parametrize("gesture", [services.reserve, services.commit, services.pay])
def test_what_is_no_amount_is_refused(busy: Envelope, gesture: Callable[..., Entry], amount: Any) -> None:
    before = busy.entries.count()
    with pytest.raises(ValueError, match="an amount"):
        gesture(busy, ONE, amount, key="a", by=None)
    assert busy.entries.count() == before


def test_money_is_held_for_a_saved_thing_only(envelope: Envelope) -> None:
    with pytest.raises(ValueError, match="that is saved"):
        services.reserve(envelope, User(), D(1), key="a", by=None)


def test_a_refusal_inside_a_larger_gesture_leaves_it_whole(envelope: Envelope) -> None:
    """As a scheme does: when the money is wanting, the dossier goes to the waiting list in the same transaction."""
    with transaction.atomic():
        services.reserve(envelope, ONE, D(49000), key="a", by=None)
        with pytest.raises(NotEnough):
            services.reserve(envelope, TWO, D(5400), key="b", by=None)
        services.reserve(envelope, TWO, D(1000), key="c", by=None)
    stands(envelope, "50000", "50000", "0", "0", "0")


def test_a_larger_gesture_taken_back_takes_the_money_back(envelope: Envelope) -> None:
    with transaction.atomic():
        services.reserve(envelope, ONE, D(49000), key="a", by=None)
        transaction.set_rollback(True)
    services.reserve(envelope, ONE, D(50000), key="a", by=None)  # the object given is brought up to date first
    stands(envelope, "50000", "50000", "0", "0", "0")


def test_a_stale_object_is_judged_by_the_row(envelope: Envelope) -> None:
    stale = Envelope.objects.get()
    services.reserve(envelope, ONE, D(49000), key="a", by=None)
    error = refused(NotEnough, envelope, lambda: services.reserve(stale, TWO, D(2000), key="b", by=None))
    assert error.free == stale.free == D(1000)


@pytest.mark.django_db(transaction=True)
def test_an_envelope_is_held_in_a_transaction_only() -> None:
    envelope = make_envelope()
    with pytest.raises(TransactionManagementError):
        services.hold(envelope)
    with transaction.atomic():
        services.hold(envelope)


def test_several_envelopes_are_held_in_the_order_of_their_keys(
    envelope: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    monkeypatch.setattr(Envelope, "refresh_from_db", lambda self, **options: held.append(self.pk))
    other, third = make_envelope("0"), make_envelope("0")
    services.hold(third, envelope, other)
    assert held == [envelope.pk, other.pk, third.pk]


# -------------------------------------------------------------------------------------------------------------- queries
@pytest.mark.parametrize("things", [1, 30])
@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        # savepoint, lock, key, row, entry, end of savepoint
        ("reserve", 6, 4),
        # and the position of the thing
        ("commit", 7, 4),
        ("pay", 7, 4),
        ("release", 7, 4),
        # and the journal, in a savepoint of both
        ("vote", 9, 6),
    ],
)
def test_a_gesture_costs_the_same_whatever_the_ledger_holds(
    busy: Envelope, things: int, name: str, first: int, again: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10, 10 + things):
        services.reserve(busy, make_thing(number), D(1), key=str(number), by=None)
    gesture = gestures(busy)[name]
    with django_assert_num_queries(first):
        gesture()
    with django_assert_num_queries(again):
        gesture()
