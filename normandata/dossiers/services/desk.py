"""The agents' own gestures: who answers for a dossier, how a finding is read, who is away, which view is kept."""

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from normandata.accounts.models import User
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.findings import Finding, Outcome, Verdict

from .. import permissions, states
from ..desk import Absence, Reading
from ..models import INSTRUCTORS, Dossier
from . import thread

DECIDED = "Ce dossier n’est plus en instruction : ses constats et ses pièces restent comme ils ont été lus."


@transaction.atomic
def assign(dossier: Dossier, owner: User | None, *, by: User, backup: User | None = None, reason: str = "") -> Event:
    """Give a dossier to an agent of its scheme, or to nobody. Raises NotAllowed, NotDone, NotNow once it is closed."""
    procedure.lock(dossier)
    if not permissions.can_examine(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossier.is_open:
        raise NotNow("Ce dossier est terminé : il ne se confie plus.")
    for one in (owner, backup):
        if one is not None and not permissions.is_agent(one, dossier):
            raise NotDone(f"{one} n’instruit pas ce dispositif.")
    if owner is not None and owner == backup:
        raise NotDone("Le suppléant est une autre personne que le responsable.")
    before = dossier.owner
    dossier.owner, dossier.backup = owner, backup
    dossier.save(update_fields=["owner", "backup"])
    event = procedure.record(
        dossier,
        "assign",
        by=by,
        reason=reason,
        data={"before": str(before or ""), "owner": str(owner or ""), "backup": str(backup or "")},
    )
    if owner is not None and owner not in (before, by):
        filled = thread.values(dossier, for_region=True, auteur=str(by))
        notifications.notify("dossiers.assigned", to=[owner], values=filled, about=dossier, key=f"assign:{event.pk}")
    return event


@transaction.atomic
def take_over(dossier: Dossier, *, by: User, reason: str = "") -> Event:
    """Take an absent colleague's dossier in hand; the colleague stays as back-up. Raises as `assign` does.

    Somebody who left the scheme does not hold the dossier back: there is then no back-up.
    """
    procedure.lock(dossier)
    colleague = dossier.owner if dossier.owner != by else dossier.backup
    if colleague is not None and (colleague == by or not permissions.is_agent(colleague, dossier)):
        colleague = None
    return assign(dossier, by, by=by, backup=colleague, reason=reason)


def colleagues(scheme: str) -> QuerySet[User]:
    """List the agents of a scheme: whom its dossiers may be given to."""
    held = Q(role_assignments__role__in=INSTRUCTORS, role_assignments__ended_at=None)
    return (
        User.objects.filter(held, role_assignments__scheme__in=("", scheme), is_active=True)
        .distinct()
        .order_by("name", "email")
    )


@transaction.atomic
def read_finding(dossier: Dossier, rule: str, outcome: Outcome, *, reason: str, by: User) -> Reading:
    """Settle a finding that was to be reviewed, with a reason kept in the journal.

    Raises NotAllowed, ReasonMissing, NotDone for a reading that settles nothing, NotNow when the finding is not to be
    reviewed, or is kept as a decision rests on it (see `is_kept`).
    """
    procedure.lock(dossier)
    if not permissions.can_examine(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if is_kept(dossier, rule):
        raise NotNow(DECIDED)
    if outcome is Outcome.TO_REVIEW:
        raise NotDone("Une lecture dit si la règle est respectée, non respectée ou sans objet.")
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif de votre lecture : il est versé au journal.")
    found = next((finding for finding in to_review(dossier) if finding.rule == rule), None)
    if found is None:
        raise NotNow("Ce constat n’est plus à examiner : rechargez la page.")
    reading = Reading.objects.create(
        dossier=dossier,
        rule=rule,
        outcome=outcome.value,
        reason=reason.strip(),
        finding=found.as_record(),
        by=by,
        version=dossier.version,
    )
    procedure.record(
        dossier,
        "read_finding",
        by=by,
        reason=reason,
        data={"rule": rule, "label": found.label, "outcome": outcome.value},
    )
    return reading


def is_kept(dossier: Dossier, rule: str) -> bool:
    """Tell whether a decision keeps what was read of a rule: once decided a reading stands, once over all of them do.

    One that fell before the money is committed, since its facts changed, is made anew.
    """
    if dossier.state in states.UNDECIDED:
        return False
    return not dossier.is_open or rule in readings(dossier)


def to_review(dossier: Dossier) -> tuple[Finding, ...]:
    """List the findings of the last verdict that an agent must look at."""
    return Verdict.from_record(dossier.verdict).with_outcome(Outcome.TO_REVIEW) if dossier.verdict else ()


def outcomes(dossier: Dossier) -> list[tuple[Finding, Outcome]]:
    """Return each finding of the last verdict with its outcome as it stands: read by an agent, or as judged."""
    if not dossier.verdict:
        return []
    read = readings(dossier)
    return [
        (one, Outcome(read[one.rule].outcome) if one.rule in read else one.outcome)
        for one in Verdict.from_record(dossier.verdict).findings
    ]


def readings(dossier: Dossier) -> dict[str, Reading]:
    """Return the reading that counts for each rule: the last one of the version now examined.

    A reading falls when the facts of its finding changed since, by an answer of the directory for instance.
    """
    now = {one.rule: one.as_record() for one in to_review(dossier)}
    found = dossier.readings.filter(version=dossier.version).select_related("by")
    return {reading.rule: reading for reading in found if reading.finding == now.get(reading.rule)}


@transaction.atomic
def declare_absence(agent: User, since: date, until: date | None, backup: User | None, *, by: User) -> Absence:
    """Write that an agent is away and who answers meanwhile. Raises NotDone when the dates are not in order."""
    if until is not None and until < since:
        raise NotDone("L’absence finit après avoir commencé.")
    if backup is not None and backup == agent:
        raise NotDone("Choisissez une autre personne comme suppléant.")
    return Absence.objects.create(agent=agent, since=since, until=until, backup=backup, declared_by=by)


@transaction.atomic
def end_absence(absence: Absence, *, by: User) -> None:
    """Come back: the absence ends yesterday, or is erased when it had not begun."""
    yesterday = date.fromordinal(timezone.localdate().toordinal() - 1)
    if absence.since > yesterday:
        absence.delete()
        return
    absence.until = yesterday
    absence.save(update_fields=["until"])
