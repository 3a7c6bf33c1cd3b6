"""The sets as their page shows them, and the refused rows as an operator reads them."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.http import quote_etag

from normandata.regulation.formats import NBSP, euros, number, plural

from . import registry, rules, writing
from .definitions import DataSet, Type
from .models import Publication, Refusal

TYPES = {
    Type.STRING: "texte",
    Type.INTEGER: "nombre entier",
    Type.NUMBER: "nombre",
    Type.BOOLEAN: "oui ou non",
    Type.DATE: "date",
    Type.DATETIME: "date et heure",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file to download: its format and its size in words."""

    format: str
    size: str

    @property
    def label(self) -> str:
        return self.format.upper()


@dataclass(frozen=True, slots=True)
class Shown:
    """A set with what is published of it, in words. `columns` are (name, title, type, note) rows."""

    data_set: DataSet
    publication: Publication
    counted: str
    files: tuple[File, ...]
    columns: tuple[tuple[str, str, str, str], ...]


def shown(one: DataSet, found: Publication) -> Shown:
    """Write a set for its page."""
    files = tuple(File(format, size(found.bytes(format))) for format in writing.FORMATS)
    columns = tuple(
        (field.name, field.title, TYPES[field.type] + (", obligatoire" if field.required else ""), field.description)
        for field in one.fields
    )
    return Shown(one, found, plural(found.rows, "ligne"), files, columns)


def size(count: int) -> str:
    """Write a size given in bytes: `812 octets`, `1,2 ko`, `3,4 Mo`."""
    if count < 1000:
        return plural(count, "octet")
    unit, scale = ("ko", 1000) if count < 1_000_000 else ("Mo", 1_000_000)
    return f"{number((Decimal(count) / scale).quantize(Decimal('0.1')))}{NBSP}{unit}"


def duty() -> str:
    """Say which subsidies are published today."""
    policy = rules.policy(timezone.localdate())
    threshold = euros(policy.threshold, cents=False)
    if policy.below_too:
        return (
            f"La loi impose de publier les subventions au-delà de {threshold} par an et par bénéficiaire ; la Région "
            "publie aussi les autres."
        )
    return f"La Région publie les subventions d’un bénéficiaire qui a reçu plus de {threshold} dans l’année."


def refused() -> list[Publication]:
    """List the sets with a refused row or a failed writing, with their rows, in two queries."""
    titles = {one.slug: one.title for one in registry.every()}
    rows = Prefetch("refusals", Refusal.objects.order_by("pk"))
    found = [one for one in Publication.objects.prefetch_related(rows) if one.refused or one.problem]
    for one in found:
        one.title = titles.get(one.slug, one.slug)  # type: ignore[attr-defined]
        counts = ((one.rows, "publiée"), (one.refused, "refusée"), (one.withheld, "retenue"))
        told = (plural(count, f"ligne {word}", f"lignes {word}s") for count, word in counts)
        one.told = ", ".join(told)  # type: ignore[attr-defined]
    return found


def etag(content: bytes) -> str:
    return quote_etag(hashlib.sha256(content).hexdigest())
