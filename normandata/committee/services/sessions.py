"""The gestures before a session: open it, put dossiers on its agenda, put them in order, settle the agenda.

Each holds the session first and compares the revision that the page showed: two tabs never overwrite each other.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event

from .. import checks, mails, papers
from ..dockets import docket_of
from ..models import Item, Paper, Session
from ..workflow import PREPARING, RECORDED, TABLED, VALIDATED
from .holding import each, hold, items_of, touch, undo, without_conflict

NOT_WAITING = "Ce dossier n’attend plus de séance : rechargez la page."
NOTHING_CHOSEN = "Choisissez au moins un dossier."
WHY_MOVED = "L’ordre du jour est arrêté : dites pourquoi la séance change, le motif est versé au journal."
OTHER_ITEMS = "L’ordre proposé ne nomme pas chaque dossier une fois : rechargez la page."


def create(scheme: str, *, held_on: date, place: str = "", report_number: str = "", by: User) -> Session:
    """Open a session for the dossiers of a scheme.

    Raises NotAllowed, LookupError for a scheme without docket, ValidationError (another session that day).
    """
    docket_of(scheme)
    if not by.holds(Role.COMMITTEE_CLERK, scheme=scheme):
        raise NotAllowed(procedure.FORBIDDEN)
    session = Session(
        scheme=scheme, held_on=held_on, place=place.strip(), report_number=report_number.strip(), created_by=by
    )
    with transaction.atomic():
        session.full_clean()
        session.save()
        procedure.record(session, "create", by=by, data={"held_on": str(held_on)})
    return session


@transaction.atomic
def change(
    session: Session,
    *,
    held_on: date,
    place: str = "",
    report_number: str = "",
    reason: str = "",
    by: User,
    seen: int | None = None,
) -> Session:
    """Change the day, the place or the report's number; organisations already told a day are told the other.

    Once the agenda is settled a reason is asked for: ReasonMissing. Raises what `hold` raises, ValidationError.
    """
    items = hold(session, PREPARING, TABLED, by=by, seen=seen)
    if session.state == TABLED and not reason.strip():
        raise ReasonMissing(WHY_MOVED)
    is_moved = session.held_on != held_on
    session.held_on, session.place, session.report_number = held_on, place.strip(), report_number.strip()
    session.full_clean()
    touch(session, "held_on", "place", "report_number")
    procedure.record(session, "change", by=by, reason=reason, data={"held_on": str(held_on)})
    if is_moved:
        docket = docket_of(session.scheme)
        for item in items:
            item.session = session
            docket.moved(item)
    return session


@transaction.atomic
def put_on_agenda(
    session: Session, dossiers: Sequence[Dossier], *, by: User, seen: int | None = None
) -> Sequence[Item]:
    """Put dossiers that wait for a session on its agenda, after the others, in the order given: all or none.

    What is proposed is frozen with each. Raises what `hold` raises, NotDone for none, Unmet with each number.
    """
    present = hold(session, PREPARING, by=by, seen=seen)
    if not dossiers:
        raise NotDone(NOTHING_CHOSEN)
    docket = docket_of(session.scheme)
    briefs = docket.briefs(dossiers)
    awaited = {one.pk for one in docket.waiting(by)}
    last = max((item.rank for item in present), default=0)
    items = [
        Item(session=session, dossier=dossier, rank=rank, added_by=by)
        for rank, dossier in enumerate(dossiers, start=last + 1)
    ]

    def put(item: Item) -> None:
        brief = briefs.get(item.dossier_id)
        if brief is None or item.dossier_id not in awaited:
            raise NotNow(NOT_WAITING)
        item.is_grant, item.proposed_amount, item.basis = brief.is_grant, brief.amount, brief.basis
        item.brief = brief.as_record()
        item.save()
        procedure.fire(item.dossier, "schedule", by=None, journal={"session": session.pk}, item=item)

    each(items, put)
    touch(session)
    procedure.record(session, "put_on_agenda", by=by, data={"numbers": [one.number for one in dossiers]})
    return items


@transaction.atomic
def take_off(item: Item, *, reason: str, by: User, seen: int | None = None) -> Item:
    """Take a dossier off the agenda, with the reason; it waits for another session unless it left by itself.

    Possible until the results are typed. Raises what `hold` raises, NotAllowed in conflict, ReasonMissing, NotNow when
    it is off already.
    """
    session = item.session
    hold(session, PREPARING, TABLED, by=by, seen=seen)
    without_conflict([item], by)
    item.refresh_from_db(fields=["removed_at"])
    if item.removed_at is not None:
        raise NotNow(procedure.TOO_LATE)
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    item.removed_at, item.removed_reason = timezone.now(), reason.strip()
    item.outcome, item.decided_amount = "", None
    item.save(update_fields=["removed_at", "removed_reason", "outcome", "decided_amount"])
    item.dossier.refresh_from_db()
    if item.dossier.state == checks.SCHEDULED:
        procedure.fire(item.dossier, "unschedule", by=None, reason=reason, journal={"session": session.pk}, item=item)
    touch(session)
    procedure.record(session, "take_off", by=by, reason=reason, data={"numbers": [item.dossier.number]})
    return item


@transaction.atomic
def reorder(session: Session, keys: Sequence[int], *, by: User, seen: int | None = None) -> None:
    """Put the agenda in the order of these keys of items; raises what `hold` raises, NotDone unless all are there."""
    items = {item.pk: item for item in hold(session, PREPARING, by=by, seen=seen)}
    if sorted(keys) != sorted(items):
        raise NotDone(OTHER_ITEMS)
    for rank, key in enumerate(keys, start=1):
        items[key].rank = rank
    Item.objects.bulk_update(items.values(), ["rank"])
    touch(session)
    procedure.record(session, "reorder", by=by)


def move(item: Item, *, to: int, by: User, seen: int | None = None) -> None:
    """Move a dossier to a place of the agenda, counted from one; raises what `reorder` raises."""
    keys = [one.pk for one in items_of(item.session) if one.pk != item.pk]
    keys.insert(max(to, 1) - 1, item.pk)
    reorder(item.session, keys, by=by, seen=seen)


@transaction.atomic
def table(session: Session, *, by: User, seen: int | None = None) -> Event:
    """Settle the agenda: its report is made, lead agents told. Raises what `fire` raises, NotAllowed in conflict."""
    procedure.lock(session)
    items = items_of(session)
    without_conflict(items, by)
    event = procedure.fire_held(
        session,
        "table",
        by=by,
        journal={"count": len(items), "amount": str(checks.proposed(items))},
        items=items,
        seen=seen,
        problems=_payable(session, items),
    )
    papers.ask(session, Paper.Stage.FINAL, items, by=by)
    mails.tell_tabled(session, items)
    return event


def reopen_agenda(session: Session, *, reason: str, by: User) -> Event:
    """Open a settled agenda again, with the reason: another person than whoever settled it. Raises as `undo` does."""
    return undo(session, "reopen_agenda", reason=reason, by=by)


@transaction.atomic
def describe(session: Session, *, url: str, executory_on: date | None, by: User, seen: int | None = None) -> None:
    """Give the deliberation's address and the day it became executory, known after the session.

    Raises NotAllowed, NotNow, ValidationError.
    """
    hold(session, TABLED, RECORDED, VALIDATED, by=by, seen=seen)
    session.deliberation_url, session.executory_on = url.strip(), executory_on
    session.full_clean()
    touch(session, "deliberation_url", "executory_on")
    said = {"url": session.deliberation_url, "executory_on": str(executory_on or "")}
    procedure.record(session, "describe", by=by, data=said)


def _payable(session: Session, items: Sequence[Item]) -> list[str]:
    """Say what cannot be paid, only where the state leaves a reason to ask: reading each maximum costs queries."""
    return checks.problems(session, items) if session.state == PREPARING else []
