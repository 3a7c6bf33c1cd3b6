"""The table of a repayment order: the structure is heard, a second person decides, finance issues the « titre »."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from normandata.dossiers.services import thread
from normandata.procedure.services import Firing, Procedure
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced
from normandata.ui.templatetags.nd import hour
from normandata.workflow.table import Reason, Transition, Workflow

from . import papers, permissions, reckoning
from .states import ISSUED, NOTIFIED, OPENED, ORDERED, RECOVERIES, WAIVED

if TYPE_CHECKING:
    from .recoveries import Recovery

TRANSITIONS = (
    Transition(
        "notify",
        "Envoyer le courrier contradictoire",
        (OPENED,),
        NOTIFIED,
        permission="notify",
        effect="send_letter",
    ),
    Transition(
        "observe",
        "Présenter des observations",
        (NOTIFIED,),
        permission="apply",
        conditions=("in_time", "as_answered"),
        effect="keep_observations",
        turn="agent",
    ),
    Transition(
        "order",
        "Signer l’ordre de reversement",
        (NOTIFIED,),
        ORDERED,
        permission="decide",
        conditions=("by_another", "was_heard", "as_heard"),
        effect="send_order",
        reason=Reason.OPTIONAL,
        is_danger=True,
    ),
    Transition(
        "waive",
        "Abandonner le reversement",
        (OPENED, NOTIFIED, ORDERED),
        WAIVED,
        permission="decide",
        conditions=("by_another", "as_heard"),
        effect="keep_waiver",
        reason=Reason.REQUIRED,
    ),
    Transition("issue", "Inscrire le titre de recette", (ORDERED,), ISSUED, permission="issue", effect="keep_claim"),
    Transition(
        "correct_claim",
        "Corriger le titre de recette",
        (ISSUED,),
        permission="issue",
        effect="keep_claim",
        reason=Reason.REQUIRED,
    ),
)


# ------------------------------------------------------------------------------------------------------- conditions
def in_time(firing: Firing) -> list[str]:
    """Observations are received until their last day, and one that is decided takes no more."""
    recovery: Recovery = firing.thing
    if recovery.observations_by and timezone.localdate(firing.at) > recovery.observations_by:
        return [f"Le délai a pris fin le {written_day(recovery.observations_by)} : écrivez par le fil d’échanges."]
    return [] if firing.data["observations"].strip() else ["Écrivez vos observations avant de les envoyer."]


def by_another(firing: Firing) -> list[str]:
    """Whoever opened it or sent the letter does not decide; whoever signed the order does not give it up."""
    if firing.author.pk in (firing.thing.opened_by_id, firing.thing.notified_by_id):
        return ["Vous avez ouvert ce reversement : une autre personne le décide."]
    if firing.thing.decided_by_id == firing.author.pk:
        return ["Vous avez signé cet ordre : une autre personne peut l’abandonner."]
    return []


def was_heard(firing: Firing) -> list[str]:
    """The organisation answered, or its time is over (CRPA, art. L121-1)."""
    recovery: Recovery = firing.thing
    if recovery.observations_by is None or recovery.may_be_ordered(timezone.localdate(firing.at)):
        return []
    day = written_day(recovery.observations_by)
    return [spaced(f"La structure peut présenter des observations jusqu’au {day} : attendez-les, ou cette date.")]


def as_heard(firing: Firing) -> list[str]:
    """What is decided on is what the organisation last wrote."""
    if firing.data.get("seen") in (None, firing.thing.mark):
        return []
    return ["La structure a envoyé des observations depuis que vous avez lu cette page : lisez-les avant de décider."]


def as_answered(firing: Firing) -> list[str]:
    """A text replaces the one that its author read, never that of a colleague unread."""
    recovery: Recovery = firing.thing
    if firing.data.get("seen") in (None, recovery.mark):
        return []
    at = f" à {hour(recovery.observed_at)}" if recovery.observed_at else ""
    said = f"{recovery.observed_by} a envoyé des observations{at} : lisez-les ci-dessous."
    return [spaced(f"{said} Votre texte est gardé : envoyez-le de nouveau pour qu’il les remplace.")]


# ---------------------------------------------------------------------------------------------------------- effects
def send_letter(firing: Firing) -> None:
    """Send the adversarial letter; the period runs from the day it leaves."""
    recovery: Recovery = firing.thing
    today = timezone.localdate(firing.at)
    recovery.notified_by, recovery.notified_on = firing.author, today
    recovery.observations_by = today + timedelta(days=reckoning.adversarial_days(today))
    recovery.letter = papers.adversarial(recovery, at=firing.at)
    tell(recovery, "recovery_notified", date_limite=written_day(recovery.observations_by), motif=recovery.reason)


def keep_observations(firing: Firing) -> None:
    """Keep what the organisation answers, word for word; sent again before its last day, it replaces the first."""
    recovery: Recovery = firing.thing
    recovery.observations = firing.data["observations"].strip()
    recovery.observed_by, recovery.observed_at = firing.author, firing.at
    thread.alert(recovery.award.dossier, "booster_ia.recovery_observed", **said(recovery))


def send_order(firing: Firing) -> None:
    recovery: Recovery = firing.thing
    recovery.decided_by, recovery.decided_at, recovery.decision = firing.author, firing.at, firing.reason
    recovery.order = papers.repayment_order(recovery, at=firing.at)
    tell(recovery, "recovery_ordered", motif=recovery.reason)


def keep_waiver(firing: Firing) -> None:
    """Keep why nothing is asked back; an organisation that knew nothing of it is not told."""
    recovery: Recovery = firing.thing
    recovery.decided_by, recovery.decided_at, recovery.decision = firing.author, firing.at, firing.reason
    if recovery.notified_on is not None:
        tell(recovery, "recovery_waived", motif=firing.reason)


def keep_claim(firing: Firing) -> None:
    recovery: Recovery = firing.thing
    recovery.claim, recovery.claimed_on = firing.data["number"], firing.data["on"]
    tell(recovery, "recovery_issued", titre=recovery.claim, date=written_day(recovery.claimed_on))


def said(recovery: "Recovery") -> dict[str, str]:
    """Return the tags that every mail about a repayment knows."""
    return {"montant": euros(recovery.amount), "nature": recovery.get_kind_display().lower()}


def tell(recovery: "Recovery", kind: str, **also: str) -> None:
    thread.tell(recovery.award.dossier, f"booster_ia.{kind}", also=said(recovery) | also)


PROCEDURE = Procedure(
    Workflow(RECOVERIES, TRANSITIONS),
    permissions={
        "notify": permissions.notify,
        "apply": permissions.apply,
        "decide": permissions.decide,
        "issue": permissions.certify,
    },
    conditions={
        "in_time": in_time,
        "by_another": by_another,
        "was_heard": was_heard,
        "as_heard": as_heard,
        "as_answered": as_answered,
    },
    effects={
        "send_letter": send_letter,
        "keep_observations": keep_observations,
        "send_order": send_order,
        "keep_waiver": keep_waiver,
        "keep_claim": keep_claim,
    },
)
