"""What the roadmap sends and makes: the alert of a late milestone, the state of progress, the PDF of calls."""

from collections.abc import Mapping

from normandata.documents import kinds as documents
from normandata.dossiers.handlers import APPLICANTS, COMMON
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import report
from .calls import paper

MILESTONE = {
    "action": Tag("Intitulé de l’action", "#Cartographier le foncier.", is_required=True),
    "jalon": Tag("Intitulé du jalon", "Référentiel ouvert", is_required=True),
    "echeance": Tag("Échéance du jalon", "30 septembre 2026", is_required=True),
    "retard": Tag("Retard", "15 jours"),
}
mails.register(
    mails.from_file(
        "roadmap.milestone_late",
        label="Jalon en retard",
        audience="le pilote de l’action",
        tags=MILESTONE
        | {"adresse": Tag("Adresse de l’action", "https://normandata.invalid/pilotage/…", is_required=True)},
    )
)
mails.register(
    mails.from_file(
        "roadmap.milestone_unpiloted",
        label="Jalon en retard, action sans pilote",
        audience="les administrateurs",
        tags=MILESTONE
        | {"adresse": Tag("Adresse des personnes", "https://normandata.invalid/compte/…", is_required=True)},
    )
)
documents.register(documents.Kind(report.REPORT, "pdf/roadmap/report.html", report.context))
documents.register(documents.Kind(paper.ASSESSMENT, "pdf/roadmap/assessment.html", paper.context))


def declare(name: str, label: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail to the carriers of a proposal, whose original words are in templates/email/roadmap."""
    mails.register(mails.from_file(f"roadmap.{name}", label=label, audience=APPLICANTS, tags={**COMMON, **tags}))


declare(
    "answered",
    "Réponse à une proposition",
    {
        "appel": Tag("Intitulé de l’appel", "Données de mobilité", is_required=True),
        "projet": Tag("Titre du projet", "Un compteur ouvert des passages à vélo"),
        "suite": Tag("Suite donnée", "Orientée vers un dispositif", is_required=True),
        "reponse": Tag("Réponse de l’agent", "Booster IA finance une preuve de concept.", is_required=True),
    },
)
declare(
    "reconsidered",
    "Examen d’une proposition repris",
    {"motif": Tag("Motif donné", "Une pièce avait échappé à l’examen.", is_required=True)},
)
