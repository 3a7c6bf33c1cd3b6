"""The journal of an action as its pilot reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from normandata.procedure.models import Event

from .models import Action

ACTS = {
    "describe": "Fiche modifiée",
    "add_milestone": "Jalon ajouté",
    "change_milestone": "Jalon modifié",
    "hold_milestone": "Jalon tenu",
    "remove_milestone": "Jalon retiré",
    "tell": "Nouvelle publiée",
    "link_deliberation": "Délibération liée",
    "unlink_deliberation": "Délibération retirée",
    "link_scheme": "Dispositif lié",
    "unlink_scheme": "Dispositif retiré",
    "link_call": "Appel lié",
    "unlink_call": "Appel retiré",
    "start": "Action commencée",
    "complete": "Action achevée",
    "suspend": "Action suspendue",
    "resume": "Action reprise",
    "abandon": "Action abandonnée",
    "reopen": "Action rouverte",
    "relaunch": "Action relancée",
}
MOST = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the journal."""

    at: datetime
    who: str
    what: str
    about: str
    reason: str


def journal(action: Action) -> Sequence[Act]:
    """Read what was last done on an action, the newest first."""
    events = Event.objects.about(action).select_related("by")[:MOST]
    return [
        Act(
            at=one.at,
            who=str(one.by) if one.by else "Le portail",
            what=ACTS[one.name],
            about=str(one.data.get("title") or one.data.get("number") or ""),
            reason=one.reason,
        )
        for one in events
    ]
