"""Emptying a dossier whose time is over: what it says goes, that it was stays, with its amounts and its acts.

Every row that leads to the dossier is emptied, by foreign keys or by kind and key as in the journal, by what rooms
declared of their columns; what several dossiers share, each room empties in its own way (`registry.on_eliminate`). By
then accounts and de minimis aids are out of their time: what is left of them is figures, days and references.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents import uploads
from normandata.documents.models import Document, Upload
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.organisations.models import Organisation
from normandata.outbox.models import Message
from normandata.privacy import registry
from normandata.privacy.registry import GONE, Holding
from normandata.procedure import services as procedure
from normandata.procedure.guards import WrittenOnce, set_aside

KEPT = frozenset({"rights", "publication", "nobody"})
"""Treatments that an elimination leaves as they are: its own register, what is published, what names nobody."""
CONCLUDED = frozenset({"on", "conclusion", "rule", "label", "outcome", "citation", "text", "article", "since"})
"""The keys under which the rules write words of their own; facts are what somebody typed."""
FOUNDING = {"verdict": CONCLUDED, "finding": CONCLUDED, "data": frozenset({"wave", "scheme", "outcome", "amount"})}
"""What the rules concluded and what acts did, in columns of records: codes, days and figures stay, indicators count on
them; each with the keys whose text is the portal's own."""
STOPS = (User, Organisation, Upload, Document)
DEEPEST = 4
_FIGURE = re.compile(r"-?\d+([.,]\d+)?|\d{4}-\d\d-\d\d([T ][\d:.+Z-]+)?")

Rows = dict[type[models.Model], set[Any]]


def empty(dossier: Dossier, *, by: User | None) -> None:
    """Empty a dossier, within the caller's transaction that holds it and checked that nothing keeps it.

    Nobody as author: an elimination done again after a restore.
    """
    empty_around(dossier)
    Dossier.objects.filter(pk=dossier.pk).update(eliminated_at=timezone.now())
    procedure.record(dossier, "eliminate", by=by)


def empty_around(dossier: Dossier) -> None:
    """Empty every row about a dossier and its files, and have each room empty what it shares with others."""
    found = rows_about(dossier)
    for table, keys in found.items():
        _empty_rows(registry.of(table), keys)
    for function in registry.eliminators():
        function(dossier)


def rows_about(dossier: Dossier) -> Rows:
    """Return the keys of all rows about a dossier, by model, itself among them.

    Those that lead to it, those that point at one of these by kind and key, those that lead to the latter, and so on.
    """
    found: Rows = {}
    roots: Rows = {Dossier: {dossier.pk}}
    while roots:
        fresh: Rows = {}
        for holding in _emptied_holdings():
            table = holding.table
            fresh[table] = (_led(table, roots) | roots.get(table, set())) - found.get(table, set())
        found = {table: found.get(table, set()) | keys for table, keys in fresh.items()}
        roots = {}
        for holding in _emptied_holdings():
            if new := _pointing(holding, fresh) - found[holding.table]:
                roots[holding.table] = new
    return {table: keys for table, keys in found.items() if keys}


def _emptied_holdings() -> list[Holding]:
    return [one for one in registry.every() if one.purpose not in KEPT]


def _led(table: type[models.Model], roots: Rows) -> set[Any]:
    """Return the keys of the rows of a model that lead to some rows by foreign keys."""
    keys: set[Any] = set()
    for root, pks in roots.items():
        for path in paths_to(table, root):
            keys |= set(table._base_manager.filter(**{f"{path}__in": pks}).values_list("pk", flat=True))
    return keys


def _pointing(holding: Holding, roots: Rows) -> set[Any]:
    """Return the keys of the rows of a model that point at some rows by kind and key."""
    if not holding.thing:
        return set()
    kind, key = holding.thing
    about = Q(pk__in=())
    for root, pks in roots.items():
        if pks:
            about |= Q(**{kind: root._meta.label_lower, f"{key}__in": [str(pk) for pk in pks]})
    return set(holding.table._base_manager.filter(about).values_list("pk", flat=True))


