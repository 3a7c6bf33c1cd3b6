"""What the `opendata` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (
    Holding("opendata.Publication", "publication", words=["problem"], plain=["csv_sha256", "json_sha256"]),
    Holding("opendata.Refusal", "publication", words=["place", "reason", "row"]),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
