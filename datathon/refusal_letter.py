"""The letter that refuses somebody's part in an edition (annexe 5, T-12), and the service to write to."""

from typing import Any

from normandata.documents import kinds
from normandata.documents.models import Document

from .scheme import SCHEME

KIND = "datathon.refusal"
TEXT = "délibération AP D 25-12-5, annexe 5, « Caractéristiques de l’aide et critères d’éligibilité »"
SERVICE = {
    "name": f"Région Normandie, {SCHEME.sheet.department}",
    "address": "Abbaye-aux-Dames, place Reine-Mathilde, 14000 Caen",
    "email": SCHEME.sheet.contacts[0].email if SCHEME.sheet.contacts else "",
    "phone": SCHEME.sheet.phone,
}


def context(document: Document) -> dict[str, Any]:
    """Give the template its record."""
    found: dict[str, Any] = document.record
    return found | {"document": document}


kinds.register(kinds.Kind(KIND, "pdf/datathon/refusal.html", context))
