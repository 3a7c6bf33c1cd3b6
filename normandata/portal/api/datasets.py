"""The open data: what is published, and the rows of each set page by page, as they were published.

A page is read in the published file at the place that its key names, so that its cost does not depend on where it is.
The key also names the file: somebody who reads a set page by page reads one publication of it, even when another one
takes its place meanwhile; a file that was replaced stays a day.
"""

import json
from typing import IO, Any

from django.urls import reverse

from normandata.opendata import catalogue, conf, publications, registry, writing
from normandata.opendata.definitions import DataSet
from normandata.opendata.models import Publication, path_of
from normandata.regulation.formats import spaced

from . import schemas as s
from .definitions import Call, Operation
from .parameters import Choice, Key, Whole
from .problems import GONE, NOT_FOUND, PARAMETER, Problem

GROUP = "Données ouvertes"
SLUGS = tuple(one.slug for one in registry.every())
SET = Choice("dataset", "Le code du jeu.", SLUGS)
LIMIT = Whole("limit", "Combien de lignes par page ; 100 par défaut.", 1, 500, 100)
AFTER = Key("after", "La place de la page, donnée par « next ».", r"[0-9a-f]{64}\.[0-9]{1,12}")
FIRST = len(writing.JSON_HEAD)
"""Where the first row of a published JSON file begins, in bytes."""

FILE = s.thing(
    {
        "format": s.one_of(writing.FORMATS),
        "url": s.address("Le fichier."),
        "bytes": s.whole("Sa taille, en octets.", minimum=0),
        "sha256": s.text("Son empreinte.", pattern="^[0-9a-f]{64}$"),
    }
)
PUBLIC_SCHEMA = s.thing(
    {"code": s.text(), "name": s.text(), "version": s.text(), "url": s.address()}, "Le schéma public suivi."
)
SUMMARY = {
    "code": s.text("Le code du jeu."),
    "title": s.text("Son titre."),
    "description": s.text("Ce qu’il contient."),
    "left_out": s.text("Ce qu’il ne contient pas, et pourquoi."),
    "source": s.text("D’où il vient."),
    "licence": s.text("Sa licence."),
    "licence_url": s.address(),
    "schema": s.nullable(PUBLIC_SCHEMA),
    "keywords": s.several(s.text(), "Ses mots-clés."),
    "frequency": s.text("Sa fréquence, selon la table européenne."),
    "rows": s.whole("Combien de lignes.", minimum=0),
    "changed_at": s.instant("Quand son contenu a changé."),
    "checked_at": s.instant("Quand il a été vérifié."),
    "files": s.several(FILE, "Ses fichiers entiers."),
    "url": s.address("Sa place dans la page des données ouvertes."),
    "rows_url": s.address("Ses lignes, page par page, dans cette API."),
}
TABLE: s.Schema = {
    "type": "object",
    "description": "Ses colonnes, en Table Schema (frictionless).",
    "required": ["fields"],
    "properties": {"fields": {"type": "array", "items": {"type": "object"}}},
}
ROW: s.Schema = {
    "type": "object",
    "description": "Une ligne : les colonnes du jeu, dans l’ordre de sa description.",
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}


def every(call: Call) -> Any:
    return {"data": [_summary(one, found) for one, found in publications.current()]}


def one(call: Call) -> Any:
    data_set, found = _published(call)
    return _summary(data_set, found) | {"table_schema": catalogue.table_schema(data_set, "json")}


def rows(call: Call) -> Any:
    """Write a page of the rows of a set."""
    data_set, found = _published(call)
    sha256, start = found.json_sha256, FIRST
    if after := call.query.get("after"):
        digest, _, place = after.partition(".")
        sha256, start = digest, int(place)
    limit = call.query.get("limit", LIMIT.default)
    try:
        with path_of(data_set.slug, sha256, "json").open("rb") as file:
            lines, end = _lines(file, start, limit)
    except FileNotFoundError:
        raise Problem(GONE, "Cette publication du jeu a été remplacée : reprenez à la première page.") from None
    here = conf.site() + reverse("api:dataset_rows", args=[data_set.slug])
    return {
        "publication": sha256,
        "data": [json.loads(line) for line in lines],
        "next": f"{here}?limit={limit}&after={sha256}.{end}" if end else None,
    }


