"""Reading every column of words of the portal for one person: to know them better, to put a code in their place.

The database looks for fragments that no accent nor case changes, which finds too many rows and misses none; what is
found is then read here.
"""

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from normandata.accounts.models import User
from normandata.procedure.guards import WrittenOnce, set_aside

from . import registry
from .identity import Identity, code_address, is_phone, same_number
from .registry import Holding

_NAME_KEYS = ("nom", "name", "contact")
_PHONE_KEYS = ("telephone", "phone", "tel")
_EMAIL_KEYS = ("courriel", "email", "address", "mail")
CHUNK = 200


class Found(NamedTuple):
    """A row in which the person may be named, and its columns of words."""

    pk: Any
    values: dict[str, Any]
    is_near: bool
    """Whether the row leads to the person, or holds one of their addresses."""


def acquainted(identity: Identity) -> Identity:
    """Add the names and numbers that stand beside an address of the person, wherever they do."""
    names: set[str] = set()
    phones: set[str] = set()
    for holding in registry.every():
        for row in _rows(holding, identity, None):
            if holding.email and str(row.values[holding.email]).lower() in identity.emails:
                names |= {row.values[name] for name in holding.names}
                phones |= {row.values[name] for name in holding.phones}
            for group in _groups(row.values):
                _kin(group, identity, names, phones)
    kept = {name for name in names if name.strip() and "@" not in name}
    known = identity.with_kin(kept, {phone for phone in phones if is_phone(phone)})
    return known.sharing(_given_by_others(known)) if known.phones else known


def _given_by_others(identity: Identity) -> set[str]:
    """List the numbers that stand beside somebody else's address too."""
    shared: set[str] = set()
    numbers = Identity(identity.code, frozenset(), frozenset(), identity.phones)
    for holding in registry.every():
        for row in _rows(holding, numbers, None):
            for group in _groups(row.values):
                for key, one in group.items():
                    prefix = _prefix(key, _PHONE_KEYS)
                    if prefix is None or not isinstance(one, str):
                        continue
                    beside = {other.lower() for other in _beside(group, prefix, _EMAIL_KEYS)}
                    if beside - identity.emails:
                        shared |= {phone for phone in identity.phones if same_number(phone, one)}
    return shared


def scrub(identity: Identity, person: User, *, has_namesake: bool) -> dict[str, list[Any]]:
    """Put the code in place of the person in every row; returns the keys of what changed, by model.

    Where somebody else bears the same name, the name is replaced only in rows near this person.
    Must run in the transaction of the erasure.
    """
    changed: dict[str, list[Any]] = {}
    far = far_of(identity, has_namesake=has_namesake)
    for holding in registry.every():
        table = holding.table
        changes = {}
        for row in _rows(holding, identity, person):
            eyes = identity if row.is_near else far
            new = {name: eyes.scrub_json(value) for name, value in row.values.items()}
            written = {name: _fitting(table, name, value) for name, value in new.items() if value != row.values[name]}
            if written:
                changes[row.pk] = written
        if changes:
            _write(table, changes)
            changed[holding.model] = list(changes)
    return changed


def far_of(identity: Identity, *, has_namesake: bool) -> Identity:
    """Return what is looked for in rows that do not lead to the person: no name that may be somebody else's."""
    afar = identity.from_afar()
    return afar.without_names() if has_namesake else afar


def naming(identity: Identity) -> dict[str, int]:
    """Count, by model, the rows that name the person: none after an erasure."""
    counted = {}
    for holding in registry.every():
        rows = sum(any(map(identity.names_in, _texts(row.values))) for row in _rows(holding, identity, None))
        if rows:
            counted[holding.model] = rows
    return counted


def _rows(holding: Holding, identity: Identity, person: User | None) -> Iterator[Found]:
    """Read the rows of a model in which a fragment of the person stands."""
    if not holding.words:
        return
    table = holding.table
    asked, looked = {}, Q(pk__in=())
    for name in holding.words:
        field = table._meta.get_field(name)
        column = f"text_of_{name}" if isinstance(field, models.JSONField) else name
        if column != name:
            asked[column] = Cast(name, models.TextField())
        for group in identity.runs:
            found = Q()
            for fragment in group:
                found &= Q(**{f"{column}__icontains": fragment})
            looked |= found
    links = [*holding.about, *holding.signed] if person else []
    rows = table._base_manager.annotate(**asked).filter(looked).order_by("pk")
    for pk, *values in rows.values_list("pk", *links, *holding.words).iterator(chunk_size=CHUNK):
        words = dict(zip(holding.words, values[len(links) :], strict=True))
        is_near = person is not None and (
            person.pk in values[: len(links)] or any(map(identity.only_addresses().names_in, _texts(words)))
        )
        yield Found(pk, words, is_near)


def _write(table: type[models.Model], changes: dict[Any, dict[str, Any]]) -> None:
    def update() -> None:
        for pk, written in changes.items():
            table._base_manager.filter(pk=pk).update(**written)

    if any(isinstance(one, WrittenOnce) for one in table._meta.constraints):
        with set_aside(table):
            update()
    else:
        update()


def _fitting(table: type[models.Model], name: str, value: Any) -> Any:
    """Cut a text at what its column can hold."""
    longest = getattr(table._meta.get_field(name), "max_length", None)
    return value[:longest] if isinstance(value, str) and longest else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _groups(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every group of named values in a JSON value."""
    if isinstance(value, list):
        for one in value:
            yield from _groups(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _groups(one)


def _kin(group: dict[str, Any], identity: Identity, names: set[str], phones: set[str]) -> None:
    """Find, in the same group of answers as an address of the person, the name and the number given with it."""
    for key, one in group.items():
        if isinstance(one, str) and one.strip().lower() in identity.emails:
            prefix = _prefix(key, _EMAIL_KEYS)
            if prefix is not None:
                # Alone, « nom » beside an address is that of a structure: only « contact » is somebody's.
                names |= _beside(group, prefix, _NAME_KEYS if prefix else ("contact",))
                phones |= _beside(group, prefix, _PHONE_KEYS)


def _prefix(key: str, ends: tuple[str, ...]) -> str | None:
    """Return what comes before one of some ends: « projet_ » for « projet_courriel »."""
    return next((key[: -len(end)] for end in ends if key.endswith(end)), None)


def _beside(values: dict[str, Any], prefix: str, keys: tuple[str, ...]) -> set[str]:
    found = (values.get(f"{prefix}{key}") for key in keys)
    return {one for one in found if isinstance(one, str) and one.strip()}


def new_code() -> str:
    """Draw a code that no account bears yet."""
    while True:
        code = uuid.uuid4().hex[:6].upper()
        if not User.objects.filter(email=code_address(code)).exists():
            return code
