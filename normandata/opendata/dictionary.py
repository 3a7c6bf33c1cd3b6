"""The second part of the data dictionary: the sets of open data, written from their registry after the indicators."""

from collections.abc import Iterator

from normandata.indicators import dictionary

from . import registry
from .definitions import DataSet, Field, Type
from .presentation import TYPES

TITLE = """# Dictionnaire des données

Écrit par `manage.py opendata --dictionary` ; un test vérifie qu’il dit ce que le portail compte et ce qu’il publie.
"""
HEAD = """# Les données ouvertes

Les jeux de `/donnees-ouvertes/`, en CSV et en JSON, sous Licence Ouverte 2.0. Les colonnes sont dans l’ordre du fichier
CSV ; ce sont aussi les clés du JSON. « Motif » est une expression régulière que toute la valeur respecte.
"""
FREQUENCIES = {"DAILY": "chaque jour", "IRREG": "quand un règlement change", "ANNUAL": "une fois par an"}
"""How often a set changes, by the code of its `frequency`."""


def page() -> str:
    """Write the whole dictionary: every indicator, then every set of open data with its columns."""
    sets = (line for one in registry.every() for line in _set(one))
    return "\n".join([TITLE, dictionary.part(), HEAD, *sets])


def _set(one: DataSet) -> Iterator[str]:
    yield f"## {one.title}\n"
    yield f"{one.description} {one.left_out}".strip() + "\n"
    yield f"* Fichiers : `/donnees-ouvertes/{one.slug}.csv`, `/donnees-ouvertes/{one.slug}.json`"
    yield f"* Source : {one.source}"
    yield f"* Change : {FREQUENCIES[one.frequency]}"
    if one.schema:
        yield f"* Schéma : [{one.schema.name}, version {one.schema.version}]({one.schema.url})"
    yield "\n| Colonne | Ce qu’elle dit | Type | Contrainte |\n|---|---|---|---|"
    yield from (_row(field) for field in one.fields)
    yield ""


def _row(one: Field) -> str:
    said = one.title if not one.description else f"{one.title.rstrip('.')}. {one.description}"
    cells = (f"`{one.name}`", said, TYPES[one.type], ", ".join(constraints(one)) or "aucune")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def constraints(one: Field) -> Iterator[str]:
    """Say what a value of a column must be, a phrase a constraint."""
    if one.required:
        yield "obligatoire"
    if one.unique:
        yield "unique"
    if one.one_of:
        yield "l’une de ces valeurs : " + ", ".join(f"« {value} »" for value in one.one_of)
    if one.pattern:
        yield f"motif `{one.pattern}`"
    if one.longest is not None:
        yield f"{one.longest} caractères au plus"
    if one.minimum is not None:
        yield f"au moins {one.minimum}".replace(".", ",")
    if one.maximum is not None:
        yield f"au plus {one.maximum}".replace(".", ",")
    if one.type is Type.BOOLEAN:
        yield f"en CSV, {one.words[0]} ou {one.words[1]}"
    if one.type is Type.NUMBER and one.places:
        yield f"{one.places} décimales"
