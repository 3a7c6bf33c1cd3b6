"""What the `bulletin` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (
    Holding(
        "bulletin.News",
        "publication",
        signed=["created_by"],
        words=["title", "summary", "text"],
        plain=["slug", "subject"],
    ),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
