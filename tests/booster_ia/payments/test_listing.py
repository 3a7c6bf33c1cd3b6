"""A row of the lists: how long it has waited, and nothing once nobody is awaited."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from booster_ia.payments import listing, states

NOW = datetime(2027, 7, 5, 9, tzinfo=UTC)
AWARD = {
    "award__dossier__key": "k",
    "award__dossier__number": "BIA-2026-0001",
    "award__organisation__name": "",
    "award__organisation__siret": "99910019100017",
}


def row(state: str, **fields: Any) -> dict[str, Any]:
    return {
        "pk": 1, "kind": "advance", "state": state, "state_since": NOW - timedelta(days=3), "amount": None,
        "asked": Decimal("5000.00"), "checked_by": 7, "checked_by__name": "", "checked_by__email": "a@b.invalid",
        "account_state": None, **AWARD, **fields,
    }  # fmt: skip


@pytest.mark.parametrize("state", [*states.DEPOSITED])
def test_what_is_over_waits_for_nobody(state: str) -> None:
    with time_machine.travel(NOW, tick=False):
        [found] = listing.requests([row(state)])
    assert found.days == (None if state in ("paid", "settled", "refused") else 3)
    assert found.standing == states.REQUESTS[state]


def test_a_row_says_what_is_known() -> None:
    [asked] = listing.requests([row("submitted")])
    assert (asked.kind, asked.amount, asked.checked_by, asked.account) == (
        "Avance", "5\u00a0000,00\u00a0€", "a@b.invalid", "",
    )  # fmt: skip
    assert asked.of.organisation == "Structure 999\u00a0100\u00a0191\u00a000017"
    assert asked.mark == (NOW - timedelta(days=3)).isoformat()
    [balance] = listing.requests([row("submitted", kind="balance", asked=None)])
    assert balance.amount == "à calculer"
    [paid] = listing.requests([row("paid", amount=Decimal("0.00"))])
    assert paid.amount == "0,00\u00a0€"
