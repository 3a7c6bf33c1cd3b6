"""What the roadmap sends and makes: the alert of a late milestone, the state of progress."""

from normandata.documents import kinds as documents
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import report

mails.register(
    mails.from_file(
        "roadmap.milestone_late",
        label="Jalon en retard",
        audience="le pilote de l’action",
        tags={
            "action": Tag("Intitulé de l’action", "#Cartographier le foncier.", is_required=True),
            "jalon": Tag("Intitulé du jalon", "Référentiel ouvert", is_required=True),
            "echeance": Tag("Échéance du jalon", "30 septembre 2026", is_required=True),
            "retard": Tag("Retard", "15 jours"),
            "adresse": Tag("Adresse de l’action", "https://normandata.invalid/pilotage/…", is_required=True),
        },
    )
)
documents.register(documents.Kind(report.REPORT, "pdf/roadmap/report.html", report.context))
