"""The acknowledgement of receipt: the mentions the law demands, on paper and by mail (CRPA, art. R112-11-1)."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from normandata.documents.models import Document
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced
from normandata.ui.templatetags.nd import hour

from . import schemes
from .delays import PARIS

if TYPE_CHECKING:
    from .drafts import FormState
    from .models import Deposit, Dossier
    from .services.deposits import Signatory

RECEIPT = "dossiers.receipt"
NO_EMAIL = "non indiqué, écrivez à l’adresse ci-dessus"
COURT = "tribunal administratif de Caen, 3 rue Arthur-Le-Duc, BP 25086, 14050 Caen Cedex 4"


def record(
    dossier: "Dossier", form: "FormState", signatory: "Signatory", at: datetime, *, recap: list[dict[str, Any]]
) -> dict[str, Any]:
    """Gather all that the receipt says; it is made from nothing else."""
    service = form.application.service
    silence_on = dossier.refused_by_silence_on or at.astimezone(PARIS).date()
    return {
        "number": dossier.number,
        "version": dossier.version,
        "scheme": schemes.by_slug()[dossier.scheme].sheet.short_title,
        "organisation": dossier.organisation.label,
        "siret": dossier.organisation.written_siret,
        "received_at": at.isoformat(),
        "first_received_at": (dossier.submitted_at or at).isoformat(),
        "service": {
            "name": service.name,
            "address": service.address,
            "email": service.email or NO_EMAIL,
            "phone": service.phone,
        },
        "silence_on": silence_on.isoformat(),
        "signatory": {"name": signatory.name, "role": signatory.role, "in_person": signatory.in_person},
        "recap": recap,
        "pieces": [
            {
                "label": state.piece.label,
                "name": file.upload.name,
                "size": file.upload.size,
                "sha256": file.upload.sha256,
            }
            for state in form.pieces
            for file in state.files
        ],
        "next_steps": list(form.application.next_steps),
    }


def context(document: Document) -> dict[str, Any]:
    """Give the template its record, with real days and hours."""
    found: dict[str, Any] = document.record
    return found | {
        "document": document,
        "received_at": datetime.fromisoformat(found["received_at"]),
        "first_received_at": datetime.fromisoformat(found["first_received_at"]),
        "silence_on": date.fromisoformat(found["silence_on"]),
        "court": COURT,
    }


def tags(dossier: "Dossier", deposit: "Deposit") -> dict[str, str]:
    """Return the tags of the receipt's mail: every mention of the law is one."""
    service = schemes.application_of(dossier.scheme).service
    silence_on = dossier.refused_by_silence_on or deposit.at.astimezone(PARIS).date()
    return {
        "recu_le": f"{written_day(deposit.at.astimezone(PARIS).date())} à {hour(deposit.at)}",
        "version": str(deposit.version),
        "service": service.name,
        "service_adresse": service.address,
        "service_courriel": service.email or NO_EMAIL,
        "service_telephone": service.phone,
        "silence": spaced(
            f"Sans réponse de la Région le {written_day(silence_on)}, votre demande est refusée : le silence vaut "
            "rejet (code des relations entre le public et l’administration, art. L231-4). Ce délai court si votre "
            "demande est complète ; il est suspendu tant que des pièces demandées sont attendues."
        ),
        "recours": spaced(
            "Ce refus peut être contesté dans un délai de deux mois à compter du jour où il est né : par un "
            "recours gracieux adressé au service ci-dessus, qui interrompt le délai, ou devant le "
            f"{COURT}, notamment par www.telerecours.fr."
        ),
    }
