"""What the PDFs of a diagnostic are made from: the record kept with each, and what its template shows."""

import base64
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from normandata.documents import previews
from normandata.documents.models import Document, Upload
from normandata.regulation.formats import euros
from normandata.ui.markup import render
from normandata.ui.strata import Block, band

from .markup import redacted, removed, shown
from .orders import Order
from .reports import PARTS, ReportVersion
from .sharing import days

REPORT = "diagnostic.report"
_DATES = ("notified_on", "day", "start_by", "delivered_on")
_AMOUNTS = ("ht", "vat", "ttc", "day_rate", "value")
Sent = Mapping[str, Any]


def report_record(version: ReportVersion, *, is_redacted: bool = False) -> dict[str, Any]:
    """Gather all that a report's PDF says; of a redacted one, the words removed are not in the record either."""
    order = version.report.order
    cut = redacted if is_redacted else shown
    kept = [one for one in version.files if not (is_redacted and one.get("is_confidential"))]
    return {
        "number": order.dossier.number,
        "version": version.number,
        "sent_on": timezone.localdate(version.sent_at).isoformat(),
        "organisation": order.organisation.label,
        "siret": order.organisation.written_siret,
        "company": order.company.name,
        "days": order.written_days,
        "days_done": days(order.half_days_done),
        "is_redacted": is_redacted,
        "removed": _removed(version, order) if is_redacted else {},
        "parts": [{"title": title, "text": cut(version.parts[slug]), "slug": slug} for slug, title in PARTS.items()],
        "files": [{**one, "caption": cut(one["caption"])} for one in kept],
        "sessions": [
            {"on": session.on.isoformat(), "half_days": session.half_days, "what": cut(session.what)}
            for session in order.sessions.order_by("on")
        ],
    }


def _removed(version: ReportVersion, order: Order) -> dict[str, int]:
    written = [*version.parts.values(), *(one["caption"] for one in version.files if not one.get("is_confidential"))]
    return {
        "passages": sum(map(removed, written)) + sum(removed(session.what) for session in order.sessions.all()),
        "files": sum(bool(one.get("is_confidential")) for one in version.files),
    }


def report(document: Document) -> dict[str, Any]:
    """Give the report's template its parts as HTML, its pictures, its band of flint.

    Pictures are drawn anew by the portal and embedded: the PDF is made without a file nor an address to open.
    """
    record = document.record
    pictures = drawn(record["files"])
    return {
        **record,
        "document": document,
        "parts": [
            {**part, "html": render(part["text"]), "figures": [one for one in pictures if one["part"] == part["slug"]]}
            for part in record["parts"]
        ],
        "sessions": [session | {"days": days(session["half_days"])} for session in record["sessions"]],
        "band": flint_band(),
    }


def drawn(files: Iterable[Sent]) -> list[dict[str, Any]]:
    """List the pictures placed in a part, each as an address that holds its data; those not drawn are left out."""
    placed = {one["upload"]: one for one in files if one["part"] in PARTS}
    found = Upload.objects.available().filter(pk__in=list(placed)).in_bulk()
    uploads = {str(pk): upload for pk, upload in found.items()}
    listed = []
    for key, one in placed.items():
        if (upload := uploads.get(key)) is None or not upload.is_image or (path := previews.image(upload)) is None:
            continue
        content = base64.b64encode(path.read_bytes()).decode("ascii")
        listed.append({**one, "src": f"data:image/png;base64,{content}"})
    return listed


def flint_band() -> list[Block]:
    """Draw the band of a cover."""
    return band()


def context(document: Document) -> dict[str, Any]:
    """Give a letter's template its record, with real days and written amounts."""
    found: dict[str, Any] = dict(document.record)
    for name in _DATES:
        if name in found:
            found[name] = date.fromisoformat(found[name])
    for name in _AMOUNTS:
        if name in found:
            found[name] = euros(Decimal(found[name]))
    return found | {"document": document}
