"""What each act of the journal of an edition says: its gesture in words, and on what where the journal keeps it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from normandata.procedure.models import Event
from normandata.regulation.formats import euros, listing, plural, spaced

from . import workflow
from .editions import Edition
from .juries import QUALITIES

KINDS = {"theme": "Thème", "dataset": "Jeu de données", "criterion": "Critère"}
TICKED = {"present_at": "présences", "lot_given_at": "lots"}
Data = Mapping[str, Any]


def _named(words: str) -> Callable[[Data], str]:
    return lambda data: f"{words} : {data['name']}, {dict(QUALITIES)[data['quality']].lower()}"


def _put(data: Data) -> str:
    return f"{KINDS[data['kind']]} {'ajouté' if data['is_new'] else 'changé'}"


def _changed(data: Data) -> str:
    known = {one.name: str(one.verbose_name) for one in Edition._meta.fields}
    labels = [known[name] for name in data["changed"]]
    return f"Réglages changés : {listing(labels)}"


def _audience(words: str) -> Callable[[Data], str]:
    return lambda data: f"{words} : {data['source']}, {data['count']} {data['measure']}"


ACTS: Mapping[str, str | Callable[[Data], str]] = {
    "create": "Édition créée",
    "clone": "Édition reprise d’une autre",
    "change": _changed,
    "set_prizes": lambda data: f"Prix fixés : {listing([euros(Decimal(one)) for one in data['prizes']]) or 'aucun'}",
    "shut": "Ce que chaque phase laisse voir changé",
    "put": _put,
    "take_out": lambda data: f"{KINDS[data['kind']]} retiré",
    "publish_rules": lambda data: f"Règlement publié, version {data['version']}",
    "invite": lambda data: f"Personne invitée comme {'mentor' if data['role'] == 'mentor' else 'organisateur'}",
    "end_role": "Rôle retiré",
    "tick": lambda data: f"{TICKED[data['column']].capitalize()} : {plural(len(data['registrations']), 'case')}",
    "erase_rehearsal": "Traces de l’essai effacées",
    "mentor_offered": "Mentor qui se propose",
    "mentor_accepted": "Mentor accepté",
    "mentor_declined": "Mentor décliné",
    "mentor_joined": "Mentor arrivé",
    "mentor_described": "Profil de mentor décrit",
    "mentor_ended": "Mentor parti",
    "meeting": "Réunion fixée",
    "meeting_changed": "Réunion modifiée",
    "meeting_cancelled": "Réunion annulée",
    "add_juror": _named("Juré proposé"),
    "change_juror": _named("Juré modifié"),
    "invite_juror": _named("Juré invité de nouveau"),
    "choose_chair": _named("Présidence du jury donnée"),
    "accept_jury": _named("Siège accepté"),
    "decline_jury": _named("Siège décliné"),
    "remove_juror": _named("Juré retiré"),
    "order_teams": lambda data: f"Ordre des présentations fixé, {plural(len(data['teams']), 'équipe')}",
    "draw_order": lambda data: f"Ordre des présentations tiré au sort, {plural(len(data['teams']), 'équipe')}",
    "tick_presence": lambda data: f"Présence du jury notée : {plural(len(data['jurors']), 'présent')}",
    "record_vote": "Vote du jury inscrit",
    "cancel_vote": "Vote du jury annulé",
    "ask_record": "Procès-verbal demandé",
    "read_audience": _audience("Audience relevée"),
    "remove_audience": _audience("Relevé d’audience retiré"),
}
"""By the name of the act."""
TRANSITIONS = {row.name: row.label for row in workflow.EDITION.workflow.transitions}
"""A move from a phase to another has the words of its button."""


def sentence(event: Event) -> str:
    """Name an act of the journal of an edition."""
    known = ACTS.get(event.name) or TRANSITIONS.get(event.name, event.name)
    return spaced(known(event.data) if callable(known) else known)
