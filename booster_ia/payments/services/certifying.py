"""The payments officer's gestures: certify, alone or in bulk, and type the mandate numbers back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure.errors import NotDone
from normandata.procedure.models import Event

from .. import states
from ..requests import PaymentRequest
from .holding import hold
from .requests import fire

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one request of a bulk gesture: done, or refused for these reasons."""

    request: PaymentRequest
    problems: Sequence[str] = ()


@transaction.atomic
def certify(request: PaymentRequest, *, by: User, seen: str | None = None) -> Event:
    """Certify a checked request: pay it once on the ledger, or settle it where nothing is due.

    `seen` is its mark as it was read: a check made anew since is refused. Raises what `fire` raises, NotNow for one
    that is certified already.
    """
    hold(request)
    pays_nothing = request.state == states.CHECKED and not request.amount
    return fire(request, "settle" if pays_nothing else "certify", by=by, seen=seen)


def certify_all(requests: Iterable[PaymentRequest], *, by: User, seen: Mapping[int, str] | None = None) -> list[Done]:
    """Certify several, each in a transaction of its own: one that is refused keeps no other.

    `seen` gives, by key, the mark of each as it was read.
    """
    done = []
    for request in requests:
        try:
            certify(request, by=by, seen=(seen or {}).get(request.pk))
        except NotDone as error:
            done.append(Done(request, tuple(error.messages)))
        else:
            done.append(Done(request))
    return done


def mandate(request: PaymentRequest, *, number: str, on: date, by: User) -> Event:
    """Write the mandate of a certified request, or correct nothing: a correction has its reason.

    Raises NotDone for a number or a day that cannot be, and what `fire` raises.
    """
    _check(request, number, on)
    return fire(request, "mandate", by=by, number=number.strip(), on=on)


def correct_mandate(request: PaymentRequest, *, number: str, on: date, reason: str, by: User) -> Event:
    """Correct a mandate that somebody else mistyped, with a reason. Raises as `mandate` does."""
    _check(request, number, on)
    journal = {"before": request.mandate, "after": number.strip()}
    return fire(request, "correct_mandate", by=by, reason=reason, journal=journal, number=number.strip(), on=on)


def _check(request: PaymentRequest, number: str, on: date) -> None:
    if not number.strip():
        raise NotDone("Indiquez le numéro du mandat.")
    if len(number.strip()) > LONGEST:
        raise NotDone(f"Un numéro de mandat compte {LONGEST} signes au plus.")
    certified_on = timezone.localdate(request.certified_at) if request.certified_at else None
    if on > timezone.localdate() or (certified_on and on < certified_on):
        raise NotDone("Le mandat est daté d’un jour entre la certification et aujourd’hui.")
