"""Entries of several things and envelopes, told by dossier."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from normandata.accounts.models import User
from normandata.budgets import services
from normandata.budgets.ledger import thing_of
from normandata.budgets.statement import lines
from normandata.dossiers.applications import MoneyLine
from tests.factories.budgets import make_envelope, make_thing

pytestmark = pytest.mark.django_db
D = Decimal
AT = [datetime(2026, 10, day, 8, tzinfo=UTC) for day in range(1, 8)]
ZERO = D("0.00")


def test_entries_are_told_by_dossier_across_things_and_envelopes(
    agent: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = make_envelope(label="Diagnostics", at=AT[0])
    second = make_envelope(label="Preuves de concept", scheme="booster_ia", year=None, basis="NC", at=AT[0])
    ours, others, more = make_thing(1), make_thing(2), make_thing(3)
    services.reserve(first, ours, D("5400"), key="a", by=agent, at=AT[1])
    services.reserve(first, others, D("1080"), key="b", by=agent, at=AT[1])
    services.commit(first, ours, D("5399.99"), key="c", by=agent, act="BC-1", at=AT[2])
    services.reserve(second, more, D("12500"), key="d", by=agent, at=AT[3])
    services.pay(first, ours, D("5130.20"), key="e", by=agent, is_last=True, act="Facture F-1", at=AT[4])
    services.release(second, more, key="f", by=agent, reason="Abandon", at=AT[5])
    with django_assert_num_queries(1):
        told = lines({thing_of(ours): 71, thing_of(more): 72})
    diagnostics, proofs = "Diagnostics 2026", "Preuves de concept"
    unsaid = "(HT ou TTC non précisé)"
    assert told == [
        MoneyLine(71, date(2026, 10, 2), "Réservation", D("5400.00"), diagnostics, "TTC", D("5400.00"), ZERO, ZERO),
        MoneyLine(
            71, date(2026, 10, 3), "Engagement", D("5399.99"), diagnostics, "TTC", D("-5400.00"), D("5399.99"), ZERO,
            "BC-1",
        ),
        MoneyLine(72, date(2026, 10, 4), "Réservation", D("12500.00"), proofs, unsaid, D("12500.00"), ZERO, ZERO),
        MoneyLine(
            71, date(2026, 10, 5), "Paiement", D("5130.20"), diagnostics, "TTC", ZERO, D("-5399.99"), D("5130.20"),
            "Facture F-1",
        ),
        MoneyLine(
            72, date(2026, 10, 6), "Libération", D("12500.00"), proofs, unsaid, D("-12500.00"), ZERO, ZERO, "Abandon"
        ),
    ]  # fmt: skip
    assert [line.is_payment for line in told] == [False, False, False, True, False]


def test_nothing_is_asked_about_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert lines({}) == []
