"""The mails and the papers that go with a decision: its letters, the convention and its signatures, their reminders."""

from normandata.documents import kinds
from normandata.dossiers.handlers import AGENTS, APPLICANTS, COMMON
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import letters

ACT = {"deliberation": Tag("Délibération et sa date", "CP D 26-12-31 du 14 décembre 2026", is_required=True)}
WHY = {"motif": Tag("Motif donné", "Le projet ne repose pas sur l’IA.", is_required=True)}
SIGNER = {
    "signataire": Tag("Qui a signé", "Dominique Exemple, gérante", is_required=True),
    "jour": Tag("Jour de la signature", "4 janvier 2027", is_required=True),
}

for _kind, _template in (
    (letters.AWARD, "pdf/booster_ia/award.html"),
    (letters.REFUSAL, "pdf/booster_ia/refusal.html"),
    (letters.ADJOURNMENT, "pdf/booster_ia/adjournment.html"),
    (letters.AGREEMENT, "pdf/booster_ia/agreement.html"),
):
    kinds.register(kinds.Kind(_kind, _template, letters.context))


def declare(name: str, label: str, audience: str, **tags: Tag) -> None:
    """Register a mail whose original words are in templates/email/booster_ia."""
    mails.register(mails.from_file(f"booster_ia.{name}", label=label, audience=audience, tags={**COMMON, **tags}))


declare(
    "notified",
    "Subvention notifiée",
    APPLICANTS,
    **ACT,
    montant=Tag("Montant de la subvention", "9 980,00 € HT", is_required=True),
    minimis=Tag("Mention de minimis, s’il y en a une", "Cette aide est une aide de minimis…"),
)
declare("refused", "Demande refusée", APPLICANTS, **ACT, **WHY)
declare("adjourned", "Examen reporté", APPLICANTS, **ACT, **WHY)
declare("agreement_signed", "Convention signée par la structure", AGENTS, **SIGNER)
declare(
    "agreement_in_force",
    "Convention signée par la Région",
    APPLICANTS,
    jour=SIGNER["jour"],
    justifier=Tag("Dernier jour pour justifier", "31 janvier 2028", is_required=True),
)
declare(
    "agreement_reminder",
    "Rappel de la convention à signer",
    APPLICANTS,
    jour=Tag("Jour de l’envoi de la convention", "16 décembre 2026", is_required=True),
)
declare(
    "letter_unread",
    "Lettre non lue, à envoyer par la poste",
    AGENTS,
    lettre=Tag("Objet de la lettre", "Refus, dossier BIA-2026-0042", is_required=True),
    jour=Tag("Jour de l’envoi", "16 décembre 2026", is_required=True),
)
