"""The sheet for the assembly: what its PDF is made from, and what it shows. The numbers are those of the pages."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.regulation.formats import day as written_day
from normandata.ui.strata import band

from . import figures, overview, presentation, registry
from .asking import Choice
from .overview import Aids
from .registry import Owner

SHEET = "indicators.sheet"
KEPT = timedelta(days=30)
"""How long a sheet can be fetched again; asking for one costs a click."""


def ask(choice: Choice, owner: Owner | None) -> Document:
    """Ask for the sheet of a period; the one already made of the same figures is given back."""
    name = f"-{owner.url}" if owner else ""
    part = f"-{choice.part}" if choice.part else ""
    return documents.request_document(
        SHEET,
        title=title(choice, owner),
        filename=f"indicateurs{name}-{choice.asked.year}{part}-au-{choice.period.as_of}.pdf",
        record=record(choice, owner),
        expires_at=timezone.now() + KEPT,
        once=True,
    )


def title(choice: Choice, owner: Owner | None) -> str:
    whose = f"{owner.label}, indicateurs" if owner else "Indicateurs"
    return f"{whose} {choice.of}, connus au {written_day(choice.period.as_of)}"


def record(choice: Choice, owner: Owner | None) -> dict[str, Any]:
    """Gather all that the sheet says, as JSON."""
    owners = registry.owners() if owner is None else (owner,)
    listed = figures.every(choice.period, choice.scope, public=True, owners=owners)
    aids = overview.aids(listed)
    return {
        "of": choice.of,
        "on": choice.period.as_of.isoformat(),
        "is_demonstration": not settings.PRODUCTION,
        "headlines": [presentation.sheet(one)["finding"] for one in listed if one.indicator.is_headline and one.figure],
        "aids": {"labels": list(aids.labels), "counts": {name: list(row) for name, row in aids.counts.items()}},
        "shows_map": len(aids.labels) > 1,
        "sections": [
            {
                "label": one.label,
                "indicators": [presentation.sheet(told) for told in listed if told.owner == one],
            }
            for one in owners
        ],
    }


def context(document: Document) -> dict[str, Any]:
    """Give the template what it shows, from the record alone."""
    said = document.record
    kept = said["aids"]
    aids = Aids(tuple(kept["labels"]), {name: tuple(row) for name, row in kept["counts"].items()})
    return {"document": document, "band": band(), "drawn": aids, **said}
