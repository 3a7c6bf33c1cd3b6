"""The papers of a diagnostic: purchase order, letter that names the provider, letter of refusal."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from normandata.accounts.models import User
from normandata.deminimis import notice
from normandata.deminimis.models import Aid
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import letters
from normandata.regulation.findings import Outcome, Verdict
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros

from .orders import Order, Proposal
from .sharing import days

ORDER, SELECTION, REFUSAL = "diagnostic.purchase_order", "diagnostic.selection", "diagnostic.refusal"
WITHDRAWAL = "diagnostic.withdrawal"


def purchase_order(order: Order, *, by: User, at: datetime) -> Letter:
    """Make the purchase order of a diagnostic, for its provider and the Region."""
    price = order.price
    return letters.send(
        order.dossier,
        ORDER,
        title=f"Bon de commande {order.number}",
        filename=f"bon-de-commande-{order.number}.pdf",
        record={
            "order": order.number,
            "market": {"reference": order.market.reference, "label": order.market.label},
            "company": {
                "name": order.company.name,
                "siret": order.company.siret,
                "address": order.company.address,
            },
            "made_by": str(by),
            "days": order.written_days,
            "day_rate": str(order.day_rate),
            "vat_rate": f"{order.vat_rate.normalize():f}",
            "ht": str(price.ht),
            "vat": str(price.vat),
            "ttc": str(price.ttc),
            "place": f"{order.organisation.street}, {order.organisation.postal_code} {order.organisation.city}",
        },
        at=at,
        is_contestable=False,
        is_internal=True,
    )


def selection(order: Order, aid: Aid | None, *, at: datetime) -> Letter:
    """Make the letter that notifies a selection and names the provider (annexe 3, « Modalités d’instruction »)."""
    if order.start_by is None:
        raise LookupError(f"{order} is not notified")
    return letters.send(
        order.dossier,
        SELECTION,
        title=f"Notification de la sélection, dossier {order.dossier.number}",
        filename=f"notification-{order.dossier.number}.pdf",
        record={
            "company": {"name": order.company.name, "email": order.company.email, "phone": order.company.phone},
            "days": order.written_days,
            "value": str(order.amount),
            "start_by": order.start_by.isoformat(),
            "aid": list(notice.sentences(on=aid.on, amount=aid.amount)) if aid else [],
        },
        at=at,
    )


def refusal(dossier: Dossier, proposal: Proposal, *, at: datetime) -> Letter:
    """Make the letter of a refusal: the reason given, and each rule that is not met with its article."""
    verdict = Verdict.from_record(dossier.verdict) if dossier.verdict else None
    unmet = verdict.with_outcome(Outcome.UNMET) if verdict else ()
    return letters.send(
        dossier,
        REFUSAL,
        title=f"Refus, dossier {dossier.number}",
        filename=f"refus-{dossier.number}.pdf",
        record={
            "reason": proposal.reason,
            "rules": [
                {"label": one.label, "message": one.message, "text": one.citation.text, "article": one.citation.article}
                for one in unmet
            ],
        },
        at=at,
    )


def withdrawal(order: Order, *, reason: str, at: datetime) -> Letter:
    """Make the letter that takes a notified selection back, with its reason (CRPA, art. L211-2, 4°)."""
    return letters.send(
        order.dossier,
        WITHDRAWAL,
        title=f"Retrait de la sélection, dossier {order.dossier.number}",
        filename=f"retrait-{order.dossier.number}.pdf",
        record={
            "reason": reason,
            "company": {"name": order.company.name},
            "notified_on": order.notified_on.isoformat() if order.notified_on else "",
            "start_by": order.start_by.isoformat() if order.start_by else "",
        },
        at=at,
    )


def aid_sentence(aid: Aid | None) -> str:
    """Say in a mail what the aid is worth; nothing where the diagnostic is no aid."""
    return " ".join(notice.sentences(on=aid.on, amount=aid.amount)) if aid else ""


def provider_values(order: Order) -> dict[str, str]:
    """Return the tags of the mails to the provider."""
    dossier = order.dossier
    return {
        "numero": dossier.number or "",
        "structure": order.organisation.label,
        "dispositif": "Diagnostic data et IA",
        "adresse": f"{settings.SITE_URL}{reverse('diagnostic:mission', args=[dossier.key])}",
        "commande": order.number or "",
        "duree": days(order.half_days),
        "montant": f"{euros(order.amount)} TTC",
        "debut": written_day(order.start_by) if order.start_by else "",
    }
