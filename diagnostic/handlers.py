"""What the Diagnostic sends and makes: its mails with their tags, its PDFs."""

from collections.abc import Mapping

from normandata.documents import kinds as documents
from normandata.dossiers.handlers import AGENTS, APPLICANTS, COMMON
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import letters, papers

PROVIDERS = "le prestataire"
PROVIDER = {"prestataire": Tag("Nom du prestataire", "Atelier des données d’essai")}
REASON = {"motif": Tag("Motif donné", "La structure a renoncé.", is_required=True)}
ORDER = {
    "commande": Tag("Numéro du bon de commande", "BC-2026-0007", is_required=True),
    "duree": Tag("Durée commandée", "5 jours"),
    "montant": Tag("Prix du bon de commande", "5 400,00 € TTC"),
    "debut": Tag("Dernier jour pour commencer", "16 mars 2027"),
}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/diagnostic."""
    mails.register(mails.from_file(f"diagnostic.{name}", label=label, audience=audience, tags={**COMMON, **tags}))


declare("waiting_list", "Mise en liste d’attente", APPLICANTS, {})
declare(
    "selected",
    "Sélection notifiée",
    APPLICANTS,
    {
        "prestataire": Tag("Nom du prestataire", "Atelier des données d’essai", is_required=True),
        "duree": Tag("Durée du diagnostic", "5 jours"),
        "debut": Tag("Dernier jour pour commencer", "16 mars 2027", is_required=True),
        "minimis": Tag("Aide de minimis, pour une entreprise", "Cette aide est une aide de minimis…", is_required=True),
    },
)
declare("refused", "Demande refusée", APPLICANTS, REASON)
declare("cancelled", "Commande annulée", APPLICANTS, REASON)
declare("lapsed", "Demande caduque", APPLICANTS, REASON)
declare("delivered", "Rapport remis", APPLICANTS, PROVIDER)
declare("started", "Diagnostic commencé", AGENTS, {**PROVIDER, "date": Tag("Premier jour", "4 janvier 2027")})
declare("report_submitted", "Rapport à lire", AGENTS, PROVIDER)
declare("delivered_to_agent", "Rapport remis à la structure", AGENTS, PROVIDER)
declare("money_back", "Crédits libérés pour la liste d’attente", AGENTS, {"libre": Tag("Libre", "5 400,00 € TTC")})
declare("order", "Diagnostic commandé", PROVIDERS, ORDER)
declare("order_cancelled", "Commande annulée (prestataire)", PROVIDERS, {**ORDER, **REASON})
declare("report_changes", "Changements demandés au rapport", PROVIDERS, {**ORDER, **REASON})
declare("days_back", "Demi-journées à corriger", PROVIDERS, {**ORDER, **REASON})
declare("report_accepted", "Rapport accepté", PROVIDERS, ORDER)
START = {"debut": Tag("Dernier jour pour commencer", "16 mars 2027", is_required=True)}
declare("start_alert", "Diagnostic à commencer", AGENTS, {**PROVIDER, **START})
declare("start_reminder", "Diagnostic à commencer (prestataire)", PROVIDERS, {**ORDER, **START})
declare("evaluation_reminder", "Rappel du questionnaire d’évaluation", APPLICANTS, {})
declare("follow_up", "Suivi à six mois", APPLICANTS, {})
declare("follow_up_again", "Rappel du suivi à six mois", APPLICANTS, {})

documents.register(documents.Kind(letters.ORDER, "pdf/diagnostic/purchase_order.html", papers.context))
documents.register(documents.Kind(letters.SELECTION, "pdf/diagnostic/selection.html", papers.context))
documents.register(documents.Kind(letters.WITHDRAWAL, "pdf/diagnostic/withdrawal.html", papers.context))
documents.register(documents.Kind(letters.REFUSAL, "pdf/diagnostic/refusal.html", papers.context))
documents.register(documents.Kind(papers.REPORT, "pdf/diagnostic/report.html", papers.report))
