"""A proposal as the kernel's dossiers carry it: how it is judged and kept, its dates, its outcome."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from normandata.dossiers import delays, periods, states
from normandata.dossiers.applications import Case
from normandata.dossiers.delays import PARIS
from normandata.dossiers.forms import Typed
from normandata.dossiers.models import Dossier, Section
from normandata.dossiers.periods import Window
from normandata.dossiers.procedures import procedure_of
from normandata.dossiers.services import thread
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from normandata.procedure.errors import Unmet
from normandata.procedure.services import Firing
from normandata.regulation.findings import Verdict
from normandata.regulation.formats import spaced
from normandata.workflow.table import Reason, Transition

from ..permissions import SCHEME
from . import rules, workflow
from .models import Call, CallProposal, Place
from .sections import CALL, OUTSIDE, PROJECT, STRUCTURE, YES

NOT_CHOSEN = "Choisissez d’abord l’appel auquel vous répondez."
CANCELLED = "Cet appel est annulé."
ANOTHER_CALL = (
    "Une proposition déposée reste dans son appel, « {title} ». Pour répondre à un autre, commencez une autre "
    "proposition."
)
PUBLISHED = "Le bilan de l’appel est publié : retirez-le avant de reprendre l’examen."
TOO_LATE = "Le bilan de l’appel est publié : il ne reçoit plus de proposition."
TRANSITIONS = (
    Transition(
        "conclude",
        "Répondre au porteur",
        ("review",),
        states.CLOSED,
        permission="examine",
        conditions=("is_complete",),
        effect="keep_outcome",
    ),
    Transition(
        "reconsider",
        "Reprendre l’examen",
        (states.CLOSED,),
        "review",
        permission="examine",
        conditions=("is_not_assessed",),
        effect="forget_outcome",
        reason=Reason.REQUIRED,
    ),
)


# ------------------------------------------------------------------------------------------------------------ dates
def windows(dossiers: Sequence[Dossier], at: datetime) -> Mapping[int, Window]:
    """Return the filing window of each proposal, by key: that of its call; two queries, however many."""
    answers = Section.objects.filter(dossier__in=dossiers, slug=CALL).values_list("dossier", "answers")
    chosen = {dossier: str(typed.get("appel", "")) for dossier, typed in answers}
    calls = {one.slug: one for one in Call.objects.public().filter(slug__in=set(chosen.values()))}
    return {one.pk: window(calls.get(chosen.get(one.pk, "")), at) for one in dossiers}


def window(call: Call | None, at: datetime) -> Window:
    """Return when proposals to a call may be deposited; the last day is included, and the grace beyond."""
    if call is None or call.opens_on is None or call.closes_on is None:
        return Window(is_open=False, why=NOT_CHOSEN)
    if call.state == workflow.CANCELLED:
        return Window(is_open=False, why=CANCELLED)
    today = at.astimezone(PARIS).date()
    grace = periods.grace_minutes(SCHEME, today)
    if call.state == workflow.ANNOUNCED or today < call.opens_on:
        return Window(is_open=False, opens_on=call.opens_on)
    if delays.is_in_time(call.closes_on, at, grace):
        return Window(is_open=True, closes_on=call.closes_on, grace=grace)
    return Window(is_open=False, closed_on=call.closes_on)


# ---------------------------------------------------------------------------------------------------------- the form
def prefill(organisation: Organisation, known: QueryDict) -> Mapping[str, Typed]:
    """Return what the directory says of the carrier, and the call that its page named, or the only one open."""
    place = ", ".join(filter(None, (organisation.street, f"{organisation.postal_code} {organisation.city}".strip())))
    structure = {"nom": organisation.name, "adresse": place}
    if organisation.department and not organisation.is_confirmed:
        structure["departement"] = organisation.department
    found = list(Call.objects.answerable(timezone.localdate()).values_list("slug", flat=True)[:50])
    wanted = known.get("appel", "") if known.get("appel") in found else (found[0] if len(found) == 1 else "")
    sections: dict[str, Typed] = {STRUCTURE: {name: value for name, value in structure.items() if value}}
    return sections | ({CALL: {"appel": wanted}} if wanted else {})


def judge(case: Case) -> Verdict:
    """Judge a complete proposal by what every call asks for."""
    call = _call(case)
    return rules.evaluate(
        rules.Facts(
            on=case.on,
            opens_on=call.opens_on or case.on,
            closes_on=call.closes_on or case.on,
            is_confirmed=case.organisation.is_confirmed,
            is_closed=case.organisation.is_closed,
        )
    )


def keep(case: Case) -> None:
    """Write what a deposit says in the scheme's own rows; raises Unmet for one that moved to another call.

    The call is held, after the dossier, so that it is not cancelled or assessed meanwhile; raises Unmet when it was.
    """
    call, said = hold(_call(case)), case.answers[PROJECT]
    gone = {workflow.CANCELLED: CANCELLED, workflow.PUBLISHED: TOO_LATE}.get(call.state)
    if gone:
        raise Unmet(spaced(f"{gone} Votre brouillon est gardé."))
    former = CallProposal.objects.filter(dossier=case.dossier).select_related("call").first()
    if former is not None and former.call_id != call.pk:
        raise Unmet(spaced(ANOTHER_CALL.format(title=former.call.title)))
    kept = {
        "call": call,
        "title": said["titre"],
        "summary": said["resume"],
        "climate": said["climat"],
        "scale_id": int(said["echelle"]),
        "theme_id": int(said["theme"]),
        "is_from_public": case.answers[STRUCTURE]["publique"] == YES,
        "is_outside": OUTSIDE in said["lieux"],
    }
    CallProposal.objects.update_or_create(dossier=case.dossier, defaults=kept)
    Place.objects.filter(proposal=case.dossier.pk).delete()
    Place.objects.bulk_create(
        Place(proposal_id=case.dossier.pk, department=code) for code in said["lieux"] if code != OUTSIDE
    )


def _call(case: Case) -> Call:
    return Call.objects.get(slug=case.answers[CALL]["appel"])


def hold(call: Call) -> Call:
    """Lock a call until the end of the transaction, and bring it up to date; always after the dossier, never before."""
    procedure.lock(call)
    return call


# ------------------------------------------------------------------------------------------------------- the outcome
def is_complete(firing: Firing) -> list[str]:
    """Nothing that was asked for is still awaited."""
    dossier: Dossier = firing.thing
    return [] if dossier.complete_on else ["Des pièces demandées sont encore attendues."]


def is_not_assessed(firing: Firing) -> list[str]:
    """The assessment counts answers: none is taken back once it is published, nor while it is being published."""
    call = hold(Call.objects.get(proposals=firing.thing.pk))
    return [spaced(PUBLISHED)] if call.state == workflow.PUBLISHED else []


def keep_outcome(firing: Firing) -> None:
    """Keep what becomes of a proposal, and tell its carrier: an express answer ends the silence."""
    dossier: Dossier = firing.thing
    proposal = CallProposal.objects.select_related("call").get(pk=dossier.pk)
    proposal.outcome, proposal.answer = firing.data["outcome"], firing.data["answer"]
    proposal.save(update_fields=["outcome", "answer"])
    dossier.refused_by_silence_on = None
    thread.tell(dossier, "roadmap.answered", also=told(proposal))


def told(proposal: CallProposal) -> dict[str, str]:
    """Return the tags of the mail that answers a carrier."""
    outcome = CallProposal.Outcome(proposal.outcome).label
    return {"appel": proposal.call.title, "projet": proposal.title, "suite": outcome, "reponse": proposal.answer}


def forget_outcome(firing: Firing) -> None:
    """Take an answer back: the examination goes on, and the carrier is told why."""
    dossier: Dossier = firing.thing
    CallProposal.objects.filter(pk=dossier.pk).update(outcome="", answer="")
    thread.tell(dossier, "roadmap.reconsidered", also={"motif": firing.reason})


PROCEDURE = procedure_of(
    TRANSITIONS,
    conditions={"is_complete": is_complete, "is_not_assessed": is_not_assessed},
    effects={"keep_outcome": keep_outcome, "forget_outcome": forget_outcome},
)
