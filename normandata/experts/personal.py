"""What the `experts` room holds of people."""

from django.utils import timezone

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.privacy.identity import NO_NUMBER, Identity
from normandata.privacy.registry import Holding, Obstacle

from .listings import Listing
from .models import Agreement, Expert
from .needs import Need

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
    Holding("experts.Listing", "experts", words=["presentation"]),
    Holding("experts.ListedDomain", "nobody"),
    Holding(
        "experts.Need",
        "experts",
        about=["asked_by"],
        signed=["handled_by"],
        words=[
            "title",
            "need",
            "data",
            "technology",
            "delays",
            "costs",
            "partnership",
            "contact_name",
            "contact_phone",
            "exchange_place",
            "found_technology",
            "found_delays",
            "found_costs",
            "found_partnership",
            "outcome_words",
        ],
    ),
    Holding("experts.Introduction", "experts", signed=["asked_by"], words=["message"]),
)


def hand_up() -> None:
    """Declare what this room holds, and how it lets go of it."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)
    registry.on_prevent(open_needs)


def forget(person: User, identity: Identity) -> None:
    """Leave the directory: agreements end, what served to choose the expert goes; opinions given stay."""
    for expert in Expert.objects.filter(email__in=identity.emails) | Expert.objects.filter(user=person):
        Agreement.objects.standing().filter(expert=expert).update(
            withdrawn_on=timezone.localdate(), withdrawn_by=person
        )
        expert.name, expert.email = identity.pseudonym, identity.address
        expert.organisation, expert.skills = "", "—"
        expert.save()
        Listing.objects.filter(agreement__expert=expert).update(presentation="")
    Need.objects.filter(asked_by=person).update(contact_name=identity.pseudonym, contact_phone=NO_NUMBER)


def open_needs(person: User) -> list[Obstacle]:
    """List the needs told to the cœur expert that still wait for an outcome."""
    gesture = "Attendez la réponse du cœur expert, ou retirez votre demande."
    rows = Need.objects.open().filter(asked_by=person).order_by("pk")
    return [Obstacle(f"Une demande au cœur expert est en cours\u00a0: {one.title}.", gesture) for one in rows]
