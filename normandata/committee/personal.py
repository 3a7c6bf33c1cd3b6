"""What the `committee` room holds of people."""

from typing import Any

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier
from normandata.privacy import registry
from normandata.privacy.registry import GONE, Holding

from .models import Item, Paper

HOLDINGS = (
    Holding(
        "committee.Session",
        "instruct",
        signed=["created_by", "settled_by", "recorded_by", "validated_by"],
        words=["place", "presided_by"],
        plain=["scheme", "report_number", "deliberation_number", "deliberation_url"],
    ),
    Holding(
        "committee.Item",
        "instruct",
        signed=["added_by"],
        words=["brief", "removed_reason", "reason"],
        plain=["basis"],
        outlives=["brief"],  # emptied below: an agenda still reads it
    ),
    Holding("committee.Recusal", "instruct", words=["name", "reason"]),
    Holding("committee.Paper", "instruct", signed=["by"]),
)


def hand_up() -> None:
    """Declare what this room holds, and how it empties what the sessions say of a dossier."""
    registry.declare(*HOLDINGS)
    registry.on_eliminate(eliminate)


def eliminate(dossier: Dossier) -> None:
    """Leave of a dossier, on the agendas and in the papers of sessions, its number, its amounts and what was decided.

    A paper is about all the dossiers of its session: it is made again, without the words of this one.
    """
    sessions = set()
    for item in Item.objects.filter(dossier=dossier):
        item.brief = _brief(item.brief)
        item.save(update_fields=["brief"])
        sessions.add(item.session_id)
    for paper in Paper.objects.filter(session__in=sessions).select_related("document"):
        document = paper.document
        kept = [_line(one) if one["number"] == dossier.number else one for one in document.record.get("items", [])]
        if document.state != Document.State.ERASED and kept != document.record.get("items", []):
            document.record = document.record | {"items": kept}
            documents.make_again(document)


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """Empty what a paper says of a dossier; who voted against and why is a dossier's word, how many is not."""
    reason = GONE if line["reason"] else ""
    return line | {"brief": _brief(line["brief"]), "reason": reason, "recusals": [GONE] * len(line["recusals"])}


def _brief(brief: dict[str, Any]) -> dict[str, Any]:
    """Empty what an agenda says of a dossier, in the shape that it is read back in."""
    if not brief:
        return brief
    reason = GONE if brief["reason"] else ""
    return brief | {"title": GONE, "reason": reason, "partners": [], "lines": []}
