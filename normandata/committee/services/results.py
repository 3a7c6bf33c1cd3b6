"""The gestures after a session: type what was decided, have a second person validate it, open it again.

Validating is one transaction on the envelope's ledger and the undertakings' accounts: every item, or none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import euros

from .. import checks, mails, papers
from ..dockets import docket_of
from ..errors import About
from ..models import Item, Paper, Recusal, Session
from ..workflow import TABLED
from .holding import each, hold, hold_all, items_of, touch, undo, without_conflict

AS_PROPOSED = "as_proposed"
"""The outcome of an item decided as the report proposes."""
TRANSITIONS = {
    Item.Outcome.GRANTED.value: "grant",
    Item.Outcome.REFUSED.value: "refuse",
    Item.Outcome.ADJOURNED.value: "adjourn",
}
DEPARTS = "Dites pourquoi la décision s’écarte de la proposition."
WHY_NOT = "Indiquez le motif : la structure le lira."
NO_AMOUNT = "Indiquez le montant accordé, en euros."
NOT_AN_AMOUNT = "Le montant accordé est supérieur à zéro."
ELSEWHERE = "ce dossier est passé à une autre séance depuis."
UNKNOWN_ITEM = "Un dossier n’est plus à l’ordre du jour : rechargez la page."


@dataclass(frozen=True, slots=True)
class Votes:
    """How many voted for and against, and how many abstained."""

    in_favour: int
    against: int = 0
    abstentions: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What was decided on an item: as the report proposes, unless said otherwise. The amount is in euros.

    `recusals` are (name, reason) pairs; without votes of its own an item has those of the session.
    """

    outcome: str = AS_PROPOSED
    amount: Decimal | None = None
    reason: str = ""
    votes: Votes | None = None
    recusals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Deliberation:
    """What the deliberation says of itself; only its number must be known before the results are sent on."""

    number: str = ""
    url: str = ""
    executory_on: date | None = None
    presided_by: str = ""


@transaction.atomic
def record_results(
    session: Session,
    results: Mapping[int, Result],
    *,
    deliberation: Deliberation,
    votes: Votes | None = None,
    by: User,
    seen: int | None = None,
) -> Sequence[Item]:
    """Type what was decided on every item, in one gesture; an item that `results` leaves out is as proposed.

    Raises what `hold` raises, NotAllowed in conflict, NotDone with `About` sentences beside each field.
    """
    items = hold(session, TABLED, by=by, seen=seen)
    without_conflict(items, by)
    if set(results) - {item.pk for item in items}:
        raise NotNow(UNKNOWN_ITEM)
    wrong: list[str] = []
    for item in items:
        result = results.get(item.pk, Result())
        _decide(item, result, votes)
        wrong += _wrong(session, item)
    wrong += _write_deliberation(session, deliberation)
    if wrong:
        raise NotDone(*wrong)
    fields = ["outcome", "decided_amount", "reason", "votes_for", "votes_against", "abstentions"]
    Item.objects.bulk_update(items, fields)
    _write_recusals(items, results)
    touch(session, "deliberation_number", "deliberation_url", "executory_on", "presided_by")
    departing = [item.dossier.number for item in items if item.departs]
    procedure.record(session, "record_results", by=by, data={"numbers": departing, "amount": str(checks.total(items))})
    return items


@transaction.atomic
def record(session: Session, *, by: User, seen: int | None = None) -> Event:
    """Send the results typed to a second person. Raises what `fire` raises, NotAllowed in conflict."""
    procedure.lock(session)
    items = items_of(session)
    without_conflict(items, by)
    event = _fire(session, "record", items, by=by, seen=seen)
    mails.tell_recorded(session, items)
    return event


def send_back(session: Session, *, reason: str, by: User) -> Event:
    """Send the results back to be typed again, with the reason; raises as `undo` does."""
    return undo(session, "send_back", reason=reason, by=by)


def validate(session: Session, *, by: User, seen: int | None = None) -> Event:
    """Validate the results: every decision takes effect, in one transaction, or nothing is written.

    Raises what `fire` raises; Unmet names the number and the reason of each dossier that does not pass.
    """
    try:
        with transaction.atomic():
            items = hold_all(session)
            without_conflict(items, by)
            event = _fire(session, "validate", items, by=by, seen=seen)
            each(items, _apply)
            papers.ask(session, Paper.Stage.MINUTES, items, by=by)
            return event
    except NotDone:
        session.refresh_from_db()
        raise


