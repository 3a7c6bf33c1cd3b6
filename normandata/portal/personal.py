"""What the `portal` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (Holding("portal.Announcement", "publication", words=["title", "text"]),)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
