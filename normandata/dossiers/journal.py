"""The journal of a dossier in French sentences: what was done, by whom, when, why, and the verdict that founded it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from normandata.procedure.models import Event
from normandata.regulation.findings import Conclusion, Verdict
from normandata.workflow.table import UnknownTransition

from . import applications, findings, schemes
from .desk import Reading
from .findings import ShownFinding
from .models import Attachment, Dossier
from .states import STATES

ACTS = {
    "begin": "Brouillon commencé",
    "submit": "Demande déposée",
    "answer": "Pièces demandées envoyées",
    "start_review": "Instruction commencée",
    "ask_correction": "Pièces demandées",
    "cancel_correction": "Demande de pièces annulée",
    "conclude_correction": "Pièces arrivées en temps voulu, envoyées par le portail à la date limite",
    "expire_correction": "Demande de pièces échue",
    "withdraw": "Demande retirée par la structure",
    "assign": "Dossier confié",
    "message": "Message envoyé",
    "note": "Note interne écrite",
    "piece_read": "Pièce examinée",
    "read_finding": "Constat lu",
    "discard": "Brouillon effacé",
    "expire_draft": "Brouillon effacé, sa durée passée",
    "eliminate": "Contenu éliminé, sa durée passée",
    "judge_again": "Constats revus",
    "file_refused": "Fichier refusé par l’antivirus",
    "letter_read": "Lettre ouverte par la structure",
    "letter_posted": "Réception d’une lettre par la poste, notée",
}
CONCLUSIONS = {
    Conclusion.ELIGIBLE: "éligible",
    Conclusion.INELIGIBLE: "non éligible",
    Conclusion.TO_REVIEW: "à examiner",
    Conclusion.NOT_APPLICABLE: "sans objet",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    event: Event
    title: str
    who: str
    details: list[str]
    conclusion: str
    findings: list[ShownFinding]


def register(acts: Mapping[str, str]) -> None:
    """Name what a floor above writes in the journals of dossiers; raises ValueError when a name has other words."""
    for name, words in acts.items():
        if ACTS.setdefault(name, words) != words:
            raise ValueError(f"« {name} » has its words already")


def events(dossier: Dossier) -> QuerySet[Event]:
    """List what happened to a dossier, the newest first."""
    return Event.objects.about(dossier).select_related("by")


def entry(dossier: Dossier, event: Event) -> Entry:
    """Write one event in clear; the verdict kept with it is shown word for word."""
    verdict = Verdict.from_record(event.verdict) if event.verdict else None
    application = schemes.application_of(dossier.scheme)
    return Entry(
        event,
        title(dossier, event.name),
        str(event.by) if event.by else "Le portail",
        [*_moved(event), *DETAILS.get(event.name, _nothing)(event.data, application)],
        CONCLUSIONS[verdict.conclusion] if verdict else "",
        findings.shown(verdict.findings) if verdict else [],
    )


def title(dossier: Dossier, name: str) -> str:
    """Name an act: in the portal's words, else by its label in the workflow of the scheme."""
    acts = {**ACTS, **schemes.application_of(dossier.scheme).acts}
    if name in acts:
        return acts[name]
    try:
        return dossier.procedure.workflow.find(name).label
    except UnknownTransition:
        return name


def _moved(event: Event) -> list[str]:
    if event.source == event.target:
        return []
    return [f"État : de « {STATES[event.source].label} » à « {STATES[event.target].label} »"]


def _nothing(data: Mapping[str, Any], application: applications.Application) -> list[str]:
    return []


def _assigned(data: Mapping[str, Any], application: applications.Application) -> list[str]:
    said = [f"Responsable : {data.get('owner') or 'personne'}, auparavant {data.get('before') or 'personne'}"]
    return said + ([f"Suppléance : {data['backup']}"] if data.get("backup") else [])


def _asked(data: Mapping[str, Any], application: applications.Application) -> list[str]:
    return [
        f"{item['label']} : {item['reason']}" if item.get("reason") else str(item["label"])
        for item in data.get("items", [])
    ]


def _piece_read(data: Mapping[str, Any], application: applications.Application) -> list[str]:
    piece = application.piece(str(data.get("piece", "")))
    label = piece.label if piece else str(data.get("piece", ""))
    status = dict(Attachment.Status.choices).get(str(data.get("status", "")), "")
    name = f" ({data['name']})" if data.get("name") else ""
    return [f"{label}{name} : {str(status).lower()}"]


def _finding_read(data: Mapping[str, Any], application: applications.Application) -> list[str]:
    outcome = dict(Reading.Outcome.choices).get(str(data.get("outcome", "")), "")
    return [f"{data.get('label') or data.get('rule', '')} : {str(outcome).lower()}"]


DETAILS: Mapping[str, Callable[[Mapping[str, Any], applications.Application], list[str]]] = {
    "assign": _assigned,
    "ask_correction": _asked,
    "piece_read": _piece_read,
    "read_finding": _finding_read,
}