def _lines(file: IO[bytes], start: int, limit: int) -> tuple[list[bytes], int]:
    """Read rows from a place, and the place of the row after them, zero after the last; raises Problem."""
    file.seek(max(start, 1) - 1)
    if file.read(1) != b"\n" or not (line := file.readline()).startswith(b"{"):
        if start == FIRST:
            return [], 0  # a set without a row
        raise Problem(PARAMETER, "after : la clé donnée par « next » est attendue.", pointer="after")
    found: list[bytes] = []
    while line.startswith(b"{"):
        if len(found) == limit:
            return found, file.tell() - len(line)
        found.append(line.rstrip(b"\n").removesuffix(b","))
        line = file.readline()
    return found, 0


def _published(call: Call) -> tuple[DataSet, Publication]:
    data_set = registry.find(call.path["dataset"])
    found = publications.current_of(data_set) if data_set else None
    if data_set is None or found is None:
        raise Problem(NOT_FOUND, f"Aucun jeu publié n’a le code {call.path['dataset'][:60]}.")
    return data_set, found


def _summary(data_set: DataSet, found: Publication) -> dict[str, Any]:
    site, schema = conf.site(), data_set.schema
    page = site + reverse("opendata:index")
    return {
        "code": data_set.slug,
        "title": data_set.title,
        "description": spaced(data_set.description),
        "left_out": spaced(data_set.left_out),
        "source": spaced(data_set.source),
        "licence": catalogue.LICENCE,
        "licence_url": catalogue.LICENCE_URL,
        "schema": {"code": schema.code, "name": schema.name, "version": schema.version, "url": schema.url}
        if schema
        else None,
        "keywords": list(data_set.keywords),
        "frequency": data_set.frequency,
        "rows": found.rows,
        "changed_at": found.changed.isoformat(timespec="seconds"),
        "checked_at": found.checked_at.isoformat(timespec="seconds"),
        "files": [
            {
                "format": format,
                "url": site + reverse("opendata:file", args=[data_set.slug, format]),
                "bytes": found.bytes(format),
                "sha256": found.sha256(format),
            }
            for format in writing.FORMATS
        ],
        "url": f"{page}#{data_set.slug}",
        "rows_url": site + reverse("api:dataset_rows", args=[data_set.slug]),
    }


OPERATIONS = (
    Operation(
        name="datasets",
        group=GROUP,
        path="datasets",
        title="Les jeux de données",
        about="Les jeux publiés, leurs fichiers, leurs tailles et leurs empreintes.",
        answer=every,
        schema=s.thing({"data": s.several(s.thing(SUMMARY), "Les jeux.")}),
    ),
    Operation(
        name="dataset",
        group=GROUP,
        path="datasets/{dataset}",
        title="Un jeu de données",
        about="Le jeu et ses colonnes.",
        answer=one,
        schema=s.thing(SUMMARY | {"table_schema": TABLE}),
        parts=(SET,),
        example={"dataset": "dispositifs"},
    ),
    Operation(
        name="dataset_rows",
        group=GROUP,
        path="datasets/{dataset}/rows",
        title="Les lignes d’un jeu",
        about="Les lignes publiées, page par page. Suivez « next » jusqu’à null : toutes les pages viennent de la même "
        "publication, même si le jeu change entre-temps.",
        answer=rows,
        schema=s.thing(
            {
                "publication": s.text("L’empreinte de la publication lue.", pattern="^[0-9a-f]{64}$"),
                "data": s.several(ROW, "Les lignes."),
                "next": s.nullable(s.address("L’adresse de la page suivante ; null à la dernière.")),
            }
        ),
        parts=(SET,),
        query=(LIMIT, AFTER),
        example={"dataset": "dispositifs"},
        problems=(GONE,),
    ),
)
