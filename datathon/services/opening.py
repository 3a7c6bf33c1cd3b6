"""The gestures that move an edition until its jury sits: try it, open it, start the challenge, cancel.

A trial leaves nothing behind: what organisers did as participants is erased in the transaction that ends it.
"""

from django.db import transaction

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.models import Event

from .. import edition_mails, readiness
from ..editions import Edition
from . import rehearsals
from .holding import contents_of


def rehearse(edition: Edition, *, by: User, seen: int | None = None) -> Event:
    """Let the organisers try the edition as participants would; raises what `fire` raises."""
    return _fire(edition, "rehearse", by=by, seen=seen)


def end_rehearsal(edition: Edition, *, by: User, seen: int | None = None) -> Event:
    """End the trial: what it produced is erased; raises what `fire` raises."""
    return _fire(edition, "end_rehearsal", by=by, seen=seen)


def open_registration(edition: Edition, *, by: User, seen: int | None = None) -> Event:
    """Make the edition public and take registrations; a trial ends with it. Raises what `fire` raises."""
    return _fire(edition, "open_registration", by=by, seen=seen)


@transaction.atomic
def start_challenge(edition: Edition, *, by: User, seen: int | None = None) -> Event:
    """Start the challenge: participants and mentors are told; raises what `fire` raises."""
    event = _fire(edition, "start_challenge", by=by, seen=seen)
    edition_mails.tell_started(edition)
    return event


@transaction.atomic
def reopen_registration(edition: Edition, *, reason: str, by: User, seen: int | None = None) -> Event:
    """Go back to registrations, with a reason that participants read; raises what `fire` raises."""
    event = _fire(edition, "reopen_registration", by=by, seen=seen, reason=reason)
    edition_mails.tell_reopened(edition, event.reason)
    return event


@transaction.atomic
def cancel(edition: Edition, *, reason: str, by: User, seen: int | None = None) -> Event:
    """Cancel the edition, with a reason that participants and mentors read; raises what `fire` raises."""
    event = _fire(edition, "cancel", by=by, seen=seen, reason=reason)
    edition_mails.tell_cancelled(edition, event.reason)
    return event


@transaction.atomic
def _fire(edition: Edition, name: str, *, by: User, seen: int | None, reason: str = "") -> Event:
    procedure.lock(edition)
    was_trial = edition.is_rehearsing
    missing = readiness.wanting(contents_of(edition))
    event = procedure.fire_held(edition, name, by=by, reason=reason, revision=seen, wanting=missing)
    if was_trial:
        rehearsals.erase(edition)
    return event
