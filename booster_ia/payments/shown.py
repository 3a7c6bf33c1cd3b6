"""What the pages of payments show: the grant as the structure reads it, what to do by when, a request in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced

from ..awards import Award
from . import reckoning, settlement, states
from .bank import BankDetails
from .requests import PaymentRequest
from .settlement import Step


@dataclass(frozen=True, slots=True)
class Next:
    """What is expected of the organisation: a sentence, and what its button begins, if it has one."""

    sentence: str
    gesture: str = ""


def next_of(award: Award, requests: Sequence[PaymentRequest], account: BankDetails | None, today: date) -> Next:
    """Say the next thing to do, the most pressing first."""
    if award.dossier.state == "notified":
        return Next("La convention vient d’abord : les paiements s’ouvrent une fois signée.")
    if award.dossier.state != "in_progress":
        return Next(
            "Il n’y a plus rien à demander : le solde est fait."
            if award.dossier.state != "lapsed"
            else "La subvention est caduque."
        )
    filled = next((one for one in requests if one.is_filled), None)
    if filled is not None and filled.state == states.RETURNED and filled.answer_by:
        return Next(
            spaced(f"Complétez votre demande et renvoyez-la au plus tard le {written_day(filled.answer_by)}."), "fill"
        )
    if account is None or account.state == BankDetails.State.REFUSED:
        return Next("Donnez vos coordonnées bancaires : aucun paiement ne part sans elles.", "bank")
    if filled is not None:
        return Next("Terminez et envoyez la demande que vous avez commencée.", "fill")
    if any(one.state in (states.SUBMITTED, states.CHECKED) for one in requests):
        return Next("Votre demande est chez la Région : vous recevez un courriel à chaque étape.")
    due = written_day(award.justify_by)
    if award.is_late(today):
        return Next(f"Le solde était à demander au plus tard le {due} : envoyez-le sans attendre.", "balance")
    return Next(f"Demandez le solde une fois le projet fini, au plus tard le {due}.", "balance")


def may_ask_advance(award: Award, requests: Sequence[PaymentRequest]) -> bool:
    """Whether an advance may still be begun: none stands, nothing is open, the balance is not asked."""
    standing = [one for one in requests if one.state not in states.OVER]
    return award.dossier.state == "in_progress" and not standing and reckoning.advance_most(award) > 0


def may_ask_balance(award: Award, requests: Sequence[PaymentRequest]) -> bool:
    standing = [one for one in requests if one.state not in states.OVER]
    return award.dossier.state == "in_progress" and not any(
        not one.is_advance or one.state in states.OPEN for one in standing
    )


def steps(request: PaymentRequest) -> tuple[Step, ...]:
    """Return the computation kept with a request."""
    return settlement.steps_of(request.explanation)


def amount(request: PaymentRequest) -> str:
    """Write the amount of a request as it stands: what is paid, else what is asked, else that it is to be computed."""
    known: Decimal | None = request.amount if request.amount is not None else request.asked
    return euros(known) if known is not None else "à calculer"
