"""What the `roadmap` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

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
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
