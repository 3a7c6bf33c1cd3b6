"""What the database itself holds true of envelopes and entries, whatever code writes to them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from normandata.accounts.models import User
from normandata.budgets import services
from normandata.budgets.amounts import Balances
from normandata.budgets.models import Basis, Entry, Envelope, Kind
from normandata.procedure.models import Immutable
from tests.factories.budgets import make_envelope, make_thing

pytestmark = pytest.mark.django_db
D = Decimal
DAY = date(2026, 10, 5)


def raw(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(name: str, sql: str, *values: Any) -> None:
    with pytest.raises(IntegrityError, match=name):
        raw(sql, *values)


# ------------------------------------------------------------------------------------------------------------ envelopes
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("voted = -0.01", "budgets_envelope_voted_not_negative"),
        ("reserved = -0.01", "budgets_envelope_reserved_not_negative"),
        ("committed = -0.01", "budgets_envelope_committed_not_negative"),
        ("paid = -0.01", "budgets_envelope_paid_not_negative"),
        ("reserved = 50000.01", "budgets_envelope_within_vote"),
        ("reserved = 20000, committed = 20000, paid = 10000.01", "budgets_envelope_within_vote"),
        ("year = 26", "budgets_envelope_year_plausible"),
        ("basis = 'XX'", "budgets_envelope_basis_known"),
        ("label = ''", "budgets_envelope_named"),
        ("scheme = ''", "budgets_envelope_named"),
    ],
)
def test_the_database_refuses_balances_that_do_not_hold(envelope: Envelope, change: str, name: str) -> None:
    refused(name, f"UPDATE budgets_envelope SET {change} WHERE id = %s", envelope.pk)
    assert Envelope.objects.get().balances == Balances(D(50000))


@pytest.mark.parametrize(
    "change", ["reserved = 50000", "reserved = 20000, committed = 20000, paid = 10000", "voted = 0", "year = NULL"]
)
def test_the_last_cent_is_allowed(envelope: Envelope, change: str) -> None:
    raw(f"UPDATE budgets_envelope SET {change} WHERE id = %s", envelope.pk)


def test_sums_are_compared_to_the_cent_where_a_binary_sum_is_not() -> None:
    assert 0.1 + 0.2 > 0.3
    envelope = make_envelope("0.30")
    raw("UPDATE budgets_envelope SET reserved = 0.1, committed = 0.2 WHERE id = %s", envelope.pk)
    refused("within_vote", "UPDATE budgets_envelope SET reserved = 0.11 WHERE id = %s", envelope.pk)
    large = make_envelope("9999999999.99")
    raw("UPDATE budgets_envelope SET reserved = 9999999999.9, paid = 0.09 WHERE id = %s", large.pk)
    refused("within_vote", "UPDATE budgets_envelope SET paid = 0.1 WHERE id = %s", large.pk)


def test_an_envelope_exists_once_with_or_without_a_year() -> None:
    make_envelope(label="Une", year=2026)
    make_envelope(label="Une", year=2027)
    make_envelope(label="Une", year=None)
    make_envelope(label="Une", year=2026, scheme="datathon")
    for year in (2026, None):
        with pytest.raises(ValidationError, match="existe déjà"):
            make_envelope(label="Une", year=year)
        with pytest.raises(IntegrityError), transaction.atomic():
            Envelope.objects.create(scheme="diagnostic", label="Une", year=year, basis=Basis.HT)
    assert Envelope.objects.count() == 4


def test_envelopes_of_a_scheme_come_the_latest_year_first() -> None:
    for year in (2025, None, 2027):
        make_envelope(label=f"Année {year}", year=year)
    make_envelope(label="Autre", scheme="datathon")
    assert [one.year for one in Envelope.objects.of("diagnostic")] == [2027, 2025, None]
    assert [str(one) for one in Envelope.objects.of("diagnostic")][1:] == ["Année 2025 2025", "Année None"]


@pytest.mark.parametrize(
    ("basis", "unit"), [(Basis.HT, "HT"), (Basis.TTC, "TTC"), (Basis.UNSAID, "(HT ou TTC non précisé)")]
)
def test_an_envelope_says_what_its_amounts_are(basis: str, unit: str) -> None:
    assert Envelope(basis=basis).unit == unit


def test_saving_a_stale_envelope_leaves_the_balances(envelope: Envelope) -> None:
    stale = Envelope.objects.get()
    services.reserve(envelope, make_thing(), D(5400), key="a", by=None)
    stale.label = "Autre nom"
    stale.save()
    kept = Envelope.objects.get()
    assert (kept.label, kept.balances) == ("Autre nom", Balances(D(50000), D(5400)))
    assert kept.free == D("44600.00")


def test_an_envelope_begins_empty() -> None:
    with pytest.raises(ValueError, match="begins empty"):
        Envelope.objects.create(scheme="diagnostic", label="Pleine", basis=Basis.HT, voted=D(1))


def test_an_envelope_with_entries_is_not_deleted(envelope: Envelope) -> None:
    with pytest.raises(ProtectedError):
        envelope.delete()
    with pytest.raises(ProtectedError):
        Envelope.objects.all().delete()


# -------------------------------------------------------------------------------------------------------------- entries
@pytest.mark.parametrize(
    "gesture",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: Entry.objects.filter(pk=entry.pk).update(reason="Autre"),
        lambda entry: Entry.objects.bulk_update([entry], ["reason"]),
        lambda entry: Entry.objects.all().delete(),
    ],
)
def test_python_changes_no_entry(envelope: Envelope, gesture: Callable[[Entry], object]) -> None:
    entry = envelope.entries.get()
    entry.reason = "Faux"
    with pytest.raises(Immutable), transaction.atomic():
        gesture(entry)
    assert envelope.entries.get().reason == ""


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE budgets_entry SET reason = 'Faux' WHERE id = %s",
        "UPDATE budgets_entry SET amount = amount WHERE id = %s",
        "DELETE FROM budgets_entry WHERE id = %s",
    ],
)
def test_the_database_changes_no_entry_either(envelope: Envelope, sql: str) -> None:
    entry = envelope.entries.get()
    refused("budgets_entry_append_only", sql, entry.pk)
    assert list(Entry.objects.values_list("pk", "reason")) == [(entry.pk, "")]


def test_the_same_statements_pass_on_a_table_that_is_not_guarded(envelope: Envelope) -> None:
    """The witness: what refuses above is the guard, not the statement."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE budgets_witness (id integer, reason text)")
        cursor.execute("INSERT INTO budgets_witness VALUES (1, '')")
        cursor.execute("UPDATE budgets_witness SET reason = 'Faux' WHERE id = %s", [1])
        cursor.execute("DELETE FROM budgets_witness WHERE id = %s", [1])
        assert cursor.rowcount == 1
        cursor.execute("DROP TABLE budgets_witness")


