"""The tables of an edition, of a registration and of a team, and the code behind their names.

Services hold the row and hand over, as `data`, what the conditions read.
"""

from typing import Any

from normandata.accounts.models import User
from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import conduct, permissions
from .phases import (
    CANCELLED,
    CHALLENGE,
    DECIDED,
    DELIBERATION,
    PREPARING,
    PUBLISHED,
    REHEARSAL,
    SCORING,
    STATES,
)
from .phases import (
    REGISTRATION as REGISTERING,
)

AWAITING, REGISTERED, REFUSED, WITHDRAWN = "awaiting", "registered", "refused", "withdrawn"
ACTIVE, DISSOLVED = "active", "dissolved"

REGISTRATION_STATES = {
    state.slug: state
    for state in (
        State(AWAITING, "Attend un parent", "En attente d’un parent", "guardian", tone="todo", icon="hourglass"),
        State(REGISTERED, "Inscrit", "Inscrit", "nobody", tone="done", icon="met"),
        State(REFUSED, "Refusé", "Inscription refusée", "nobody", tone="no", icon="close"),
        State(WITHDRAWN, "Désinscrit", "Désinscrit", "nobody", tone="plain", icon="close"),
    )
}  # fmt: skip
TEAM_STATES = {
    state.slug: state
    for state in (
        State(ACTIVE, "Active", "Active", "participants", tone="progress", icon="person"),
        State(DISSOLVED, "Dissoute", "Dissoute", "nobody", tone="plain", icon="close"),
    )
}
EDITION = Procedure(
    Workflow(
        STATES,
        (
            Transition(
                "rehearse", "Essayer l’édition", (PREPARING,), REHEARSAL, permission="organise",
                conditions=("as_seen", "described"),
            ),
            Transition("end_rehearsal", "Finir l’essai", (REHEARSAL,), PREPARING, permission="organise"),
            Transition(
                "open_registration", "Ouvrir les inscriptions", (PREPARING, REHEARSAL), REGISTERING,
                permission="organise", conditions=("as_seen", "described"),
            ),
            Transition(
                "start_challenge", "Lancer le challenge", (REGISTERING,), CHALLENGE, permission="organise",
                conditions=("as_seen",),
            ),
            Transition(
                "reopen_registration", "Rouvrir les inscriptions", (CHALLENGE,), REGISTERING, permission="organise",
                conditions=("as_seen",), reason=Reason.REQUIRED,
            ),
            Transition(
                "open_scoring", "Ouvrir la notation", (CHALLENGE,), SCORING, permission="organise",
                conditions=("as_seen", "teams", "delivered", "jury_mixed", "chair"),
            ),
            Transition(
                "open_deliberation", "Ouvrir la délibération", (SCORING,), DELIBERATION, permission="organise",
                conditions=("as_seen",),
            ),
            Transition(
                "reopen_scoring", "Rouvrir la notation", (DELIBERATION,), SCORING, permission="organise",
                conditions=("as_seen", "by_another"), reason=Reason.REQUIRED, is_danger=True,
            ),
            Transition(
                "close_deliberation", "Clore la délibération", (DELIBERATION,), DECIDED, permission="preside",
                conditions=("as_seen", "decided"),
            ),
            Transition(
                "reopen_deliberation", "Rouvrir la délibération", (DECIDED, PUBLISHED), DELIBERATION,
                permission="preside", conditions=("by_another",), reason=Reason.REQUIRED, is_danger=True,
            ),
            Transition(
                "publish", "Publier les résultats", (DECIDED,), PUBLISHED, permission="organise",
                conditions=("as_seen", "recorded"),
            ),
            Transition(
                "cancel", "Annuler l’édition", (PREPARING, REHEARSAL, REGISTERING, CHALLENGE), CANCELLED,
                permission="organise", reason=Reason.REQUIRED, is_danger=True,
            ),
        ),
    ),
    {"organise": permissions.organises, "preside": permissions.presides},
    {
        "as_seen": conduct.as_seen,
        "described": conduct.is_described,
        "teams": conduct.has_teams,
        "delivered": conduct.is_delivered,
        "jury_mixed": conduct.jury_is_mixed,
        "chair": conduct.has_chair,
        "by_another": conduct.by_another,
        "decided": conduct.is_decided,
        "recorded": conduct.is_recorded,
    },
)  # fmt: skip


def is_own(user: User, registration: Any) -> bool:
    return user.is_active and registration.person_id == user.pk


def moderates(user: User, registration: Any) -> bool:
    return permissions.organises(user, registration.edition)


def leads_or_moderates(user: User, team: Any) -> bool:
    """The referent, or an organiser of the edition."""
    is_referent = user.is_active and team.referent is not None and team.referent.registration.person_id == user.pk
    return is_referent or permissions.organises(user, team.edition)


REGISTRATION = Procedure(
    Workflow(
        REGISTRATION_STATES,
        (
            Transition("authorise", "Noter l’accord du parent", (AWAITING,), REGISTERED, conditions=("agreed",)),
            Transition("parent_refuses", "Noter le refus du parent", (AWAITING,), WITHDRAWN),
            Transition(
                "refuse", "Refuser l’inscription", (AWAITING, REGISTERED), REFUSED, permission="moderate",
                conditions=("no_team",), effect="keep_refusal", reason=Reason.REQUIRED, is_danger=True,
            ),
            Transition(
                "readmit", "Revenir sur le refus", (REFUSED,), REGISTERED, permission="moderate",
                conditions=("agreed",), effect="forget_refusal", reason=Reason.REQUIRED,
            ),
            Transition(
                "readmit_waiting", "Revenir sur le refus", (REFUSED,), AWAITING, permission="moderate",
                effect="forget_refusal", reason=Reason.REQUIRED,
            ),
            Transition(
                "withdraw", "Me désinscrire", (AWAITING, REGISTERED), WITHDRAWN, permission="own",
                conditions=("no_team",), is_danger=True,
            ),
            Transition(
                "come_back", "M’inscrire de nouveau", (WITHDRAWN,), REGISTERED, permission="own",
                conditions=("agreed",),
            ),
            Transition("wait_again", "M’inscrire de nouveau", (WITHDRAWN,), AWAITING, permission="own"),
        ),
    ),
    {"own": is_own, "moderate": moderates},
    {"no_team": conduct.has_no_team, "agreed": conduct.is_agreed},
    {"keep_refusal": conduct.keep_refusal, "forget_refusal": conduct.forget_refusal},
)  # fmt: skip
TEAM = Procedure(
    Workflow(
        TEAM_STATES,
        (
            Transition(
                "dissolve", "Dissoudre l’équipe", (ACTIVE,), DISSOLVED, permission="lead", reason=Reason.OPTIONAL,
                is_danger=True,
            ),
            Transition("end_team", "Clore une équipe vide", (ACTIVE,), DISSOLVED),
        ),
    ),
    {"lead": leads_or_moderates},
)  # fmt: skip
