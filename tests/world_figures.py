"""The indicators' part of the house: a value that an agent typed in, and a sheet that is ready."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.indicators import asking, paper, registry, services

OWNER, TYPED = "diagnostic", "structures-des-reseaux"


def things(agent: User) -> dict[str, Any]:
    """Type a value in, and ask for the sheet of one owner."""
    indicator, owner = registry.find(OWNER, TYPED), registry.owner("roadmap")
    if indicator is None or owner is None:
        raise LookupError("the indicators are registered")
    row = services.state(
        OWNER,
        indicator,
        by=agent,
        label="CRIGE Normandie",
        value=Decimal(130),
        measured_on=date(2026, 6, 30),
        source="Rapport d’activité du CRIGE",
        structure="local_authority",
    )
    choice = asking.public({}, today=timezone.localdate(), first_year=owner.since.year)
    document = paper.ask(choice, owner)
    document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    document.state, document.sha256, document.size = Document.State.READY, "0" * 64, 9
    document.ready_at = timezone.now()
    document.save()
    return {"statement": row.pk, "indicators_sheet": document.pk}
