"""The OpenAPI document, made from the operations: what is written there is what is read and answered."""

from http import HTTPStatus
from typing import Any

from normandata.opendata import catalogue
from normandata.regulation.formats import spaced

from . import operations, problems
from .definitions import Operation
from .parameters import Parameter
from .schemas import PROBLEM

VERSION = "1.0.0"
TITLE = "API NormanDATA"
ABOUT = (
    "Les aides data et IA de la Région Normandie, pour les programmes : dispositifs, règles en vigueur, simulations, "
    "feuille de route, indicateurs, données ouvertes. En lecture seule, sans compte ni clé, ouverte à tous les sites."
)
HEADERS = {
    "ETag": "L’empreinte de la réponse : présentez-la dans If-None-Match, une réponse inchangée est un 304.",
    "Retry-After": "Combien de secondes attendre.",
    "Allow": "Les méthodes admises.",
}


def build(server: str) -> dict[str, Any]:
    """Return the document; `server` is the absolute address of the API, without a slash at its end."""
    paths: dict[str, Any] = {}
    for one in operations.EVERY:
        paths.setdefault(f"/{one.path}", {}).update(_path(one))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": spaced(ABOUT),
            "license": {"name": catalogue.LICENCE, "url": catalogue.LICENCE_URL},
        },
        "servers": [{"url": server}],
        "tags": [{"name": group} for group in dict.fromkeys(one.group for one in operations.EVERY)],
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM}},
    }


def _path(one: Operation) -> dict[str, Any]:
    found = {one.method.lower(): _operation(one)}
    if one.body is not None:
        # A browser asks first, before a script of another site posts JSON.
        found["options"] = {
            "operationId": f"{one.name}_preflight",
            "tags": [one.group],
            "summary": "Demande préalable d’un navigateur (CORS)",
            "responses": {"204": {"description": "Tous les sites peuvent poster."}, **_problems((problems.CROWDED,))},
        }
    return found


def _operation(one: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.group],
        "summary": spaced(one.title),
        "description": spaced(one.about),
        "parameters": [
            *(_parameter(part, "path") for part in one.parts),
            *(_parameter(part, "query") for part in one.query),
        ],
        "responses": _responses(one),
    }
    if one.body is not None:
        content = {"schema": one.body, "example": one.sample}
        said["requestBody"] = {"required": True, "content": {"application/json": content}}
    return said


def _parameter(one: Parameter, place: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": place,
        "required": place == "path",
        "description": spaced(one.about),
        "schema": one.schema,
    }


def _responses(one: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "200": {"description": "La réponse.", "content": {"application/json": {"schema": one.schema}}}
    }
    if one.method == "GET":
        found["200"]["headers"] = {"ETag": _header("ETag")}
        found["304"] = {"description": "Inchangé depuis l’ETag présenté."}
    return found | _problems(one.every_problem)


def _problems(kinds: tuple[problems.Kind, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in kinds:
        known = found.get(str(kind.status))
        if known:
            known["description"] += f" Ou : {kind.title.lower()}."
            continue
        found[str(kind.status)] = {
            "description": f"{kind.title}.",
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if kind.status == HTTPStatus.TOO_MANY_REQUESTS:
            found[str(kind.status)]["headers"] = {"Retry-After": _header("Retry-After", "integer")}
        if kind.status == HTTPStatus.METHOD_NOT_ALLOWED:
            found[str(kind.status)]["headers"] = {"Allow": _header("Allow")}
    for said in found.values():
        said["description"] = spaced(said["description"])
    return found


def _header(name: str, kind: str = "string") -> dict[str, Any]:
    return {"description": spaced(HEADERS[name]), "required": True, "schema": {"type": kind}}
