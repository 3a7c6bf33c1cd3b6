"""The lists of payments and of repayments: a page of rows in one query, read without making a model instance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from normandata.dossiers.rows import person_label
from normandata.organisations.siret import written
from normandata.regulation.formats import euros
from normandata.workflow.table import State

from . import states
from .recoveries import Recovery
from .requests import PaymentRequest

_AWARD = ("award__dossier__key", "award__dossier__number", "award__organisation__name", "award__organisation__siret")
REQUEST_FIELDS = (
    "pk", "kind", "state", "state_since", "amount", "asked", "checked_by", "checked_by__name", "checked_by__email",
    "account_state", *_AWARD,
)  # fmt: skip
RECOVERY_FIELDS = ("pk", "kind", "state", "amount", "observed_at", "observations_by", *_AWARD)
DONE = (states.PAID, states.SETTLED, states.REFUSED)
"""States in which nobody is awaited any more."""
_KINDS = dict(PaymentRequest.Kind.choices)
_NATURES = dict(Recovery.Kind.choices)


@dataclass(frozen=True, slots=True)
class Of:
    """Whose grant a row is about."""

    key: Any
    number: str
    organisation: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as the list shows it; `mark` tells the check that the row showed from a later one."""

    pk: int
    of: Of
    kind: str
    amount: str
    standing: State
    account: str
    checker: int | None
    checked_by: str
    days: int | None
    """How long it has waited; nothing once it is over."""
    mark: str


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """A repayment as the list shows it; the amount in euros."""

    pk: int
    of: Of
    nature: str
    amount: Decimal
    standing: State
    observed_at: datetime | None
    observations_by: date | None


def requests(rows: Iterable[Mapping[str, Any]]) -> list[RequestRow]:
    """Write the rows of `REQUEST_FIELDS`."""
    now = timezone.now()
    return [
        RequestRow(
            pk=row["pk"],
            of=_of(row),
            kind=_KINDS[row["kind"]],
            amount=_amount(row),
            standing=states.REQUESTS[row["state"]],
            account=row["account_state"] or "",
            checker=row["checked_by"],
            checked_by=person_label(row["checked_by__name"], row["checked_by__email"]),
            days=None if row["state"] in DONE else (now - row["state_since"]).days,
            mark=row["state_since"].isoformat(),
        )
        for row in rows
    ]


def recoveries(rows: Iterable[Mapping[str, Any]]) -> list[RecoveryRow]:
    """Write the rows of `RECOVERY_FIELDS`."""
    return [
        RecoveryRow(
            pk=row["pk"],
            of=_of(row),
            nature=_NATURES[row["kind"]],
            amount=row["amount"],
            standing=states.RECOVERIES[row["state"]],
            observed_at=row["observed_at"],
            observations_by=row["observations_by"],
        )
        for row in rows
    ]


def _of(row: Mapping[str, Any]) -> Of:
    name = row["award__organisation__name"] or f"Structure {written(row['award__organisation__siret'])}"
    return Of(row["award__dossier__key"], row["award__dossier__number"], name)


def _amount(row: Mapping[str, Any]) -> str:
    """Write what is paid, else what is asked, else that it is to be computed."""
    known = row["amount"] if row["amount"] is not None else row["asked"]
    return euros(known) if known is not None else "à calculer"
