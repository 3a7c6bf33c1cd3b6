"""What the `scoring` room holds of people."""

from normandata.privacy import registry
from normandata.privacy.registry import Holding

HOLDINGS = (
    Holding("scoring.Grid", "nobody", plain=["title"]),
    Holding("scoring.Criterion", "nobody", plain=["label", "hint", "levels"]),
    Holding(
        "scoring.Panel",
        "instruct",
        signed=["closed_by"],
        words=["title"],
        plain=["scheme", "scope", "kind", "key"],
        thing=["kind", "key"],
    ),
    Holding("scoring.Subject", "instruct", plain=["kind", "key"], thing=["kind", "key"]),
    Holding("scoring.Seat", "instruct", about=["person"], words=["quality"]),
    Holding(
        "scoring.Conflict",
        "instruct",
        about=["person"],
        signed=["declared_by", "lifted_by"],
        words=["reason", "lifted_reason"],
        plain=["scheme", "kind", "key"],
        thing=["kind", "key"],
    ),
    Holding(
        "scoring.Sheet",
        "instruct",
        signed=["author", "reopened_by"],
        words=["comment", "reopened_reason"],
        plain=["subject_version"],
        thing=["subject__kind", "subject__key"],
    ),
    Holding("scoring.Disclosure", "instruct", about=["person"]),
    Holding("scoring.Mark", "instruct", words=["justification"], thing=["sheet__subject__kind", "sheet__subject__key"]),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)
