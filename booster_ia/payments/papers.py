"""The papers of payments: « certificat administratif de paiement », adversarial letter, repayment order."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from normandata.documents.models import Document
from normandata.dossiers.letters import Letter
from normandata.dossiers.services import letters
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros

from ..awards import Award
from . import reckoning
from .lines import ExpenseLine

if TYPE_CHECKING:
    from .recoveries import Recovery
    from .requests import PaymentRequest

CERTIFICATE = "booster_ia.payment_certificate"
ADVERSARIAL = "booster_ia.adversarial"
ORDER = "booster_ia.repayment_order"
_DAYS = ("day", "granted_on", "observations_by", "notified_on")


def certificate(request: "PaymentRequest", *, at: datetime) -> Letter:
    """Make the payment certificate: the grant, each line with what is accepted, the computation, the two people.

    It stays at the Region; the IBAN is masked on it, for agents read it too. Raises NotNow (no signatory).
    """
    kind = request.get_kind_display()
    number = request.award.dossier.number
    return letters.send(
        request.award.dossier,
        CERTIFICATE,
        title=f"Certificat administratif de paiement, {kind.lower()}, dossier {number}",
        filename=f"certificat-{kind.lower()}-{number}.pdf",
        record={
            "kind": kind,
            "award": _award(request.award),
            "amount": _written(request.amount),
            "overpayment": _written(request.overpayment),
            "calculation": request.explanation,
            "lines": _lines(request),
            "justification": request.justification,
            "bank": _bank(request),
            "checked_by": str(request.checked_by),
            "checked_on": _day(request.checked_at),
            "certified_by": str(request.certified_by),
            "certified_on": _day(request.certified_at),
        },
        at=at,
        is_contestable=False,
        is_internal=True,
    )


def adversarial(recovery: "Recovery", *, at: datetime) -> Letter:
    """Make the letter that asks an organisation for its observations before anything is asked back."""
    number = recovery.award.dossier.number
    return letters.send(
        recovery.award.dossier,
        ADVERSARIAL,
        title=f"Procédure contradictoire avant reversement, dossier {number}",
        filename=f"contradictoire-{number}.pdf",
        record=_recovery(recovery),
        at=at,
        is_contestable=False,
    )


def repayment_order(recovery: "Recovery", *, at: datetime) -> Letter:
    """Make the repayment order: reasons, computation, and what was answered to the observations."""
    number = recovery.award.dossier.number
    return letters.send(
        recovery.award.dossier,
        ORDER,
        title=f"Ordre de reversement, dossier {number}",
        filename=f"ordre-de-reversement-{number}.pdf",
        record=_recovery(recovery)
        | {
            "observations": recovery.observations,
            "observed_on": _day(recovery.observed_at),
            "decision": recovery.decision,
            "decided_by": str(recovery.decided_by),
        },
        at=at,
    )


def context(document: Document) -> dict[str, Any]:
    """Give a template its record, with real days."""
    found: dict[str, Any] = dict(document.record)
    for name in _DAYS:
        if found.get(name):
            found[name] = date.fromisoformat(found[name])
    return found | {"document": document}


# ---------------------------------------------------------------------------------------------------------- records
def _recovery(recovery: "Recovery") -> dict[str, Any]:
    return {
        "award": _award(recovery.award),
        "kind": recovery.kind,
        "kind_label": recovery.get_kind_display(),
        "amount": euros(recovery.amount),
        "reason": recovery.reason,
        "calculation": recovery.explanation,
        "notified_on": recovery.notified_on.isoformat() if recovery.notified_on else "",
        "observations_by": recovery.observations_by.isoformat() if recovery.observations_by else "",
    }


def _award(award: Award) -> dict[str, str]:
    return {
        "amount": euros(award.amount),
        "basis": award.basis,
        "eligible": euros(award.eligible_expenses),
        "deliberation": award.deliberation,
        "granted_on": written_day(award.granted_on),
        "paid": euros(award.paid),
        "envelope": str(award.envelope),
        "period": f"du {written_day(award.starts_on)} au {written_day(award.ends_on)}",
    }


def _lines(request: "PaymentRequest") -> Sequence[dict[str, str]]:
    return [
        {
            "label": one.line.label,
            "details": _details(one.line),
            "amount": f"{euros(one.line.amount)} {one.line.basis}",
            "accepted": f"{euros(one.line.accepted or Decimal(0))} {one.line.basis}",
            "kept": euros(one.shown_kept),
            "reason": one.line.reason,
        }
        for one in reckoning.judged(request)
    ]


def _details(line: ExpenseLine) -> str:
    if line.invoice:
        return f"{line.supplier}, facture {line.invoice} du {written_day(line.last_day)}"
    return f"{line.function}, du {written_day(line.first_day)} au {written_day(line.last_day)}"


def _bank(request: "PaymentRequest") -> dict[str, str]:
    if request.bank is None:
        return {}
    return {"holder": request.bank.holder, "iban": request.bank.masked, "bic": request.bank.bic}


def _written(amount: Decimal | None) -> str:
    return euros(amount) if amount else ""


def _day(at: datetime | None) -> str:
    return written_day(timezone.localdate(at)) if at else ""
