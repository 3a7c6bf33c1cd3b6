"""What the `budgets` room holds of people."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Sum

from normandata.privacy import registry
from normandata.privacy.registry import Holding
from normandata.privacy.retention import retention

from .models import Entry

HOLDINGS = (
    Holding("budgets.Envelope", "nobody", plain=["scheme", "label"]),
    Holding(
        "budgets.Entry",
        "accounts",
        signed=["by"],
        words=["act", "reason"],
        plain=["key", "about_kind", "about_key"],
        thing=["about_kind", "about_key"],
        outlives=["act"],  # the number of the deliberation or of the decision: an entry without it proves nothing
    ),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)


def what_keeps(things: Iterable[models.Model], day: date) -> list[str]:
    """Say why what is written of some things on the envelopes keeps a dossier: money held, or accounts too recent."""
    reasons = []
    for thing in things:
        entries = Entry.objects.about(thing)
        held = entries.aggregate(held=Sum("reserved") + Sum("committed"))["held"] or Decimal(0)
        if round(held, 2):
            reasons.append("Une somme reste réservée ou engagée.")
        last = entries.last()
        end = retention().figure("accounts", day).end(last.day) if last else day
        if day < end:
            reasons.append(f"Pièces comptables à garder jusqu’au {end:%d/%m/%Y}.")
    return reasons
