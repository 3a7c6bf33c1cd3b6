"""The rows that the Diagnostic adds to the shared table, and the code behind their names."""

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.dossiers.models import Dossier
from normandata.dossiers.procedures import procedure_of
from normandata.procedure.services import Firing
from normandata.regulation.findings import Verdict
from normandata.workflow.table import Reason, Transition

from .services import orders, payments, reports, selection

CONDUCTED = ("granted", "notified", "in_progress")
TRANSITIONS = (
    Transition(
        "propose",
        "Proposer la sélection",
        ("review", "waiting_list"),
        "proposed",
        permission="examine",
        conditions=("is_complete", "is_eligible", "has_room", "is_under_ceiling"),
        effect="keep_proposal",
        reason=Reason.OPTIONAL,
    ),
    Transition(
        "propose_refusal",
        "Proposer un refus",
        ("review", "waiting_list"),
        "proposed",
        permission="examine",
        effect="keep_proposal",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "wait",
        "Mettre en liste d’attente",
        ("review",),
        "waiting_list",
        permission="examine",
        conditions=("is_complete", "is_eligible", "has_no_room"),
        effect="tell_waiting",
    ),
    Transition(
        "select",
        "Valider la sélection",
        ("proposed",),
        "granted",
        permission="examine",
        conditions=("to_select", "by_another", "is_complete", "is_eligible", "has_room", "is_under_ceiling"),
        effect="reserve",
    ),
    Transition(
        "refuse",
        "Valider le refus",
        ("proposed",),
        "refused",
        permission="examine",
        conditions=("to_refuse", "by_another"),
        effect="tell_refusal",
        is_danger=True,
    ),
    Transition(
        "send_back",
        "Renvoyer à l’instruction",
        ("proposed",),
        "review",
        permission="examine",
        effect="close_proposal",
        reason=Reason.REQUIRED,
    ),
    Transition(
        "order",
        "Éditer le bon de commande",
        ("granted",),
        permission="examine",
        conditions=("not_ordered", "is_eligible", "provider_still_may"),
        effect="commit",
    ),
    Transition(
        "notify",
        "Notifier la sélection",
        ("granted",),
        "notified",
        permission="examine",
        conditions=("ordered", "is_eligible", "provider_still_may"),
        effect="tell_selected",
        turn="provider",
    ),
    Transition(
        "start",
        "Démarrer le diagnostic",
        ("notified",),
        "in_progress",
        permission="provide",
        conditions=("well_started",),
        effect="tell_started",
        turn="provider",
    ),
    Transition(
        "submit_report",
        "Envoyer le rapport à la Région",
        ("in_progress",),
        permission="provide",
        conditions=("report_writable", "report_whole"),
        effect="freeze_report",
        turn="agent",
    ),
    Transition(
        "ask_report_changes",
        "Demander des changements au rapport",
        ("in_progress",),
        permission="examine",
        conditions=("report_returnable",),
        effect="reopen_report",
        reason=Reason.REQUIRED,
        turn="provider",
    ),
    Transition(
        "accept_report",
        "Accepter le rapport",
        ("in_progress",),
        permission="examine",
        conditions=("report_submitted",),
        effect="accept_report",
        turn="provider",
    ),
    Transition(
        "deliver",
        "Remettre le rapport à la structure",
        ("in_progress",),
        "delivered",
        permission="provide",
        conditions=("report_accepted", "well_presented"),
        effect="tell_delivered",
    ),
    Transition(
        "certify",
        "Constater le service fait",
        ("delivered",),
        permission="examine",
        conditions=("not_certified", "days_noted"),
        effect="write_service_done",
    ),
    Transition(
        "settle",
        "Enregistrer la facture",
        ("delivered",),
        "closed",
        permission="examine",
        conditions=("certified", "within_order"),
        effect="pay",
    ),
    Transition(
        "reopen_days",
        "Faire corriger les demi-journées",
        ("delivered",),
        "in_progress",
        permission="examine",
        conditions=("not_invoiced",),
        effect="reopen_days",
        reason=Reason.REQUIRED,
        turn="provider",
    ),
    Transition(
        "close_unpaid",
        "Clore sans facture",
        ("delivered",),
        "closed",
        permission="examine",
        conditions=("not_invoiced",),
        effect="close_unpaid",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "cancel_order",
        "Annuler la commande",
        CONDUCTED,
        "review",
        permission="examine",
        effect="tell_cancelled",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
    Transition(
        "lapse",
        "Constater la caducité",
        ("waiting_list", *CONDUCTED),
        "lapsed",
        permission="examine",
        effect="tell_lapsed",
        reason=Reason.REQUIRED,
        is_danger=True,
    ),
)


def provide(user: User, dossier: Dossier) -> bool:
    """Whoever works for the company that holds the order."""
    if user.schemes_as(Role.PROVIDER) != frozenset() and permissions.is_deposited(dossier):
        order = orders.order_of(dossier)
        return order is not None and orders.is_provider_of(user, order)
    return False


def as_it_stands(firing: Firing) -> Verdict:
    """Keep with a decision the verdict that it rests on."""
    return Verdict.from_record(firing.thing.verdict)


PROCEDURE = procedure_of(
    TRANSITIONS,
    permissions={"provide": provide},
    conditions={
        "is_complete": selection.is_complete,
        "is_eligible": selection.is_eligible,
        "has_room": selection.has_room,
        "has_no_room": selection.has_no_room,
        "is_under_ceiling": selection.is_under_ceiling,
        "by_another": selection.by_another,
        "to_select": selection.to_select,
        "to_refuse": selection.to_refuse,
        "not_ordered": orders.not_ordered,
        "ordered": orders.ordered,
        "well_started": orders.well_started,
        "report_writable": reports.is_writable,
        "report_whole": reports.is_whole,
        "report_submitted": reports.is_submitted,
        "report_returnable": reports.is_returnable,
        "provider_still_may": orders.provider_still_may,
        "not_invoiced": payments.not_invoiced,
        "report_accepted": reports.is_accepted,
        "well_presented": reports.well_presented,
        "not_certified": payments.not_certified,
        "days_noted": payments.days_noted,
        "certified": payments.certified,
        "within_order": payments.within_order,
    },
    effects={
        "keep_proposal": selection.keep_proposal,
        "close_proposal": selection.close_proposal,
        "reserve": selection.reserve,
        "tell_waiting": selection.tell_waiting,
        "tell_refusal": selection.tell_refusal,
        "commit": orders.commit,
        "tell_selected": orders.tell_selected,
        "tell_started": orders.tell_started,
        "tell_cancelled": orders.tell_cancelled,
        "tell_lapsed": orders.tell_lapsed,
        "freeze_report": reports.freeze,
        "reopen_report": reports.reopen,
        "accept_report": reports.accept,
        "tell_delivered": reports.tell_delivered,
        "reopen_days": payments.reopen_days,
        "close_unpaid": payments.close_unpaid,
        "write_service_done": payments.write_service_done,
        "pay": payments.pay,
    },
    judges=dict.fromkeys(("propose", "select", "refuse"), as_it_stands),
)
