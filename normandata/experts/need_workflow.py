"""The procedure of a cœur expert request (first exchange, experts put in touch, outcome), and of each introduction."""

from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import need_conduct, permissions

ASKED, SCHEDULED, EXCHANGED, SOUGHT, INTRODUCED, CLOSED, WITHDRAWN = (
    *("asked", "scheduled", "exchanged", "sought", "introduced", "closed", "withdrawn"),
)
OPEN = (ASKED, SCHEDULED, EXCHANGED, SOUGHT, INTRODUCED)
ENDED = (CLOSED, WITHDRAWN)
HEARD = (EXCHANGED, SOUGHT, INTRODUCED)
"""After the first exchange."""
AGENT, EXPERT, APPLICANT, NOBODY = "agent", "expert", "applicant", "nobody"
TURNS = {AGENT: "À la Région", EXPERT: "Aux experts", APPLICANT: "Au porteur du besoin", NOBODY: "À personne"}
STATES = {
    state.slug: state
    for state in (
        State(ASKED, "Reçue", "Reçue par la Région", AGENT, tone="todo", icon="clock"),
        State(SCHEDULED, "Premier échange fixé", "Premier échange fixé", AGENT, tone="progress", icon="calendar"),
        State(EXCHANGED, "Premier échange tenu", "Premier échange tenu", AGENT, tone="todo", icon="review"),
        State(SOUGHT, "Experts sollicités", "Experts sollicités", EXPERT, tone="progress", icon="hourglass"),
        State(INTRODUCED, "En relation", "En relation avec un expert", APPLICANT, tone="done", icon="met"),
        State(CLOSED, "Close", "Close", NOBODY, tone="plain", icon="met"),
        State(WITHDRAWN, "Retirée", "Retirée par vous", NOBODY, tone="plain", icon="na"),
    )
}
SAID = ("outcome_is_said", "outcome_day")
TRANSITIONS = (
    Transition(
        "schedule",
        "Fixer le premier échange",
        (ASKED, SCHEDULED),
        SCHEDULED,
        permission="animate",
        conditions=("to_come",),
        effect="keep_appointment",
    ),
    Transition(
        "hold",
        "Rendre compte du premier échange",
        (ASKED, SCHEDULED),
        EXCHANGED,
        permission="animate",
        conditions=("held", "feasibility"),
        effect="keep_exchange",
    ),
    Transition(
        "seek",
        "Solliciter des experts",
        (EXCHANGED, SOUGHT),
        SOUGHT,
        permission="animate",
        conditions=("may_be_sought",),
        effect="solicit",
    ),
    Transition(
        "seek_more",
        "Solliciter d’autres experts",
        (INTRODUCED,),
        permission="animate",
        conditions=("may_be_sought",),
        effect="solicit",
    ),
    Transition("meet", "Constater qu’un expert a accepté", (SOUGHT,), INTRODUCED),
    Transition("fall_back", "Constater que nul expert n’est plus attendu", (SOUGHT,), EXCHANGED),
    Transition(
        "conclude",
        "Clore avec la suite donnée",
        OPEN,
        CLOSED,
        permission="animate",
        conditions=SAID,
        effect="close_by_agent",
    ),
    Transition(
        "tell_outcome",
        "Dire la suite donnée",
        (INTRODUCED,),
        CLOSED,
        permission="own",
        conditions=SAID,
        effect="close_by_owner",
    ),
    Transition(
        "withdraw",
        "Retirer ma demande",
        OPEN,
        WITHDRAWN,
        permission="own",
        effect="tell_withdrawn",
        reason=Reason.OPTIONAL,
        is_danger=True,
    ),
)
PROCEDURE = Procedure(
    Workflow(STATES, TRANSITIONS),
    permissions={"animate": permissions.can_animate, "own": permissions.is_requester},
    conditions={
        "to_come": need_conduct.to_come,
        "held": need_conduct.held,
        "feasibility": need_conduct.feasibility,
        "may_be_sought": need_conduct.may_be_sought,
        "outcome_is_said": need_conduct.outcome_is_said,
        "outcome_day": need_conduct.outcome_day,
    },
    effects={
        "keep_appointment": need_conduct.keep_appointment,
        "keep_exchange": need_conduct.keep_exchange,
        "solicit": need_conduct.solicit,
        "close_by_agent": need_conduct.close_by_agent,
        "close_by_owner": need_conduct.close_by_owner,
        "tell_withdrawn": need_conduct.tell_withdrawn,
    },
)

# ------------------------------------------------------------------------------------------------------- introductions
PENDING, ACCEPTED, DECLINED, DROPPED = "pending", "accepted", "declined", "dropped"
INTRODUCTION_STATES = {
    state.slug: state
    for state in (
        State(PENDING, "Sollicité", "Votre réponse est attendue", EXPERT, tone="todo", icon="hourglass"),
        State(ACCEPTED, "A accepté", "Vous avez accepté", NOBODY, tone="done", icon="met"),
        State(DECLINED, "A décliné", "Vous avez décliné", NOBODY, tone="plain", icon="close"),
        State(DROPPED, "N’est plus attendu", "N’est plus attendue", NOBODY, tone="plain", icon="na"),
    )
}
INTRODUCTION_TRANSITIONS = (
    Transition(
        "accept",
        "Accepter la mise en relation",
        (PENDING,),
        ACCEPTED,
        permission="answer",
        conditions=("not_of_the_house",),
        effect="put_in_touch",
    ),
    Transition(
        "decline",
        "Décliner",
        (PENDING,),
        DECLINED,
        permission="answer",
        effect="tell_declined",
        reason=Reason.OPTIONAL,
    ),
    Transition(
        "release",
        "Ne plus attendre cet expert",
        (PENDING,),
        DROPPED,
        permission="animate",
        effect="tell_released",
        reason=Reason.OPTIONAL,
        is_danger=True,
    ),
    Transition("drop", "Clore avec la demande", (PENDING,), DROPPED, effect="tell_released"),
)
INTRODUCTION = Procedure(
    Workflow(INTRODUCTION_STATES, INTRODUCTION_TRANSITIONS),
    permissions={"answer": permissions.is_introduced, "animate": permissions.can_release},
    conditions={"not_of_the_house": need_conduct.not_of_the_house},
    effects={
        "put_in_touch": need_conduct.put_in_touch,
        "tell_declined": need_conduct.tell_declined,
        "tell_released": need_conduct.tell_released,
    },
)
