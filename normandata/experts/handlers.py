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


# ---------------------------------------------------------------------------------------------------------- cœur expert
REQUESTERS = "le porteur du besoin"
OF_NEED = {
    "reference": Tag("Référence de la demande", "CE-2026-0042"),
    "besoin": Tag("Titre du besoin", "Prévoir la fréquentation des piscines"),
    "porteur": Tag("Structure ou personne qui demande", "Communauté de communes d’essai"),
    "adresse": Tag(
        "Adresse de la demande dans le portail", "https://normandata.invalid/coeur-expert/…", is_required=True
    ),
}
WHEN = {"date": Tag("Jour, ou jour et heure", "16 octobre 2026 à 14 h 30", is_required=True)}


def declare_need(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail about a cœur expert request."""
    mails.register(mails.from_file(f"experts.{name}", label=label, audience=audience, tags={**OF_NEED, **tags}))


declare_need("need_received", "Cœur expert : demande reçue", REQUESTERS, {})
declare_need("need_new", "Cœur expert : nouvelle demande", AGENTS, {})
declare_need(
    "need_scheduled",
    "Cœur expert : premier échange fixé",
    REQUESTERS,
    {**WHEN, "lieu": Tag("Où, ou comment", "Visioconférence, le lien suivra.")},
)
declare_need("need_exchanged", "Cœur expert : compte rendu du premier échange", REQUESTERS, WHEN)
declare_need("need_asked", "Cœur expert : mise en relation proposée", EXPERTS, {})
declare_need("need_invited", "Cœur expert : mise en relation proposée à un expert sans compte", EXPERTS, {})
declare_need(
    "need_waiting",
    "Cœur expert : rappel d’une mise en relation sans réponse",
    EXPERTS,
    {"date_demande": Tag("Jour de la proposition", "9 octobre 2026", is_required=True)},
)
declare_need(
    "need_introduced",
    "Cœur expert : un expert a accepté",
    REQUESTERS,
    {**WHO, "courriel": Tag("Adresse de l’expert", "expert@exemple.fr", is_required=True)},
)
declare_need(
    "need_contact",
    "Cœur expert : qui joindre",
    EXPERTS,
    {"contact": Tag("Nom, adresse et téléphone", "Camille Exemple, camille@exemple.fr", is_required=True)},
)
declare_need("need_declined", "Cœur expert : mise en relation déclinée", AGENTS, {**WHO, **REASON})
declare_need("need_released", "Cœur expert : mise en relation close", EXPERTS, REASON)
declare_need("need_ended", "Cœur expert : demande close ou retirée par son porteur", AGENTS, REASON)
declare_need(
    "need_closed",
    "Cœur expert : demande close",
    REQUESTERS,
    {"suite": Tag("Suite donnée", "Une demande à Booster IA"), "recit": Tag("Ce qui en est dit", "Projet déposé.")},
)
