"""Requests for corrections of the tests, in October 2026, made and answered by the gestures of people."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import time_machine

from normandata.accounts.models import User
from normandata.dossiers.models import Attachment, Correction, Dossier
from normandata.dossiers.services import corrections, deposits, drafts
from normandata.dossiers.services.corrections import Asked
from tests.factories.documents import UploadFactory

DEPOSITED = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)
PIECE = Asked("piece:complement", "L’organigramme du groupe")
POWER = Asked("piece:signature", "Le pouvoir signé")


def noon(day: int, month: int = 10) -> datetime:
    """Noon in Paris, in October or later in 2026."""
    return datetime(2026, month, day, 10 if month == 10 and day < 25 else 11, tzinfo=UTC)


def ask(dossier: Dossier, agent: User, *, on: int, due: int, items: Any = (PIECE,)) -> Correction:
    with time_machine.travel(noon(on), tick=False):
        return corrections.ask(dossier, list(items), due_on=date(2026, 10, due), by=agent)


def send(dossier: Dossier, piece: str, at: datetime) -> Attachment:
    upload = UploadFactory(uploaded_by=dossier.created_by)
    return drafts.attach(dossier, piece, upload, by=dossier.created_by, at=at)


def answer(dossier: Dossier, at: datetime) -> None:
    deposits.answer(dossier, key=uuid.uuid4(), by=dossier.created_by, at=at)
