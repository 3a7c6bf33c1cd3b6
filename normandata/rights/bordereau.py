"""The bordereau of elimination of a lot, as the Archives read it: CSV lines and a PDF."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.privacy.retention import retention

from .models import Lot

KIND = "elimination_list"
HEADERS = ("Lot", "Objet", "Règle", "Durée", "Texte", "Début", "Fin", "Issue")


def rows(lot: Lot) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a lot; one query."""
    rule = retention().rule(lot.rule)
    length = rule.on(timezone.localdate(lot.proposed_at))
    for row in lot.rows.all():
        outcome = "Éliminé" if row.done_at else f"Gardé\u00a0: {row.kept}" if row.kept else "Proposé"
        days = (f"{row.since:%d/%m/%Y}", f"{row.due_on:%d/%m/%Y}")
        yield (lot.number, row.label, rule.label, length.words, length.citation, *days, outcome)


def ask(lot: Lot) -> Document:
    """Ask for the PDF of a lot as it stands; asked again without a change, it is the same."""
    rule = retention().rule(lot.rule)
    length = rule.on(timezone.localdate(lot.proposed_at))
    record: dict[str, Any] = {
        "number": lot.number,
        "rule": rule.label,
        "length": length.words,
        "citation": length.citation,
        "note": length.note,
        "to_confirm": length.to_confirm,
        "needs_visa": lot.needs_visa,
        "proposed_at": lot.proposed_at.isoformat(),
        "visa": {"reference": lot.visa_reference, "name": lot.visa_name, "on": f"{lot.visa_on:%d/%m/%Y}"}
        if lot.visa_on
        else None,
        "executed_at": lot.executed_at.isoformat() if lot.executed_at else None,
        "rows": [[label, since, end, outcome] for _, label, _, _, _, since, end, outcome in rows(lot)],
    }
    title = f"Bordereau d’élimination {lot.number}"
    return documents.request_document(
        KIND, title=title, filename=f"bordereau-{lot.number}.pdf", record=record, once=True
    )


def context(document: Document) -> dict[str, Any]:
    """Give the template its record, with real hours."""
    found: dict[str, Any] = document.record
    executed = found["executed_at"]
    return found | {
        "document": document,
        "proposed_at": datetime.fromisoformat(found["proposed_at"]),
        "executed_at": datetime.fromisoformat(executed) if executed else None,
    }
