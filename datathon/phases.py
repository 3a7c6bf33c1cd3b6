"""The phases of an edition: one at a time, each saying who may do and see what. Pure.

Annexe 5 leaves dates and delays to each edition; a phase opens its gestures, and its dates close them.
"""

from dataclasses import dataclass

from normandata.workflow.table import State

PREPARING, REHEARSAL, REGISTRATION, CHALLENGE = "preparing", "rehearsal", "registration", "challenge"
SCORING, DELIBERATION, DECIDED, PUBLISHED, CANCELLED = "scoring", "deliberation", "decided", "published", "cancelled"

STATES = {
    state.slug: state
    for state in (
        State(PREPARING, "En préparation", "En préparation", "organiser", tone="plain", icon="pencil"),
        State(REHEARSAL, "À l’essai", "En préparation", "organiser", tone="todo", icon="pencil"),
        State(REGISTRATION, "Inscriptions ouvertes", "Inscriptions ouvertes", "people", tone="todo", icon="person"),
        State(CHALLENGE, "Challenge en cours", "Challenge en cours", "people", tone="progress", icon="clock"),
        State(SCORING, "Notation du jury", "Présentations au jury", "jury", tone="progress", icon="hourglass"),
        State(DELIBERATION, "Délibération", "Délibération du jury", "jury", tone="progress", icon="person"),
        State(DECIDED, "Décidée, à publier", "Délibération du jury", "organiser", tone="todo", icon="lock"),
        State(PUBLISHED, "Résultats publiés", "Résultats publiés", "nobody", tone="done", icon="met"),
        State(CANCELLED, "Annulée", "Annulée", "nobody", tone="plain", icon="close"),
    )
}  # fmt: skip
PUBLIC = frozenset(STATES) - {PREPARING, REHEARSAL}
"""Phases in which anybody reads the edition's page."""
OVER = frozenset({PUBLISHED, CANCELLED})


@dataclass(frozen=True, slots=True)
class Rights:
    """What a phase opens, whoever asks; dates, seats and roles come after."""

    register: bool = False
    change_teams: bool = False
    deliver: bool = False
    board: bool = False
    """Participants see who looks for a team, and teams that look for somebody."""
    ask_mentors: bool = False
    mentors_read: bool = False
    """Mentors read the deliverables of the teams that asked them."""
    jury_reads: bool = False
    """Jurors read the teams and their deliverables."""
    jury_marks: bool = False


NOTHING = Rights()
RIGHTS = {
    PREPARING: NOTHING,
    REHEARSAL: Rights(register=True, change_teams=True, deliver=True, board=True, ask_mentors=True),
    REGISTRATION: Rights(register=True, change_teams=True, board=True, ask_mentors=True),
    CHALLENGE: Rights(change_teams=True, deliver=True, board=True, ask_mentors=True, mentors_read=True),
    SCORING: Rights(mentors_read=True, jury_reads=True, jury_marks=True),
    DELIBERATION: Rights(jury_reads=True),
    DECIDED: Rights(jury_reads=True),
    PUBLISHED: Rights(jury_reads=True),
    CANCELLED: NOTHING,
}
"""By phase. An edition may close what is open here (see `editions.PhaseSetting`), never open what is shut."""
SETTABLE = {
    "board": "Les participants voient qui cherche une équipe",
    "mentors_read": "Les mentors lisent les livrables des équipes qu’ils aident",
    "jury_reads": "Le jury lit les projets et leurs livrables",
}
"""What an edition may shut in a phase, with its French label."""