def reopen_results(session: Session, *, reason: str, by: User) -> Event:
    """Undo every decision of a session, with the reason: its results wait again. Not once one of them is notified.

    Raises what `fire` raises, NotAllowed in conflict; Unmet names each dossier that cannot come back.
    """
    try:
        with transaction.atomic():
            items = hold_all(session)
            without_conflict(items, by)
            event = procedure.fire_held(session, "reopen_results", by=by, reason=reason)
            each(items, lambda item: _undo(item, reason))
            touch(session)
            return event
    except NotDone:
        session.refresh_from_db()
        raise


# ------------------------------------------------------------------------------------------------------------ deciding
def _fire(session: Session, name: str, items: Sequence[Item], *, by: User, seen: int | None) -> Event:
    """Fire with what the conditions read; maxima are read only for whoever may fire now."""
    row = session.procedure.workflow.find(name)
    may = session.state in row.sources and session.procedure.allows(row, session, by)
    return procedure.fire_held(
        session,
        name,
        by=by,
        journal={"count": len(items), "amount": str(checks.total(items))},
        items=items,
        seen=seen,
        today=timezone.localdate(),
        problems=checks.problems(session, items) if may else [],
    )


def _apply(item: Item) -> None:
    """Do what was decided: the transition of the scheme, its money and its aid."""
    session = item.session
    event = procedure.fire(
        item.dossier,
        TRANSITIONS[item.outcome],
        by=None,
        reason=item.reason,
        journal={"session": session.pk, "deliberation": session.deliberation_number, "amount": str(item.granted)},
        item=item,
    )
    item.applied_at = event.at
    item.save(update_fields=["applied_at"])


def _undo(item: Item, reason: str) -> None:
    """Bring a dossier back before this session, unless another one took it up since."""
    if Item.objects.standing().filter(dossier=item.dossier_id, pk__gt=item.pk).exists():
        raise NotNow(ELSEWHERE)
    procedure.fire(
        item.dossier, "undo_decision", by=None, reason=reason, journal={"session": item.session_id}, item=item
    )
    item.applied_at = None
    item.save(update_fields=["applied_at"])


# -------------------------------------------------------------------------------------------------------------- typing
def _decide(item: Item, result: Result, votes: Votes | None) -> None:
    """Write a result on an item, unsaved; as proposed means its amount, or the reason of its refusal."""
    item.reason = result.reason.strip()
    counted = result.votes or votes
    item.votes_for = counted.in_favour if counted else None
    item.votes_against = counted.against if counted else None
    item.abstentions = counted.abstentions if counted else None
    outcome = result.outcome
    if outcome == AS_PROPOSED:
        outcome = Item.Outcome.GRANTED if item.is_grant else Item.Outcome.REFUSED
        if not item.is_grant:
            item.reason = item.reason or item.said.reason
    item.outcome, item.decided_amount = outcome, None
    if outcome == Item.Outcome.GRANTED:
        item.decided_amount = item.proposed_amount if result.amount is None else result.amount


def _wrong(session: Session, item: Item) -> list[str]:
    """Say what is wrong in what was typed of an item, each sentence knowing its field."""
    if item.outcome != Item.Outcome.GRANTED:
        return [] if item.reason else [About("reason", WHY_NOT, item=item.pk)]
    if item.decided_amount is None:
        return [About("amount", NO_AMOUNT, item=item.pk)]
    if item.decided_amount <= 0:
        return [About("amount", NOT_AN_AMOUNT, item=item.pk)]
    found: list[str] = [About("reason", DEPARTS, item=item.pk)] if item.departs and not item.reason else []
    most = docket_of(session.scheme).most(item.dossier, session.held_on)
    if most is not None and item.decided_amount > most:
        found.append(About("amount", f"Au plus {euros(most)} : ce qui peut être accordé ce jour-là.", item=item.pk))
    return found


def _write_deliberation(session: Session, deliberation: Deliberation) -> list[str]:
    """Write what the deliberation says of itself, unsaved; return what is wrong in it, each with its field."""
    session.deliberation_number = deliberation.number.strip()
    session.deliberation_url = deliberation.url.strip()
    session.executory_on = deliberation.executory_on
    session.presided_by = deliberation.presided_by.strip()
    try:
        session.clean_fields()
    except ValidationError as error:
        return [About(field, sentence) for field, said in error.message_dict.items() for sentence in said]
    return []


def _write_recusals(items: Sequence[Item], results: Mapping[int, Result]) -> None:
    """Replace the recusals of every item by those typed."""
    Recusal.objects.filter(item__in=items).delete()
    Recusal.objects.bulk_create(
        Recusal(item=item, name=name, reason=reason)
        for item in items
        for name, reason in dict(results.get(item.pk, Result()).recusals).items()
    )
