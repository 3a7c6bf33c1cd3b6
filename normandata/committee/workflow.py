"""The procedure of a session: its agenda is prepared, settled, its results typed, then validated by another person."""

from normandata.procedure.services import Procedure
from normandata.workflow.table import Reason, State, Transition, Workflow

from . import conduct, permissions

PREPARING, TABLED, RECORDED, VALIDATED = "preparing", "tabled", "recorded", "validated"
STATES = {
    state.slug: state
    for state in (
        State(PREPARING, "Ordre du jour en préparation", "En préparation", "clerk", tone="plain", icon="pencil"),
        State(TABLED, "Ordre du jour arrêté", "Ordre du jour arrêté", "committee", tone="progress", icon="hourglass"),
        State(RECORDED, "Résultats à valider", "Résultats saisis", "validator", tone="todo", icon="person"),
        State(VALIDATED, "Séance validée", "Séance tenue", "nobody", tone="done", icon="met"),
    )
}
CHOICES = [(state.slug, state.label) for state in STATES.values()]
TRANSITIONS = (
    Transition(
        "table",
        "Arrêter l’ordre du jour",
        (PREPARING,),
        TABLED,
        permission="keep",
        conditions=("as_seen", "has_items", "is_payable"),
        effect="keep_settling",
    ),
    Transition(
        "reopen_agenda",
        "Rouvrir l’ordre du jour",
        (TABLED,),
        PREPARING,
        permission="validate",
        conditions=("opened_by_another",),
        effect="forget_settling",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "record",
        "Enregistrer les résultats",
        (TABLED,),
        RECORDED,
        permission="keep",
        conditions=("as_seen", "is_held", "is_numbered", "is_voted", "is_payable"),
        effect="keep_record",
    ),
    Transition(
        "send_back",
        "Renvoyer à la saisie",
        (RECORDED,),
        TABLED,
        permission="validate",
        effect="forget_record",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "validate",
        "Valider la séance",
        (RECORDED,),
        VALIDATED,
        permission="validate",
        conditions=("as_seen", "by_another", "is_voted", "is_payable"),
        effect="keep_validation",
    ),
    Transition(
        "reopen_results",
        "Rouvrir la séance",
        (VALIDATED,),
        RECORDED,
        permission="validate",
        conditions=("undone_by_another",),
        effect="forget_validation",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
)
PROCEDURE = Procedure(
    Workflow(STATES, TRANSITIONS),
    permissions={"keep": permissions.keeps, "validate": permissions.validates},
    conditions={
        "as_seen": conduct.as_seen,
        "has_items": conduct.has_items,
        "is_held": conduct.is_held,
        "is_numbered": conduct.is_numbered,
        "is_voted": conduct.is_voted,
        "is_payable": conduct.is_payable,
        "by_another": conduct.by_another,
        "opened_by_another": conduct.opened_by_another,
        "undone_by_another": conduct.undone_by_another,
    },
    effects={
        "keep_settling": conduct.keep_settling,
        "forget_settling": conduct.forget_settling,
        "keep_record": conduct.keep_record,
        "forget_record": conduct.forget_record,
        "keep_validation": conduct.keep_validation,
        "forget_validation": conduct.forget_validation,
    },
)
