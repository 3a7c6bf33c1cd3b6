"""What the experts room sends: its mails with their tags."""

from collections.abc import Mapping

from normandata.dossiers.handlers import AGENTS, APPLICANTS, COMMON
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

EXPERTS = "l’expert"
LAST_DAY = {"date_limite": Tag("Dernier jour pour répondre", "16 octobre 2026", is_required=True)}
REASON = {"motif": Tag("Motif donné", "La question est sans objet.")}
WHO = {"expert": Tag("Nom de l’expert et sa structure", "Dominique Exemple, Laboratoire d’essai")}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/experts."""
    mails.register(mails.from_file(f"experts.{name}", label=label, audience=audience, tags={**COMMON, **tags}))


declare("asked", "Avis demandé", EXPERTS, LAST_DAY)
declare("invited", "Avis demandé à un expert sans compte", EXPERTS, LAST_DAY)
declare("reminder", "Rappel d’un avis avant la date limite", EXPERTS, LAST_DAY)
declare("overdue", "Rappel d’un avis le lendemain de la date limite", EXPERTS, LAST_DAY)
declare("extended", "Date limite d’un avis reportée", EXPERTS, LAST_DAY)
declare("cancelled", "Demande d’avis annulée", EXPERTS, REASON)
declare("given", "Avis d’expert rendu", AGENTS, WHO)
declare("declined", "Avis décliné par l’expert", AGENTS, {**WHO, **REASON})
declare("late", "Avis d’expert en retard", AGENTS, {**WHO, **LAST_DAY})
declare("shared", "Avis d’expert à lire", APPLICANTS, WHO)
