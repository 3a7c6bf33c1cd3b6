"""The gestures on a cœur expert request: ask, fix and report the exchange, solicit, answer, conclude, withdraw."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.notifications.models import Mail
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from .. import need_conduct
from ..models import Expert, Introduction, Listing, Need
from ..need_workflow import INTRODUCED

MOST_OPEN = 10
"""Requests that one person may have open at once."""
GONE = "Effacé"
WORDS = (
    *("title", "need", "data", "technology", "delays", "costs", "partnership", "contact_name", "exchange_place"),
    *("found_technology", "found_delays", "found_costs", "found_partnership", "outcome_words"),
)
"""What a request says in words."""
TOO_MANY = f"Vous avez déjà {MOST_OPEN} demandes en cours : retirez-en une, ou attendez qu’une autre soit close."


@transaction.atomic
def ask(
    key: uuid.UUID,
    said: Mapping[str, str],
    *,
    organisation: Organisation | None,
    wished: Listing | None = None,
    by: User,
) -> Need:
    """Ask the cœur expert for help, in the name of an organisation or in one's own; the same `key` twice is once.

    Raises NotAllowed for an organisation of which one is not a member, NotDone for what is wrong in the words.
    """
    if not by.is_active or (organisation and not Organisation.objects.of(by).filter(pk=organisation.pk).exists()):
        raise NotAllowed(procedure.FORBIDDEN)
    User.objects.select_for_update().get(pk=by.pk)  # two clicks, or two tabs, one after the other
    if known := Need.objects.filter(key=key).first():
        return _mine(known, by)
    if Need.objects.open().filter(asked_by=by).count() >= MOST_OPEN:
        raise NotDone(spaced(TOO_MANY))
    expert = wished.agreement.expert if wished else None
    need = Need(key=key, asked_by=by, organisation=organisation, wished=expert, **said)
    try:
        need.full_clean(exclude=["asked_by", "organisation", "wished"], validate_unique=False)
        with transaction.atomic():
            need.save()
    except ValidationError as error:
        raise NotDone(*error.messages) from None
    except IntegrityError:  # somebody else's key: never ours to read
        raise NotAllowed(procedure.FORBIDDEN) from None
    procedure.record(need, "need_asked", by=by)
    need_conduct.tell_requester(need, "need_received")
    need_conduct.tell_agents(need, "need_new")
    return need


def _mine(need: Need, by: User) -> Need:
    if need.asked_by_id != by.pk:
        raise NotAllowed(procedure.FORBIDDEN)
    return need


def schedule(need: Need, *, day: datetime, place: str, by: User) -> Event:
    """Fix the instant of the first exchange, or put it off; raises what `fire` raises."""
    return procedure.fire(need, "schedule", by=by, journal={"day": day.isoformat()}, day=day, place=place.strip())


def hold(need: Need, *, held_on: date, found: Mapping[str, str], by: User) -> Event:
    """Keep what the first exchange said of technology, delays, costs and partnership; raises what `fire` raises."""
    return procedure.fire(need, "hold", by=by, journal={"held_on": str(held_on)}, held_on=held_on, found=found)


@transaction.atomic
def solicit(need: Need, experts: Sequence[Expert], *, message: str, by: User) -> Event:
    """Ask experts whether they accept to meet the requester, with a mail to each; raises what `fire` raises."""
    procedure.lock(need)
    chosen = Expert.objects.select_for_update(of=("self",)).select_related("user")
    held = list(chosen.filter(pk__in=[expert.pk for expert in experts]).order_by("pk"))
    name = "seek_more" if need.state == INTRODUCED else "seek"
    named = {"experts": [expert.pk for expert in held]}
    return procedure.fire_held(need, name, by=by, journal=named, experts=held, message=message)


@transaction.atomic
def accept(introduction: Introduction, *, by: User) -> Event:
    """Accept to meet the requester: each gets the other's contact. Raises what `fire` raises."""
    return procedure.fire(introduction, "accept", by=by, need=_held(introduction))


@transaction.atomic
def decline(introduction: Introduction, *, reason: str, by: User) -> Event:
    """Decline a meeting, with a reason that the agents read; raises what `fire` raises."""
    return procedure.fire(introduction, "decline", by=by, reason=reason, need=_held(introduction))


@transaction.atomic
def release(introduction: Introduction, *, reason: str, by: User) -> Event:
    """Stop waiting for an expert; raises what `fire` raises."""
    return procedure.fire(introduction, "release", by=by, reason=reason, need=_held(introduction))


@transaction.atomic
def remind(introduction: Introduction, at: datetime) -> None:
    """Remind an expert, once, of a meeting that waits for their answer; raises NotNow when none is awaited any more."""
    need = _held(introduction)
    awaited = Introduction.objects.pending().filter(pk=introduction.pk).select_related("expert__user").first()
    if awaited is None or not need.is_open:
        raise NotNow(procedure.TOO_LATE)
    asked_on = written_day(timezone.localdate(awaited.asked_at))
    key = f"introduction:{awaited.pk}:waiting"
    need_conduct.tell_expert(awaited, need, "need_waiting", key=key, date_demande=asked_on)


@transaction.atomic
def empty(need: Need, at: datetime) -> None:
    """Empty a request whose time is over: that it was made stays, with its dates and its outcome. Raises NotNow.

    What it says, whom to reach, what was written to experts and the mails about it go.
    """
    procedure.lock(need)
    if need.is_open or need.emptied_at:
        raise NotNow(procedure.TOO_LATE)
    words = {name: GONE for name in WORDS if getattr(need, name)}
    Need.objects.filter(pk=need.pk).update(**words, contact_phone="", emptied_at=at)
    need.introductions.exclude(message="").update(message=GONE)
    for mail in Mail.objects.about(need):
        mail.subject, mail.text = GONE, GONE
        mail.save()
    procedure.record(need, "need_emptied", by=None)


def conclude(need: Need, *, outcome: str, outcome_on: date, words: str, by: User) -> Event:
    """Close a request with what followed, on the Region's side; raises what `fire` raises."""
    return _close(need, "conclude", outcome, outcome_on, words, by)


def tell_outcome(need: Need, *, outcome: str, outcome_on: date, words: str, by: User) -> Event:
    """Close one's request with what followed; raises what `fire` raises."""
    return _close(need, "tell_outcome", outcome, outcome_on, words, by)


def withdraw(need: Need, *, reason: str, by: User) -> Event:
    """Withdraw one's request; raises what `fire` raises."""
    return procedure.fire(need, "withdraw", by=by, reason=reason)


def _close(need: Need, name: str, outcome: str, outcome_on: date, words: str, by: User) -> Event:
    journal = {"outcome": outcome, "outcome_on": str(outcome_on)}
    return procedure.fire(need, name, by=by, journal=journal, outcome=outcome, outcome_on=outcome_on, words=words)


def _held(introduction: Introduction) -> Need:
    """Hold the request before its introduction, as every gesture does."""
    return Need.objects.select_for_update(of=("self",)).get(pk=introduction.need_id)
