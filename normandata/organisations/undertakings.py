"""The single undertakings (Reg. (EU) 2023/2831, art. 2(2)): which SIRENs add up, and the lock on what they hold.

A SIREN's place is its row of `UndertakingMember`; `Organisation.undertaking` follows it. Several accounts are always
locked in the order of their keys.
"""

from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from stdnum.fr import siren as siren_number

from normandata.accounts.models import Role, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.regulation.formats import listing

from .models import Organisation, Undertaking, UndertakingMember
from .services import undertaking_of
from .siret import compact, written_siren

Whose = str | Undertaking | Organisation
"""An undertaking, or somebody in it: a SIREN, an establishment."""

LONGEST_REASON = 500


class _Moved(Exception):
    """Another undertaking holds the SIREN by now."""


def may_regroup(user: User) -> bool:
    """Tell whether this person may say which SIRENs make one undertaking: an agent of any scheme."""
    return user.schemes_as(Role.AGENT, Role.LEAD_AGENT) != frozenset()


def hold(whose: Whose) -> Undertaking:
    """Lock an account until the end of the caller's transaction, and return its row; a lone SIREN gets one.

    Whoever waited for a merge or a split finds the undertaking that came of it. Hold one account a transaction: two
    of them are locked together, by `hold_both`. Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("an account is held within a transaction")
    while True:
        found = _standing(whose)
        try:
            with transaction.atomic():
                locked = Undertaking.objects.select_for_update().get(pk=found.pk)
                if _standing(whose) == locked:
                    return locked
                # Leaving the savepoint gives the row back: nobody waits for one account while holding another.
                raise _Moved
        except _Moved:
            continue


def hold_both(first: Whose, second: Whose) -> tuple[Undertaking, Undertaking]:
    """Lock two accounts in the order of their keys; one that was merged meanwhile raises NotNow."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("an account is held within a transaction")
    pair = (_account(first), _account(second))
    rows = Undertaking.objects.select_for_update().filter(pk__in={row.pk for row in pair}).order_by("pk")
    held = {row.pk: row for row in rows}
    if any(
        _account(whose) != row or held[row.pk].absorbed_by_id for whose, row in zip((first, second), pair, strict=True)
    ):
        raise NotNow("L’une des deux a été regroupée ou séparée entre-temps : rechargez la page.")
    return held[pair[0].pk], held[pair[1].pk]


@transaction.atomic
def join(undertaking: Undertaking, siren: str, *, by: User, reason: str) -> Undertaking:
    """Add a SIREN that the portal does not know, or that is alone, to an undertaking.

    Raises NotAllowed, ReasonMissing, NotDone when this is no SIREN or it stands with others elsewhere, NotNow when it
    is already there.
    """
    why = _reason(reason, by)
    number = compact(siren)
    if not (number.isascii() and siren_number.is_valid(number)):
        raise NotDone(f"« {siren} » n’est pas un SIREN : il en faut neuf chiffres, clé comprise.")
    member = UndertakingMember.objects.select_related("undertaking").filter(siren=number).first()
    if member is not None:
        return _take_in(undertaking, member, why, by)
    held = hold(undertaking)
    try:
        with transaction.atomic():
            UndertakingMember.objects.create(undertaking=held, siren=number, reason=why)
    except IntegrityError as error:
        raise NotNow("Ce SIREN vient d’être inscrit par ailleurs : rechargez la page.") from error
    procedure.record(held, "undertaking_joined", by=by, reason=why, data={"sirens": [number]})
    return held


@transaction.atomic
def merge(kept: Undertaking, absorbed: Undertaking, *, by: User, reason: str) -> Undertaking:
    """Make one undertaking of two: all earlier aid of both counts from now on (art. 3(8)); the absorbed one stays.

    Raises NotAllowed, ReasonMissing, NotDone for an undertaking and itself, NotNow when one was merged meanwhile.
    """
    why = _reason(reason, by)
    if kept.pk == absorbed.pk:
        raise NotDone("Choisissez deux entreprises uniques différentes.")
    first, second = hold_both(kept, absorbed)
    return _absorb(first, second, why, by)


