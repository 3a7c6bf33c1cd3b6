"""The mails to participants and to a minor's parent, with their tags."""

from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

PARTICIPANTS, PARENT = "le participant", "le parent d’un mineur"
COMMON = {
    "edition": Tag("Titre de l’édition", "Datathon Normandie 2027", is_required=True),
    "adresse": Tag("Page du participant dans le portail", "https://normandata.invalid/espace/…", is_required=True),
}
TEAM = {"equipe": Tag("Nom de l’équipe", "Les Bocages", is_required=True)}
WHO = {"participant": Tag("Nom du participant", "Camille Exemple", is_required=True)}
WORDS = {"message": Tag("Message joint, ou un tiret", "Je connais la cartographie.")}
REASON = {"motif": Tag("Motif donné", "Non-respect du règlement", is_required=True)}


def declare(name: str, label: str, **tags: Tag) -> None:
    """Register a mail to participants whose original words are in templates/email/datathon."""
    mails.register(mails.from_file(f"datathon.{name}", label=label, audience=PARTICIPANTS, tags={**COMMON, **tags}))


declare("registered", "Inscription reçue", etat=Tag("Où en est l’inscription", "Votre inscription est complète."))
declare("withdrawn", "Désinscription")
declare("guardian_agreed", "Accord d’un parent reçu")
declare("guardian_declined", "Refus d’un parent")
declare(
    "refused",
    "Inscription refusée",
    **REASON,
    message=Tag("Ce qui fonde le refus", "Vous avez communiqué le mot de passe d’autrui.", is_required=True),
)
declare("readmitted", "Refus levé", **REASON)
declare("join_requested", "Demande pour rejoindre l’équipe", **TEAM, **WHO, **WORDS)
declare("join_accepted", "Demande acceptée par l’équipe", **TEAM)
declare("join_declined", "Demande déclinée par l’équipe", **TEAM)
declare("invited", "Invitation d’une équipe", **TEAM, **WORDS)
declare("invitation_declined", "Invitation déclinée", **TEAM, **WHO)
declare("member_joined", "Nouveau membre de l’équipe", **TEAM, **WHO)
declare("member_left", "Départ d’un membre de l’équipe", **TEAM, **WHO)
declare("removed", "Retrait d’une équipe", **TEAM, **REASON)
declare(
    "referent_changed",
    "Nouveau référent de l’équipe",
    **TEAM,
    referent=Tag("Nom du référent", "Camille Exemple", is_required=True),
)
declare("team_dissolved", "Équipe dissoute", **TEAM)
declare(
    "handed_in",
    "Livrable reçu",
    **TEAM,
    livrable=Tag("Nature du livrable", "Code source", is_required=True),
    version=Tag("Version", "2", is_required=True),
    recu_le=Tag("Jour et heure de réception", "22 octobre 2027 à 11 h 58", is_required=True),
    empreinte=Tag("Empreinte SHA-256", "9f86d081884c7d65…", is_required=True),
    manque=Tag("Ce qui manque encore", "Il manque encore le support de présentation.", is_required=True),
)
declare(
    "deliverables_due",
    "Rappel avant la limite des livrables",
    **TEAM,
    jusqu_a=Tag("Limite de l’équipe", "22 octobre 2027 à 12 h 00", is_required=True),
    manque=Tag("Ce qui manque encore", "Il manque encore le support de présentation.", is_required=True),
)
declare(
    "extension_given",
    "Délai supplémentaire pour les livrables",
    **TEAM,
    **REASON,
    jusqu_a=Tag("Nouvelle limite", "22 octobre 2027 à 18 h 00", is_required=True),
)
mails.register(
    mails.from_file(
        "datathon.guardian_asked",
        label="Accord demandé à un parent",
        audience=PARENT,
        tags={
            "edition": COMMON["edition"],
            "parent": Tag("Nom du parent", "Dominique Exemple", is_required=True),
            "participant": WHO["participant"],
            "lien": Tag("Lien de la réponse", "https://normandata.invalid/datathon/parent/…", is_required=True),
            "fin": Tag("Dernier jour du lien", "30 octobre 2027", is_required=True),
        },
    )
)
