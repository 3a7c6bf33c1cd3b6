"""Emptying a dossier whose time is over: what it says goes, that it was stays, with its amounts and its acts.

Every model that leads to the dossier, by its foreign keys or by kind and key, is emptied, by what rooms declared of
their columns; accounts, de minimis aids and
the journal are not: the law keeps them, and they name people under the columns that an erasure reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents import uploads
from normandata.documents.models import Document, Upload
from normandata.dossiers.models import Dossier
from normandata.notifications.models import NOBODY, Mail
from normandata.organisations.models import Organisation
from normandata.privacy import registry
from normandata.privacy.registry import Holding
from normandata.procedure import services as procedure
from normandata.procedure.guards import WrittenOnce, set_aside
from normandata.procedure.models import kind_of

GONE = "Éliminé"
KEPT = frozenset({"accounts", "deminimis", "journal", "rights", "publication", "nobody"})
"""Treatments that an elimination leaves as they are."""
FOUNDING = frozenset({"verdict", "finding"})
"""What the rules concluded: figures and articles, on which indicators count."""
STOPS = (User, Organisation, Upload, Document)
DEEPEST = 4


def empty(dossier: Dossier, *, by: User | None) -> None:
    """Empty a dossier, within the caller's transaction that holds it and checked that nothing keeps it.

    Nobody as author: an elimination done again after a restore.
    """
    things = _things(dossier)
    for holding in registry.every():
        if holding.purpose in KEPT:
            continue
        for path in paths_to_dossier(holding.table):
            _empty_rows(holding, Q(**{path: dossier.pk}))
        if holding.thing:
            _empty_rows(holding, _about(things, *holding.thing))
    Mail.objects.filter(_about(things, "about_kind", "about_key")).empty(GONE)
    Dossier.objects.filter(pk=dossier.pk).update(eliminated_at=timezone.now())
    procedure.record(dossier, "eliminate", by=by)


def _things(dossier: Dossier) -> dict[str, list[str]]:
    """List by kind the keys of a dossier and of all that leads to it: what rooms say of them is said of it."""
    things = {kind_of(dossier): [str(dossier.pk)]}
    for holding in registry.every():
        for path in paths_to_dossier(holding.table):
            keys = holding.table._base_manager.filter(**{path: dossier.pk}).values_list("pk", flat=True)
            things.setdefault(kind_of(holding.table()), []).extend(map(str, keys))
    return {kind: keys for kind, keys in things.items() if keys}


def _about(things: Mapping[str, Sequence[str]], kind: str, key: str) -> Q:
    """Return what keeps the rows about some things, by the columns that say their kind and their key."""
    found = Q(pk__in=())
    for one, keys in things.items():
        found |= Q(**{kind: one, f"{key}__in": keys})
    return found


def paths_to_dossier(table: type[models.Model], depth: int = 0) -> Iterator[str]:
    """List the ways from a model to its dossier, through its own foreign keys: « request__award__dossier »."""
    for field in table._meta.local_concrete_fields:
        to = field.related_model
        if to is Dossier:
            yield field.name
        elif depth < DEEPEST and isinstance(to, type) and issubclass(to, models.Model) and to not in (*STOPS, table):
            yield from (f"{field.name}__{rest}" for rest in paths_to_dossier(to, depth + 1))


def _empty_rows(holding: Holding, of_dossier: Q) -> None:
    table = holding.table
    rows = list(table._base_manager.filter(of_dossier))
    words = [name for name in holding.words if name not in FOUNDING]
    if rows and words:
        changes = {row.pk: {name: _emptied(table, name, getattr(row, name)) for name in words} for row in rows}
        if any(isinstance(one, WrittenOnce) for one in table._meta.constraints):
            with set_aside(table):
                _write(table, changes)
        else:
            _write(table, changes)
    for row in rows:
        _empty_files(row)


def _write(table: type[models.Model], changes: dict[Any, dict[str, Any]]) -> None:
    for pk, values in changes.items():
        table._base_manager.filter(pk=pk).update(**values)


def _emptied(table: type[models.Model], name: str, value: Any) -> Any:
    """Return what stands for a value: its emptiness where it is JSON, an address of nobody, a word otherwise."""
    field = registry.column(table, name)
    if isinstance(field, models.JSONField):
        return type(value)() if isinstance(value, dict | list) else value
    if not value:
        return value
    if isinstance(field, models.EmailField):
        return NOBODY
    return GONE[: field.max_length] if field.max_length else GONE


def _empty_files(row: models.Model) -> None:
    for field in row._meta.local_concrete_fields:
        if field.related_model not in (Upload, Document):
            continue
        file = getattr(row, field.name)
        if isinstance(file, Upload) and file.state != Upload.State.ERASED:
            uploads.empty(file)
        if isinstance(file, Document) and file.state != Document.State.ERASED:
            documents.empty(file)
