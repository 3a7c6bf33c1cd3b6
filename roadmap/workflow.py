"""The procedure of an action: planned, in progress, done; suspended or abandoned with a reason that everybody reads."""

from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import conduct, permissions

PLANNED, IN_PROGRESS, DONE, SUSPENDED, ABANDONED = "planned", "in_progress", "done", "suspended", "abandoned"
LIVE = (PLANNED, IN_PROGRESS)
"""States in which a milestone can be late."""
SETTLED = (DONE, ABANDONED)
"""States in which milestones do not change any more."""
STATES = {
    state.slug: state
    for state in (
        State(PLANNED, "Prévue", "Prévue", "pilot", tone="plain", icon="na"),
        State(IN_PROGRESS, "En cours", "En cours", "pilot", tone="progress", icon="clock"),
        State(DONE, "Achevée", "Achevée", "nobody", tone="done", icon="met"),
        State(SUSPENDED, "Suspendue", "Suspendue", "pilot", tone="todo", icon="hourglass"),
        State(ABANDONED, "Abandonnée", "Abandonnée", "nobody", tone="no", icon="unmet"),
    )
}
CHOICES = [(state.slug, state.label) for state in STATES.values()]


TRANSITIONS = (
    Transition(
        "start",
        "Commencer l’action",
        (PLANNED,),
        IN_PROGRESS,
        permission="pilot",
        conditions=("as_seen", "is_planned"),
        effect="keep",
    ),
    Transition(
        "complete",
        "Achever l’action",
        (IN_PROGRESS,),
        DONE,
        permission="pilot",
        conditions=("as_seen", "is_held"),
        effect="keep",
    ),
    Transition(
        "suspend",
        "Suspendre l’action",
        (IN_PROGRESS,),
        SUSPENDED,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "resume",
        "Reprendre l’action",
        (SUSPENDED,),
        IN_PROGRESS,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
    ),
    Transition(
        "abandon",
        "Abandonner l’action",
        (PLANNED, IN_PROGRESS, SUSPENDED),
        ABANDONED,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "reopen",
        "Rouvrir l’action",
        (DONE,),
        IN_PROGRESS,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "relaunch",
        "Relancer l’action",
        (ABANDONED,),
        PLANNED,
        permission="pilot",
        conditions=("as_seen",),
        effect="keep",
        reason=Reason.REQUIRED,
    ),
)
PROCEDURE = Procedure(
    Workflow(STATES, TRANSITIONS),
    permissions={"pilot": permissions.pilots},
    conditions={"as_seen": conduct.as_seen, "is_planned": conduct.is_planned, "is_held": conduct.is_held},
    effects={"keep": conduct.keep},
)
