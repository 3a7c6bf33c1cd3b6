"""The procedure of an opinion: asked, then given, declined, cancelled; late once its last day is over."""

from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import conduct, permissions

ASKED, LATE, GIVEN, DECLINED, CANCELLED = "asked", "late", "given", "declined", "cancelled"
OPEN = (ASKED, LATE)
CLOSED = (GIVEN, DECLINED, CANCELLED)
EXPERT, NOBODY = "expert", "nobody"
STATES = {
    state.slug: state
    for state in (
        State(ASKED, "Demandé", "À rendre", EXPERT, tone="progress", icon="hourglass"),
        State(LATE, "En retard", "En retard", EXPERT, tone="todo", icon="alert"),
        State(GIVEN, "Rendu", "Rendu", NOBODY, tone="done", icon="met"),
        State(DECLINED, "Décliné", "Décliné", NOBODY, tone="plain", icon="close"),
        State(CANCELLED, "Annulé", "Annulé par la Région", NOBODY, tone="plain", icon="na"),
    )
}
TRANSITIONS = (
    Transition(
        "declare_no_conflict",
        "Déclarer que je n’ai pas de lien d’intérêts",
        OPEN,
        permission="answer",
        conditions=("waits", "not_of_the_organisation"),
        effect="keep_declaration",
    ),
    Transition(
        "declare_conflict",
        "Déclarer un lien d’intérêts",
        OPEN,
        DECLINED,
        permission="answer",
        effect="close_in_conflict",
        reason=Reason.OPTIONAL,
        is_danger=True,
    ),
    Transition(
        "give",
        "Rendre mon avis",
        OPEN,
        GIVEN,
        permission="answer",
        conditions=("waits", "without_conflict", "not_of_the_organisation", "written", "read_again"),
        effect="keep_answer",
    ),
    Transition(
        "decline", "Décliner", OPEN, DECLINED, permission="answer", effect="tell_declined", reason=Reason.OPTIONAL
    ),
    Transition(
        "cancel",
        "Annuler la demande",
        OPEN,
        CANCELLED,
        permission="manage",
        effect="tell_cancelled",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "extend",
        "Donner plus de temps",
        OPEN,
        ASKED,
        permission="manage",
        conditions=("waits", "further"),
        effect="put_off",
        reason=Reason.OPTIONAL,
    ),
    Transition("expire", "Constater le retard", (ASKED,), LATE, conditions=("overdue",), effect="tell_late"),
    Transition("drop", "Clore une question devenue sans objet", OPEN, CANCELLED, effect="tell_cancelled"),
)
PROCEDURE = Procedure(
    Workflow(STATES, TRANSITIONS),
    permissions={"answer": permissions.is_expert, "manage": permissions.can_manage},
    conditions={
        "waits": conduct.waits,
        "without_conflict": conduct.without_conflict,
        "not_of_the_organisation": conduct.not_of_the_organisation,
        "written": conduct.written,
        "read_again": conduct.read_again,
        "further": conduct.further,
        "overdue": conduct.overdue,
    },
    effects={
        "keep_declaration": conduct.keep_declaration,
        "close_in_conflict": conduct.close_in_conflict,
        "keep_answer": conduct.keep_answer,
        "tell_declined": conduct.tell_declined,
        "tell_cancelled": conduct.tell_cancelled,
        "put_off": conduct.put_off,
        "tell_late": conduct.tell_late,
    },
)
