"""What the `organisations` room holds of people."""

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding, Obstacle

from . import membership
from .models import MemberInvitation, Membership

HOLDINGS = (
    Holding("organisations.Membership", "account", about=["user"], signed=["accepted_by", "ended_by"]),
    Holding(
        "organisations.MemberInvitation",
        "account",
        about=["accepted_by"],
        signed=["invited_by"],
        words=["email"],
        plain=["token_hash"],
    ),
    Holding("organisations.MailAllowance", "security", plain=["digest", "sent"]),
    Holding(
        "organisations.Territory",
        "nobody",
        plain=["siren", "name", "search_name", "insee_code", "department", "postal_codes", "vintage"],
    ),
    Holding("organisations.Undertaking", "account", words=["name"]),
    Holding("organisations.UndertakingMember", "account", words=["reason"], plain=["siren"]),
    Holding(
        "organisations.Organisation",
        "account",
        signed=["declared_by", "registered_by"],
        words=["name", "search_name", "sigle", "street", "city", "declared"],
        plain=[
            "siret",
            "siren",
            "legal_category",
            "activity_code",
            "activity_nomenclature",
            "postal_code",
            "insee_code",
            "department",
            "epci_siren",
            "staff_band",
            "seat_siret",
            "seat_department",
            "association_number",
            "finess_numbers",
            "source",
        ],
    ),
)


def hand_up() -> None:
    """Declare what this room holds, how it lets go of it, and when it cannot."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)
    registry.on_prevent(awaited_successors)


def forget(person: User, identity: Identity) -> None:
    """Leave every organisation; the invitations sent to the person end."""
    MemberInvitation.objects.filter(email__in=identity.emails, accepted_at=None).delete()
    for one in Membership.objects.live().of(person).select_related("organisation"):
        membership.leave(one.organisation, by=person)


def awaited_successors(person: User) -> list[Obstacle]:
    """List the organisations that nobody else could manage."""
    found = []
    for one in Membership.objects.managers().of(person).select_related("organisation").order_by("pk"):
        others = Membership.objects.active().filter(organisation=one.organisation).exclude(user=person)
        if others.exists() and not others.filter(role=Membership.Role.MANAGER).exists():
            what = f"{one.organisation.name} n’a pas d’autre référent."
            found.append(Obstacle(what, "Nommez un autre référent, sur la page « Ma structure »."))
    return found
