"""What the `roadmap` room holds of people."""

from datetime import date

from django.db.models import Q

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.privacy import registry
from normandata.privacy.registry import Holding, Obstacle

from .calls import workflow
from .calls.models import CallProposal

HOLDINGS = (
    Holding("roadmap.Axis", "nobody", plain=["title"]),
    Holding("roadmap.Chantier", "nobody", plain=["title", "subtitle"]),
    Holding(
        "roadmap.Action",
        "roadmap",
        words=["title", "voted_text", "pilot_direction", "partners", "objectives", "risks", "climate", "state_reason"],
        plain=["letter"],
    ),
    Holding("roadmap.Milestone", "roadmap", words=["title"]),
    Holding("roadmap.News", "roadmap", signed=["by"], words=["text"]),
    Holding("roadmap.Deliberation", "roadmap", words=["title", "url"], plain=["number"]),
    Holding("roadmap.SchemeLink", "nobody", plain=["scheme"]),
    Holding("roadmap.CallLink", "roadmap", words=["title", "url"]),
    Holding("roadmap.Call", "roadmap", words=["title", "summary", "text", "contact", "email", "phone", "state_reason"]),
    Holding("roadmap.Option", "nobody", plain=["label"]),
    Holding("roadmap.CallProposal", "calls", words=["title", "summary", "climate", "answer"]),
    Holding("roadmap.Place", "nobody"),
)


def hand_up() -> None:
    """Declare what this room holds, and when it cannot let go of it."""
    registry.declare(*HOLDINGS)
    registry.on_guard(what_keeps)
    registry.on_prevent(under_assessment)


UNASSESSED = (workflow.OPEN, workflow.CLOSED)
"""A call that received proposals, until its assessment counts them in public."""


def what_keeps(dossier: Dossier, day: date) -> list[str]:
    """Say why a dossier may not be eliminated: the assessment of its call is still to be counted."""
    waiting = CallProposal.objects.live().filter(dossier=dossier, call__state__in=UNASSESSED).select_related("call")
    return [f"Le bilan de l’appel « {one.call.title} » n’est pas publié." for one in waiting]


def under_assessment(person: User) -> list[Obstacle]:
    """List the calls that this person answered and whose assessment is still to be published."""
    mine = Q(dossier__created_by=person) | Q(dossier__deposits__by=person)
    rows = CallProposal.objects.live().filter(mine, call__state__in=UNASSESSED, dossier__eliminated_at=None)
    titles = rows.order_by("call").values_list("call__title", flat=True).distinct()
    gesture = "Attendez la publication du bilan, ou retirez votre proposition tant qu’elle n’a pas de réponse."
    return [Obstacle(f"Le bilan de l’appel « {title} » n’est pas publié.", gesture) for title in titles]
