"""The part of the house about people's own data: a copy, requests, and what is proposed for elimination."""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier
from normandata.rights import bordereau
from normandata.rights.models import Export, Lot, LotRow, Request
from tests.factories.accounts import UserFactory


def things(owner: User, member: User, administrator: User) -> dict[str, Any]:
    """Make a copy that its owner may fetch, a member's request, one of erasure, and a lot at each of its stages."""
    now, today = timezone.now(), timezone.localdate()
    copy = Export(person=owner, asked_at=now, expires_at=now + timedelta(days=7), ready_at=now, size=4)
    copy.file.save("copie.zip", ContentFile(b"PK\x05\x06" + bytes(18)), save=False)
    copy.save()
    asked = {"due_on": today + timedelta(days=30), "asked_at": now}
    request = Request.objects.create(person=member, kind="rectification", text="Mon nom.", **asked)
    erasure = Request.objects.create(person=UserFactory(), kind="erasure", text="Tout.", **asked)
    visa = {"visa_reference": "AD-1", "visa_name": "Archives", "visa_on": today, "visa_noted_by": administrator}
    lots = [
        Lot.objects.create(number=f"ELI-2026-000{rank}", rule="diagnostic-sans-suite", **extra)
        for rank, extra in ((1, {}), (2, visa))
    ]
    for lot, dossier in zip(lots, Dossier.objects.deposited().order_by("pk"), strict=False):
        LotRow.objects.create(lot=lot, dossier=dossier, label="DIA-1, Atelier", since=today, due_on=today)
    _printed(bordereau.ask(lots[0]))
    return {
        "data_copy": copy.pk,
        "data_request": request.pk,
        "erasure_request": erasure.pk,
        "lot": lots[0].pk,
        "seen_lot": lots[1].pk,
    }


def _printed(document: Document) -> None:
    """Make a document ready, without the time that drawing it takes."""
    document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    document.state, document.sha256, document.size = Document.State.READY, "0" * 64, 9
    document.ready_at = timezone.now()
    document.save()
