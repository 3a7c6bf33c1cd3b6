"""The page of the API: the same operations as the OpenAPI document, as a person reads them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from normandata.opendata import conf
from normandata.regulation.formats import NBSP, listing

from . import document, operations, problems, views
from .definitions import Call, Operation, Schema

WORDS = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "boolean": "oui ou non",
    "object": "objet",
    "array": "liste",
    "null": "null",
}
FORMATS = {"date": "jour AAAA-MM-JJ", "date-time": "instant", "uri": "adresse", "uuid": "identifiant UUID"}
MOST_WORDS = 12
"""Words of a list that are written out; of a longer one, the document has the rest."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a field or a parameter, what kind of value it is, and what it says."""

    name: str
    kind: str
    about: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation on the page."""

    operation: Operation
    anchor: str
    path: str
    parameters: tuple[Row, ...]
    sent: tuple[Row, ...]
    answered: tuple[Row, ...]
    command: str
    sample: str
    answer: str
    link: str
    statuses: str


@login_not_required
@require_safe
@cache_control(public=True, max_age=views.MAX_AGE)
def page(request: HttpRequest) -> HttpResponse:
    """Show how to ask, every operation, and every problem."""
    context = {
        "base": conf.site() + reverse("api:page").rstrip("/"),
        "about": document.ABOUT,
        "groups": [
            (slugify(group), group, [shown(one) for one in found])
            for group, found in groupby(operations.EVERY, key=lambda one: one.group)
        ],
        "problems": problems.KINDS,
        "most": settings.API_PER_MINUTE,
        "minutes": views.MAX_AGE // 60,
        "trail": [("Données ouvertes", reverse("opendata:index")), ("API", "")],
    }
    return render(request, "portal/api.html", context)


def shown(one: Operation) -> Shown:
    """Prepare an operation for the page."""
    address = reverse(f"api:{one.name}", kwargs=dict(one.example))
    parameters = (*((part, True) for part in one.parts), *((part, False) for part in one.query))
    return Shown(
        operation=one,
        anchor=one.name.replace("_", "-"),
        path=f"/api/v1/{one.path}",
        parameters=tuple(Row(p.name, kind_of(p.schema), p.about, is_required) for p, is_required in parameters),
        sent=tuple(rows(one.body["oneOf"][0])) if one.body else (),
        answered=tuple(rows(one.schema["oneOf"][0] if "oneOf" in one.schema else one.schema)),
        command=command(one, conf.site() + address),
        sample=_written(one.sample) if one.body else "",
        answer=_written(one.answer(Call({}, {}, one.sample))) if one.body else "",
        link="" if one.body else address,
        statuses=listing([str(status) for status in sorted({kind.status for kind in one.every_problem})]),
    )


def command(one: Operation, address: str) -> str:
    """Write the command that asks, as the guide does."""
    if one.body is None:
        return f"curl {address}"
    return f"curl -H 'Content-Type: application/json' -d '{json.dumps(one.sample)}' {address}"


def rows(schema: Schema, prefix: str = "") -> Iterator[Row]:
    """List the fields of an object and of what it holds: `findings[].citation.article`."""
    required = schema.get("required", ())
    for name, said in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield Row(path, kind_of(said), said.get("description", ""), name in required)
        held, mark = (said.get("items", {}), "[].") if "array" in _types(said) else (said, ".")
        yield from rows(held, path + mark)


def kind_of(schema: Schema) -> str:
    """Say in French what a value is: `jour AAAA-MM-JJ ou null`, `HT, TTC`."""
    words = [word for word in schema.get("enum", ()) if word is not None]
    if words:
        more = f"… ({len(words)}{NBSP}mots)" if len(words) > MOST_WORDS else ""
        return ", ".join(words[:MOST_WORDS]).replace(" %", f"{NBSP}%") + more
    if "format" in schema:
        names = [FORMATS[schema["format"]]] + (["null"] if "null" in _types(schema) else [])
    else:
        names = [WORDS[one] for one in _types(schema)]
    said = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} ou {names[-1]}"
    return said + _bounds(schema)


def _bounds(schema: Schema) -> str:
    if "integer" in _types(schema) and "minimum" in schema and "maximum" in schema and schema["maximum"] < 1_000_000:
        return f", de {schema['minimum']} à {schema['maximum']}"
    return ""


def _types(schema: Schema) -> list[str]:
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else list(found)


def _written(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2)
