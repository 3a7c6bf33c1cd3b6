"""Gestures on several dossiers: posted once, done row by row, each row once whatever stops the worker."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.outbox.models import Message
from normandata.outbox.services import post, post_all
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow

from .. import letter_batches, permissions, schemes, states
from ..bulk import BulkJob, BulkOutcome
from ..desk import Absence
from ..models import INSTRUCTORS, Dossier
from . import corrections, desk
from .corrections import Asked

logger = logging.getLogger(__name__)
HANDLER = "dossiers.bulk"
MOST = 200
"""Dossiers of one job."""
TAKEN = "Cette confirmation a déjà lancé un autre traitement, qui suit son cours. Vérifiez celui-ci, puis relancez."
CHANGED = "La lettre n’est plus celle que vous avez relue : relisez-la, puis envoyez-la."
SENT = "La lettre est déjà partie, ou la décision a changé."
CLOSED = "Un conflit d’intérêts vous ferme ce dossier."
FAULT = "Une erreur est survenue. Réessayez sur ce dossier ; si elle revient, prévenez l’administrateur du portail."


class KeyTaken(NotNow):
    """The confirmation has served for another job."""


class Already(Exception):
    """What was asked for holds already."""


@transaction.atomic
def begin(
    action: str,
    dossiers: Sequence[Dossier],
    values: Mapping[str, Any],
    *,
    key: uuid.UUID,
    by: User,
    seen: Mapping[int, str] | None = None,
    chunk: int = MOST,
    most: int = MOST,
) -> BulkJob:
    """Post a job of one row a dossier; the same key again is the same job. `action` is the kernel's or a scheme's.

    The rows are spread over messages of `chunk` rows, which several workers take side by side. `seen` is the mark of
    what was read of each dossier, by its key. Raises NotAllowed, NotDone, KeyTaken for the key of another gesture,
    other values or other dossiers.
    """
    if by.schemes_as(*INSTRUCTORS) == frozenset():
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossiers:
        raise NotDone("Cochez au moins un dossier.")
    if len(dossiers) > most:
        raise NotDone(f"Un traitement groupé prend {most} dossiers au plus.")
    made = BulkJob(key=key, action=action, values=dict(values), by=by)
    BulkJob.objects.bulk_create([made], ignore_conflicts=True)
    job = BulkJob.objects.select_for_update().get(key=key)
    if job.by != by:
        raise NotAllowed(procedure.FORBIDDEN)
    held = set(job.outcomes.values_list("dossier", flat=True))
    if held and (job.action, job.values, held) != (made.action, made.values, {one.pk for one in dossiers}):
        raise KeyTaken(TAKEN)
    if not held:
        marks = seen or {}
        BulkOutcome.objects.bulk_create(
            BulkOutcome(job=job, dossier=one, seen=marks.get(one.pk, "")) for one in dossiers
        )
        _post(job, chunk)
    return job


def _post(job: BulkJob, chunk: int) -> None:
    """Hand the rows of a job to the outbox, `chunk` of them a message."""
    rows = list(job.outcomes.values_list("pk", flat=True))
    if len(rows) <= chunk:
        post(HANDLER, {"job": str(job.key)}, key=str(job.key))
        return
    parts = [rows[start : start + chunk] for start in range(0, len(rows), chunk)]
    post_all(HANDLER, {f"{job.key}:{part[0]}": {"job": str(job.key), "rows": part} for part in parts})


def is_stuck(job: BulkJob) -> bool:
    """Tell whether rows wait that nobody will do: their workers died too often, and the outbox gave up."""
    if not job.outcomes.waiting().exists():
        return False
    return not Message.objects.unfinished().filter(handler=HANDLER, payload__job=str(job.key)).exists()


@transaction.atomic
def resume(job: BulkJob) -> None:
    """Post again what a job has left to do, where the outbox gave up; otherwise nothing."""
    locked = BulkJob.objects.select_for_update().get(pk=job.pk)
    if is_stuck(locked):
        rows = list(locked.outcomes.waiting().values_list("pk", flat=True))
        post(HANDLER, {"job": str(locked.key), "rows": rows})


@transaction.atomic
def reopen(outcome: BulkOutcome) -> None:
    """Put a refused row back and post it, alone."""
    outcome.state, outcome.cause, outcome.at = BulkOutcome.State.WAITING, "", None
    outcome.save(update_fields=["state", "cause", "at"])
    BulkJob.objects.filter(pk=outcome.job_id).update(done_at=None)
    post(HANDLER, {"job": str(outcome.job.key), "rows": [outcome.pk]})


def run(job: BulkJob, *, rows: Sequence[int] | None = None, is_last_try: bool = False) -> None:
    """Do what is left of a job, or of some of its rows.

    A row that breaks stops no other one; it is tried again, then refused.
    """
    broken: Exception | None = None
    waiting = job.outcomes.waiting() if rows is None else job.outcomes.waiting().filter(pk__in=rows)
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            work(pk)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.warning("A row of the bulk job %s failed (%s).", job.key, type(error).__name__)
            if is_last_try:
                _settle_fault(pk)
            else:
                broken = error
    if broken is not None:
        raise broken
    if not job.outcomes.waiting().exists():
        BulkJob.objects.filter(pk=job.pk, done_at=None).update(done_at=timezone.now())


@transaction.atomic
def work(pk: int) -> bool:
    """Do one row, in one transaction with its outcome; False when somebody did it."""
    rows = BulkOutcome.objects.select_for_update(of=("self",)).waiting().select_related("job__by", "dossier")
    outcome = rows.filter(pk=pk).first()
    if outcome is None:
        return False
    try:
        with transaction.atomic():
            _gesture(outcome)
    except Already as already:
        _settle(outcome, BulkOutcome.State.ALREADY, str(already))
    except NotDone as refused:
        _settle(outcome, BulkOutcome.State.REFUSED, " ".join(refused.messages))
    else:
        _settle(outcome, BulkOutcome.State.DONE)
    return True


def _gesture(outcome: BulkOutcome) -> None:
    job, dossier = outcome.job, outcome.dossier
    procedure.lock(dossier)
    if not permissions.can_examine(job.by, dossier):
        closed = permissions.is_closed(job.by, dossier)
        raise NotAllowed(CLOSED if closed else "Vous n’instruisez pas le dispositif de ce dossier.")
    if job.action == BulkJob.Action.SEND_LETTERS:
        _send_letter(outcome)
        return
    declared = schemes.bulk_of(job.action)
    make = declared.gesture if declared else GESTURES[BulkJob.Action(job.action)]
    make(job, dossier)


def _send_letter(outcome: BulkOutcome) -> None:
    """Send the letter that was read and no other: its transition makes it, dates what it must and writes the mail."""
    dossier, at = outcome.dossier, timezone.now()
    draft = letter_batches.drafts([dossier], at).get(dossier.pk)
    if draft is None:
        raise Already(SENT)
    if draft.mark != outcome.seen:
        raise NotNow(CHANGED)
    procedure.fire(dossier, draft.transition, by=outcome.job.by, at=at, draft=draft)
    outcome.letter = dossier.letters.get(kind=draft.kind, sent_at=at)


def _assign(job: BulkJob, dossier: Dossier) -> None:
    owner = User.objects.get(pk=job.values["owner"])
    if dossier.owner_id == owner.pk:
        raise Already(f"{owner} en répond déjà.")
    if not owner.is_active:
        raise NotDone(f"Le compte de {owner} est fermé.")
    desk.assign(dossier, owner, by=job.by, backup=_backup(dossier, owner), reason=job.values.get("reason", ""))


def _backup(dossier: Dossier, owner: User) -> User | None:
    """An absent colleague stays as back-up of what is taken over; otherwise the back-up is kept."""
    before = dossier.owner
    away = before is not None and Absence.objects.on(timezone.localdate()).filter(agent=before).exists()
    kept = before if away else dossier.backup
    if kept is None or kept == owner or not permissions.is_agent(kept, dossier):
        return None
    return kept


def _start_review(job: BulkJob, dossier: Dossier) -> None:
    if dossier.state == states.REVIEW:
        raise Already("L’instruction est commencée.")
    procedure.fire(dossier, "start_review", by=job.by)


def _ask(job: BulkJob, dossier: Dossier) -> None:
    target = job.values["piece"]
    if dossier.corrections.open().filter(items__target=target).exists():
        raise Already("Cette pièce est déjà demandée.")
    asked = [Asked(target, job.values["reason"])]
    corrections.ask(dossier, asked, due_on=date.fromisoformat(job.values["due_on"]), by=job.by)


GESTURES = {
    BulkJob.Action.ASSIGN: _assign,
    BulkJob.Action.START_REVIEW: _start_review,
    BulkJob.Action.ASK: _ask,
}


def _settle(outcome: BulkOutcome, state: BulkOutcome.State, cause: str = "") -> None:
    outcome.state, outcome.cause, outcome.at = state, cause[:500], timezone.now()
    outcome.save(update_fields=["state", "cause", "at", "letter"])


@transaction.atomic
def _settle_fault(pk: int) -> None:
    outcome = BulkOutcome.objects.select_for_update().waiting().filter(pk=pk).first()
    if outcome is not None:
        _settle(outcome, BulkOutcome.State.REFUSED, FAULT)
