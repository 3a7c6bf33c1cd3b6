"""The gestures on an envelope. Each holds its row first, is known by its key, and writes one entry.

The same key with the same content gives the same entry back, whoever repeats it and whatever has happened since; with
another content it is refused. A refusal writes nothing. Amounts are in euros, on the basis of the envelope.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.functions import Round
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import ReasonMissing
from normandata.regulation.money import ZERO

from . import ledger
from .amounts import BALANCES, MOST, Balances, checked, written
from .errors import NotCommitted, NotEnough, NothingHeld, OtherContent
from .ledger import Thing, thing_of
from .models import LONGEST_KEY, Entry, Envelope, Kind

NOTHING_COMMITTED = "Rien n’est engagé ici : passez d’abord l’engagement, le paiement vient ensuite."
NOTHING_HELD = "Rien n’est réservé ni engagé ici : il n’y a rien à libérer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a gesture asks. No amount is all that the thing holds; no day is that of the entry."""

    kind: Kind
    about: Thing = ("", "")
    amount: Decimal = ZERO
    is_last: bool = False
    act: str = ""
    day: date | None = None
    reason: str = ""

    def is_that_of(self, entry: Entry) -> bool:
        """Tell whether an entry was written for this."""
        return (
            entry.kind == self.kind
            and (entry.about_kind, entry.about_key) == self.about
            and self.amount in (ZERO, entry.amount)
            and self.day in (None, entry.day)
            and (entry.is_last, entry.act, entry.reason) == (self.is_last, self.act, self.reason)
        )


Moving = Callable[[Envelope, Asked], Balances]


