"""Two grants at once to one undertaking never exceed the ceiling; a merge meanwhile neither blocks nor lets through."""

import os
import threading
import time
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from normandata.accounts.models import User
from normandata.deminimis import account, granting, reckoning
from normandata.deminimis.account import read
from normandata.deminimis.models import Aid
from normandata.organisations import undertakings
from normandata.organisations.models import Organisation, Undertaking
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.deminimis import make_aid, make_declaration, make_group
from tests.factories.organisations import OrganisationFactory
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("NORMANDATA_RACE_ROUNDS", "20"))
CEILING = Decimal(300_000)
DAYS = (date(2026, 6, 15), date(2026, 6, 16), date(2026, 5, 4), date(2026, 6, 15))


def give(organisation: Organisation, on: date, amount: int, key: str) -> Aid:
    return granting.grant(organisation, on=on, amount=Decimal(amount), about=organisation, key=key, by=None)


def held(organisation: Organisation) -> Decimal:
    return reckoning.total(read(organisation).lines)


def race(number: int) -> tuple[list[Any], Decimal]:
    """Grant four times 10 000 euros at once to two SIRENs of one undertaking that has room for one of them."""
    first, second = make_group(2)
    make_declaration(first)
    make_aid(second, "2025-01-10", 285_000)
    takers = (first, second, first, second)
    results = together(
        *(
            lambda rank=rank, taker=taker: give(taker, DAYS[rank], 10_000, f"{number}:{rank}")
            for rank, taker in enumerate(takers)
        )
    )
    return results, held(first)


def test_of_four_grants_at_once_one_passes() -> None:
    for number in range(ROUNDS):
        results, total = race(number)
        assert sorted(type(result).__name__ for result in results) == ["Aid", *["CeilingExceeded"] * 3]
        assert {result.room for result in results if not isinstance(result, Aid)} == {Decimal(5_000)}
        assert total == 295_000


def test_the_witness_without_the_lock_the_ceiling_is_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL lets all four read before one writes. SQLite, which lets one transaction in at a time, does not."""

    def look(whose: undertakings.Whose) -> Undertaking:
        return undertakings._standing(whose)

    everybody, judge = threading.Barrier(4), account.assess_for

    def judge_together(*args: Any, **options: Any) -> account.Assessed:
        assessed = judge(*args, **options)
        with suppress(threading.BrokenBarrierError):
            everybody.wait(1)
        return assessed

    monkeypatch.setattr(account, "hold", look)
    monkeypatch.setattr(account, "assess_for", judge_together)
    results, total = race(0)
    passed = sum(isinstance(result, Aid) for result in results)
    over = connection.vendor == "postgresql"
    assert (passed, total > CEILING) == ((4, True) if over else (1, False))


def test_the_witness_on_any_database_judged_first_then_written() -> None:
    """Judge in one transaction, write in another: what the lock is for, wherever it runs."""
    firm = OrganisationFactory()
    make_declaration(firm)
    make_aid(firm, "2025-01-10", 285_000)
    everybody = threading.Barrier(2)

    def naive(rank: int) -> None:
        assessed = account.assess_for(firm, on=DAYS[rank], amount=Decimal(10_000))
        everybody.wait(30)
        granting._check(assessed)
        make_aid(firm, DAYS[rank].isoformat(), 10_000)

    assert together(lambda: naive(0), lambda: naive(1)) == [None, None]
    assert held(firm) > CEILING


def test_the_same_key_at_once_is_one_grant() -> None:
    for number in range(5):
        firm = OrganisationFactory()
        make_declaration(firm)
        results = together(*[lambda number=number, firm=firm: give(firm, DAYS[0], 300_000, f"double:{number}")] * 4)
        assert len({result.pk for result in results}) == 1
        assert held(firm) == CEILING


def test_one_key_for_two_accounts_at_once_is_one_grant() -> None:
    for number in range(5):
        firms = [OrganisationFactory(), OrganisationFactory()]
        for firm in firms:
            make_declaration(firm)
        results = together(
            *(lambda number=number, firm=firm: give(firm, DAYS[0], 1, f"une:{number}") for firm in firms)
        )
        assert sorted(type(result).__name__ for result in results) == ["Aid", "KeyTaken"]


def merge(first: Organisation, second: Organisation, agent: User) -> Undertaking:
    return undertakings.merge(first.undertaking, second.undertaking, by=agent, reason="Rachat.")


def test_a_merge_and_grants_at_once_neither_block_nor_exceed() -> None:
    """145 000 each, and 10 000 more on both sides: right before the merge, too much for the second one after it."""
    agent = make_agent()
    for number in range(ROUNDS):
        first, second = OrganisationFactory(), OrganisationFactory()
        for each, other in ((first, second), (second, first)):
            make_declaration(each, group=[other.siren])
            make_aid(each, "2025-01-10", 145_000)
        before = Event.objects.latest("pk").pk
        results = together(
            lambda first=first, number=number: give(first, DAYS[0], 10_000, f"{number}:a"),
            lambda first=first, second=second: merge(first, second, agent),
            lambda second=second, number=number: give(second, DAYS[1], 10_000, f"{number}:b"),
        )
        kinds = [type(result).__name__ for result in results]
        assert kinds[1] == "Undertaking"
        assert set(kinds) - {"Undertaking"} <= {"Aid", "CeilingExceeded"}
        granted = kinds.count("Aid")
        assert held(first) == held(second) == 290_000 + 10_000 * granted
        assert granted == 2 or kinds.count("CeilingExceeded") == 1
        assert_each_grant_saw_the_merge_before_it(before)


def assert_each_grant_saw_the_merge_before_it(last: int) -> None:
    """Read the journal in its order: a grant counted both SIRENs when the merge was written before it, else one."""
    is_merged, already = False, Decimal(0)
    for event in Event.objects.filter(pk__gt=last).order_by("pk"):
        if event.name == "undertaking_merged":
            is_merged = True
        else:
            used = Decimal(event.data["readings"]["2023/2831"]["used"])
            assert (len(event.data["sirens"]), used) == ((2, 290_000 + already) if is_merged else (1, 145_000))
            already += 10_000


def split_then_give() -> tuple[list[str], Decimal, Decimal]:
    """Grant 10 000, too much for the group and not for the SIREN that is leaving it meanwhile."""
    agent = make_agent()
    first, second = make_group(2)
    make_declaration(first)
    make_declaration(second)
    make_aid(first, "2025-01-10", 295_000)
    is_split = threading.Event()

    def split() -> None:
        with transaction.atomic():
            undertakings.split_off(second.siren, by=agent, reason="Cession.")
            is_split.set()
            time.sleep(0.3)

    def wait_and_give() -> Aid:
        is_split.wait(30)
        return give(second, DAYS[0], 10_000, "suite")

    results = together(split, wait_and_give)
    return [type(result).__name__ for result in results], held(first), held(second)


def test_a_grant_that_waited_for_a_split_finds_its_new_account() -> None:
    assert split_then_give() == (["NoneType", "Aid"], 295_000, 10_000)


def test_the_witness_without_a_second_look_the_old_account_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite, whoever waits has not looked yet."""

    def hold_once(whose: undertakings.Whose) -> Undertaking:
        return Undertaking.objects.select_for_update().get(pk=undertakings._standing(whose).pk)

    monkeypatch.setattr(account, "hold", hold_once)
    kind = "CeilingExceeded" if connection.vendor == "postgresql" else "Aid"
    assert split_then_give()[0] == ["NoneType", kind]
