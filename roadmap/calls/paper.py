"""The assessment of a call as a PDF: what it is made from, and what it shows. The numbers are those of the page.

What is published says no day of today: the same figures make the same document. What its pilot asks for beforehand says
that it is provisional, and when it was counted.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced
from normandata.ui.strata import band

from . import assessment, presentation, workflow
from .assessment import Assessment, Line
from .history import PastCall
from .models import Call

ASSESSMENT = "roadmap.assessment"
KEPT = timedelta(days=30)
"""How long a PDF can be fetched again; asking for one costs a click."""
LONGEST_TITLE = 120
PROPOSAL, PROJECT = "proposition", "projet"


def ask(record: Mapping[str, Any]) -> Document:
    """Ask for the PDF of an assessment; the one already made of the same figures is given back."""
    short, on = record["title"], record["on"]
    if len(short) > LONGEST_TITLE:
        short = f"{short[: LONGEST_TITLE - 1]}…"
    when = f", provisoire au {written_day(date.fromisoformat(on))}" if on else ""
    return documents.request_document(
        ASSESSMENT,
        title=spaced(f"Bilan de l’appel « {short} »{when}"),
        filename=f"bilan-{record['slug']}{f'-provisoire-au-{on}' if on else ''}.pdf",
        record=dict(record),
        expires_at=timezone.now() + KEPT,
        once=True,
    )


def of_call(call: Call, *, on: date | None = None) -> dict[str, Any]:
    """Gather what the PDF of a call says, as JSON; `on` is the day of one that is provisional, None once published."""
    since = call.state_since if call.state == workflow.PUBLISHED else None
    return {
        "slug": call.slug,
        "title": call.title,
        "first": call.opens_on.isoformat() if call.opens_on else "",
        "last": call.closes_on.isoformat() if call.closes_on else "",
        "on": on.isoformat() if on else "",
        "published_on": timezone.localdate(since).isoformat() if since else "",
        "word": PROPOSAL,
        "counts": _counts(assessment.of_call(call)),
        "named": _named(call) if call.names_carriers else [],
        "names": call.names_carriers,
        "source": "",
        "warning": "",
        "is_demonstration": not settings.PRODUCTION,
    }


def of_past(past: PastCall) -> dict[str, Any]:
    """Gather what the PDF of a call of before this portal says, as JSON: what the Region published of it."""
    return {
        "slug": past.slug,
        "title": past.title,
        "first": past.opens_on.isoformat(),
        "last": past.closes_on.isoformat(),
        "on": "",
        "published_on": "",
        "word": PROJECT,
        "counts": _counts(past.assessment),
        "named": [],
        "names": False,
        "source": past.source,
        "warning": past.warning,
        "is_demonstration": False,
    }


def context(document: Document) -> dict[str, Any]:
    """Give the template what it shows, from the record alone."""
    said = document.record
    shown = presentation.shown(_read(said["counts"]), word=said["word"])
    retained = [shown.sentence]
    if shown.counts.total:
        retained += [f"{one.column} en tête, {one.title}" for one in (shown.scales, shown.themes)]
        retained.append(shown.map.title)
    return {"document": document, "band": band(), "shown": shown, "retained": retained, **said}


def _counts(counts: Assessment) -> dict[str, Any]:
    return {
        "total": counts.total,
        "from_public": counts.from_public,
        "scales": _lines(counts.scales),
        "themes": _lines(counts.themes),
        "departments": dict(counts.departments),
        "outside": counts.outside,
        "is_placed_once": counts.is_placed_once,
    }


def _lines(lines: Sequence[Line]) -> list[list[Any]]:
    return [[one.label, one.count] for one in lines]


def _read(said: Mapping[str, Any]) -> Assessment:
    lists = {name: tuple(Line(*pair) for pair in said[name]) for name in ("scales", "themes")}
    return Assessment(**{**said, **lists})


def _named(call: Call) -> list[list[str]]:
    """List the proposals that the règlement of a call names: project, carrier, scale, theme."""
    found = assessment.named(call)
    return [[one.title, one.dossier.organisation.label, one.scale.label, one.theme.label] for one in found]
