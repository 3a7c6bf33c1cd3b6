"""A copy of all that the portal holds of somebody: asked, made by the worker, fetched for a week, erased."""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Count, Value
from django.template.loader import render_to_string
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Upload
from normandata.outbox import services as outbox
from normandata.privacy import registry, sweep
from normandata.privacy.identity import Identity
from normandata.privacy.registry import Holding
from normandata.privacy.retention import retention

from ..models import Export

MAKE = "rights.export"
LIFE = timedelta(days=7)
SECRETS = frozenset({"password", "token_hash", "guardian_token", "session_key", "session_data"})
"""Columns that let somebody in: the person does not need them, a thief would."""
CLOSED = frozenset({"mfa.Authenticator", "rights.Export", "sessions.Session"})


def ask(person: User) -> Export:
    """Ask for a copy; one that is being made, or still there since an hour ago at most, is returned instead."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        now = timezone.now()
        recent = Export.objects.filter(person=person, asked_at__gt=now - timedelta(hours=1), expires_at__gt=now)
        if found := recent.order_by("-asked_at").first():
            return found
        export = Export.objects.create(person=person, asked_at=now, expires_at=now + LIFE)
        outbox.post(MAKE, {"export": str(export.pk)}, key=str(export.pk), is_new=True)
        return export


def make(pk: str) -> bool:
    """Write the file of a copy; False when it is there, or not asked for any more."""
    export = Export.objects.filter(pk=pk, ready_at=None).select_related("person").first()
    if export is None or not export.person.is_active:
        return False
    with NamedTemporaryFile(suffix=".zip", dir=settings.VAR_DIR) as draft:
        _write(draft, export)
        draft.seek(0)
        with transaction.atomic():
            locked = Export.objects.select_for_update().filter(pk=pk, ready_at=None).first()
            if locked is None:
                return False
            # What a worker killed before the commit left is written again, not beside.
            locked.file.storage.delete(f"exports/{locked.pk}.zip")
            locked.file.save("copie.zip", File(draft), save=False)
            locked.size, locked.ready_at = locked.file.size, timezone.now()
            locked.save()
    return True


def erase(export: Export) -> None:
    """Erase a copy, its file once that is committed."""
    storage, name = export.file.storage, export.file.name
    with transaction.atomic():
        export.delete()
        if name:
            transaction.on_commit(lambda: storage.delete(name), robust=True)


def erase_expired(at: datetime) -> int:
    """Erase the copies whose link ended; returns how many."""
    expired = list(Export.objects.expired(at))
    for export in expired:
        erase(export)
    return len(expired)


def held(person: User) -> list[dict[str, Any]]:
    """List what is held of a person by treatment, with the number of rows; one query for all."""
    links = [(one, link) for one in registry.every() for link in (*one.about, *one.signed)]
    first, *rest = (
        one.table._base_manager.filter(**{link: person.pk})
        .order_by()
        .annotate(held_as=Value(rank))
        .values_list("held_as")
        .annotate(Count("pk"))
        for rank, (one, link) in enumerate(links)
    )
    counts = {"account": 1}
    for rank, number in first.union(*rest, all=True):
        purpose = links[rank][0].purpose
        counts[purpose] = counts.get(purpose, 0) + number
    return [{"treatment": one, "rows": counts[one.slug]} for one in retention().treatments if counts.get(one.slug)]


def content(person: User) -> dict[str, Any]:
    """Return all that the portal holds of a person, ready for JSON, in French."""
    return {
        "person": {"nom": person.name, "courriel": person.email, "compte créé le": person.date_joined},
        "made_at": timezone.now(),
        "treatments": [
            {
                "finalité": one.title,
                "données": one.data,
                "base": one.basis,
                "destinataires": one.recipients,
                "durée": one.duration,
            }
            for one in retention().treatments
        ],
        "held": [part for holding in registry.every() if (part := _part(holding, person))],
        "named": _named(person),
    }


def _part(holding: Holding, person: User) -> dict[str, Any] | None:
    """Return the rows of a model about a person, whole, and the days of those the person signed."""
    if holding.model in CLOSED:
        return None
    rows = [row for link in holding.about for row in _rows(holding, link, person)]
    acts = [act for link in holding.signed for act in _acts(holding, link, person)]
    if not rows and not acts:
        return None
    why = retention().treatment(holding.purpose).title
    return {"label": holding.label, "why": why, "rows": rows, "acts": acts}


def _rows(holding: Holding, link: str, person: User) -> Iterator[dict[str, Any]]:
    table = holding.table
    fields = [one for one in table._meta.local_concrete_fields if one.name not in SECRETS]
    for row in table._base_manager.filter(**{link: person.pk}).order_by("pk").values(*[one.attname for one in fields]):
        yield {str(one.verbose_name): row[one.attname] for one in fields if row[one.attname] not in ("", None)}


def _acts(holding: Holding, link: str, person: User) -> Iterator[dict[str, Any]]:
    """Say of what the person signed what it is, in which part, and when: the content is not theirs alone."""
    table = holding.table
    names = {one.name for one in table._meta.local_concrete_fields}
    when = next(
        (one for one in ("at", f"{link.removesuffix('_by')}_at", "created_at", "saved_at") if one in names), None
    )
    asked = ["pk", *([when] if when else []), *(["name"] if holding.model == "procedure.Event" else [])]
    label = str(registry.column(table, link).verbose_name)
    for row in table._base_manager.filter(**{link: person.pk}).order_by("pk").values(*asked):
        yield {"identifiant": row["pk"], "à quel titre": label} | (
            ({"le": row[when]} if when else {}) | ({"acte": row["name"]} if "name" in row else {})
        )


def _named(person: User) -> list[dict[str, Any]]:
    """Count where else the person is named, by kind of row."""
    identity = sweep.acquainted(identity_of(person, "000000"))
    return [
        {"label": holding.label, "rows": count}
        for model, count in sweep.naming(identity.from_afar()).items()
        if (holding := registry.of(_model(model))).model not in CLOSED
    ]


def _model(label: str) -> Any:
    return next(one.table for one in registry.every() if one.model == label)


def identity_of(person: User, code: str) -> Identity:
    """Return what names an account: its addresses, past ones included, and its name."""
    addresses = person.emailaddress_set.values_list("email", flat=True)  # type: ignore[attr-defined]
    emails = frozenset({person.email, *(one.lower() for one in addresses)})
    return Identity(code, emails, frozenset({person.name} if person.name.strip() else ()))


def _write(draft: Any, export: Export) -> None:
    said = content(export.person)
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("donnees.json", json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        archive.writestr("LISEZ-MOI.html", render_to_string("rights/export.html", said))
        for number, upload in enumerate(Upload.objects.available().filter(uploaded_by=export.person), 1):
            if upload.file and Path(upload.file.path).exists():
                archive.write(upload.file.path, f"fichiers/{number:03d}-{Path(upload.name).name}")
