"""An advance and a balance, computed and told to the cent (annexe 4, « Modalités de paiement »). Pure.

The nominal rate decides; the figure at the effective rate is told beside it, for information.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from normandata.regulation.formats import euros, percent, spaced
from normandata.regulation.money import ZERO, cents, exact
from normandata.regulation.reglement import Figures

from .. import money


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a grant was voted with and what was paid of it, in euros; `basis` says HT or TTC."""

    granted: Decimal
    eligible: Decimal
    paid: Decimal
    basis: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the computation: what it is, its amount written, whether it is the result."""

    label: str
    value: str
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """A payment with its computation in words. `amount` is what is paid now; the rest is that of a balance."""

    amount: Decimal
    steps: tuple[Step, ...]
    sentence: str
    aside: str = ""
    alert: str = ""
    justified: Decimal | None = None
    final_grant: Decimal | None = None
    effective: Decimal | None = None
    overpayment: Decimal | None = None

    def as_record(self) -> dict[str, Any]:
        """Return the words to keep with the payment."""
        return {
            "steps": [[one.label, one.value, one.is_total] for one in self.steps],
            "sentence": self.sentence,
            "aside": self.aside,
            "alert": self.alert,
        }


def steps_of(record: Mapping[str, Any]) -> tuple[Step, ...]:
    """Read again the steps that `Reckoning.as_record` kept."""
    return tuple(Step(*one) for one in record.get("steps", ()))


# ---------------------------------------------------------------------------------------------------------- advance
def advance_max(terms: Terms, *, is_justified: bool, figures: Figures) -> Decimal:
    """Return the largest advance in euros, what is paid already taken off; zero without a written justification."""
    most = money.advance_max(exact(terms.eligible), terms.granted, is_justified=is_justified, figures=figures)
    return max(ZERO, most - terms.paid)


def advance(asked: Decimal, terms: Terms, figures: Figures) -> Reckoning:
    """Tell an advance: its ceiling, and an alert beyond the share of the grant that the règlement says."""
    rate = figures.number("advance_rate")
    share = cents(exact(terms.eligible) * exact(rate) / 100)
    most = advance_max(terms, is_justified=True, figures=figures)
    counted = f"{percent(rate)} × {euros(terms.eligible)} {terms.basis} de dépenses éligibles = {euros(share)}"
    if share > terms.granted:
        counted += f", ramenés à la subvention votée : {euros(terms.granted)}"
    less = f" Déjà payé : {euros(terms.paid)}." if terms.paid else ""
    steps = (
        Step(f"{percent(rate)} des dépenses éligibles {terms.basis}", euros(share)),
        Step("Subvention votée", euros(terms.granted)),
        *([Step("Déjà payé", euros(terms.paid))] if terms.paid else []),
        Step("Avance possible, au plus", euros(most)),
        Step("Avance", euros(asked), True),
    )
    return Reckoning(
        amount=asked,
        steps=steps,
        sentence=spaced(f"{counted}.{less} Avance : {euros(asked)}."),
        alert=_alert(asked, terms, figures),
    )


def _alert(asked: Decimal, terms: Terms, figures: Figures) -> str:
    rate = figures.number("advance_alert_rate")
    if exact(asked + terms.paid) <= exact(terms.granted) * exact(rate) / 100:
        return ""
    return spaced(f"Cette avance dépasse {percent(rate)} de la subvention votée ({euros(terms.granted)}).")


# ---------------------------------------------------------------------------------------------------------- balance
def balance(justified: Fraction, other_aid: Decimal, terms: Terms, figures: Figures) -> Reckoning:
    """Settle a grant on the exact sum of what is justified, on the carrier's basis; each amount is rounded once."""
    found = money.settle(terms.granted, justified, other_aid, terms.paid, figures)
    effective = money.effective_rate_grant(terms.granted, justified, exact(terms.eligible))
    rate = figures.number("rate")
    share = cents(justified * exact(rate) / 100)
    room = cents(money.public_aid_room(justified, other_aid, figures))
    total = cents(justified)
    result = (
        Step("Trop-perçu, à reverser", euros(found.overpayment), True)
        if found.overpayment
        else Step("Solde à payer", euros(found.balance), True)
    )
    return Reckoning(
        amount=found.balance,
        steps=(
            Step(f"Dépenses justifiées {terms.basis}", euros(total)),
            Step(f"{percent(rate)} de ces dépenses", euros(share)),
            Step("Subvention votée", euros(terms.granted)),
            Step("Dépenses justifiées moins autres aides publiques", euros(room)),
            Step("Subvention définitive : le plus petit des trois derniers", euros(found.final_grant)),
            Step("Déjà payé", euros(terms.paid)),
            result,
        ),
        sentence=_sentence(total, share, other_aid, terms, found, rate),
        aside=spaced(
            f"Au taux effectif, la subvention serait de {euros(effective)} ({euros(terms.granted)} × "
            f"{euros(min(total, terms.eligible))} ÷ {euros(terms.eligible)}). Ce montant est donné pour information : "
            f"le taux nominal de {percent(rate)} décide."
        ),
        justified=total,
        final_grant=found.final_grant,
        effective=effective,
        overpayment=found.overpayment,
    )


def _sentence(
    total: Decimal, share: Decimal, other_aid: Decimal, terms: Terms, found: money.Settlement, rate: Decimal
) -> str:
    said = f"{percent(rate)} × {euros(total)} {terms.basis} justifiés = {euros(share)}"
    if found.final_grant == terms.granted < share:
        said += f", ramenés à la subvention votée : {euros(terms.granted)}"
    elif found.final_grant < share:
        said += (
            f", ramenés à {euros(found.final_grant)} : {euros(total)} moins {euros(other_aid)} d’autres aides publiques"
        )
    elif share != cents(exact(total) * exact(rate) / 100):
        said += ", l’arrondi venant en dernier"
    if found.overpayment:
        return spaced(f"{said}. Déjà payé : {euros(terms.paid)}, soit {euros(found.overpayment)} de trop.")
    return spaced(f"{said}. Déjà payé : {euros(terms.paid)}. Solde : {euros(found.balance)}.")