def hold(*envelopes: Envelope) -> None:
    """Lock the rows of envelopes until the end of the transaction and bring the objects up to date.

    Several are locked in the order of their keys. Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("an envelope is held in the transaction of its entry")
    for envelope in sorted(envelopes, key=lambda one: one.pk):
        envelope.refresh_from_db(from_queryset=Envelope.objects.select_for_update())


def open_envelope(scheme: str, label: str, *, basis: str, by: User | None, year: int | None = None) -> Envelope:
    """Open an envelope without credits; raises ValidationError for one that exists or that says too little."""
    envelope = Envelope(scheme=scheme, label=label.strip(), year=year, basis=basis)
    with transaction.atomic():
        envelope.full_clean()
        envelope.save()
        procedure.record(envelope, "open_envelope", by=by)
    return envelope


def vote(
    envelope: Envelope, amount: Decimal, *, act: str, day: date, key: str, by: User | None, at: datetime | None = None
) -> Entry:
    """Add what a deliberation voted, or take back from the free money what it withdraws (an amount below zero).

    `act` names the deliberation and `day` is its date. Raises ValueError (amount, key), ReasonMissing (no act),
    NotEnough, OtherContent.
    """
    if not act.strip():
        raise ReasonMissing("Indiquez la délibération qui vote ces crédits.")
    asked = Asked(kind=Kind.VOTE, amount=written(amount), act=act.strip(), day=day)
    with transaction.atomic():
        entry, is_new = _enter(envelope, asked, _vote, key=key, by=by, at=at)
        if is_new:
            procedure.record(
                envelope, "vote", by=by, reason=asked.act, data={"amount": str(asked.amount), "entry": entry.pk}
            )
    return entry


def reserve(
    envelope: Envelope,
    about: models.Model,
    amount: Decimal,
    *,
    key: str,
    by: User | None,
    act: str = "",
    at: datetime | None = None,
) -> Entry:
    """Set free money aside for a thing. Raises ValueError (amount, key), NotEnough, OtherContent."""
    asked = Asked(kind=Kind.RESERVE, about=thing_of(about), amount=checked(amount), act=act.strip())
    return _enter(envelope, asked, _reserve, key=key, by=by, at=at)[0]


def commit(
    envelope: Envelope,
    about: models.Model,
    amount: Decimal,
    *,
    key: str,
    by: User | None,
    act: str = "",
    at: datetime | None = None,
) -> Entry:
    """Commit money for a thing by an order: all its reservation goes, what is left of it is freed.

    What the order takes above the reservation comes from the free money. Raises ValueError (amount, key), NotEnough,
    OtherContent.
    """
    asked = Asked(kind=Kind.COMMIT, about=thing_of(about), amount=checked(amount), act=act.strip())
    return _enter(envelope, asked, _commit, key=key, by=by, at=at)[0]


def pay(
    envelope: Envelope,
    about: models.Model,
    amount: Decimal,
    *,
    key: str,
    by: User | None,
    is_last: bool = False,
    act: str = "",
    at: datetime | None = None,
) -> Entry:
    """Pay what is committed for a thing; the last payment frees what is left of the commitment.

    Raises ValueError (amount, key), NothingHeld, NotCommitted, OtherContent.
    """
    asked = Asked(kind=Kind.PAY, about=thing_of(about), amount=checked(amount), is_last=is_last, act=act.strip())
    return _enter(envelope, asked, _pay, key=key, by=by, at=at)[0]


def release(
    envelope: Envelope, about: models.Model, *, key: str, by: User | None, reason: str, at: datetime | None = None
) -> Entry:
    """Free all that is reserved and committed for a thing, never what is paid.

    Raises ValueError (key), ReasonMissing, NothingHeld, OtherContent.
    """
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif de la libération : il reste au compte.")
    asked = Asked(kind=Kind.RELEASE, about=thing_of(about), reason=reason.strip())
    return _enter(envelope, asked, _release, key=key, by=by, at=at)[0]


# ---------------------------------------------------------------------------------- how each gesture moves the balances
def _vote(envelope: Envelope, asked: Asked) -> Balances:
    if envelope.voted + asked.amount > MOST:
        raise ValueError(f"an envelope holds {MOST} at most")
    _require(envelope, -asked.amount)
    return Balances(voted=asked.amount)


def _reserve(envelope: Envelope, asked: Asked) -> Balances:
    _require(envelope, asked.amount)
    return Balances(reserved=asked.amount)


def _commit(envelope: Envelope, asked: Asked) -> Balances:
    reserved = ledger.position(envelope, asked.about).reserved
    _require(envelope, asked.amount - reserved)
    return Balances(reserved=-reserved, committed=asked.amount)


def _pay(envelope: Envelope, asked: Asked) -> Balances:
    committed = ledger.position(envelope, asked.about).committed
    if not committed:
        raise NothingHeld(NOTHING_COMMITTED)
    if asked.amount > committed:
        raise NotCommitted(committed, asked.amount, unit=envelope.unit)
    return Balances(committed=-(committed if asked.is_last else asked.amount), paid=asked.amount)


def _release(envelope: Envelope, asked: Asked) -> Balances:
    position = ledger.position(envelope, asked.about)
    if not position.held:
        raise NothingHeld(NOTHING_HELD)
    return Balances(reserved=-position.reserved, committed=-position.committed)


def _require(envelope: Envelope, wanted: Decimal) -> None:
    if wanted > envelope.free:
        raise NotEnough(envelope.free, wanted, label=str(envelope), unit=envelope.unit)


# -------------------------------------------------------------------------------------------------------------- writing
def _enter(
    envelope: Envelope, asked: Asked, moving: Moving, *, key: str, by: User | None, at: datetime | None
) -> tuple[Entry, bool]:
    """Hold the envelope, then give back the entry of this key or write it; say whether it is new."""
    if not key.strip() or len(key) > LONGEST_KEY:
        raise ValueError(f"an entry has a key of {LONGEST_KEY} characters at most, not {key!r}")
    with transaction.atomic():
        hold(envelope)
        entry = Entry.objects.filter(envelope=envelope, key=key).first()
        if entry is not None and not asked.is_that_of(entry):
            raise OtherContent
        if entry is not None:
            return entry, False
        return _write(envelope, asked, moving(envelope, asked), key=key, by=by, at=at or timezone.now()), True


def _write(envelope: Envelope, asked: Asked, moves: Balances, *, key: str, by: User | None, at: datetime) -> Entry:
    """Move the row by differences, which the database checks even without the lock, and write the entry."""
    changes = {name: amount for name in BALANCES if (amount := getattr(moves, name))}
    Envelope.objects.filter(pk=envelope.pk).update(
        **{name: Round(F(name) + amount, 2) for name, amount in changes.items()}  # SQLite adds in binary
    )
    after = envelope.balances + moves
    for name in changes:
        setattr(envelope, name, getattr(after, name))
    kind, about = asked.about
    return Entry.objects.create(
        envelope=envelope,
        kind=asked.kind,
        amount=asked.amount or moves.free,
        key=key,
        about_kind=kind,
        about_key=about,
        is_last=asked.is_last,
        **{name: getattr(moves, name) for name in BALANCES},
        **{f"{name}_after": getattr(after, name) for name in BALANCES},
        day=asked.day or timezone.localdate(at),
        act=asked.act,
        reason=asked.reason,
        at=at,
        by=by,
    )
