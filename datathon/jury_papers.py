"""The minutes of a jury (procès-verbal) and the certificates: what each PDF is made from, and what it shows.

The minutes name teams and jurors, never a participant: erasing participants leaves them valid. A certificate keeps
the key of a registration and reads the name when it is made.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import F
from django.utils import timezone

from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.procedure.models import Event
from normandata.regulation.formats import euros, listing, plural, spaced
from normandata.scoring import arithmetic
from normandata.ui.strata import band

from . import jury_rules
from .editions import FIGURES, Edition
from .juries import Deliberation, JuryVote, Outcome
from .jury_rules import Line, Vote
from .registrations import Registration

RECORD, CERTIFICATE = "datathon.record", "datathon.certificate"
KEPT_FOR = timedelta(days=30)
"""How long a certificate waits once it was asked for; asking again makes it anew."""
RECUSED = "recused"


# ------------------------------------------------------------------------------------------------- what the rules read
def outcomes_of(found: Deliberation) -> list[Outcome]:
    """Return the outcomes of a deliberation, ranked teams first; one query."""
    rows = found.outcomes.select_related("team")
    return list(rows.order_by(F("proposed_rank").asc(nulls_last=True), "team__order", "team"))


def lines_of(found: Deliberation, outcomes: Sequence[Outcome] | None = None) -> list[Line]:
    """Return the teams of a deliberation as its rules read them."""
    rows = outcomes_of(found) if outcomes is None else outcomes
    return [
        Line(
            str(one.team_id),
            one.team.name,
            Fraction(one.score) if one.score else None,
            one.proposed_rank,
            one.decided_rank,
        )
        for one in rows
    ]


def votes_of(found: Deliberation, votes: Sequence[JuryVote] | None = None) -> list[Vote]:
    """Return the votes on pairs of teams, in the order in which they were taken."""
    rows = list(found.votes.all()) if votes is None else votes
    return [
        Vote(str(one.team_id), str(one.other_id), one.in_favour, one.against, one.chair_in_favour)
        for one in rows
        if one.team_id is not None
    ]


# ---------------------------------------------------------------------------------------------------------- the minutes
def ask_record(found: Deliberation) -> Document:
    """Ask for the minutes of a deliberation that closes; called in its transaction."""
    edition = found.edition
    return documents.request_document(
        RECORD,
        title=f"Procès-verbal du jury, {edition.title}",
        filename=f"proces-verbal-{edition.slug}-{found.closings}.pdf",
        record=record(found),
    )


def earlier_records(found: Deliberation) -> list[Document]:
    """List the minutes of closings that were reopened, the first on top; no query where there was none."""
    if found.closings <= (found.record_id is not None):
        return []
    asked = Event.objects.about(found.edition).named("ask_record").values_list("data__document", flat=True)
    kept = Document.objects.filter(kind=RECORD, pk__in=list(asked)).order_by("requested_at")
    return [one for one in kept if one.pk != found.record_id]


def record(found: Deliberation) -> dict[str, Any]:
    """Gather all that the minutes say, as JSON: fractions and amounts as text, instants in ISO, no participant."""
    edition, matrix = found.edition, found.matrix
    lines = lines_of(found)
    present = set(edition.jurors.filter(present_at__isnull=False).values_list("pk", flat=True))
    return {
        "edition": edition.title,
        "year": edition.year,
        "place": edition.closing_place,
        "closings": found.closings,
        "scoring_opened_at": _opened(edition),
        "opened_at": found.opened_at.isoformat(),
        "closed_at": found.closed_at.isoformat() if found.closed_at else "",
        "maximum": matrix["maximum"],
        "quorum": matrix["quorum"],
        "criteria": matrix["criteria"],
        "jurors": [_juror(one, present) for one in matrix["jurors"]],
        "recusals": _recusals(found, {one.key: one.name for one in lines}),
        "teams": [_team(one) for one in outcomes_of(found)],
        "departures": [one.name for one in jury_rules.departures(lines)],
        "reason": found.reason,
        "remarks": found.remarks,
        "votes": [_vote(one) for one in found.votes.select_related("team", "other")],
        "prizes": [
            {"rank": rank, "team": one.name if one else "", "amount": str(prize)}
            for rank, one, prize in jury_rules.awarded(lines, edition.prizes)
        ],
        "most": str(FIGURES.number("prizes_total")),
    }


def _opened(edition: Edition) -> str:
    first = Event.objects.about(edition).named("open_scoring").order_by("at", "pk").first()
    return first.at.isoformat() if first else ""


def _juror(one: dict[str, Any], present: set[int]) -> dict[str, Any]:
    return {
        "name": one["name"], "quality": one["quality"], "title": one["title"], "chair": one["chair"],
        "present": one["juror"] in present,
    }  # fmt: skip


def _recusals(found: Deliberation, names: dict[str, str]) -> list[dict[str, Any]]:
    """Say who did not judge which teams; all of them is « tout le jury »."""
    said = []
    for one in found.matrix["jurors"]:
        seat = str(one["juror"])
        teams = [names[key] for key, cells in found.matrix["cells"].items() if cells.get(seat) == RECUSED]
        if teams:
            said.append({"name": one["name"], "teams": teams, "whole": len(teams) == len(names)})
    return said


def _team(one: Outcome) -> dict[str, Any]:
    return {
        "name": one.team.name,
        "project": one.team.project,
        "score": one.score,
        "ballots": one.ballots,
        "proposed": one.proposed_rank,
        "reason": one.proposed_reason,
        "decided": one.decided_rank,
    }


def _vote(one: JuryVote) -> dict[str, Any]:
    return {
        "subject": one.subject, "in_favour": one.in_favour, "against": one.against, "abstained": one.abstained,
        "chair": one.chair_in_favour,
    }  # fmt: skip


def fingerprint(kept: dict[str, Any]) -> str:
    """Return the hash of what the minutes are made from, whatever the order of its keys."""
    content = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def record_context(document: Document) -> dict[str, Any]:
    """Give the template of the minutes its lines, written in French."""
    kept = document.record
    teams = [
        {**one, "shown": arithmetic.shown(Fraction(one["score"])) if one["score"] else "–"} for one in kept["teams"]
    ]
    by_decision = sorted((one for one in teams if one["decided"]), key=lambda one: one["decided"])
    moments = {name: _instant(kept[name]) for name in ("scoring_opened_at", "opened_at", "closed_at")}
    prizes = [{**one, "written": euros(Decimal(one["amount"]))} for one in kept["prizes"]]
    given = sum((Decimal(one["amount"]) for one in kept["prizes"] if one["team"]), Decimal(0))
    return {
        **kept,
        **moments,
        "document": document,
        "band": band(),
        "teams": teams,
        "ranked": by_decision,
        "unranked": [one for one in teams if one["proposed"] is None],
        "there": sum(one["present"] for one in kept["jurors"]),
        "chair": next((one["name"] for one in kept["jurors"] if one["chair"]), ""),
        "votes": [{**one, "written": written(one)} for one in kept["votes"]],
        "moved": spaced(listing([_moved(one) for one in teams if one["name"] in kept["departures"]])),
        "prizes": prizes,
        "given": euros(given),
        "most_written": euros(Decimal(kept["most"])),
        "hash": fingerprint(kept),
    }


def written(vote: dict[str, Any]) -> str:
    """Write a vote in words: « 3 pour, 3 contre, 1 abstention ; voix prépondérante du président : pour »."""
    said = f"{vote['in_favour']} pour, {vote['against']} contre, {plural(vote['abstained'], 'abstention')}"
    if vote["chair"] is not None:
        said += f" ; voix prépondérante de qui préside : {'pour' if vote['chair'] else 'contre'}"
    return spaced(said)


def ordinal(rank: int, first: str = "1er") -> str:
    """Write a rank in French; `first` agrees with what has it."""
    return first if rank == 1 else f"{rank}e"


def _moved(one: dict[str, Any]) -> str:
    return f"« {one['name']} », proposée {ordinal(one['proposed'], '1re')}, décidée {ordinal(one['decided'], '1re')}"


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -------------------------------------------------------------------------------------------------------- certificates
def ask_certificate(registration: Registration) -> Document:
    """Ask for the certificate of somebody who took part; the one that waits is given back."""
    edition = registration.edition
    return documents.request_document(
        CERTIFICATE,
        title=f"Attestation de participation, {edition.title}",
        filename=f"attestation-{edition.slug}.pdf",
        record={"registration": registration.pk, "on": timezone.localdate().isoformat()},
        expires_at=timezone.now() + KEPT_FOR,
        once=True,
    )


def certificate_of(registration: Registration) -> Document | None:
    """Return the certificate asked for last, while it waits."""
    found = Document.objects.filter(kind=CERTIFICATE, record__registration=registration.pk)
    return found.fetchable(timezone.now()).order_by("-requested_at").first()


def forget_certificates(registration: Registration) -> int:
    """Erase what was made for somebody, file and record; returns how many. For whoever erases a participant."""
    rows = list(Document.objects.filter(kind=CERTIFICATE, record__registration=registration.pk))
    for one in rows:
        documents.erase(one)
    return len(rows)


def certificate_context(document: Document) -> dict[str, Any]:
    """Give the template of a certificate the name, the team and the edition, read as the PDF is made."""
    kept = document.record
    found = Registration.objects.select_related("edition", "person").get(pk=kept["registration"])
    seat = found.seats.select_related("team").first()
    return {
        "document": document,
        "band": band(),
        "edition": found.edition,
        "name": str(found),
        "team": seat.team if seat else None,
        "on": kept["on"],
    }
