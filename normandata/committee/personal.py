"""What the `committee` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (
    Holding(
        "committee.Session",
        "instruct",
        signed=["created_by", "settled_by", "recorded_by", "validated_by"],
        words=["place", "presided_by"],
        plain=["scheme", "report_number", "deliberation_number", "deliberation_url"],
    ),
    Holding(
        "committee.Item", "instruct", signed=["added_by"], words=["brief", "removed_reason", "reason"], plain=["basis"]
    ),
    Holding("committee.Recusal", "instruct", words=["name", "reason"]),
    Holding("committee.Paper", "instruct", signed=["by"]),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
