"""Somebody written everywhere: in every column of words of every row of the house, and the eye that finds them."""

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from django.db import IntegrityError, connection, models, transaction

from datathon.phases import OVER
from normandata.accounts.models import User
from normandata.privacy import registry
from normandata.procedure.guards import WrittenOnce, set_aside

NAME, EMAIL, PHONE = "Zoé Canarix", "zoe.canarix@oiseau.fr", "02 31 77 66 55"
CANARIES = ("canarix", "0231776655", "02 31 77 66 55")
"""Each in letters that neither case, accent nor JSON writes otherwise."""


def write_everywhere(person: User) -> set[str]:
    """Name the person in every column of words of every row; returns the columns, as « model.column ».

    And lead to them, in one row of each model, by every link that its constraints allow.
    """
    written = set()
    for holding in registry.every():
        table = holding.table
        rows = list(table._base_manager.exclude(pk=person.pk) if table is User else table._base_manager.all())
        guarded = any(isinstance(one, WrittenOnce) for one in table._meta.constraints)
        with set_aside(table) if guarded else transaction.atomic():
            for row in rows:
                written |= {f"{holding.model}.{name}" for name in _put(table, row, holding.words)}
            for link in (*holding.about, *holding.signed):
                _lead(table, [row for row in rows if _may_lead(row)], link, person)
    return written


def _may_lead(row: Any) -> bool:
    """Leave out what would prevent the erasure: an edition that runs, an organisation that nobody else manages."""
    if row._meta.label == "datathon.Registration":
        return bool(row.edition.state in OVER)
    return row._meta.label != "organisations.Membership" or row.role != "manager"


def _put(table: type[models.Model], row: models.Model, names: Iterable[str]) -> set[str]:
    """Name the person in the columns of a row: all at once, or one by one where its constraints refuse some."""
    said = {name: value for name in names if (value := _sung(table, row, name)) is not None}
    if _save(table, row, said):
        return set(said)
    return {name for name, value in said.items() if _save(table, row, {name: value})}


def _sung(table: type[models.Model], row: models.Model, name: str) -> Any:
    """Return a column's value with the person named in it; None where there is no room for them."""
    field = table._meta.get_field(name)
    value = getattr(row, name)
    if isinstance(field, models.GenericIPAddressField):
        return None
    if isinstance(field, models.EmailField):
        return EMAIL
    if isinstance(field, models.JSONField):
        return None if value is None else _said(value)
    longest = getattr(field, "max_length", None)
    text = f"{value or ''} {NAME} {PHONE}".strip()
    if longest and len(text) > longest:
        text = NAME
    return text if len(text) <= (longest or len(text)) else None


def _said(value: Any) -> Any:
    """Name the person in a JSON value without changing its shape: where a text stands, else beside."""
    said = {"canari_nom": NAME, "canari_courriel": EMAIL, "canari_telephone": PHONE}
    if isinstance(value, dict):
        if {"title", "reason"} <= set(value):  # a record whose keys are all known to whoever reads it
            return value | {"title": f"{value['title']} {NAME}", "reason": f"{value['reason']} {EMAIL} {PHONE}"}
        return value | said
    return [*value, NAME] if isinstance(value, list) else f"{value} {NAME}"


def _save(table: type[models.Model], row: models.Model, values: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            table._base_manager.filter(pk=row.pk).update(**values)
    except IntegrityError:  # an address that two rows may not share, a text of a given form
        return False
    return True


def _lead(table: type[models.Model], rows: list[Any], link: str, person: User) -> None:
    for row in rows[:5]:
        try:
            with transaction.atomic():
                table._base_manager.filter(pk=row.pk).update(**{link: person.pk})
        except IntegrityError:
            continue
        return


def found_in_tables() -> list[str]:
    """List the columns of the whole database in which a canary stands, read without any code of the erasure."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [one[0] for one in cursor.description or ()]
            for row in cursor.fetchall():
                found |= {f"{table}.{name}" for name, value in zip(columns, row, strict=True) if sings(value)}
    return sorted(found)


def sings(value: Any) -> bool:
    """Tell whether a canary stands in a value of the database, or in the words of a file."""
    if value is None or isinstance(value, int | float):
        return False
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return any(one in text.lower() for one in CANARIES)


def found_in_files(root: Path) -> list[str]:
    """List the files in which a canary stands: their name, their bytes, the words of a PDF, what a ZIP holds."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    return sorted(
        path.relative_to(root).as_posix() for path in paths if sings(path.name) or in_bytes(path.read_bytes())
    )


def in_bytes(content: bytes) -> bool:
    """Tell whether a canary stands in the bytes of a file, as it is read."""
    if content.startswith(b"%PDF") and len(content) > 200:
        with pdfium.PdfDocument(content) as document:
            words = " ".join(page.get_textpage().get_text_bounded() for page in document)
        if sings(" ".join(words.split())):
            return True
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(sings(name) or in_bytes(archive.read(name)) for name in archive.namelist())
    return sings(content.decode("utf-8", "ignore")) or sings(content.decode("latin-1"))
