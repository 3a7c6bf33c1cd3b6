"""The rows of the workflow that every scheme's dossiers share, and the code behind their names."""

from collections.abc import Iterable, Mapping

from normandata.accounts.models import User
from normandata.procedure.services import Condition, Effect, Firing, Judge, Permission, Procedure
from normandata.workflow.table import Reason, Transition, Workflow

from . import permissions, schemes, states
from .models import Dossier
from .services import corrections, deposits, thread

SHARED = (
    Transition(
        "submit",
        "Déposer",
        ("draft", "submitted"),
        "submitted",
        permission="edit",
        conditions=("in_time", "complete", "signed"),
        effect="keep_deposit",
    ),
    Transition(
        "answer",
        "Envoyer ce qui est demandé",
        ("incomplete",),
        "review",
        permission="apply",
        conditions=("asked_pieces_arrived", "complete"),
        effect="close_as_answered",
    ),
    Transition(
        "start_review", "Prendre en instruction", ("submitted",), "review", permission="examine", effect="tell_review"
    ),
    Transition(
        "ask_correction",
        "Demander une pièce",
        ("submitted", "review", "waiting_list"),
        "incomplete",
        permission="examine",
        effect="open_correction",
        reason=Reason.OPTIONAL,
    ),
    Transition(
        "cancel_correction",
        "Annuler la demande",
        ("incomplete",),
        "review",
        permission="examine",
        effect="close_as_cancelled",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "conclude_correction",
        "Clore la demande satisfaite",
        ("incomplete",),
        "review",
        conditions=("all_arrived", "complete"),
        effect="close_as_answered",
    ),
    Transition("expire_correction", "Clore la demande échue", ("incomplete",), "review", effect="close_as_expired"),
    Transition(
        "withdraw",
        "Retirer ma demande",
        ("submitted", "incomplete", "review", "waiting_list"),
        "withdrawn",
        permission="apply",
        effect="tell_withdrawal",
        reason=Reason.OPTIONAL,
        is_danger=True,
    ),
)


def _edit(user: User, dossier: Dossier) -> bool:
    return bool(permissions.can_edit(user, dossier))


def _apply(user: User, dossier: Dossier) -> bool:
    return bool(permissions.is_applicant(user, dossier))


def _examine(user: User, dossier: Dossier) -> bool:
    return bool(permissions.can_examine(user, dossier))


def tell_review(firing: Firing) -> None:
    """Whoever begins the review becomes the owner when there is none; the organisation is told."""
    dossier: Dossier = firing.thing
    if dossier.owner_id is None:
        dossier.owner = firing.by
    schemes.application_of(dossier.scheme).review(dossier, firing.by)
    thread.tell(dossier, "dossiers.review_started")


def tell_withdrawal(firing: Firing) -> None:
    """Close what was asked, and tell both sides."""
    dossier: Dossier = firing.thing
    for correction in dossier.corrections.open():
        corrections.close_at_withdrawal(correction, firing.at)
    dossier.refused_by_silence_on = None
    thread.tell(dossier, "dossiers.withdrawn", also={"auteur": str(firing.by)})
    thread.alert(dossier, "dossiers.withdrawn_to_agent", auteur=str(firing.by), motif=firing.reason or "aucun")


PERMISSIONS: Mapping[str, Permission] = {"edit": _edit, "apply": _apply, "examine": _examine}
CONDITIONS: Mapping[str, Condition] = {
    "in_time": deposits.in_time,
    "complete": deposits.complete,
    "signed": deposits.signed,
    "asked_pieces_arrived": corrections.asked_pieces_arrived,
    "all_arrived": corrections.all_arrived,
}
EFFECTS: Mapping[str, Effect] = {
    "keep_deposit": deposits.keep,
    "close_as_answered": corrections.close_as_answered,
    "tell_review": tell_review,
    "open_correction": corrections.open_correction,
    "close_as_cancelled": corrections.close_as_cancelled,
    "close_as_expired": corrections.close_as_expired,
    "tell_withdrawal": tell_withdrawal,
}
JUDGES: Mapping[str, Judge] = dict.fromkeys(("submit", "answer", "conclude_correction"), deposits.verdict)


def procedure_of(
    transitions: Iterable[Transition] = (),
    *,
    permissions: Mapping[str, Permission] | None = None,
    conditions: Mapping[str, Condition] | None = None,
    effects: Mapping[str, Effect] | None = None,
    judges: Mapping[str, Judge] | None = None,
) -> Procedure:
    """Join the shared rows and those of a scheme to their code."""
    return Procedure(
        Workflow(states.STATES, (*SHARED, *transitions)),
        {**PERMISSIONS, **(permissions or {})},
        {**CONDITIONS, **(conditions or {})},
        {**EFFECTS, **(effects or {})},
        {**JUDGES, **(judges or {})},
    )
