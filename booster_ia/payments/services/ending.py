"""The end of a grant: justified by its balance, closed once nothing is awaited, or lapsed by two people.

The conditions and effects are those of the dossier's own table (`booster_ia.workflow`).
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.budgets import ledger
from normandata.budgets import services as budgets
from normandata.deminimis import granting
from normandata.deminimis.models import Aid
from normandata.dossiers import permissions as dossiers
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.procedure.models import Event, kind_of
from normandata.procedure.services import Firing

from ...awards import Award
from .. import states
from ..recoveries import Lapse, Recovery
from ..requests import PaymentRequest
from .holding import hold_award
from .recoveries import asked_back, open_recovery

LAPSABLE = ("notified", "in_progress")


# --------------------------------------------------------------------------------------------------------- gestures
def open_lapse(award: Award) -> Lapse | None:
    """Return the lapse that waits for a second person, if any."""
    return Lapse.objects.filter(award=award, decided_at=None).select_related("by").first()


@transaction.atomic
def propose_lapse(award: Award, *, reason: str, by: User) -> Lapse:
    """Propose that a grant lapse; a second person decides. Raises NotAllowed, NotNow, ReasonMissing."""
    held = hold_award(award)
    if not dossiers.can_examine(by, held.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if held.dossier.state not in LAPSABLE:
        raise NotNow(procedure.TOO_LATE)
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : la structure le lit si la caducité est décidée.")
    try:
        with transaction.atomic():
            made = Lapse.objects.create(award=held, reason=reason.strip(), by=by)
    except IntegrityError as error:
        raise NotNow("Une caducité est déjà proposée sur ce dossier.") from error
    procedure.record(held.dossier, "lapse_proposed", by=by, reason=made.reason)
    return made


@transaction.atomic
def drop_lapse(award: Award, *, reason: str, by: User) -> None:
    """Set a proposed lapse aside, with a reason: by anybody who instructs. Raises NotAllowed, NotNow, ReasonMissing."""
    held = hold_award(award)
    if not dossiers.can_examine(by, held.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    found = open_lapse(held)
    if found is None:
        raise NotNow(procedure.TOO_LATE)
    if not reason.strip():
        raise ReasonMissing("Dites pourquoi la caducité est écartée : le motif est versé au journal.")
    found.decided_by, found.decided_at = by, timezone.now()
    found.save(update_fields=["decided_by", "decided_at"])
    procedure.record(held.dossier, "lapse_dropped", by=by, reason=reason)


@transaction.atomic
def lapse(award: Award, *, by: User) -> Event:
    """Decide a lapse that a colleague proposed; raises what `fire` raises, NotNow when none is proposed."""
    held = hold_award(award)
    found = open_lapse(held)
    if found is None:
        raise NotNow("Aucune caducité n’est proposée sur ce dossier.")
    return procedure.fire_held(held.dossier, "lapse", by=by, reason=found.reason, award=held, lapse=found)


# ------------------------------------------------------------------------------------------------------- conditions
def is_proposed_by_another(firing: Firing) -> list[str]:
    """A lapse rests on the proposal of a colleague."""
    found: Lapse | None = firing.data.get("lapse")
    if found is None:
        return ["Proposez d’abord la caducité : une autre personne la décide."]
    return (
        ["Vous avez proposé cette caducité : une autre personne la décide."] if found.by_id == firing.author.pk else []
    )


def nothing_is_in_hand(firing: Firing) -> list[str]:
    """What the organisation sent is answered before its grant lapses."""
    waiting = PaymentRequest.objects.filter(award__dossier=firing.thing, state__in=(states.SUBMITTED, states.CHECKED))
    return ["Une demande de paiement attend sa réponse : terminez-la d’abord."] if waiting.exists() else []


def is_paid_up(firing: Firing) -> list[str]:
    """Every certified payment has its mandate."""
    waiting = PaymentRequest.objects.filter(award__dossier=firing.thing, state=states.CERTIFIED)
    return ["Un paiement certifié attend son numéro de mandat."] if waiting.exists() else []


def no_recovery_pends(firing: Firing) -> list[str]:
    waiting = Recovery.objects.pending().filter(award__dossier=firing.thing)
    return ["Un reversement est en cours : son titre, ou son abandon, vient d’abord."] if waiting.exists() else []


# ---------------------------------------------------------------------------------------------------------- effects
def keep_final_grant(firing: Firing) -> None:
    """The dossier now counts for what is finally granted."""
    firing.thing.amount = firing.data["request"].final_grant


def let_lapse(firing: Firing) -> None:
    """Free the commitment, reverse the aid of a grant never paid, ask back an advance, tell the organisation."""
    dossier: Dossier = firing.thing
    award: Award = firing.data["award"]
    found: Lapse = firing.data["lapse"]
    found.decided_by, found.decided_at, found.is_confirmed = firing.author, firing.at, True
    found.save(update_fields=["decided_by", "decided_at", "is_confirmed"])
    for request in PaymentRequest.objects.filter(award=award, state__in=states.FILLED):
        procedure.fire(request, "drop", by=None, at=firing.at)
    if ledger.position(award.envelope, award).held:
        budgets.release(
            award.envelope, award, key=f"award:{award.pk}:lapse", by=firing.by, reason=firing.reason, at=firing.at
        )
    due = award.paid - asked_back(award)
    if not award.paid:
        for aid in Aid.objects.filter(about_kind=kind_of(award), about_key=str(award.pk), reverses=None):
            granting.reverse(aid, by=firing.by, reason=firing.reason, key=f"booster:{award.pk}:lapse")
    elif due > 0 and not award.recoveries.pending().exists():
        said = f"Subvention caduque : {firing.reason}"
        open_recovery(award, Recovery.Kind.LAPSE, amount=due, reason=said, by=firing.author)
    dossier.amount = award.paid
    thread.tell(dossier, "booster_ia.lapsed", also={"motif": firing.reason})


def tell_closed(firing: Firing) -> None:
    thread.tell(firing.thing, "booster_ia.closed")
