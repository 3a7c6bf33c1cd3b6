"""The procedure of a call: written, announced, open, closed, its assessment published.

What was announced is cancelled with a reason that all read; what was not is dropped in silence.
"""

from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import conduct, permissions

DRAFT, ANNOUNCED, OPEN = "draft", "announced", "open"
CLOSED, PUBLISHED, CANCELLED, DROPPED = "closed", "published", "cancelled", "dropped"
WRITTEN = (DRAFT, ANNOUNCED)
"""States in which everything of a call may be written."""
RECEIVED = (OPEN, CLOSED, PUBLISHED)
"""States in which its dates alone say what came in time."""
PUBLIC = (ANNOUNCED, OPEN, CLOSED, PUBLISHED, CANCELLED)
STATES = {
    state.slug: state
    for state in (
        State(DRAFT, "En préparation", "En préparation", "pilot", tone="plain", icon="pencil"),
        State(ANNOUNCED, "Annoncé", "À venir", "pilot", tone="todo", icon="clock"),
        State(OPEN, "Ouvert", "Ouvert", "applicant", tone="progress", icon="send"),
        State(CLOSED, "Clos, bilan à publier", "Clos", "pilot", tone="plain", icon="hourglass"),
        State(PUBLISHED, "Bilan publié", "Clos, bilan publié", "nobody", tone="done", icon="met"),
        State(CANCELLED, "Annulé", "Annulé", "nobody", tone="no", icon="close"),
        State(DROPPED, "Brouillon abandonné", "Brouillon abandonné", "nobody", tone="plain", icon="close"),
    )
}
CHOICES = [(state.slug, state.label) for state in STATES.values()]
TRANSITIONS = (
    Transition(
        "announce",
        "Annoncer l’appel",
        (DRAFT,),
        ANNOUNCED,
        permission="pilot",
        conditions=("as_seen", "is_whole", "is_to_come"),
        effect="keep",
    ),
    Transition(
        "open",
        "Ouvrir l’appel",
        (DRAFT, ANNOUNCED),
        OPEN,
        permission="pilot",
        conditions=("as_seen", "is_whole", "is_within"),
        effect="keep",
    ),
    # The clock's own: what was announced opens and closes on its days, whoever is away.
    Transition(
        "open_in_time", "Ouvrir au jour dit", (ANNOUNCED,), OPEN, conditions=("is_whole", "is_within"), effect="keep"
    ),
    Transition("close_in_time", "Clore au jour dit", (OPEN,), CLOSED, conditions=("is_over",), effect="keep"),
    Transition(
        "extend",
        "Prolonger l’appel",
        (ANNOUNCED, OPEN),
        permission="pilot",
        conditions=("as_seen", "is_later"),
        effect="put_off",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "publish",
        "Publier le bilan",
        (CLOSED,),
        PUBLISHED,
        permission="pilot",
        conditions=("as_seen", "all_answered"),
        effect="keep",
    ),
    Transition(
        "take_back",
        "Retirer le bilan",
        (PUBLISHED,),
        CLOSED,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "cancel",
        "Annuler l’appel",
        (ANNOUNCED, OPEN),
        CANCELLED,
        permission="pilot",
        conditions=("as_seen", "has_no_proposal"),
        effect="keep",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "drop",
        "Abandonner ce brouillon",
        (DRAFT,),
        DROPPED,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
        is_danger=True,
    ),
)
PROCEDURE = Procedure(
    Workflow(STATES, TRANSITIONS),
    permissions={"pilot": permissions.pilots},
    conditions={
        "as_seen": conduct.as_seen,
        "is_whole": conduct.is_whole,
        "is_to_come": conduct.is_to_come,
        "is_within": conduct.is_within,
        "is_over": conduct.is_over,
        "is_later": conduct.is_later,
        "all_answered": conduct.all_answered,
        "has_no_proposal": conduct.has_no_proposal,
    },
    effects={"keep": conduct.keep, "put_off": conduct.put_off},
)