@transaction.atomic
def split_off(siren: str, *, by: User, reason: str) -> Undertaking:
    """Give a SIREN an undertaking of its own, and return it; its aids go with it.

    The ledger's share of the split (art. 3(9)) is `normandata.deminimis.regrouping.split`, which calls this.
    Raises NotAllowed, ReasonMissing, NotDone when the SIREN is alone or unknown.
    """
    why = _reason(reason, by)
    if not UndertakingMember.objects.filter(siren=siren).exists():
        raise NotDone(f"Le SIREN {written_siren(siren)} n’est pas connu du portail.")
    left = hold(siren)
    if left.members.count() < 2:
        raise NotDone("Ce SIREN est seul dans son entreprise unique : il n’y a rien à séparer.")
    named = Organisation.objects.filter(siren=siren).exclude(name="").order_by("pk").first()
    own = Undertaking.objects.create(name=named.name if named else "")
    _move([siren], own, why)
    procedure.record(left, "undertaking_split", by=by, reason=why, data={"sirens": [siren], "to": own.pk})
    procedure.record(own, "undertaking_split", by=by, reason=why, data={"sirens": [siren], "from": left.pk})
    return own


def _standing(whose: Whose) -> Undertaking:
    """Find where somebody stands now; an absorbed undertaking leads to the one that absorbed it."""
    if isinstance(whose, Undertaking):
        found = Undertaking.objects.select_related("absorbed_by").get(pk=whose.pk)
        return _standing(found.absorbed_by) if found.absorbed_by else found
    return undertaking_of(whose if isinstance(whose, str) else whose.siren)


def _account(whose: Whose) -> Undertaking:
    """Take an undertaking as it is given, absorbed or not: its author meant that one."""
    return whose if isinstance(whose, Undertaking) else _standing(whose)


def _take_in(undertaking: Undertaking, member: UndertakingMember, why: str, by: User) -> Undertaking:
    """Take in a SIREN that has an account already, provided that it is alone in it."""
    if member.undertaking_id == undertaking.pk:
        raise NotNow(f"Le SIREN {written_siren(member.siren)} fait déjà partie de cette entreprise unique.")
    kept, other = hold_both(undertaking, member.undertaking)
    sirens = list(other.members.order_by("siren").values_list("siren", flat=True))
    if member.siren not in sirens:
        raise NotNow("Ce SIREN a changé d’entreprise unique entre-temps : rechargez la page.")
    if len(sirens) > 1:
        others = listing([written_siren(each) for each in sirens if each != member.siren])
        raise NotDone(
            f"Le SIREN {written_siren(member.siren)} fait partie de « {other} », avec {others}. "
            "Regroupez les deux entreprises uniques, ou séparez-le d’abord."
        )
    return _absorb(kept, other, why, by)


def _absorb(kept: Undertaking, absorbed: Undertaking, why: str, by: User) -> Undertaking:
    """Move every SIREN of one held undertaking to the other."""
    sirens = list(absorbed.members.order_by("siren").values_list("siren", flat=True))
    _move(sirens, kept, why)
    absorbed.absorbed_by = kept
    absorbed.save(update_fields=["absorbed_by"])
    procedure.record(kept, "undertaking_merged", by=by, reason=why, data={"sirens": sirens, "from": absorbed.pk})
    procedure.record(absorbed, "undertaking_merged", by=by, reason=why, data={"sirens": sirens, "to": kept.pk})
    return kept


def _move(sirens: list[str], to: Undertaking, why: str) -> None:
    UndertakingMember.objects.filter(siren__in=sirens).update(undertaking=to, since=timezone.now(), reason=why)
    Organisation.objects.filter(siren__in=sirens).update(undertaking=to)


def _reason(reason: str, by: User) -> str:
    if not may_regroup(by):
        raise NotAllowed("Votre compte ne permet pas ce geste.")
    why = reason.strip()
    if not why:
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")
    if len(why) > LONGEST_REASON:
        raise NotDone(f"Le motif compte {len(why)} signes : {LONGEST_REASON} au plus.")
    return why
