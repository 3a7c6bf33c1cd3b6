"""Checks a line against the columns of its set: type, presence, pattern, list, length, bounds. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from normandata.regulation.formats import number, spaced

from .definitions import Cell, Field, Type

_TYPES: dict[Type, tuple[type, ...]] = {
    Type.STRING: (str,),
    Type.INTEGER: (int,),
    Type.NUMBER: (int, Decimal),
    Type.BOOLEAN: (bool,),
    Type.DATE: (date,),
    Type.DATETIME: (datetime,),
}
_NAMES = {
    Type.STRING: "un texte",
    Type.INTEGER: "un nombre entier",
    Type.NUMBER: "un nombre",
    Type.BOOLEAN: "oui ou non",
    Type.DATE: "une date",
    Type.DATETIME: "une date et une heure",
}


def faults(fields: Sequence[Field], cells: Sequence[Cell]) -> tuple[str, ...]:
    """List what is wrong in a line, in French, column by column; nothing when it may be published."""
    if len(fields) != len(cells):
        return (f"La ligne a {len(cells)} cases pour {len(fields)} colonnes.",)
    return tuple(
        spaced(f"{one.name} : {fault}.")
        for one, cell in zip(fields, cells, strict=True)
        for fault in _faults(one, cell)
    )


def _faults(one: Field, cell: Cell) -> Iterator[str]:
    if cell is None or cell == "":
        if one.required:
            yield "la valeur manque"
        return
    if not _is_of(one.type, cell):
        yield f"{_NAMES[one.type]} est attendu"
        return
    if isinstance(cell, str):
        yield from _text_faults(one, cell)
    elif isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        yield from _number_faults(one, Decimal(cell))


def _is_of(kind: Type, cell: Cell) -> bool:
    if isinstance(cell, bool) or kind is Type.BOOLEAN:
        return isinstance(cell, bool) and kind is Type.BOOLEAN
    if isinstance(cell, datetime):
        return kind is Type.DATETIME
    return isinstance(cell, _TYPES[kind])


def _text_faults(one: Field, text: str) -> Iterator[str]:
    if one.pattern and not re.fullmatch(one.pattern, text, re.ASCII):
        yield f"« {text[:60]} » n’a pas la forme attendue"
    if one.one_of and text not in one.one_of:
        yield f"« {text[:60]} » n’est pas dans la liste"
    if one.longest is not None and len(text) > one.longest:
        yield f"{len(text)} caractères, {one.longest} au plus"


def _number_faults(one: Field, value: Decimal) -> Iterator[str]:
    if not value.is_finite():
        yield "un nombre est attendu"
        return
    if one.minimum is not None and value < one.minimum:
        yield f"{number(value)} est sous le minimum, {number(one.minimum)}"
    if one.maximum is not None and value > one.maximum:
        yield f"{number(value)} dépasse le maximum, {number(one.maximum)}"
