"""Handing in: four kinds of pieces, each version kept with its hash, late refused with the hour; putting off; receipts.

Annexe 5, « Modalités d’instruction et d’attribution » (T-14, T-15).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Document, Upload
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.regulation.formats import spaced

from .. import openings, permissions, receipts
from ..deliverables import DATA, KINDS, Deliverable
from ..phases import DECIDED, DELIBERATION, OVER, SCORING
from ..teams import Extension, Team
from ..windows import moment
from . import seating, teams, telling

SAME = "Ce contenu est déjà la version {version} : rien n’est ajouté."
TRIAL = "Pendant l’essai, aucune heure limite ne s’applique : il n’y a rien à prolonger."
EARLIER = "Donnez une heure plus tardive que celle d’aujourd’hui, {due}."


class Same(NotDone):
    """What is handed in is the version that the team has already."""

    def __init__(self, kept: Deliverable) -> None:
        super().__init__(spaced(SAME.format(version=kept.version)))
        self.kept = kept


@transaction.atomic
def hand_in_file(team: Team, kind: str, upload: Upload, *, by: User, at: datetime | None = None) -> Deliverable:
    """Hand in a file that was checked; raises NotAllowed, NotNow (late, with the hour), Same."""
    return _hand_in(team, kind, by=by, at=at, sha256=upload.sha256, upload=upload)


@transaction.atomic
def hand_in_address(
    team: Team, kind: str, *, url: str, text: str = "", by: User, at: datetime | None = None
) -> Deliverable:
    """Hand in an address, with what must be known of it; raises NotAllowed, NotNow, Same, NotDone for an empty one."""
    if not url.strip():
        raise NotDone("Indiquez une adresse.")
    said = {"url": url.strip(), "text": text.strip()}
    return _hand_in(team, kind, by=by, at=at, sha256=_hash(said), **said)


@transaction.atomic
def hand_in_data(
    team: Team, items: Sequence[Mapping[str, str]], *, by: User, at: datetime | None = None
) -> Deliverable:
    """Hand in the list of the data used, each with its address and its licence; raises as `hand_in_address`."""
    rows = [{name: str(item[name]).strip() for name in ("title", "url", "licence")} for item in items]
    if not rows or not all(all(row.values()) for row in rows):
        raise NotDone("Chaque jeu de données a un nom, une adresse et une licence.")
    text = "\n".join(spaced(f"{row['title']} ({row['licence']}) : {row['url']}") for row in rows)
    return _hand_in(team, DATA, by=by, at=at, sha256=_hash({"items": rows}), items=rows, text=text)


def _hash(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _hand_in(team: Team, kind: str, *, by: User, at: datetime | None, sha256: str, **content: Any) -> Deliverable:
    """Write the next version under the lock of the team."""
    now = timezone.now()
    procedure.lock(team)
    if kind not in dict(KINDS) or not teams.is_member(team, by):
        raise NotAllowed(procedure.FORBIDDEN)
    if not team.is_active:
        raise NotNow(seating.GONE)
    window = openings.delivery(team, at or now)
    if not window.is_open:
        raise NotNow(window.sentence)
    last = team.deliverables.filter(kind=kind).order_by("-version").first()
    if last is not None and last.sha256 == sha256:
        raise Same(last)
    kept = Deliverable.objects.create(
        team=team, kind=kind, version=last.version + 1 if last else 1, sha256=sha256, handed_by=by, handed_at=at or now,
        rehearsal=team.rehearsal, **content,
    )  # fmt: skip
    procedure.record(team, "hand_in", by=by, data={"kind": kind, "version": kept.version, "sha256": sha256})
    _tell(team, kept)
    return kept


def _tell(team: Team, kept: Deliverable) -> None:
    """Write to the whole team what came in, when, with its hash, and what is still wanting."""
    telling.tell(
        "handed_in",
        telling.members(team),
        equipe=team.name,
        livrable=kept.get_kind_display(),
        version=str(kept.version),
        recu_le=moment(kept.handed_at),
        empreinte=kept.sha256,
        manque=receipts.missing_sentence(receipts.current(team)),
    )


@transaction.atomic
def extend(team: Team, until: datetime, *, reason: str, by: User) -> Extension:
    """Give one team more time, with a reason that it reads; the last one given counts.

    Possible until scoring opens. Raises NotAllowed, NotNow, ReasonMissing, NotDone for an hour that adds nothing.
    """
    procedure.lock(team)
    edition = team.edition
    if not permissions.organises(by, edition):
        raise NotAllowed(procedure.FORBIDDEN)
    if team.rehearsal:
        raise NotNow(TRIAL)
    if not team.is_active or edition.state in (*OVER, SCORING, DELIBERATION, DECIDED):
        raise NotNow("Les livrables de cette équipe ne se remettent plus : rien à prolonger.")
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : l’équipe le lit.")
    due = openings.due_at(team)
    if until <= timezone.now():
        raise NotDone("Cette heure est passée : donnez-en une à venir.")
    if due is not None and until <= due:
        raise NotDone(spaced(EARLIER.format(due=moment(due))))
    if edition.closing_at is not None and until > edition.closing_at:
        raise NotDone(f"Les livrables se remettent avant la clôture du {moment(edition.closing_at)}.")
    given = Extension.objects.create(team=team, until=until, reason=reason.strip(), given_by=by)
    procedure.record(team, "extend", by=by, reason=reason, data={"until": until.isoformat()})
    said = {"equipe": team.name, "jusqu_a": moment(until), "motif": reason.strip()}
    telling.tell("extension_given", telling.members(team), naming=None, **said)
    return given


@transaction.atomic
def request_receipt(team: Team, *, by: User) -> Document:
    """Have the receipt of a team made: hashes, hours, versions. Raises NotAllowed, NotNow before anything came in."""
    if not (teams.is_member(team, by) or permissions.organises(by, team.edition)):
        raise NotAllowed(procedure.FORBIDDEN)
    rows = receipts.all_versions(team)
    if not rows:
        raise NotNow("Rien n’a encore été remis : il n’y a pas de récépissé à établir.")
    return documents.request_document(
        receipts.KIND,
        title="Récépissé des livrables",
        filename=f"recepisse-livrables-{team.edition.slug}-{team.pk}.pdf",
        record=receipts.record(team, rows),
        once=True,
    )
