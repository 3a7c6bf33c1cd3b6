"""The budget as its page shows it: what becomes of each line, and the grant, step by step.

All of it is computed here, from `money` and the règlement of a day; no page and no script computes an amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from normandata.dossiers.schemes import Amount
from normandata.regulation.findings import Finding, Outcome
from normandata.regulation.formats import euros, percent, plural, spaced
from normandata.regulation.money import ZERO, cents, exact

from . import money
from .rules import REGLEMENT, Evaluation, Facts, evaluate


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A line of the budget as typed and read. `days` of work, `vat_rate` in percent, `amount` in euros on `basis`."""

    category: str
    label: str
    amount: Decimal
    basis: str = money.HT
    vat_rate: Decimal | None = None
    function: str = ""
    is_permanent: bool = False
    days: Decimal | None = None

    @property
    def expense(self) -> money.Expense:
        return money.Expense(
            category=self.category,
            amount=self.amount,
            basis=self.basis,
            vat_rate=self.vat_rate,
            is_permanent_public_staff=self.is_permanent and self.category == "personnel",
        )


@dataclass(frozen=True, slots=True)
class Status:
    """What becomes of a line of the budget: an icon, and a sentence with its amount."""

    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the lines typed so far give: one status a line, the steps of the computation, what stands against it."""

    statuses: tuple[Status, ...]
    steps: tuple[Amount, ...]
    warnings: tuple[str, ...]
    grant: Decimal


def estimate(
    spent: Sequence[Spent], other_aid: Decimal, *, applicant_type: str | None, recovers_vat: bool, on: date
) -> Estimate:
    """Compute the grant that these lines give by the règlement of a day; amounts in euros."""
    found = evaluate(
        Facts(
            on=on,
            applicant_type=applicant_type,
            recovers_vat=recovers_vat,
            expenses=tuple(one.expense for one in spent),
            other_public_aid=other_aid,
        )
    )
    sums = found.sums
    basis = _basis(recovers_vat, on)
    return Estimate(
        tuple(_status(line, basis) for line in sums.lines),
        steps(sums.expenses, other_aid, sums.grant, recovers_vat=recovers_vat, on=on),
        tuple(_warnings(found, is_empty=not spent)),
        sums.grant if sums.grant is not None else ZERO,
    )


def steps(
    expenses: Fraction | None, other_aid: Decimal, grant: Decimal | None, *, recovers_vat: bool, on: date
) -> tuple[Amount, ...]:
    """Write the computation of a grant; nothing while a missing fact forbids it."""
    if expenses is None or grant is None:
        return ()
    figures = REGLEMENT.on(on)
    rate = figures.number("rate")
    return (
        Amount(f"Dépenses éligibles {_basis(recovers_vat, on)}", euros(cents(expenses))),
        Amount(f"{percent(rate)} de ces dépenses", euros(cents(expenses * exact(rate) / 100))),
        Amount("Plafond de la subvention", euros(figures.number("cap"))),
        Amount(
            "Dépenses moins autres aides publiques", euros(cents(money.public_aid_room(expenses, other_aid, figures)))
        ),
        Amount("Subvention possible : le plus petit des trois derniers", euros(grant), True),
    )


def _basis(recovers_vat: bool, on: date) -> str:
    return money.HT if recovers_vat else REGLEMENT.on(on).word("vat_basis")


def _status(line: money.Line, basis: str) -> Status:
    if line.refusal:
        return Status("unmet", spaced(f"Non éligible : {line.refusal}."))
    kept = f"Éligible : {euros(cents(line.kept))} {basis}."
    return Status("review", spaced(f"{kept} {line.alert}")) if line.alert else Status("met", spaced(kept))


def _warnings(found: Evaluation, *, is_empty: bool) -> list[str]:
    """Say what stands against the grant: nothing eligible, other aid that leaves no room, or reduces it."""
    if is_empty:
        return []
    said = [_finding(found, rule) for rule in ("expenses", "public_aid")]
    against = [one.message for one in said if one.outcome is Outcome.UNMET]
    reduced = [one.message for one in said if one.outcome is Outcome.MET and "ramenée" in one.message]
    return against + reduced


def _finding(found: Evaluation, rule: str) -> Finding:
    return next(one for one in found.verdict.findings if one.rule == f"booster_ia.{rule}")


def counted(done: int, wanting: int) -> str:
    """Say how many lines are read, and how many are not yet whole."""
    lines = plural(done, "ligne lue", "lignes lues")
    left = f", {plural(wanting, 'ligne à compléter', 'lignes à compléter')}" if wanting else ""
    return f"{lines}{left}"
