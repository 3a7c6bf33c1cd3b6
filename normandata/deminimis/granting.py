"""What writes in the ledger: a grant, its reversal, an adjustment. Each holds the account first."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Sum

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation, Undertaking, UndertakingMember
from normandata.organisations.undertakings import may_regroup
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import kind_of
from normandata.regulation.findings import Outcome, plain
from normandata.regulation.money import CENT

from . import account, regimes, rules
from .errors import CeilingExceeded, DeclarationMissing, KeyTaken
from .models import REGION, Aid, Instrument, Source
from .nace import nace

SHARED = "organisations.undertaking"
"""What the two halves of a share are about: the undertaking that came of a split."""
COMPARED = ("member_id", "on", "amount", "regime", "source", "about_kind", "about_key", "reverses_id")
"""What makes two entries of one key the same."""


@transaction.atomic
def grant(
    organisation: Organisation,
    *,
    on: date,
    amount: Decimal,
    about: models.Model,
    key: str,
    by: User | None,
    dossier: Dossier | None = None,
    instrument: str = Instrument.SERVICE.value,
    reason: str = "",
) -> Aid:
    """Write a grant of `amount` euros (gross grant equivalent) to an establishment, judged again under the lock.

    `about` is the thing it is for; the same `key` with the same content is the entry already written, reversed or not.
    `dossier` is the one whose declaration is asked for; any of the undertaking's without it. Its row, if the caller
    locks it, is locked before this one is called. Raises CeilingExceeded with the room left, DeclarationMissing,
    KeyTaken; ValueError for an amount that is not positive, to the cent, or a day before the regime in force.
    """
    if amount <= 0 or amount != amount.quantize(CENT):
        raise ValueError(f"{amount} is no amount to grant")
    if on < regimes.GENERAL_SINCE:
        raise ValueError(f"{on} is before the regime in force")
    undertaking = account.hold(organisation)
    row = Aid(
        member=_member(organisation.siren),
        organisation=organisation,
        on=on,
        amount=amount,
        regime=regimes.general_on(on),
        source=Source.PORTAL,
        instrument=instrument,
        sector=nace(organisation.activity_code, organisation.activity_nomenclature),
        authority=REGION,
        about_kind=kind_of(about),
        about_key=str(about.pk),
        key=key,
        reason=reason.strip(),
        by=by,
    )
    if known := written(row):
        return known
    assessed = account.assess_for(undertaking, on=on, amount=amount, dossier=dossier)
    _check(assessed)
    return write(row, undertaking, "de_minimis_granted", assessed.as_record())


@transaction.atomic
def reverse(aid: Aid, *, by: User | None, reason: str, key: str) -> Aid:
    """Take an aid back, whole, on its own day. The same `key` is the reversal already written.

    Raises ReasonMissing; NotDone for what is not reversed but replaced (a declaration) or undone with its other half
    (a transfer), NotNow when it is reversed already, KeyTaken.
    """
    why = why_of(reason)
    undertaking = account.hold(aid.member.siren)
    row = Aid(
        member_id=aid.member_id,
        organisation_id=aid.organisation_id,
        on=aid.on,
        amount=-aid.amount,
        regime=aid.regime,
        source=aid.source,
        instrument=aid.instrument,
        sector=aid.sector,
        authority=aid.authority,
        operator=aid.operator,
        about_kind=aid.about_kind,
        about_key=aid.about_key,
        key=key,
        reverses=aid,
        reason=why,
        by=by,
    )
    if known := written(row):
        return known
    if aid.source == Source.DECLARATION:
        raise NotDone("Une aide déclarée ne s’annule pas : une nouvelle déclaration du dossier la remplace.")
    if aid.reverses_id or aid.amount < 0:
        raise NotDone("Cette écriture retire déjà un montant : elle ne s’annule pas.")
    if Aid.objects.filter(reverses=aid).exists():
        raise NotNow("Cette aide est déjà annulée.")
    if _is_shared(aid):
        raise NotDone(
            "Une part de cette aide a suivi une séparation d’entreprise : partagez-la d’abord en sens inverse."
        )
    return write(row, undertaking, "de_minimis_reversed", {"reverses": aid.key})


@transaction.atomic
def adjust(siren: str, *, on: date, amount: Decimal, by: User, reason: str, key: str) -> Aid:
    """Count an aid that no source tells, or that was wrongly taken for another; an agent says why.

    The aid exists already, whoever granted it: the ceiling is not asked. Raises NotAllowed, ReasonMissing, KeyTaken,
    ValueError for an amount that is not positive, to the cent.
    """
    if amount <= 0 or amount != amount.quantize(CENT):
        raise ValueError(f"{amount} is no amount to count")
    if not may_regroup(by):
        raise NotAllowed("Votre compte ne permet pas ce geste.")
    why = why_of(reason)
    undertaking = account.hold(siren)
    row = Aid(
        member=_member(siren),
        on=on,
        amount=amount,
        regime=regimes.general_on(on),
        source=Source.ADJUSTMENT,
        key=key,
        reason=why,
        by=by,
    )
    return written(row) or write(row, undertaking, "de_minimis_adjusted", {})


def _check(assessed: account.Assessed) -> None:
    """Raise unless the regime in force is respected; the expired one never refuses."""
    reading = assessed.assessment.readings[rules.IN_FORCE]
    message = assessed.verdict.findings[0].message
    if reading.remaining is None:
        who = assessed.account
        wanting = f"{account.uncovered(who)}." if who.declared and who.uncovered else message
        raise DeclarationMissing(
            f"{wanting} L’entreprise déclare ses aides avant tout octroi (règlement (UE) {rules.IN_FORCE}, article 7)."
        )
    if reading.outcome is not Outcome.MET:
        raise CeilingExceeded(message, room=reading.remaining)


def written(row: Aid) -> Aid | None:
    """Return the entry of this key; raises KeyTaken when it says something else."""
    found = Aid.objects.filter(key=row.key).first()
    if found is not None and any(getattr(found, name) != getattr(row, name) for name in COMPARED):
        raise KeyTaken("Cette écriture existe déjà avec un autre contenu : rechargez la page.")
    return found


def write(row: Aid, undertaking: Undertaking, name: str, data: dict[str, Any]) -> Aid:
    """Write an entry and its line of the journal, on the undertaking."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Two accounts at once and one key: the other transaction is over by now.
        if known := written(row):
            return known
        raise
    procedure.record(
        undertaking,
        name,
        by=row.by,
        reason=row.reason,
        data={"key": row.key, "about": f"{row.about_kind}:{row.about_key}", "entry": plain(row.amount), **data},
    )
    return row


def _member(siren: str) -> UndertakingMember:
    return UndertakingMember.objects.get(siren=siren)


def _is_shared(aid: Aid) -> bool:
    """Tell whether a part of what this SIREN held on that day is elsewhere since a split."""
    moved = Aid.objects.filter(member=aid.member_id, on=aid.on, about_kind=SHARED, source=Source.ADJUSTMENT)
    return bool(moved.aggregate(total=Sum("amount"))["total"])


def why_of(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    return reason.strip()
