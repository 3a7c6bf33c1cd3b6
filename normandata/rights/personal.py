"""What the `rights` room holds of people."""

from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding

from .models import Export, Request, Warned
from .services import exports

HOLDINGS = (
    Holding("rights.Request", "rights", about=["person"], signed=["answered_by"], words=["text", "answer"]),
    Holding(
        "rights.Erasure", "rights", about=["person"], signed=["by"], words=["files"], plain=["code", "identity", "rows"]
    ),
    Holding("rights.Export", "rights", about=["person"], plain=["file"]),
    Holding(
        "rights.Lot",
        "rights",
        signed=["proposed_by", "visa_noted_by", "executed_by", "dropped_by"],
        words=["visa_reference", "visa_name", "dropped_reason"],
        plain=["number", "rule"],
    ),
    Holding("rights.LotRow", "rights", about=["person"], words=["label", "kept"]),
    Holding("rights.Warned", "rights", plain=["rule", "key"]),
)


def hand_up() -> None:
    """Declare what this room holds, and how it lets go of it."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget)


def forget(person: User, identity: Identity) -> None:
    """Erase copies of data, warnings, and the words of past requests."""
    for export in Export.objects.filter(person=person):
        exports.erase(export)
    Warned.objects.filter(rule="comptes", key=str(person.pk)).delete()
    Request.objects.filter(person=person).update(text="")
