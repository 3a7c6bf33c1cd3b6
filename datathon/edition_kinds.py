"""The mails and the papers of an edition and of its mentors, with their tags."""

from collections.abc import Mapping

from normandata.documents import kinds as documents
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag

from . import papers

PARTICIPANTS, MENTORS, ORGANISERS = "les participants", "les mentors", "les organisateurs"
ALL, TEAM, VOLUNTEER = "les participants et les mentors", "les membres de l’équipe", "la personne qui se propose"
COMMON = {
    "edition": Tag("Titre de l’édition", "Datathon Normandie 2027"),
    "adresse": Tag("Adresse de la page dans le portail", "https://normandata.invalid/datathon/…", is_required=True),
}
DATES = {
    "livrables": Tag("Heure limite des livrables", "22 octobre 2027 à 12 h 00", is_required=True),
    "cloture": Tag("Jour et heure de la clôture", "23 octobre 2027 à 14 h 00", is_required=True),
    "lieu": Tag("Lieu de la clôture", "Le Dôme, Caen"),
}
REASON = {"motif": Tag("Motif donné", "La salle n’est plus disponible.", is_required=True)}
OF_TEAM = {"equipe": Tag("Nom de l’équipe", "Les Marées")}
MENTOR = {"mentor": Tag("Nom du mentor", "Camille Exemple")}
MEETING = {
    "objet": Tag("Objet de la réunion", "Point d’étape"),
    "date": Tag("Début et fin", "12 octobre 2027 à 14 h 00, jusqu’au 12 octobre 2027 à 15 h 00", is_required=True),
    "lieu": Tag("Lieu ou lien", "À distance"),
}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/datathon."""
    mails.register(mails.from_file(f"datathon.{name}", label=label, audience=audience, tags={**COMMON, **tags}))


declare("challenge_started", "Challenge lancé", ALL, DATES)
declare("registration_reopened", "Inscriptions rouvertes", PARTICIPANTS, REASON)
declare("edition_cancelled", "Édition annulée", ALL, REASON)
declare("dates_changed", "Dates ou lieu changés", ALL, DATES)
declare(
    "rules_changed",
    "Nouvelle version du règlement",
    PARTICIPANTS,
    {"changement": Tag("Ce qui change", "Les équipes se figent une semaine plus tard.", is_required=True)},
)
declare("mentor_offered", "Mentor qui se propose", ORGANISERS, MENTOR)
declare("mentor_accepted", "Proposition de mentor acceptée", VOLUNTEER, {})
declare("mentor_declined", "Proposition de mentor déclinée", VOLUNTEER, REASON)
declare(
    "help_asked",
    "Aide demandée par une équipe",
    MENTORS,
    {**OF_TEAM, "question": Tag("Question posée", "Comment croiser deux jeux de données ?")},
)
declare("help_taken", "Mentor qui prend une demande", TEAM, {**OF_TEAM, **MENTOR})
declare("note_shared", "Note de mentor partagée", TEAM, {**OF_TEAM, **MENTOR})
declare("meeting", "Réunion de suivi fixée", ALL, MEETING)
declare("meeting_changed", "Réunion de suivi modifiée", ALL, MEETING)
declare("meeting_cancelled", "Réunion de suivi annulée", ALL, {**MEETING, **REASON})

documents.register(documents.Kind(papers.RULES, "pdf/datathon/rules.html", papers.context))
