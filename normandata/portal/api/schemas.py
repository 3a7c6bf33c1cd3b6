"""JSON Schema (2020-12) of what the API answers, in small words."""

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]


def _said(schema: Schema, about: str, more: dict[str, Any]) -> Schema:
    return schema | more | ({"description": about} if about else {})


def text(about: str = "", **more: Any) -> Schema:
    return _said({"type": "string"}, about, more)


def whole(about: str = "", **more: Any) -> Schema:
    return _said({"type": "integer"}, about, more)


def flag(about: str = "") -> Schema:
    return _said({"type": "boolean"}, about, {})


def day(about: str = "") -> Schema:
    return _said({"type": "string", "format": "date"}, about, {})


def instant(about: str = "") -> Schema:
    return _said({"type": "string", "format": "date-time"}, about, {})


def address(about: str = "") -> Schema:
    return _said({"type": "string", "format": "uri"}, about, {})


def amount(about: str = "") -> Schema:
    """A sum in euros, to the cent, as a string."""
    return _said({"type": "string", "pattern": r"^-?\d+\.\d{2}$"}, about, {})


def one_of(words: Iterable[str], about: str = "") -> Schema:
    return _said({"type": "string", "enum": list(words)}, about, {})


def nullable(schema: Schema) -> Schema:
    """Admit null as well."""
    kind = schema["type"]
    said = {**schema, "type": [kind, "null"]}
    return said | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def several(item: Schema, about: str = "") -> Schema:
    return _said({"type": "array", "items": item}, about, {})


def thing(properties: dict[str, Schema], about: str = "", *, optional: Iterable[str] = ()) -> Schema:
    """An object: each property is always there but for the optional ones, and there is no other."""
    left_out = set(optional)
    required = [name for name in properties if name not in left_out]
    return _said(
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False}, about, {}
    )


def page_of(item: Schema, about: str) -> Schema:
    """A page of a list that grows."""
    return thing(
        {
            "data": several(item, about),
            "next": nullable(address("L’adresse de la page suivante ; null à la dernière.")),
        }
    )


CITATION = thing(
    {"text": text("Le texte qui fonde la règle ou le chiffre."), "article": text("L’endroit de ce texte.")},
    "La source.",
)
PROBLEM = thing(
    {
        "type": address("Le genre du problème, expliqué sur la page de l’API."),
        "title": text("Le genre, en quelques mots."),
        "status": whole("Le code HTTP."),
        "detail": text("Ce qui ne va pas, en français."),
        "instance": text("Ce qui était demandé."),
        "parameter": text("Le paramètre en cause."),
    },
    "Un problème, selon la RFC 9457.",
    optional=("parameter",),
)
