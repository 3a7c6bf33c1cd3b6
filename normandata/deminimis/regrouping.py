"""Splitting an undertaking, with the share of its aid that each part takes (règlement 2023/2831, article 3(9)).

A SIREN leaves with the aids it was granted. What the other part's activity used, or the share by equity, is moved
by two adjustments of the same day that sum to zero. Joining and merging, which move no aid, are in
`normandata.organisations.undertakings`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from normandata.accounts.models import User
from normandata.organisations import undertakings
from normandata.organisations.models import Undertaking, UndertakingMember
from normandata.procedure.errors import NotAllowed, NotDone
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros
from normandata.regulation.money import CENT, ZERO

from . import account, granting, reckoning, regimes
from .models import Aid, Source


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what a SIREN received on a day, in euros, that follows another one."""

    on: date
    amount: Decimal
    giver: str
    taker: str


@transaction.atomic
def split(siren: str, *, shares: Sequence[Share] = (), by: User, reason: str, key: str) -> Undertaking:
    """Give a SIREN an undertaking of its own, and move what aid goes or stays with the activity; return the new one.

    Each share is between the SIREN and one that stays. Raises what `split_off` and `share` do; then nothing is done.
    """
    left = account.hold(siren)
    staying = set(left.members.exclude(siren=siren).values_list("siren", flat=True))
    for part in shares:
        if {part.giver, part.taker} - {siren} - staying or siren not in (part.giver, part.taker):
            raise NotDone("Un partage va du SIREN qui part à un SIREN qui reste, ou l’inverse.")
    own = undertakings.split_off(siren, by=by, reason=reason)
    for rank, part in enumerate(shares, start=1):
        share(part, by=by, reason=reason, key=f"{key}:{rank}")
    return own


@transaction.atomic
def share(part: Share, *, by: User, reason: str, key: str) -> tuple[Aid, Aid]:
    """Move a part of what a SIREN received on a day to another; the same part the other way undoes it.

    What a dossier declares is not moved: its next declaration says it. Raises NotAllowed, ReasonMissing, KeyTaken,
    NotDone when the SIREN does not hold that much on that day.
    """
    if not undertakings.may_regroup(by):
        raise NotAllowed("Votre compte ne permet pas ce geste.")
    why = granting.why_of(reason)
    if part.giver == part.taker:
        raise NotDone("Un partage a lieu entre deux SIREN différents.")
    if part.amount <= ZERO or part.amount != part.amount.quantize(CENT):
        raise NotDone("Le montant partagé est positif, au centime.")
    giving, taking = undertakings.hold_both(part.giver, part.taker)
    rows = [_half(part, siren, sign, taking, why, by, key) for siren, sign in ((part.giver, -1), (part.taker, 1))]
    known = [granting.written(row) for row in rows]
    if known[0] and known[1]:
        return known[0], known[1]
    _check(part, giving)
    first, second = (
        granting.write(row, whose, "de_minimis_shared", {"from": part.giver, "to": part.taker})
        for row, whose in zip(rows, (giving, taking), strict=True)
    )
    return first, second


def _half(part: Share, siren: str, sign: int, taking: Undertaking, why: str, by: User, key: str) -> Aid:
    return Aid(
        member=UndertakingMember.objects.get(siren=siren),
        on=part.on,
        amount=sign * part.amount,
        regime=regimes.general_on(part.on),
        source=Source.ADJUSTMENT,
        about_kind=granting.SHARED,
        about_key=str(taking.pk),
        key=f"{key}:{'gives' if sign < 0 else 'takes'}",
        reason=why,
        by=by,
    )


def _check(part: Share, giving: Undertaking) -> None:
    lines = account.read(giving).counted
    held = reckoning.total(
        line
        for line in lines
        if (line.entry.siren, line.entry.on) == (part.giver, part.on) and line.entry.source != reckoning.DECLARATION
    )
    if part.amount > held:
        raise NotDone(
            f"Le {written_day(part.on)}, ce SIREN ne tient que {euros(max(ZERO, held))} d’octrois, de lignes du "
            f"registre ou d’ajustements : {euros(part.amount)} ne peuvent pas en partir."
        )
