"""What the `documents` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (
    Holding("documents.Document", "instruct", words=["title", "filename", "record"], plain=["file", "sha256"]),
    Holding(
        "documents.Upload", "instruct", about=["uploaded_by"], words=["name"], plain=["file", "media_type", "sha256"]
    ),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
