"""What the `experts` room holds of people."""

from django.utils import timezone

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding

from .models import Agreement, Expert

HOLDINGS = (
    Holding("experts.Opinion", "experts", signed=["asked_by"], words=["question", "pieces", "draft"]),
    Holding("experts.Answer", "experts", signed=["by"], words=["text"]),
    Holding(
        "experts.Expert",
        "experts",
        about=["user"],
        signed=["added_by"],
        words=["name", "organisation", "email", "skills"],
        email="email",
        names=["name"],
    ),
    Holding("experts.Agreement", "experts", signed=["recorded_by", "withdrawn_by"], words=["proof"]),
)


def hand_up() -> None:
    """Declare what this room holds, and how it lets go of it."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)


def forget(person: User, identity: Identity) -> None:
    """Leave the directory: agreements end, what served to choose the expert goes; opinions given stay."""
    for expert in Expert.objects.filter(email__in=identity.emails) | Expert.objects.filter(user=person):
        Agreement.objects.standing().filter(expert=expert).update(
            withdrawn_on=timezone.localdate(), withdrawn_by=person
        )
        expert.name, expert.email = identity.pseudonym, identity.address
        expert.organisation, expert.skills = "", "—"
        expert.save()