GOOD: dict[str, Any] = {
    "kind": Kind.RESERVE,
    "amount": D(100),
    "key": "k",
    "about_kind": "diagnostic.diagnostic",
    "about_key": "42",
    "reserved": D(100),
    "voted_after": D(50000),
    "reserved_after": D(100),
    "committed_after": D(0),
    "paid_after": D(0),
    "day": DAY,
}
VOTE = {"kind": Kind.VOTE, "about_kind": "", "about_key": "", "reserved": D(0), "voted": D(100), "act": "Délibération"}
COMMIT = {"kind": Kind.COMMIT, "reserved": D(-120), "committed": D(100)}
PAY = {"kind": Kind.PAY, "reserved": D(0), "committed": D(-100), "paid": D(100)}
RELEASE = {"kind": Kind.RELEASE, "reserved": D(-30), "committed": D(-70), "reason": "Abandon"}


def insert(envelope: Envelope, **fields: Any) -> Entry:
    with transaction.atomic():
        return Entry.objects.create(envelope=envelope, **GOOD | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        VOTE,
        VOTE | {"amount": D(-100), "voted": D(-100)},
        COMMIT,
        COMMIT | {"reserved": D(0)},
        PAY,
        PAY | {"is_last": True},
        PAY | {"is_last": True, "committed": D("-100.01")},
        RELEASE,
        RELEASE | {"amount": D("0.30"), "reserved": D("-0.10"), "committed": D("-0.20")},
    ],
)
def test_an_entry_that_moves_what_it_says_is_taken(envelope: Envelope, fields: dict[str, Any]) -> None:
    entry = insert(envelope, **fields)
    assert Entry.objects.get(pk=entry.pk).amount == (fields.get("amount") or D(100))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"key": ""}, "keyed"),
        ({"kind": "gift"}, "moves_what_it_says"),
        ({"amount": D(0), "reserved": D(0)}, "moves_what_it_says"),
        ({"amount": D(-100), "reserved": D(-100)}, "moves_what_it_says"),
        ({"reserved": D("100.01")}, "moves_what_it_says"),
        ({"paid": D("0.01")}, "moves_what_it_says"),
        ({"committed": D("0.01")}, "moves_what_it_says"),
        ({"voted": D("0.01")}, "moves_what_it_says"),
        (VOTE | {"amount": D(0), "voted": D(0)}, "moves_what_it_says"),
        (VOTE | {"voted": D(-100)}, "moves_what_it_says"),
        (VOTE | {"act": ""}, "vote_names_its_act"),
        (VOTE | {"about_key": "42", "about_kind": "x"}, "about_a_thing"),
        (COMMIT | {"reserved": D("0.01")}, "moves_what_it_says"),
        (COMMIT | {"committed": D(99)}, "moves_what_it_says"),
        (COMMIT | {"paid": D(1)}, "moves_what_it_says"),
        (PAY | {"committed": D("-100.01")}, "moves_what_it_says"),
        (PAY | {"is_last": True, "committed": D("-99.99")}, "moves_what_it_says"),
        (PAY | {"reserved": D("-0.01")}, "moves_what_it_says"),
        (RELEASE | {"committed": D("-70.01")}, "moves_what_it_says"),
        (RELEASE | {"amount": D(70), "committed": D(-100), "reserved": D(30)}, "moves_what_it_says"),
        (RELEASE | {"paid": D(-1), "amount": D(101)}, "moves_what_it_says"),
        (RELEASE | {"reason": ""}, "release_says_why"),
        ({"is_last": True}, "last_is_a_payment"),
        ({"about_kind": ""}, "about_a_thing"),
        ({"about_key": ""}, "about_a_thing"),
        ({"reserved_after": D("50000.01")}, "entry_within_vote"),
        ({"reserved_after": D("-0.01")}, "entry_within_vote"),
        ({"committed_after": D("-0.01")}, "entry_within_vote"),
        ({"paid_after": D("-0.01")}, "entry_within_vote"),
    ],
)
def test_an_entry_that_says_something_else_is_refused(envelope: Envelope, fields: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        insert(envelope, **fields)
    assert Entry.objects.count() == 1


def test_a_key_serves_once_in_an_envelope(envelope: Envelope) -> None:
    other = make_envelope()
    insert(envelope)
    insert(other)
    with pytest.raises(IntegrityError):
        insert(envelope, about_key="43")


def test_entries_of_a_thing_come_in_the_order_of_writing(envelope: Envelope, agent: User) -> None:
    thing, other = make_thing(1), make_thing(2)
    for key, about in (("a", thing), ("b", other), ("c", thing)):
        services.reserve(envelope, about, D(10), key=key, by=agent)
    assert [entry.key for entry in Entry.objects.about(thing)] == ["a", "c"]
    assert str(Entry.objects.about(other).get()) == "Réservation 10.00 b"


@pytest.mark.parametrize(
    ("fields", "freed"),
    [({}, 0), (VOTE, 0), (COMMIT, 20), (PAY, 0), (PAY | {"is_last": True, "committed": D(-130)}, 30), (RELEASE, 100)],
)
def test_an_entry_says_what_it_gives_back(fields: dict[str, Any], freed: int) -> None:
    entry = Entry(**GOOD | fields)
    assert entry.freed == freed
    assert entry.after == Balances(D(50000), D(100))
