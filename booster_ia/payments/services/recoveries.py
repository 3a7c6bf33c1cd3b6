"""The gestures on repayments: open for a breach, hear the structure, order or waive, type the « titre » back."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import permissions as dossiers
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.formats import euros, spaced
from normandata.regulation.money import ZERO

from ...awards import Award
from .. import states
from ..recoveries import Recovery
from .holding import hold, hold_award

ALREADY = "Un reversement est déjà en cours sur cette subvention."


def asked_back(award: Award) -> Decimal:
    """Return what is asked back of a grant already, waived orders excepted, in euros."""
    found = award.recoveries.exclude(state=states.WAIVED).aggregate(total=Sum("amount"))
    return found["total"] or ZERO


@transaction.atomic
def open_breach(award: Award, *, amount: Decimal, reason: str, by: User) -> Recovery:
    """Ask money back for a breach of the convention (B-47), in euros: at most what was paid and not asked back yet.

    Raises NotAllowed, NotNow, NotDone, ReasonMissing.
    """
    held = hold_award(award)
    if not dossiers.can_examine(by, held.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.recoveries.pending().exists():
        raise NotNow(ALREADY)
    if not reason.strip():
        raise ReasonMissing("Dites à quelle obligation la structure a manqué : elle lit ce motif.")
    most = held.paid - asked_back(held)
    if not ZERO < amount <= most:
        raise NotDone(spaced(f"Le montant est supérieur à zéro et ne dépasse pas ce qui a été payé : {euros(most)}."))
    return open_recovery(held, Recovery.Kind.BREACH, amount=amount, reason=reason.strip(), by=by)


def open_recovery(award: Award, kind: Recovery.Kind, *, amount: Decimal, reason: str, by: User) -> Recovery:
    """Write a repayment to prepare, on a grant that is held."""
    made = Recovery.objects.create(award=award, kind=kind, amount=amount, reason=reason, opened_by=by)
    data = {"recovery": made.pk, "amount": str(amount), "kind": kind.value}
    procedure.record(award.dossier, "recovery_opened", by=by, reason=reason, data=data)
    return made


def notify(recovery: Recovery, *, by: User) -> Event:
    """Send the adversarial letter; the period runs from today. Raises what `fire` raises."""
    return _fire(recovery, "notify", by=by)


def observe(recovery: Recovery, *, observations: str, by: User, seen: str | None = None) -> Event:
    """Keep what the organisation answers; `seen` marks the observations that its author read. Raises as `fire`."""
    return _fire(recovery, "observe", by=by, observations=observations, seen=seen)


def order(recovery: Recovery, *, answer: str = "", by: User, seen: str | None = None) -> Event:
    """Sign the repayment order, with an answer to the observations marked `seen`. Raises what `fire` raises."""
    return _fire(recovery, "order", by=by, reason=answer, seen=seen)


def waive(recovery: Recovery, *, reason: str, by: User, seen: str | None = None) -> Event:
    """Give a repayment up, with a reason: a signed order, by another person than who signed. Raises as `fire` does."""
    return _fire(recovery, "waive", by=by, reason=reason, seen=seen)


def issue(recovery: Recovery, *, number: str, on: date, by: User) -> Event:
    """Write the number and the day of the « titre de recette ». Raises NotDone, and what `fire` raises."""
    return _fire(recovery, "issue", by=by, number=_number(recovery, number, on), on=on)


def correct_claim(recovery: Recovery, *, number: str, on: date, reason: str, by: User) -> Event:
    """Correct a « titre » that was mistyped, with a reason; the journal keeps the former one, the structure is told.

    Raises NotDone (nothing changes), and what `fire` raises.
    """
    typed = _number(recovery, number, on)
    if (typed, on) == (recovery.claim, recovery.claimed_on):
        raise NotDone("Ce numéro et cette date sont déjà ceux du titre : rien n’a changé.")
    return _fire(recovery, "correct_claim", by=by, reason=reason, number=typed, on=on)


def _number(recovery: Recovery, number: str, on: date) -> str:
    """Return the number of a « titre »; raises NotDone for none, or for a day that is not after the order."""
    if not number.strip():
        raise NotDone("Indiquez le numéro du titre.")
    decided_on = timezone.localdate(recovery.decided_at) if recovery.decided_at else None
    if on > timezone.localdate() or (decided_on and on < decided_on):
        raise NotDone("Le titre est daté d’un jour entre l’ordre de reversement et aujourd’hui.")
    return number.strip()


@transaction.atomic
def _fire(recovery: Recovery, name: str, *, by: User, reason: str = "", **more: Any) -> Event:
    hold(recovery)
    data = {"recovery": recovery.pk, "amount": str(recovery.amount)}
    if recovery.claimed_on is not None:
        data |= {"was": recovery.claim, "was_on": recovery.claimed_on.isoformat()}
    event = procedure.fire_held(recovery, name, by=by, reason=reason, **more)
    procedure.record(recovery.award.dossier, f"recovery_{name}", by=by, reason=reason, data=data)
    return event
