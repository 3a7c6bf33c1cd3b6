"""What an administrator announced."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.portal import announcing


def things(administrator: User) -> dict[str, Any]:
    """Announce a maintenance that pages do not show yet."""
    now = timezone.now().replace(microsecond=0)
    values = {
        "kind": "maintenance",
        "title": "Le portail sera fermé une heure",
        "text": "Enregistrez votre brouillon avant.",
        "shown_from": now + timedelta(days=30),
        "starts_at": now + timedelta(days=31),
        "ends_at": now + timedelta(days=31, hours=1),
    }
    return {"announcement": announcing.announce(values, by=administrator).pk}
