"""The gestures of the deliberation: open it, type the decided ranks, vote, close, reopen.

Opening closes the panel and snapshots what the ballots propose, in one transaction; nothing of them is read before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.findings import Outcome as Finding
from normandata.regulation.formats import plural, spaced
from normandata.scoring import results
from normandata.scoring.errors import Stale
from normandata.scoring.models import Panel
from normandata.scoring.services import panels
from normandata.scoring.workflow import SUBMITTED

from .. import jury_papers, jury_rules, permissions, phases, rules
from ..editions import Edition
from ..juries import EXPERT, OFFICIALS, Deliberation, Juror, JuryVote, Outcome
from ..jury_rules import Ballot, Criterion, Proposal
from ..teams import Team

CHANGED = "Le tableau a été modifié ailleurs : rien n’est écrasé avant votre choix."
NOT_OPEN = "La délibération n’est pas ouverte."
NOT_YOURS = "Les organisateurs de l’édition et la personne qui préside le jury tiennent la délibération."
TOO_MANY = "{voices} voix, alors que {said} : notez d’abord la présence."
NO_CASTING_VOTE = "Qui préside n’est pas noté présent, ou s’est déporté : sa voix ne peut pas trancher l’égalité."
RECUSED, ABSTAINED, NOTHING = "recused", "abstained", ""
"""What a cell of the matrix says where it has no ballot."""


# ------------------------------------------------------------------------------------------------------------- opening
def open_deliberation(
    edition: Edition, *, by: User, revision: int | None = None, at: datetime | None = None
) -> Deliberation:
    """Close the scoring and open the deliberation on what the ballots propose. Raises NotAllowed, NotNow, Unmet."""
    moment = at or timezone.now()
    with transaction.atomic():
        procedure.lock(edition)
        panel = panels.panel_about(edition)
        procedure.fire_held(edition, "open_deliberation", by=by, at=moment, revision=revision)
        if panel is None:
            raise NotNow("La notation n’a pas été ouverte.")
        panels.close_panel(panel, by=by, at=moment)
        made = Deliberation(edition=edition, opened_at=moment, opened_by=by, saved_at=moment)
        _snapshot(made, panel)
    return made


def _snapshot(made: Deliberation, panel: Panel) -> None:
    """Write what the ballots said: the cells of the matrix, and one outcome for each team."""
    grid = panel.grid
    criteria = [Criterion(one.slug, one.label, one.weight, one.maximum) for one in grid.lines]
    keys = list(panel.subjects.judged().order_by("rank", "pk").values_list("key", flat=True))
    sheets = results.ballots(panel)
    jurors = _jurors(panel, {one.author for one in sheets if one.state == SUBMITTED})
    ballots: dict[str, list[Ballot]] = {key: [] for key in keys}
    cells: dict[str, dict[str, str]] = {key: {} for key in keys}
    for person, key in results.recusals(panel):
        if key in cells and person in jurors:
            cells[key][str(jurors[person].pk)] = RECUSED
    for one in sheets:
        if one.author not in jurors:
            continue
        seat = str(jurors[one.author].pk)
        if one.state == SUBMITTED:
            ballot = Ballot(seat, one.marks)
            ballots[one.key].append(ballot)
            cells[one.key][seat] = str(ballot.score(criteria))
        else:
            cells[one.key].setdefault(seat, ABSTAINED)
    made.matrix = {
        "maximum": f"{max((one.maximum for one in criteria), default=Decimal(5)).normalize():f}",
        "quorum": grid.least_sheets,
        "spread_alert": f"{grid.spread_alert or 0:f}",
        "criteria": [{"label": one.label, "weight": f"{one.weight.normalize():f}"} for one in criteria],
        "jurors": [_seated(one, person) for person, one in jurors.items()],
        "cells": cells,
    }
    made.save(force_insert=True)
    proposed = jury_rules.propose(ballots, criteria, quorum=grid.least_sheets)
    Outcome.objects.bulk_create(_outcome(made, one) for one in proposed.values())


def _jurors(panel: Panel, authors: set[int]) -> dict[int, Juror]:
    """Return the jurors by person: those who sit, and those who left with a ballot that counts."""
    seated = set(panel.seats.active().values_list("person", flat=True)) | authors
    rows = Juror.objects.filter(edition=int(panel.key), person__in=seated).order_by("-is_chair", "pk")
    return {one.person_id: one for one in rows if one.person_id is not None}


def _seated(one: Juror, person: int) -> dict[str, object]:
    quality = one.get_quality_display()
    return {
        "juror": one.pk, "person": person, "name": one.name, "quality": quality, "title": one.title,
        "chair": one.is_chair,
    }  # fmt: skip


def _outcome(made: Deliberation, one: Proposal) -> Outcome:
    return Outcome(
        deliberation=made,
        team_id=int(one.key),
        score="" if one.score is None else str(one.score),
        ballots=one.ballots,
        lowest=_cut(one.lowest),
        highest=_cut(one.highest),
        proposed_rank=one.rank,
        proposed_reason=one.reason,
    )


def _cut(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"), ROUND_DOWN)


def reopen_scoring(
    edition: Edition, *, by: User, reason: str, revision: int | None = None, at: datetime | None = None
) -> None:
    """Open the scoring again, by another person than who opened the deliberation, with a reason.

    What the ballots said goes away: the jury is blind again, and whoever read the results writes no new ballot. Raises
    NotAllowed, NotNow, ReasonMissing, Unmet.
    """
    with transaction.atomic():
        procedure.lock(edition)
        found = Deliberation.objects.select_for_update().filter(edition=edition).first()
        opened_by = found.opened_by_id if found else None
        procedure.fire_held(
            edition, "reopen_scoring", by=by, reason=reason, at=at, revision=revision, closed_by=opened_by
        )
        panel = panels.panel_about(edition)
        if found is None or panel is None:
            raise NotNow(NOT_OPEN)
        panels.reopen_panel(panel, by=by, reason=reason, at=at)
        found.votes.all().delete()
        found.outcomes.all().delete()
        found.delete()


# ------------------------------------------------------------------------------------------------------------ deciding
@dataclass(frozen=True, slots=True)
class Kept:
    """The deliberation after a save, and what could not be kept: French sentences by team."""

    deliberation: Deliberation
    errors: Mapping[int, str] = field(default_factory=dict)


def decide(
    edition: Edition,
    ranks: Mapping[int, str],
    *,
    by: User,
    revision: int,
    reason: str | None = None,
    remarks: str | None = None,
    at: datetime | None = None,
) -> Kept:
    """Keep the ranks typed, by team, and the reasons; what is no rank, or is given twice, is said and not kept.

    `revision` is that of the page. Raises NotAllowed, NotNow, Stale.
    """
    with transaction.atomic():
        found = _held(edition, by)
        if found.revision != revision:
            raise Stale(CHANGED)
        rows = {one.team_id: one for one in found.outcomes.filter(proposed_rank__isnull=False)}
        given, errors = _read(ranks, rows)
        Outcome.objects.filter(deliberation=found, team__in=[*given, *errors]).update(decided_rank=None)
        for team, rank in given.items():
            rows[team].decided_rank = rank
        Outcome.objects.bulk_update([rows[team] for team in given], ["decided_rank"])
        found.reason = found.reason if reason is None else reason.replace("\x00", "").strip()
        found.remarks = found.remarks if remarks is None else remarks.replace("\x00", "").strip()
        found.revision, found.saved_at = found.revision + 1, at or timezone.now()
        found.save(update_fields=["reason", "remarks", "revision", "saved_at"])
    return Kept(found, errors)


def _read(ranks: Mapping[int, str], rows: Mapping[int, Outcome]) -> tuple[dict[int, int | None], dict[int, str]]:
    """Read typed ranks: from 1 to the number of teams that can be ranked, each once."""
    given: dict[int, int | None] = {}
    errors: dict[int, str] = {}
    for team, typed in ranks.items():
        text = typed.strip()
        if team not in rows:
            continue
        is_rank = text.isdecimal() and text.isascii() and len(text) < 4 and 1 <= int(text) <= len(rows)
        if text and not is_rank:
            errors[team] = f"Écrivez un rang de 1 à {len(rows)}."
        else:
            given[team] = int(text) if text else None
    kept = [one.decided_rank for team, one in rows.items() if team not in ranks]
    taken = [rank for rank in (*given.values(), *kept) if rank is not None]
    for team, rank in list(given.items()):
        if rank is not None and taken.count(rank) > 1:
            errors[team] = f"Le rang {rank} est donné deux fois."
            del given[team]
    return given, errors


def record_vote(
    edition: Edition,
    subject: str,
    *,
    in_favour: int,
    against: int,
    by: User,
    abstained: int = 0,
    chair_in_favour: bool | None = None,
    pair: tuple[Team, Team] | None = None,
) -> JuryVote:
    """Write a vote of the jury down; on a pair of teams, « pour » places the first before the other.

    Raises NotAllowed, NotNow, NotDone (no voice, more than the jurors there who judge the pair, an equality that nobody
    there may settle), ValidationError.
    """
    with transaction.atomic():
        found = _held(edition, by)
        voters = _voters(found, pair)
        voices = in_favour + against + abstained
        if not voices:
            raise NotDone("Indiquez les voix : personne n’a voté.")
        if voices > len(voters):
            raise NotDone(spaced(TOO_MANY.format(voices=voices, said=_voting(len(voters), pair is not None))))
        if in_favour == against and chair_in_favour is not None and not any(one.is_chair for one in voters):
            raise NotDone(spaced(NO_CASTING_VOTE))
        vote = JuryVote(
            deliberation=found, subject=subject.strip(), in_favour=in_favour, against=against, abstained=abstained
        )
        vote.chair_in_favour = chair_in_favour if in_favour == against else None
        vote.team, vote.other = pair or (None, None)
        vote.full_clean()
        vote.save()
        procedure.record(edition, "record_vote", by=by, data={"vote": vote.pk})
    return vote


def _voters(found: Deliberation, pair: tuple[Team, Team] | None) -> list[Juror]:
    """Return the jurors there who may vote: those with a conflict of interest in the pair do not."""
    there = found.edition.jurors.sitting().filter(present_at__isnull=False)
    cells = [found.matrix["cells"].get(str(one.pk), {}) for one in pair or ()]
    return [one for one in there if not any(given.get(str(one.pk)) == RECUSED for given in cells)]


def _voting(count: int, is_pair: bool) -> str:
    said = plural(count, "juré est noté présent", "jurés sont notés présents")
    return f"{said} et sans déport sur ces équipes" if is_pair else said


def cancel_vote(edition: Edition, vote: int, *, by: User, reason: str) -> None:
    """Take away a vote that was written by mistake. Raises NotAllowed, NotNow, ReasonMissing, LookupError."""
    said = panels.why(reason)
    with transaction.atomic():
        found = _held(edition, by)
        if not found.votes.filter(pk=vote).delete()[0]:
            raise LookupError("no such vote")
        procedure.record(edition, "cancel_vote", by=by, reason=said, data={"vote": vote})


def _held(edition: Edition, by: User) -> Deliberation:
    """Lock the edition, then its deliberation, for whoever holds it while it is open."""
    procedure.lock(edition)
    if not permissions.presides(by, edition):
        raise NotAllowed(NOT_YOURS)
    if edition.state != phases.DELIBERATION:
        raise NotNow("La délibération est close : les rangs ne changent plus.")
    return Deliberation.objects.select_for_update().get(edition=edition)


# ------------------------------------------------------------------------------------------------------------- closing
def open_points(found: Deliberation) -> list[str]:
    """List all that still keeps a deliberation from closing, each in a French sentence."""
    edition, lines = found.edition, jury_papers.lines_of(found)
    votes = jury_papers.votes_of(found)
    said = jury_rules.open_points(lines, votes, reason=found.reason)
    qualities = set(edition.jurors.sitting().filter(present_at__isnull=False).values_list("quality", flat=True))
    if not qualities & set(OFFICIALS):
        said.append("Aucun élu régional ni représentant n’est noté présent.")
    if EXPERT not in qualities:
        said.append("Aucun expert thématique n’est noté présent.")
    there = edition.jurors.sitting().filter(present_at__isnull=False).count()
    for one in found.votes.all():
        if (voices := one.in_favour + one.against + one.abstained) > there:
            said.append(spaced(f"Vote « {one.subject} » : {voices} voix pour {there} présents ; corrigez l’un."))
    judged = rules.evaluate(rules.Facts(timezone.localdate(found.opened_at), edition.prizes))
    return [*said, *(one.message for one in judged.with_outcome(Finding.UNMET))]


def close_deliberation(
    edition: Edition, *, by: User, revision: int | None = None, seen: int | None = None, at: datetime | None = None
) -> Deliberation:
    """Close the deliberation: ranks are frozen and the minutes asked for; `seen` is the revision of its table.

    Raises NotAllowed, NotNow, Stale, Unmet, which says each point that is still open.
    """
    moment = at or timezone.now()
    with transaction.atomic():
        procedure.lock(edition)
        found = Deliberation.objects.select_for_update().filter(edition=edition).first()
        if found is None:
            raise NotNow(NOT_OPEN)
        found.edition = edition
        if seen is not None and seen != found.revision:
            raise Stale(CHANGED)
        procedure.fire_held(
            edition, "close_deliberation", by=by, at=moment, revision=revision, open_points=open_points(found)
        )
        found.closed_at, found.closed_by = moment, by
        found.closings += 1
        found.revision += 1
        found.record = jury_papers.ask_record(found)
        found.save()
        procedure.record(edition, "ask_record", by=by, data={"document": str(found.record_id)})
    return found


def reopen_deliberation(edition: Edition, *, by: User, reason: str, at: datetime | None = None) -> Deliberation:
    """Open a closed deliberation again, by another person than who closed it, with a reason; results are hidden.

    Raises NotAllowed, NotNow, ReasonMissing, Unmet.
    """
    with transaction.atomic():
        procedure.lock(edition)
        found = Deliberation.objects.select_for_update().filter(edition=edition).first()
        if found is None:
            raise NotNow(NOT_OPEN)
        procedure.fire_held(edition, "reopen_deliberation", by=by, reason=reason, at=at, closed_by=found.closed_by_id)
        found.closed_at = found.closed_by = found.record = found.announced_at = None
        found.revision += 1
        found.save()
    return found
