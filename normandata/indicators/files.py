"""Figures as files: one line per number in CSV and XLSX, the record in JSON. What a page shows, and nothing else."""

import json
from collections.abc import Iterable, Iterator, Sequence

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase

from normandata.ui import tables
from normandata.ui.tables import Cell, Column

from . import figures
from .figures import UNITS, Told

FORMATS = ("csv", "xlsx", "json")
COLUMNS = (
    Column("Dispositif"),
    Column("Indicateur"),
    Column("Type"),
    Column("Du"),
    Column("Au"),
    Column("Connu au"),
    Column("Restreint à"),
    Column("Ce qui est compté"),
    Column("Partagé par"),
    Column("Part"),
    Column("Valeur"),
    Column("Unité"),
    Column("Remarque"),
    Column("Source"),
)


def rows(listed: Iterable[Told]) -> Iterator[Sequence[Cell]]:
    """Write each number of some figures; one that is withheld is a line that says why."""
    for one in listed:
        said, period = figures.record(one), one.period
        head = (
            said["owner_title"],
            said["title"],
            said["kind"],
            period.first,
            period.last,
            period.as_of,
            one.scope.words,
        )
        if one.figure is None:
            yield (*head, None, None, None, None, None, one.withheld, said["source"])
            continue
        for number in figures.numbers(one):
            note = said["note"] if not number.dimension else None
            told = (number.measure, number.dimension, number.part, number.value, UNITS[number.unit], note)
            yield (*head, *told, said["source"])


def as_json(listed: Iterable[Told]) -> str:
    return json.dumps([figures.record(one) for one in listed], ensure_ascii=False, indent=1)


def answer(format: str, listed: Sequence[Told], name: str, *, title: str) -> HttpResponseBase:
    """Answer figures as a file of this name; raises Http404 for a format that the portal does not write."""
    if format == "csv":
        return tables.csv_response(COLUMNS, rows(listed), name)
    if format == "xlsx":
        return tables.xlsx_response(COLUMNS, rows(listed), name, title=title)
    if format != "json":
        raise Http404
    response = HttpResponse(as_json(listed), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
