"""What the dossiers room sends and makes: its mails with their tags, its PDF receipt."""

from collections.abc import Mapping

from normandata.documents import kinds as documents
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag
from normandata.outbox import conf
from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from . import receipts
from .bulk import BulkJob
from .services import bulk

COMMON = {
    "numero": Tag("Numéro du dossier", "DIA-2026-0042", is_required=True),
    "structure": Tag("Nom de la structure", "Fonderie d’essai du Cotentin"),
    "dispositif": Tag("Nom du dispositif", "Diagnostic data et IA"),
    "adresse": Tag("Adresse du dossier dans le portail", "https://normandata.invalid/dossiers/…", is_required=True),
}
PIECES = {
    "pieces": Tag("Ce qui est demandé, une ligne chacun", "- Pouvoir du signataire : à signer", is_required=True),
    "date_limite": Tag("Dernier jour pour répondre", "16 octobre 2026", is_required=True),
    "message": Tag("Message de l’agent, s’il y en a un", "Merci de joindre le pouvoir."),
}
AUTHOR = {"auteur": Tag("Nom de la personne qui a agi", "Camille Exemple")}
TEXT = {"message": Tag("Texte du message", "Bonjour, voici la précision demandée.", is_required=True)}
RECEIPT = {
    "recu_le": Tag("Jour et heure de réception", "1er octobre 2026 à 9 h 14", is_required=True),
    "version": Tag("Version déposée", "1"),
    "service": Tag("Service chargé du dossier", "DAN / SIGO", is_required=True),
    "service_adresse": Tag("Adresse postale du service", "Place Reine-Mathilde, Caen", is_required=True),
    "service_courriel": Tag("Courriel du service", "service@exemple.invalid", is_required=True),
    "service_telephone": Tag("Téléphone du service", "02 00 00 00 00", is_required=True),
    "silence": Tag("Effet du silence et sa date", "Sans réponse le 1er décembre 2026…", is_required=True),
    "recours": Tag("Délais et voies de recours", "Ce refus peut être contesté…", is_required=True),
}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/dossiers."""
    mails.register(mails.from_file(f"dossiers.{name}", label=label, audience=audience, tags={**COMMON, **tags}))


APPLICANTS, AGENTS = "la structure", "les agents"
documents.register(documents.Kind(receipts.RECEIPT, "pdf/dossiers/receipt.html", receipts.context))
declare("receipt", "Accusé de réception", APPLICANTS, RECEIPT)
declare("review_started", "Instruction commencée", APPLICANTS, {})
declare("correction_asked", "Pièces demandées", APPLICANTS, PIECES)
declare("correction_reminder", "Rappel de pièces demandées", APPLICANTS, PIECES)
declare("correction_received", "Pièces reçues", APPLICANTS, {"pieces": PIECES["pieces"]})
declare("correction_cancelled", "Demande de pièces annulée", APPLICANTS, {"motif": Tag("Motif", "Pièce retrouvée")})
declare("correction_expired", "Demande de pièces échue", APPLICANTS, PIECES)
declare(
    "file_refused",
    "Fichier refusé par l’antivirus",
    APPLICANTS,
    {"fichier": Tag("Nom du fichier", "plan.pdf", is_required=True)},
)
declare(
    "draft_reminder",
    "Rappel d’un brouillon avant la date limite",
    APPLICANTS,
    {"date_limite": Tag("Dernier jour du dépôt", "30 octobre 2026", is_required=True)},
)
declare("message", "Message de la Région", APPLICANTS, {**AUTHOR, **TEXT})
declare("withdrawn", "Demande retirée", APPLICANTS, AUTHOR)
declare("message_to_agent", "Message de la structure", AGENTS, {**AUTHOR, **TEXT})
declare("correction_answered", "Pièces demandées arrivées", AGENTS, {"pieces": PIECES["pieces"]})
declare("correction_overdue", "Demande de pièces échue, à traiter", AGENTS, {"pieces": PIECES["pieces"]})
declare("assigned", "Dossier confié", AGENTS, AUTHOR)
declare("withdrawn_to_agent", "Demande retirée par la structure", AGENTS, {**AUTHOR, "motif": Tag("Motif", "aucun")})
declare(
    "silence_alert", "Refus implicite proche", AGENTS, {"date": Tag("Jour du refus implicite", "1er décembre 2026")}
)


@handler(bulk.HANDLER)
def run_bulk(message: Message) -> None:
    """Do what is left of a bulk job, or of its rows in this message; one that breaks at the last try is refused."""
    job = BulkJob.objects.get(key=message.payload["job"])
    rows = message.payload.get("rows")
    bulk.run(job, rows=rows, is_last_try=message.attempts >= conf.MAX_ATTEMPTS)
