"""The PDF of a simulation says what its page said, even after the règlement changed."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from diagnostic.simulator import conclude
from normandata.documents.kinds import get
from normandata.documents.models import Document
from normandata.documents.pdf import render
from normandata.portal.handlers import SIMULATION, simulation_context

ANSWERS = {
    "structure": "enterprise",
    "departement": "61",
    "etp": Decimal("45.5"),
    "creation": date(2009, 5, 12),
    "activite": "trade",
}


@pytest.fixture
def document() -> Document:
    result = conclude(ANSWERS, date(2026, 10, 13))
    return Document(
        kind=SIMULATION,
        title="Simulation Diagnostic data et IA du 13 octobre 2026",
        record={"scheme_title": "Diagnostic data et IA", "filing": "Ici.", "result": result.as_record()},
        requested_at=timezone.now(),
    )


def test_the_context_is_rebuilt_from_the_record_alone(document: Document) -> None:
    assert simulation_context(document)["verdict"] == conclude(ANSWERS, date(2026, 10, 13)).verdict


def test_every_finding_stands_in_the_document_with_its_article(document: Document) -> None:
    html = render_to_string(get(SIMULATION).template, simulation_context(document))
    for finding in conclude(ANSWERS, date(2026, 10, 13)).verdict.findings:
        assert html.count(f"<td>{finding.message}<br>") == 1


def test_the_pdf_is_made_with_its_title_and_numbered_pages(document: Document, tmp_path: Path) -> None:
    content = render(get(SIMULATION).template, simulation_context(document))
    with pikepdf.open(io.BytesIO(content)) as made:
        assert str(made.docinfo["/Title"]) == document.title
        assert len(made.pages) == 2
