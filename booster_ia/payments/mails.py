"""The mails of payments with their tags, and their papers."""

from collections.abc import Mapping

from normandata.documents import kinds as documents
from normandata.dossiers.handlers import AGENTS, APPLICANTS, COMMON
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import papers

OFFICERS = "les chargés des paiements"
REQUEST = {
    "demande": Tag("Nature de la demande", "de solde", is_required=True),
    "montant": Tag("Montant", "6 250,00 €"),
}
RECOVERY = {
    "montant": Tag("Montant à reverser", "2 500,00 €", is_required=True),
    "nature": Tag("Nature du reversement", "trop-perçu"),
}
REASON = {"motif": Tag("Motif donné", "La facture acquittée manque.", is_required=True)}
SUM = {"calcul": Tag("Calcul en une phrase", "50 % × 30 000,00 € HT justifiés = 15 000,00 €…", is_required=True)}
DUE = {"date_limite": Tag("Dernier jour", "30 novembre 2027", is_required=True)}
ACCOUNT = {"compte": Tag("IBAN masqué", "FR76 •••• •••• 123", is_required=True)}
DAY = {"date": Tag("Jour", "12 janvier 2028")}
LEFT = {"reste": Tag("Reste à payer", "6 250,00 €")}


def declare(name: str, label: str, audience: str, *tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/booster_ia."""
    known = dict(COMMON)
    for more in tags:
        known |= more
    mails.register(mails.from_file(f"booster_ia.{name}", label=label, audience=audience, tags=known))


declare("bank_received", "Coordonnées bancaires reçues", APPLICANTS, ACCOUNT)
declare("bank_checked", "Coordonnées bancaires vérifiées", APPLICANTS, ACCOUNT)
declare("bank_refused", "Coordonnées bancaires refusées", APPLICANTS, ACCOUNT, REASON)
declare("bank_declared", "Coordonnées bancaires à vérifier", OFFICERS)
declare("bank_changed", "Coordonnées bancaires changées", OFFICERS)
declare("payment_sent", "Demande de paiement reçue", APPLICANTS, REQUEST)
declare("payment_to_check", "Demande de paiement à contrôler", AGENTS, REQUEST)
declare("payment_returned", "Demande de paiement à compléter", APPLICANTS, REQUEST, REASON, DUE)
declare("payment_checked", "Demande de paiement contrôlée", APPLICANTS, REQUEST, SUM)
declare("payment_to_certify", "Paiement à certifier", OFFICERS, REQUEST)
declare("payment_request_refused", "Demande de paiement refusée", APPLICANTS, REQUEST, REASON)
declare("payment_reopened", "Contrôle rouvert", AGENTS, REQUEST, REASON)
declare("payment_certified", "Paiement certifié", APPLICANTS, REQUEST, SUM)
declare("payment_settled", "Subvention soldée sans versement", APPLICANTS, REQUEST, SUM)
declare("payment_overpaid", "Trop-perçu à reverser", AGENTS, REQUEST)
declare(
    "payment_mandated",
    "Paiement mandaté",
    APPLICANTS,
    REQUEST,
    DAY,
    {"mandat": Tag("Numéro du mandat", "2028-000123", is_required=True)},
)
declare("payment_mandate_missing", "Mandat attendu", OFFICERS, REQUEST)
declare("payment_answer_reminder", "Rappel d’une demande à compléter", APPLICANTS, REQUEST, DUE)
declare("payment_unanswered", "Demande renvoyée, sans réponse", AGENTS, REQUEST, DUE)
declare("justify_reminder", "Dépenses à justifier", APPLICANTS, DUE, LEFT)
declare("justify_late", "Dépenses non justifiées dans le délai", AGENTS, DUE, LEFT)
declare("recovery_notified", "Observations demandées avant reversement", APPLICANTS, RECOVERY, REASON, DUE)
declare("recovery_reminder", "Rappel des observations avant reversement", APPLICANTS, RECOVERY, DUE)
declare("recovery_observed", "Observations reçues", AGENTS, RECOVERY)
declare("recovery_over", "Délai d’observations terminé", AGENTS, RECOVERY, DUE)
declare("recovery_ordered", "Reversement demandé", APPLICANTS, RECOVERY, REASON)
declare("recovery_waived", "Reversement abandonné", APPLICANTS, RECOVERY, REASON)
declare(
    "recovery_issued",
    "Titre de recette émis",
    APPLICANTS,
    RECOVERY,
    DAY,
    {"titre": Tag("Numéro du titre", "T-2028-0042", is_required=True)},
)
declare("lapsed", "Subvention caduque", APPLICANTS, REASON)
declare("closed", "Dossier clos", APPLICANTS)

documents.register(documents.Kind(papers.CERTIFICATE, "pdf/booster_ia/payments/certificate.html", papers.context))
documents.register(documents.Kind(papers.ADVERSARIAL, "pdf/booster_ia/payments/adversarial.html", papers.context))
documents.register(documents.Kind(papers.ORDER, "pdf/booster_ia/payments/order.html", papers.context))
