"""What the `deminimis` room holds of people."""

from collections.abc import Iterable
from datetime import date

from django.db import models

from normandata.privacy import registry
from normandata.privacy.registry import Holding
from normandata.privacy.retention import retention
from normandata.procedure.models import kind_of

from .models import Aid

HOLDINGS = (
    Holding(
        "deminimis.Declaration",
        "deminimis",
        signed=["by"],
        words=["group", "covers"],
        outlives=["group", "covers"],  # the SIREN that the register's aids are counted for
    ),
    Holding("deminimis.RegisterImport", "deminimis", signed=["by"], words=["name"], plain=["sha256"]),
    Holding(
        "deminimis.Aid",
        "deminimis",
        signed=["by"],
        words=["authority", "operator", "reason"],
        plain=["instrument", "sector", "about_kind", "about_key", "key"],
        thing=["about_kind", "about_key"],
        outlives=["authority", "operator"],  # fields of the register (règlement (UE) 2023/2831, article 6)
    ),
    Holding("deminimis.Registration", "deminimis", signed=["by"]),
)


def hand_up() -> None:
    """Declare what this room holds."""
    registry.declare(*HOLDINGS)


def what_keeps(things: Iterable[models.Model], day: date) -> list[str]:
    """Say until when the aids granted for some things keep a dossier (règlement (UE) 2023/2831, article 6)."""
    ends = []
    for thing in things:
        granted = Aid.objects.filter(about_kind=kind_of(thing), about_key=str(thing.pk))
        ends += [retention().figure("minimis", day).end(on) for on in granted.values_list("on", flat=True)]
    last = max(ends, default=day)
    return [f"Aide de minimis à garder jusqu’au {last:%d/%m/%Y}."] if day < last else []
