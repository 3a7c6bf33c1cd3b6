"""What a team has handed in, in words: what is there, what is wanting, and the receipt that says it all."""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from normandata.documents import kinds
from normandata.documents.models import Document
from normandata.regulation.formats import listing

from .deliverables import CODE, DATA, DOCUMENTATION, KINDS, PRESENTATION, REQUIRED, Deliverable
from .teams import Team

KIND = "datathon.receipt"
WORDS = {
    CODE: "le code source",
    DATA: "la liste des données utilisées",
    DOCUMENTATION: "la documentation",
    PRESENTATION: "le support de présentation",
}


def all_versions(team: Team) -> list[Deliverable]:
    """List every version handed in, kind by kind; one query."""
    order = [kind for kind, _ in KINDS]
    rows = team.deliverables.select_related("upload")
    return sorted(rows, key=lambda one: (order.index(one.kind), one.version))


def current(team: Team) -> dict[str, Deliverable]:
    """Return the last version of each kind; one query."""
    return {one.kind: one for one in all_versions(team)}


def missing(found: Container[str]) -> list[str]:
    """List the kinds that a team must still hand in; the documentation comes « le cas échéant »."""
    return [kind for kind in REQUIRED if kind not in found]


def missing_sentence(found: Container[str]) -> str:
    """Say what is wanting in a sentence."""
    wanting = [WORDS[kind] for kind in missing(found)]
    if not wanting:
        return "Tout ce qui est demandé est remis."
    return f"Il manque encore {listing(wanting)}."


def described(one: Deliverable) -> str:
    """Say what a version is: the name of its file, its address, or its list."""
    if one.upload is not None:
        return one.upload.name
    return one.url or one.text


def record(team: Team, rows: Sequence[Deliverable]) -> dict[str, Any]:
    """Gather all that the receipt says: no name of anybody, for it is kept with the deliverables."""
    return {
        "team_key": team.pk,
        "team": team.name,
        "project": team.project,
        "edition": team.edition.title,
        "versions": [
            {
                "kind": one.get_kind_display(),
                "version": one.version,
                "what": described(one),
                "sha256": one.sha256,
                "at": one.handed_at.isoformat(),
            }
            for one in rows
        ],
        "missing": missing_sentence({one.kind: one for one in rows}),
    }


def context(document: Document) -> dict[str, Any]:
    """Give the template its record, with real hours."""
    found: dict[str, Any] = document.record
    rows = [row | {"at": datetime.fromisoformat(row["at"])} for row in found["versions"]]
    return found | {"document": document, "versions": rows}


kinds.register(kinds.Kind(KIND, "pdf/datathon/receipt.html", context))