@cache
def paths_to(table: type[models.Model], root: type[models.Model], depth: int = 0) -> tuple[str, ...]:
    """List the ways from a model to another, through its own foreign keys: « request__award__dossier »."""
    found: list[str] = []
    for field in table._meta.local_concrete_fields:
        to = field.related_model
        if to is root and table is not root:
            found.append(field.name)
        elif depth < DEEPEST and isinstance(to, type) and issubclass(to, models.Model) and to not in (*STOPS, table):
            found += (f"{field.name}__{rest}" for rest in paths_to(to, root, depth + 1))
    return tuple(found)


# ------------------------------------------------------------------------------------------------------------ emptying
def _empty_rows(holding: Holding, keys: Iterable[Any]) -> None:
    table = holding.table
    rows = list(table._base_manager.filter(pk__in=keys))
    words = [name for name in holding.words if name not in holding.outlives]
    changes = {row.pk: {name: _emptied(row, name) for name in words} for row in rows} if words else {}
    if changes:
        if any(isinstance(one, WrittenOnce) for one in table._meta.constraints):
            with set_aside(table):
                _write(table, changes)
        else:
            _write(table, changes)
    for row in rows:
        _empty_files(row)
    if table is Mail:
        Mail.objects.filter(pk__in=keys).update(recipient=None)
        forget_messages("mail", keys)


def _write(table: type[models.Model], changes: dict[Any, dict[str, Any]]) -> None:
    for pk, values in changes.items():
        table._base_manager.filter(pk=pk).update(**values)


def _emptied(row: models.Model, name: str) -> Any:
    """Return what stands for a value: its figures or its emptiness where it is JSON, an address of nobody, a word."""
    field, value = registry.column(type(row), name), getattr(row, name)
    if isinstance(field, models.JSONField):
        if name in FOUNDING:
            return figures(value, FOUNDING[name])
        return type(value)() if isinstance(value, dict | list) else value
    if not value:
        return value
    if isinstance(field, models.EmailField):
        return f"elimine-{row.pk}@efface.invalid"
    said = f"{GONE} {row.pk}" if _is_unique(row, name) else GONE
    return said[: field.max_length] if field.max_length else said


def figures(value: Any, codes: frozenset[str], key: str = "") -> Any:
    """Keep of a record its shape, its codes, its days and its figures; every other text is gone."""
    if isinstance(value, dict):
        inside = frozenset[str]() if key == "facts" else codes
        return {name: figures(one, inside, name) for name, one in value.items()}
    if isinstance(value, list):
        return [figures(one, codes, key) for one in value]
    if isinstance(value, str) and value and key not in codes and not _FIGURE.fullmatch(value):
        return GONE
    return value


def _is_unique(row: models.Model, name: str) -> bool:
    """Tell whether two rows may not say the same in a column."""
    uniques = (one for one in row._meta.constraints if isinstance(one, models.UniqueConstraint))
    return registry.column(type(row), name).unique or any(name in one.fields for one in uniques)


def _empty_files(row: models.Model) -> None:
    for field in row._meta.local_concrete_fields:
        if field.related_model in (Upload, Document) and (file := getattr(row, field.name)) is not None:
            empty_file(file)


def empty_file(file: Upload | Document) -> None:
    """Erase a file that a row of the portal points at, within the caller's transaction; its row stays."""
    if isinstance(file, Upload) and file.state != Upload.State.ERASED:
        uploads.empty(file)
        forget_messages("upload", [file.pk])
    if isinstance(file, Document) and file.state != Document.State.ERASED:
        documents.empty(file)
        forget_messages("document", [file.pk])


def forget_messages(name: str, keys: Iterable[Any]) -> None:
    """Delete what the outbox would still do of things that were emptied."""
    Message.objects.filter(**{f"payload__{name}__in": [str(key) for key in keys]}).delete()
