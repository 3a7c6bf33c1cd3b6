"""What the `indicators` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (
    Holding(
        "indicators.Statement",
        "publication",
        signed=["by"],
        words=["label", "source", "reason"],
        plain=["owner", "unit"],
    ),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
