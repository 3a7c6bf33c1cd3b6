"""The papers of an edition that are not the jury's: its rules as a PDF."""

from typing import Any

from django.utils import timezone

from normandata.documents.models import Document
from normandata.ui.strata import band

from . import articles
from .editions import Edition, RulesText

RULES = "datathon.rules"


def rules(edition: Edition, text: RulesText) -> dict[str, Any]:
    """Return what `documents.request_document` is asked: all that the PDF of a version of the rules says."""
    record = {
        "edition": edition.title,
        "version": text.version,
        "text": text.text,
        "change": text.change,
        "published_on": timezone.localdate(text.published_at).isoformat(),
    }
    return {
        "title": f"Règlement, {edition.title}, version {text.version}"[:200],
        "filename": f"reglement-{edition.slug}-v{text.version}.pdf",
        "record": record,
    }


def context(document: Document) -> dict[str, Any]:
    """Return what the template of the rules shows: paragraphs, those that begin with « Article » as headings."""
    record: dict[str, Any] = document.record
    return record | {"document": document, "band": band(), "blocks": articles.blocks(record["text"])}
