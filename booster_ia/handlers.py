"""What the Booster IA sends: its mails with their tags, the invitations of partners."""

from collections.abc import Mapping

from normandata.dossiers.handlers import AGENTS, APPLICANTS, COMMON
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag
from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from . import letter_mails  # noqa: F401 - its mails and papers are declared with these
from .payments import mails as payment_mails  # noqa: F401  declared by its import
from .services import partners

PARTNERS = "le partenaire"
LEADS = "les agents responsables"
PARTNER = {"partenaire": Tag("Nom du partenaire", "Bocage Data d’essai", is_required=True)}
AUTHOR = {"auteur": Tag("Qui a répondu", "Camille Exemple, gérante")}
REASON = {"motif": Tag("Motif donné", "La date de la Commission a changé.", is_required=True)}
LINK = {
    **PARTNER,
    "projet": Tag("Titre du projet", "Prévoir les crues du bocage"),
    "structure": Tag("Nom de la structure qui porte le projet", "Fonderie d’essai"),
    "lien": Tag("Lien de la réponse", "https://normandata.exemple/partenariat/…", is_required=True),
    "fin": Tag("Dernier jour du lien", "30 octobre 2026"),
}
MEETING = {
    "date": Tag("Jour et heure", "12 octobre 2026 à 14 h 30", is_required=True),
    "lieu": Tag("Lieu ou lien", "Hôtel de Région, Caen"),
    "participants": Tag("Participants", "Camille Exemple, agent d’essai"),
}
WAVE = {
    "vague": Tag("Nom de la vague", "2e vague 2026"),
    "cloture": Tag("Clôture des dépôts", "30 septembre 2026"),
    "instruction": Tag("Instruction", "du 1er octobre 2026 au 15 novembre 2026"),
    "commission": Tag("Commission permanente", "14 décembre 2026", is_required=True),
}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/booster_ia."""
    mails.register(mails.from_file(f"booster_ia.{name}", label=label, audience=audience, tags=tags))


declare("partner_invited", "Confirmation demandée à un partenaire", PARTNERS, LINK)
declare("partner_reminder", "Rappel à un partenaire", PARTNERS, LINK)
declare("partner_confirmed", "Partenaire confirmé", APPLICANTS, {**COMMON, **PARTNER, **AUTHOR})
declare("partner_declined", "Partenaire qui décline", APPLICANTS, {**COMMON, **PARTNER, **AUTHOR, **REASON})
declare("partner_declined_to_agent", "Partenaire qui décline", AGENTS, {**COMMON, **PARTNER, **AUTHOR, **REASON})
declare("wave_changed", "Dates de la vague changées", APPLICANTS, {**COMMON, **WAVE, **REASON})
declare(
    "scheduled",
    "Dossier inscrit à une séance",
    APPLICANTS,
    {**COMMON, "seance": Tag("Séance", "Commission permanente du 14 décembre 2026", is_required=True)},
)
SITTING = {"seance": Tag("Séance", "Commission permanente du 14 décembre 2026", is_required=True)}
declare("rescheduled", "Séance déplacée", APPLICANTS, {**COMMON, **SITTING})
declare("unscheduled", "Dossier retiré d’une séance", APPLICANTS, {**COMMON, **SITTING})
declare("no_wave", "Dossier sans vague", LEADS, COMMON)
declare("meeting", "Rencontre fixée", APPLICANTS, {**COMMON, **MEETING})
declare("meeting_changed", "Rencontre déplacée", APPLICANTS, {**COMMON, **MEETING})
declare("meeting_cancelled", "Rencontre annulée", APPLICANTS, {**COMMON, **MEETING, **REASON})
END = {"fin": Tag("Dernier jour du projet", "31 mai 2027", is_required=True)}
declare("outcome_asked", "Bilan du projet demandé", APPLICANTS, {**COMMON, **END})
declare("outcome_reminder", "Rappel du bilan du projet", APPLICANTS, {**COMMON, **END})
declare(
    "outcome_sent", "Bilan du projet envoyé", AGENTS, {**COMMON, "auteur": Tag("Qui l’a envoyé", "Camille Exemple")}
)
declare(
    "exchange_held",
    "Échange de fin de projet noté",
    APPLICANTS,
    {**COMMON, "date": Tag("Jour", "15 juin 2027", is_required=True), "forme": Tag("Forme", "à distance")},
)
declare(
    "exchange_reminder",
    "Échange de fin de projet à tenir",
    AGENTS,
    {**COMMON, "date": Tag("Jour où le bilan est arrivé", "2 juin 2027")},
)


@handler(partners.HANDLER)
def invite(message: Message) -> None:
    """Write the mails of the partners of a dossier that have none yet."""
    partners.send_invitations(message.payload["dossier"])
