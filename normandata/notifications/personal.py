"""What the `notifications` room holds of people."""

from normandata.accounts.models import User
from normandata.outbox.models import Message
from normandata.privacy import registry
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding

from .models import Mail

HOLDINGS = (
    Holding(
        "notifications.MailText", "journal", signed=["edited_by"], words=["subject", "text", "reason"], plain=["kind"]
    ),
    Holding(
        "notifications.Mail",
        "mails",
        about=["recipient"],
        signed=["resent_by"],
        words=["address", "subject", "text", "key"],
        plain=["kind", "about_kind", "about_key"],
        thing=["about_kind", "about_key"],
    ),
)


def hand_up() -> None:
    """Declare what this room holds, and how it lets go of it."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)


def forget(person: User, identity: Identity) -> None:
    """Stop the mails that have not left: there is nobody left to read them."""
    mails = Mail.objects.filter(address__in=identity.emails)
    keys = [str(pk) for pk in mails.values_list("pk", flat=True)]
    Message.objects.unfinished().filter(key__in=keys).delete()
