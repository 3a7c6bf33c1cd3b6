"""The queue as a CSV file that opens in a French spreadsheet: `;`, UTF-8 with its mark, and no cell that computes."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from normandata.ui.tables import BOM, inert

from . import queue
from .filters import Desk, scheme_label
from .models import DossierQuerySet
from .rows import person_label
from .states import OPEN, STATES, Turn

AT_ONCE = 2000
HEADERS = (
    "Numéro", "Structure", "SIRET", "Commune", "Département", "Dispositif", "État", "À qui le tour",
    "Attente (jours)", "Déposé le", "Complet le", "Montant (euros)", "Base du montant", "Responsable",
)  # fmt: skip
FIELDS = (*queue.FIELDS, "complete_on", "amount_basis")


class _Line:
    """A file of one line: what the csv module writes is handed on at once."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[object]], headers: Iterable[str] = HEADERS) -> Iterator[str]:
    """Write rows one by one, the mark and the headers first."""
    writer = csv.writer(_Line(), delimiter=";", lineterminator="\r\n")
    yield BOM + str(writer.writerow([inert(header) for header in headers]))
    for row in rows:
        yield str(writer.writerow([inert(cell) for cell in row]))


def dossiers(rows: DossierQuerySet, desk: Desk) -> Iterator[list[object]]:
    """Read dossiers as a stream and write their cells; a thousand or a million take the same memory."""
    today = timezone.localdate()
    for one in rows.values(*FIELDS).iterator(chunk_size=AT_ONCE):
        yield [
            one["number"],
            one["organisation__name"],
            one["organisation__siret"],
            one["organisation__city"],
            one["department"],
            scheme_label(one["scheme"]),
            STATES[one["state"]].label,
            Turn(one["turn"]).label,
            (today - timezone.localdate(one["turn_since"])).days if one["state"] in OPEN else "",
            f"{timezone.localdate(one['submitted_at']):%d/%m/%Y}",
            f"{one['complete_on']:%d/%m/%Y}" if one["complete_on"] else "",
            str(one["amount"]).replace(".", ",") if one["amount"] is not None else "",
            one["amount_basis"],
            person_label(one["owner__name"], one["owner__email"]),
        ]


def response(content: Iterator[str], name: str) -> StreamingHttpResponse:
    """Answer a file of this name, sent as it is written."""
    answer: Any = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer  # type: ignore[no-any-return]
