"""What the committee sends and makes: its mails with their tags, its report."""

from collections.abc import Mapping

from normandata.documents import kinds as documents
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import papers

LEADS, VALIDATORS = "les agents responsables", "qui valide les résultats"
COMMON = {
    "seance": Tag("Séance", "Commission permanente du 14 décembre 2026", is_required=True),
    "dispositif": Tag("Nom du dispositif", "Booster IA"),
    "dossiers": Tag("Nombre de dossiers", "30 dossiers"),
    "montant": Tag("Total des subventions", "356 000,00 €"),
    "adresse": Tag("Adresse de la séance dans le portail", "https://normandata.invalid/commission/…", is_required=True),
}
AUTHOR = {"auteur": Tag("Qui a saisi les résultats", "Camille Exemple")}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/committee."""
    mails.register(mails.from_file(f"committee.{name}", label=label, audience=audience, tags=tags))


declare("tabled", "Ordre du jour arrêté", LEADS, COMMON)
declare("recorded", "Résultats à valider", VALIDATORS, {**COMMON, **AUTHOR})

documents.register(documents.Kind(papers.REPORT, "pdf/committee/report.html", papers.context))
