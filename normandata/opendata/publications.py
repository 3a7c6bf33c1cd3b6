"""Publishing: each set is written whole, beside, then takes its place; what did not change keeps its date.

A wrong row is refused, kept with its reasons for an operator, and the other rows are published. A set whose writing
fails keeps its last files, and says so to the operator.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from normandata.documents.storage import publish as place

from . import checks, conf, registry, writing
from .definitions import DataSet, Line, Withheld, Written
from .models import Publication, Refusal, path_of

logger = logging.getLogger(__name__)
MOST_REFUSALS = 200
"""Refused rows that are kept with their reasons; all are counted."""
KEPT = timedelta(days=1)
"""How long a file that was replaced stays: somebody may be reading it."""


@dataclass(slots=True)
class Tally:
    """What became of the rows of a set."""

    published: int = 0
    withheld: int = 0
    refused: int = 0
    refusals: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A file being written, hashed on the way."""

    path: Path
    file: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0

    def write(self, text: str) -> None:
        content = text.encode()
        self.file.write(content)
        self.digest.update(content)
        self.size += len(content)


def sorted_out(data_set: DataSet, found: Iterable[Written], tally: Tally) -> Iterator[Line]:
    """Keep the rows that may be published; count the others, and keep the reasons of those that are wrong."""
    seen: dict[int, set[object]] = {at: set() for at, one in enumerate(data_set.fields) if one.unique}
    for row in found:
        if isinstance(row, Withheld):
            tally.withheld += 1
            continue
        faults = [*row.faults, *checks.faults(data_set.fields, row.cells)]
        for at, known in seen.items():
            if row.cells[at] in known:
                faults.append(f"{data_set.fields[at].name}\u00a0: déjà pris par une autre ligne.")
            known.add(row.cells[at])
        if faults:
            _refuse(data_set, row, faults, tally)
        else:
            tally.published += 1
            yield row


def _refuse(data_set: DataSet, row: Line, faults: list[str], tally: Tally) -> None:
    tally.refused += 1
    if len(tally.refusals) < MOST_REFUSALS:
        said = {one.name: "" if cell is None else str(cell) for one, cell in zip(data_set.fields, row.cells)}  # noqa: B905
        tally.refusals.append((row.place, "\n".join(dict.fromkeys(faults)), said))


def stream(data_set: DataSet, format: str, at: datetime, tally: Tally) -> Iterator[str]:
    """Write a set line by line in one format, for whoever asks it outside its publication."""
    found = sorted_out(data_set, data_set.rows(timezone.localdate(at)), tally)
    if format == "csv":
        yield writing.csv_head(data_set.fields)
        for row in found:
            yield writing.csv_line(data_set.fields, row.cells)
        return
    yield writing.JSON_HEAD
    for number, row in enumerate(found):
        yield (writing.JSON_BETWEEN if number else "") + writing.json_line(data_set.fields, row.cells)
    yield writing.JSON_END


def publish(data_set: DataSet, at: datetime) -> Publication:
    """Write both files of a set in one reading, and publish them if they changed; raises what its rows raise."""
    tally = Tally()
    folder = conf.folder() / data_set.slug
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _drafts(folder) as drafts:
        _write(data_set, at, tally, drafts)
        hashes = {}
        for format, draft in drafts.items():
            draft.file.close()
            hashes[format] = draft.digest.hexdigest()
            place(draft.path, path_of(data_set.slug, hashes[format], format))
        sizes = {format: draft.size for format, draft in drafts.items()}
    found = _record(data_set.slug, hashes, sizes, tally, at)
    _sweep(folder, found, at)
    return found


@contextmanager
def _drafts(folder: Path) -> Iterator[dict[str, Draft]]:
    """Open a file by format beside the published ones; what is left of them goes away."""
    drafts: dict[str, Draft] = {}
    try:
        for format in writing.FORMATS:
            handle, name = tempfile.mkstemp(dir=folder, prefix="draft-")
            drafts[format] = Draft(Path(name), os.fdopen(handle, "wb"))
        yield drafts
    finally:
        for draft in drafts.values():
            draft.file.close()
            draft.path.unlink(missing_ok=True)


def _write(data_set: DataSet, at: datetime, tally: Tally, drafts: dict[str, Draft]) -> None:
    fields, between = data_set.fields, ""
    drafts["csv"].write(writing.csv_head(fields))
    drafts["json"].write(writing.JSON_HEAD)
    for row in sorted_out(data_set, data_set.rows(timezone.localdate(at)), tally):
        drafts["csv"].write(writing.csv_line(fields, row.cells))
        drafts["json"].write(between + writing.json_line(fields, row.cells))
        between = writing.JSON_BETWEEN
    drafts["json"].write(writing.JSON_END)


@transaction.atomic
def _record(slug: str, hashes: dict[str, str], sizes: dict[str, int], tally: Tally, at: datetime) -> Publication:
    found, _ = Publication.objects.get_or_create(slug=slug, defaults={"checked_at": at})
    if (found.csv_sha256, found.json_sha256) != (hashes["csv"], hashes["json"]):
        found.changed_at = at
    found.checked_at, found.problem = at, ""
    found.rows, found.withheld, found.refused = tally.published, tally.withheld, tally.refused
    found.csv_sha256, found.csv_bytes = hashes["csv"], sizes["csv"]
    found.json_sha256, found.json_bytes = hashes["json"], sizes["json"]
    found.save()
    found.refusals.all().delete()
    Refusal.objects.bulk_create(
        Refusal(publication=found, place=place[:100], reason=reason, row=row) for place, reason, row in tally.refusals
    )
    return found


def _sweep(folder: Path, current: Publication, at: datetime) -> None:
    """Erase the files that were replaced long enough ago."""
    served = {current.file(format) for format in writing.FORMATS}
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path not in served and path.stat().st_mtime < (at - KEPT).timestamp():
                path.unlink()


def publish_all(at: datetime) -> list[Publication]:
    """Publish every set; one that fails stops no other one."""
    return [publish_safely(one, at) for one in registry.every()]


def publish_safely(data_set: DataSet, at: datetime) -> Publication:
    try:
        return publish(data_set, at)
    except Exception as error:  # whatever a scheme's rows do, the other sets are published
        logger.exception("The open data %s could not be written.", data_set.slug)
        found, _ = Publication.objects.get_or_create(slug=data_set.slug, defaults={"checked_at": at})
        found.problem = f"{type(error).__name__}\u00a0: {error}"[:300]
        found.save(update_fields=["problem"])
        return found


def current() -> list[tuple[DataSet, Publication]]:
    """Return the sets with what is published of them; a set never written yet is written now."""
    known = {one.slug: one for one in Publication.objects.all()}
    listed = [(one, known.get(one.slug) or publish_safely(one, timezone.now())) for one in registry.every()]
    return [(one, published) for one, published in listed if published.is_there]


def current_of(data_set: DataSet) -> Publication | None:
    """Return what is published of a set, written now if it never was or if its files are gone; None if it cannot be."""
    found = Publication.objects.filter(slug=data_set.slug).first()
    if found is None or (found.is_there and not all(found.file(format).exists() for format in writing.FORMATS)):
        found = publish_safely(data_set, timezone.now())
    return found if found.is_there else None
