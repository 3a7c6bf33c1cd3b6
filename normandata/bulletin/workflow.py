"""The procedure of a news: a draft, published at its hour, withdrawn with a reason, taken up again."""

from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import conduct, permissions

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
STATES = {
    state.slug: state
    for state in (
        State(DRAFT, "Brouillon", "Brouillon", "writer", tone="plain", icon="pencil"),
        State(PUBLISHED, "Publiée", "Publiée", "nobody", tone="done", icon="met"),
        State(WITHDRAWN, "Retirée", "Retirée", "nobody", tone="no", icon="unmet"),
    )
}
CHOICES = [(state.slug, state.label) for state in STATES.values()]
TRANSITIONS = (
    Transition(
        "publish",
        "Publier",
        (DRAFT,),
        PUBLISHED,
        permission="edit",
        conditions=("as_seen", "is_timely"),
        effect="date_publication",
    ),
    Transition(
        "withdraw",
        "Retirer",
        (PUBLISHED,),
        WITHDRAWN,
        permission="edit",
        conditions=("as_seen",),
        effect="grow",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "take_up",
        "Reprendre en brouillon",
        (WITHDRAWN,),
        DRAFT,
        permission="edit",
        conditions=("as_seen",),
        effect="forget_publication",
    ),
)
PROCEDURE = Procedure(
    Workflow(STATES, TRANSITIONS),
    permissions={"edit": permissions.edits},
    conditions={"as_seen": conduct.as_seen, "is_timely": conduct.is_timely},
    effects={
        "grow": conduct.grow,
        "date_publication": conduct.date_publication,
        "forget_publication": conduct.forget_publication,
    },
)
