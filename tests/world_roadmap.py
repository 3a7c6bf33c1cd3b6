"""The roadmap's part of the house: what was voted, and one action on which its pilot wrote everything once."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from roadmap import catalogue, report, services
from roadmap.models import Action

PILOTED = "foncier"


def things(pilot: User) -> dict[str, Any]:
    """Load the roadmap, write on one action, have its report ready."""
    catalogue.load()
    asked = report.ask()  # of the roadmap as it was voted: to ask again is to ask for another one
    action = Action.objects.get(slug=PILOTED)
    sheet = {
        "pilot_direction": "Direction de l’économie",
        "partners": "Établissement foncier",
        "objectives": "Un référentiel commun.",
        "starts_on": date(2026, 2, 1),
        "ends_on": date(2027, 12, 31),
        "risks": "Des données en retard.",
        "climate": "Moins de terres prises.",
    }
    services.describe(action, sheet, by=pilot)
    late = services.add_milestone(action, title="Référentiel", due_on=date(2026, 2, 2), weight=2, by=pilot)
    services.add_milestone(action, title="Ouverture", due_on=date(2028, 12, 1), weight=1, by=pilot)
    services.fire(action, "start", by=pilot)
    services.tell(action, text="Les sources sont recensées.", on=timezone.localdate(), by=pilot)
    act = services.link_deliberation(action, number="CP D 1", title="Suite", adopted_on=date(2026, 6, 15), by=pilot)
    call = services.link_call(action, title="Appel à projets", by=pilot)
    scheme = services.link_scheme(action, scheme="diagnostic", by=pilot)
    return {
        "piloted": PILOTED,
        "milestone": late.pk,
        "later_act": act.pk,
        "call_link": call.pk,
        "scheme_link": scheme.pk,
        "roadmap_report": printed(asked).pk,
    }


def printed(document: Document) -> Document:
    """Make a document ready, without the time that drawing it takes."""
    document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    document.state, document.sha256, document.size = Document.State.READY, "0" * 64, 9
    document.ready_at = timezone.now()
    document.save()
    return document
