"""What the `diagnostic` room holds of people."""

from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from normandata.accounts.models import User
from normandata.budgets import personal as budgets
from normandata.budgets.models import Entry
from normandata.deminimis import personal as deminimis
from normandata.dossiers.models import Dossier
from normandata.privacy import registry
from normandata.privacy.registry import Holding, Obstacle

from .orders import Order

HOLDINGS = (
    Holding("diagnostic.Company", "diagnostic", words=["name", "address", "email", "phone"], plain=["siret"]),
    Holding("diagnostic.Market", "accounts", plain=["reference", "label"]),
    Holding("diagnostic.Holder", "diagnostic", words=["skills"], plain=["competences"]),
    Holding("diagnostic.MarketAct", "nobody", plain=["label", "reference"]),
    Holding("diagnostic.Conflict", "diagnostic", signed=["by"], words=["reason"], plain=["siren"]),
    Holding("diagnostic.Proposal", "diagnostic", signed=["by", "decided_by"], words=["why", "reason"]),
    Holding(
        "diagnostic.Order",
        "diagnostic",
        signed=["service_done_by", "confidential_by", "cancelled_by"],
        words=["cancelled_reason"],
        plain=["number", "invoice", "mandate"],
    ),
    Holding("diagnostic.Session", "diagnostic", signed=["by"], words=["what"]),
    Holding("diagnostic.Evaluation", "diagnostic", signed=["saved_by", "sent_by"], words=["answers"]),
    Holding("diagnostic.FollowUp", "diagnostic", signed=["by"], words=["actions", "what"]),
    Holding("diagnostic.Report", "diagnostic", words=["changes"]),
    Holding("diagnostic.ReportPart", "diagnostic", signed=["saved_by"], words=["text"]),
    Holding("diagnostic.ReportFile", "diagnostic", words=["caption"], plain=["part"]),
    Holding("diagnostic.ReportVersion", "diagnostic", signed=["sent_by", "redacted_by"], words=["parts", "files"]),
    Holding("diagnostic.Opening", "diagnostic", signed=["by"]),
    Holding("diagnostic.Diagnostic", "diagnostic"),
)


def hand_up() -> None:
    """Declare what this scheme holds, and which dossiers must stay."""
    registry.declare(*HOLDINGS)
    registry.on_guard(what_keeps)
    registry.on_prevent(unpaid)


def unpaid(person: User) -> list[Obstacle]:
    """List the diagnostics ordered for a dossier of this person, or that they carried out, while money is held."""
    mine = Q(dossier__created_by=person) | Q(dossier__deposits__by=person)
    mine |= Q(confidential_by=person) | Q(sessions__by=person)
    ordered = Order.objects.active().filter(mine, invoiced=None).select_related("dossier").distinct().order_by("pk")
    wait = "Attendez que le service fait soit constaté et la facture payée, ou que la commande soit close sans suite."
    return [
        Obstacle(f"Le diagnostic du dossier {one.dossier.number} est commandé et n’est pas encore payé.", wait)
        for one in ordered
        if _held(one)
    ]


def _held(order: Order) -> Decimal:
    """Return what an envelope still holds for an order, in euros: nothing once it is paid or released."""
    held = Entry.objects.about(order).aggregate(held=Sum("reserved") + Sum("committed"))["held"]
    return round(held or Decimal(0), 2)


def what_keeps(dossier: Dossier, day: date) -> list[str]:
    """Say why a dossier may not be eliminated: its order is not settled, its accounts or its aid are too recent."""
    orders = list(Order.objects.filter(dossier=dossier))
    return [*budgets.what_keeps(orders, day), *deminimis.what_keeps(orders, day)]
