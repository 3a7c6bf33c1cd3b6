"""The structure's gestures on a payment request: begin, save as it is typed, join files, send, give up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Upload
from normandata.dossiers import permissions as dossiers
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event

from ...awards import Award
from .. import conduct, states
from ..lines import Document, ExpenseFile, ExpenseLine, fingerprint
from ..requests import PaymentRequest
from .holding import hold, hold_award

NOT_EDITABLE = "Cette demande est envoyée : elle n’est plus modifiable."
ALREADY = "Cette demande a déjà été faite, ou une autre est en cours."
COMPARED = (
    "category", "label", "supplier", "supplier_siret", "invoice", "first_day", "last_day", "paid_on", "amount",
    "basis", "vat_rate", "function", "is_permanent", "days",
)  # fmt: skip


class Conflict(Exception):
    """The request was saved elsewhere since the version this text started from; nothing was written."""

    def __init__(self, kept: PaymentRequest) -> None:
        super().__init__(kept)
        self.kept = kept


@transaction.atomic
def begin(award: Award, kind: str, *, by: User) -> PaymentRequest:
    """Begin a request, or take up the one of this kind that is being filled: a double click begins one.

    Raises NotAllowed, NotNow.
    """
    held = hold_award(award)
    if not dossiers.is_applicant(by, held.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.dossier.state != conduct.IN_COURSE:
        raise NotNow(conduct.NOT_IN_COURSE)
    found = PaymentRequest.objects.filter(award=held, kind=kind, state__in=states.FILLED).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = PaymentRequest.objects.create(award=held, kind=kind, saved_by=by)
    except IntegrityError as error:
        raise NotNow(ALREADY) from error
    procedure.record(held.dossier, f"{kind}_begun", by=by, data={"request": made.pk})
    return made


@transaction.atomic
def save(request: PaymentRequest, typed: Mapping[str, Any], *, version: int, by: User) -> PaymentRequest:
    """Save a request as it was typed, valid or not; the same text sent again changes nothing.

    Raises Conflict when it was saved elsewhere since `version`, NotAllowed, NotNow once it was sent.
    """
    _hold_filled(request, by)
    if request.typed == typed:
        return request
    if request.version != version:
        raise Conflict(request)
    request.typed, request.version = dict(typed), request.version + 1
    request.saved_at, request.saved_by = timezone.now(), by
    request.save(update_fields=["typed", "version", "saved_at", "saved_by"])
    return request


@transaction.atomic
def attach(request: PaymentRequest, row: str, kind: Document, upload: Upload, *, by: User) -> ExpenseFile:
    """Join a received file to a row. Raises NotAllowed, NotNow."""
    _hold_filled(request, by)
    return ExpenseFile.objects.create(request=request, row=row, kind=kind, upload=upload, added_by=by)


@transaction.atomic
def detach(file: ExpenseFile, *, by: User) -> None:
    """Take a file away; it stays stored, for the Region may have read it. Raises NotAllowed, NotNow."""
    _hold_filled(file.request, by)
    ExpenseFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=timezone.now())


@transaction.atomic
def send_advance(
    request: PaymentRequest, *, amount: Decimal, justification: str, by: User, version: int | None = None
) -> Event:
    """Send a request for an advance, in euros; `version` is the one that was read.

    Raises Conflict, and what `fire` raises.
    """
    hold(request)
    _check_version(request, version)
    request.asked, request.justification = amount, justification.strip()
    journal = {"amount": str(amount), "justification": request.justification}
    return _send(request, by, journal)


@transaction.atomic
def send_balance(
    request: PaymentRequest,
    lines: Sequence[ExpenseLine],
    *,
    other_public_aid: Decimal,
    by: User,
    version: int | None = None,
) -> Event:
    """Send the expenses of a balance; a line unchanged since it was accepted whole keeps its decision.

    `version` is the one that was read and attested. Raises Conflict, and what `fire` raises.
    """
    hold(request)
    _check_filled(request, by)
    _check_version(request, version)
    request.other_public_aid = other_public_aid
    _keep(request, lines)
    journal = {"lines": len(lines), "other_public_aid": str(other_public_aid)}
    return _send(request, by, journal)


def give_up(request: PaymentRequest, *, by: User) -> Event:
    """Give a request up before it is sent, or once it came back. Raises what `fire` raises."""
    return fire(request, "give_up", by=by)


@transaction.atomic
def fire(request: PaymentRequest, name: str, *, by: User | None, reason: str = "", **more: Any) -> Event:
    """Hold the dossier, the grant and the request, fire, and note it on the dossier; raises what `fire` raises."""
    hold(request)
    event = procedure.fire_held(request, name, by=by, reason=reason, **more)
    data = {"request": request.pk, "amount": str(request.amount) if request.amount is not None else ""}
    procedure.record(request.award.dossier, f"payment_{name}", by=by, reason=reason, data=data)
    return event


def _send(request: PaymentRequest, by: User, journal: Mapping[str, Any]) -> Event:
    event = procedure.fire_held(request, "submit", by=by, journal=journal)
    procedure.record(request.award.dossier, f"{request.kind}_sent", by=by, data={"request": request.pk, **journal})
    return event


def _keep(request: PaymentRequest, lines: Sequence[ExpenseLine]) -> None:
    known = {one.row: one for one in request.lines.all()}
    request.lines.exclude(row__in=[one.row for one in lines]).delete()
    for line in lines:
        line.request = request
        line.fingerprint = fingerprint(line.supplier, line.supplier_siret, line.invoice)
        before = known.get(line.row)
        if before is not None:
            line.pk = before.pk
            line._state.adding = False
            is_same = all(getattr(line, name) == getattr(before, name) for name in COMPARED)
            if is_same and before.accepted == before.amount:
                line.accepted, line.decided_by = before.accepted, before.decided_by
                line.decided_at, line.reason = before.decided_at, before.reason
        line.save()


def _hold_filled(request: PaymentRequest, by: User) -> None:
    hold(request)
    _check_filled(request, by)


def _check_version(request: PaymentRequest, version: int | None) -> None:
    """Nobody attests what a colleague wrote since: what is sent is what was read."""
    if version not in (None, request.version):
        raise Conflict(request)


def _check_filled(request: PaymentRequest, by: User) -> None:
    if not dossiers.is_applicant(by, request.award.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not request.is_filled:
        raise NotNow(NOT_EDITABLE)
