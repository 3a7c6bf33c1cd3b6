"""Booster IA's amounts: eligible expenses, grant, advance, balance (annexe 4). Pure.

Amounts are exact fractions of a euro until the final rounding to the cent, half up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from normandata.regulation.money import cents, exact
from normandata.regulation.reglement import Figures

CATEGORIES = {
    "personnel": "Frais de personnel",
    "intellectual_services": "Prestations intellectuelles",
    "licences": "Licences d’utilisation",
    "services": "Prestations",
    "consumables": "Consommables",
    "equipment": "Équipement",
    "overheads": "Frais généraux",
    "other": "Autre dépense",
}
HT, TTC = "HT", "TTC"
EXCLUDED_STAFF = "personnel permanent d’un établissement public, exclu par le texte"
OUT_OF_CATEGORY = "hors des catégories de dépenses éligibles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One line of the budget. `amount` in euros, HT or TTC as `basis` says; `vat_rate` in percent."""

    category: str | None
    amount: Decimal | None
    basis: str = HT
    vat_rate: Decimal | None = None
    is_permanent_public_staff: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one expense: the amount kept (exact), why it is refused, or an alert for the agent."""

    expense: Expense
    kept: Fraction
    refusal: str = ""
    alert: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a grant, in euros to the cent: what is finally due, what is left to pay, what was paid too much."""

    final_grant: Decimal
    balance: Decimal
    overpayment: Decimal


def judge_line(expense: Expense, *, applicant_type: str | None, recovers_vat: bool, figures: Figures) -> Line:
    """Accept or refuse one expense, and bring it to the applicant's basis (HT, or TTC when VAT is not recovered)."""
    if expense.amount is None:
        return Line(expense, Fraction(0))
    if expense.category not in figures.codes("expense_categories"):
        return Line(expense, Fraction(0), refusal=OUT_OF_CATEGORY)
    alert = ""
    if expense.category == "personnel" and expense.is_permanent_public_staff:
        if applicant_type in figures.codes("excluded_staff"):
            return Line(expense, Fraction(0), refusal=EXCLUDED_STAFF)
        if applicant_type in figures.codes("alerted_staff"):
            alert = "Personnel permanent d’une collectivité : admis par la lettre du texte, à confirmer par un agent."
    return Line(expense, _on_basis(expense, recovers_vat), alert=alert)


def eligible_total(lines: Iterable[Line]) -> Fraction:
    """Sum what is kept, unrounded."""
    return sum((line.kept for line in lines), Fraction(0))


def public_aid_room(expenses: Fraction, other_aid: Decimal, figures: Figures) -> Fraction:
    """Return what other public aid leaves under the ceiling on total public aid, never below zero."""
    return max(Fraction(0), _share(expenses, figures, "public_aid_rate") - exact(other_aid))


def grant(expenses: Fraction, other_aid: Decimal, figures: Figures) -> Decimal:
    """Return the grant in euros: rate × expenses, capped, and reduced to fit under total public aid; rounded once."""
    return cents(
        min(
            _share(expenses, figures, "rate"),
            exact(figures.number("cap")),
            public_aid_room(expenses, other_aid, figures),
        )
    )


def advance_max(expenses: Fraction, granted: Decimal, *, is_justified: bool, figures: Figures) -> Decimal:
    """Return the largest advance in euros: zero without a written justification, never above the grant."""
    if not is_justified:
        return Decimal("0.00")
    return cents(min(_share(expenses, figures, "advance_rate"), exact(granted)))


def settle(
    granted: Decimal, justified: Decimal | Fraction, other_aid: Decimal, paid: Decimal, figures: Figures
) -> Settlement:
    """Settle a grant on its justified expenses, at the nominal rate; amounts in euros."""
    base = Fraction(justified)
    final = cents(min(exact(granted), _share(base, figures, "rate"), public_aid_room(base, other_aid, figures)))
    left = exact(final) - exact(paid)
    return Settlement(final, cents(max(Fraction(0), left)), cents(max(Fraction(0), -left)))


def effective_rate_grant(granted: Decimal, justified: Decimal | Fraction, expenses: Fraction) -> Decimal:
    """Return the figure shown beside the balance: the grant in proportion of what was justified, in euros."""
    if not expenses:
        return Decimal("0.00")
    return cents(exact(granted) * min(Fraction(justified), expenses) / expenses)


def _on_basis(expense: Expense, recovers_vat: bool) -> Fraction:
    amount = exact(expense.amount or 0)
    if recovers_vat and expense.basis == TTC:
        return amount / (1 + exact(expense.vat_rate or 0) / 100)
    return amount


def _share(base: Fraction, figures: Figures, rate: str) -> Fraction:
    return base * exact(figures.number(rate)) / 100
