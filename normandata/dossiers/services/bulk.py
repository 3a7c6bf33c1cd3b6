"""Gestures on several dossiers: posted once, done row by row, each row once whatever stops the worker."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.outbox.services import post
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone

from .. import permissions, states
from ..bulk import BulkJob, BulkOutcome
from ..desk import Absence
from ..models import INSTRUCTORS, Dossier
from . import corrections, desk
from .corrections import Asked

logger = logging.getLogger(__name__)
HANDLER = "dossiers.bulk"
MOST = 200
"""Dossiers of one job."""
FAULT = "Une erreur est survenue. Réessayez sur ce dossier ; si elle revient, prévenez l’administrateur du portail."


class Already(Exception):
    """What was asked for holds already."""


@transaction.atomic
def begin(
    action: BulkJob.Action, dossiers: Sequence[Dossier], values: Mapping[str, Any], *, key: uuid.UUID, by: User
) -> BulkJob:
    """Post a job of one row a dossier; the same key again is the same job. Raises NotAllowed, NotDone."""
    if by.schemes_as(*INSTRUCTORS) == frozenset():
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossiers:
        raise NotDone("Cochez au moins un dossier.")
    if len(dossiers) > MOST:
        raise NotDone(f"Un traitement groupé prend {MOST} dossiers au plus.")
    made = BulkJob(key=key, action=action, values=dict(values), by=by)
    BulkJob.objects.bulk_create([made], ignore_conflicts=True)
    job = BulkJob.objects.select_for_update().get(key=key)
    if job.by != by:
        raise NotAllowed(procedure.FORBIDDEN)
    if not job.outcomes.exists():
        BulkOutcome.objects.bulk_create(BulkOutcome(job=job, dossier=one) for one in dossiers)
        post(HANDLER, {"job": str(job.key)}, key=str(job.key))
    return job


def run(job: BulkJob, *, is_last_try: bool = False) -> None:
    """Do what is left of a job. A row that breaks stops no other one; it is tried again, then refused."""
    broken: Exception | None = None
    for pk in list(job.outcomes.waiting().values_list("pk", flat=True)):
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
            _gesture(outcome.job, outcome.dossier)
    except Already as already:
        _settle(outcome, BulkOutcome.State.ALREADY, str(already))
    except NotDone as refused:
        _settle(outcome, BulkOutcome.State.REFUSED, " ".join(refused.messages))
    else:
        _settle(outcome, BulkOutcome.State.DONE)
    return True


def _gesture(job: BulkJob, dossier: Dossier) -> None:
    procedure.lock(dossier)
    if not permissions.can_examine(job.by, dossier):
        raise NotAllowed("Vous n’instruisez pas le dispositif de ce dossier.")
    GESTURES[BulkJob.Action(job.action)](job, dossier)


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
    outcome.save(update_fields=["state", "cause", "at"])


@transaction.atomic
def _settle_fault(pk: int) -> None:
    outcome = BulkOutcome.objects.select_for_update().waiting().filter(pk=pk).first()
    if outcome is not None:
        _settle(outcome, BulkOutcome.State.REFUSED, FAULT)
