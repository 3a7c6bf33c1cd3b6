"""Reads the public register of de minimis aid: a CSV file, `;` between columns, of which each bad line is told.

Columns: those of « registre-public-des-aides-de-minimis » (data.gouv.fr, décret n° 2025-1361). The register is
declarative and begins in 2026: a SIREN without a line has not received nothing.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from stdnum.fr import siren as siren_number

from normandata.accounts.models import User
from normandata.organisations.models import UndertakingMember, searchable
from normandata.organisations.services import undertaking_of
from normandata.organisations.siret import compact
from normandata.procedure.errors import NotDone
from normandata.regulation.findings import plain
from normandata.regulation.formats import listing, spaced

from . import regimes
from .models import Aid, RegisterImport, Source

NEEDED = ("identifiant_beneficiaire", "montant_esb", "date_octroi")
COLUMNS = (
    "regime", "nom_beneficiaire", "identifiant_beneficiaire", "montant_esb", "instrument_aide", "secteur_aide",
    "commune_beneficiaire", "pays_beneficiaire", "date_octroi", "date_declaration", "date_publication", "autorite",
    "operateur",
)  # fmt: skip
MASKED = "-"
LARGEST = Decimal(10) ** 10
AT_ONCE = 500
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_GROUPED = re.compile(r"(\d{1,3}(?:[ .]\d{3})+),(\d{1,2})|(\d{1,3}(?: \d{3})+)(?:\.(\d{1,2}))?", re.ASCII)
_SIMPLE = re.compile(r"(\d+)(?:[.,](\d{1,2}))?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Said:
    """Something about a line of the file, in French; lines are counted from 1, the headers' line."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line that was understood; amount in euros."""

    line: int
    siren: str
    on: date
    amount: Decimal
    regime: str
    instrument: str
    sector: str
    authority: str
    operator: str

    @property
    def identity(self) -> str:
        """What tells it from other lines: neither the wording of its sector nor the day it was published does."""
        parts = (self.siren, self.on.isoformat(), plain(self.amount), self.regime, searchable(self.authority))
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: lines read, entries added, known already; what was refused, what was only remarked."""

    lines: int
    added: int
    known: int
    refused: tuple[Said, ...]
    remarks: tuple[Said, ...]


class _Bad(ValueError):
    """A line cannot be read; its message is French."""


def import_register(content: bytes, *, name: str, by: User | None = None) -> Imported:
    """Write the lines of a file in the ledger. The same file again, or a longer one, adds only what is new.

    Two equal lines of a file are two aids. Raises NotDone for a file without the columns that are needed.
    """
    rows, refused, remarks = _read(content)
    seen: Counter[str] = Counter()
    keyed: dict[str, Row] = {}
    for row in rows:
        seen[row.identity] += 1
        keyed[f"register:{row.identity}:{seen[row.identity]}"] = row
    members = _members({row.siren for row in rows})
    with transaction.atomic():
        new = _unknown(keyed)
        if new:
            source = RegisterImport.objects.create(
                name=name[:200], sha256=hashlib.sha256(content).hexdigest(), by=by, lines=len(rows),
                refused=len(refused),
            )  # fmt: skip
            aids = [_aid(key, keyed[key], members[keyed[key].siren], source) for key in new]
            Aid.objects.bulk_create(aids, batch_size=AT_ONCE, ignore_conflicts=True)
    return Imported(len(rows) + len(refused), len(new), len(rows) - len(new), tuple(refused), tuple(remarks))


def _members(sirens: set[str]) -> dict[str, int]:
    """Find the account of each SIREN, made when it has none: before any lock, one by one."""
    found: dict[str, int] = {}
    wanted = sorted(sirens)
    for start in range(0, len(wanted), AT_ONCE):
        some = UndertakingMember.objects.filter(siren__in=wanted[start : start + AT_ONCE])
        found.update(some.values_list("siren", "pk"))
    for siren in wanted:
        if siren not in found:
            undertaking_of(siren)
            found[siren] = UndertakingMember.objects.values_list("pk", flat=True).get(siren=siren)
    return found


def _unknown(keyed: dict[str, Row]) -> list[str]:
    keys = list(keyed)
    known: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = Aid.objects.filter(key__in=keys[start : start + AT_ONCE])
        known.update(some.order_by().values_list("key", flat=True))
    return [key for key in keys if key not in known]


def _aid(key: str, row: Row, member: int, source: RegisterImport) -> Aid:
    return Aid(
        member_id=member,
        on=row.on,
        amount=row.amount,
        regime=row.regime,
        source=Source.REGISTER,
        instrument=row.instrument[:200],
        sector=row.sector[:40],
        authority=row.authority[:300],
        operator=row.operator[:300],
        about_kind=RegisterImport._meta.label_lower,
        about_key=str(source.pk),
        key=key,
        by_id=source.by_id,
    )


def _read(content: bytes) -> tuple[list[Row], list[Said], list[Said]]:
    rows: list[Row] = []
    refused: list[Said] = []
    remarks: list[Said] = []
    lines = _lines(content)
    _, headers = next(lines, (1, []))
    names = [str(header).strip().lower() for header in headers]
    if missing := [name for name in NEEDED if name not in names]:
        raise NotDone(spaced(f"Ce fichier n’est pas un registre lisible : il lui manque {listing(missing)}."))
    for number, cells in lines:
        if isinstance(cells, str):
            refused.append(Said(number, cells))
        elif any(cell.strip() for cell in cells):
            try:
                row, remark = _row(number, names, cells)
            except _Bad as bad:
                refused.append(Said(number, spaced(str(bad))))
                continue
            rows.append(row)
            remarks += [Said(number, spaced(remark))] if remark else []
    return rows, refused, remarks


def _lines(content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Give each line's number and cells; a line that the csv module cannot read gives a sentence."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=";")
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, "Ligne illisible."


def _row(number: int, names: Sequence[str], cells: Sequence[str]) -> tuple[Row, str]:
    """Read a line; the sentence is what is worth a remark."""
    if len(cells) != len(names):
        raise _Bad(f"{len(cells)} colonnes au lieu de {len(names)}.")
    said = {name: _words(cell) for name, cell in zip(names, cells, strict=True)}
    code = regimes.recognised(said.get("regime", ""))
    on = _day(said["date_octroi"])
    row = Row(
        line=number,
        siren=_siren(said["identifiant_beneficiaire"]),
        on=on,
        amount=_amount(said["montant_esb"]),
        regime=code or regimes.general_on(on),
        instrument=said.get("instrument_aide", ""),
        sector=said.get("secteur_aide", ""),
        authority=said.get("autorite", ""),
        operator=said.get("operateur", ""),
    )
    unnamed = "Régime non reconnu : l’aide est comptée dans le plafond du régime général."
    return row, "" if code else unnamed


def _words(cell: str) -> str:
    text = _SPACES.sub(" ", cell).strip()
    return "" if text == MASKED else text


def _siren(text: str) -> str:
    number = compact(text)
    if len(number) == 14:
        number = number[:9]
    if not (number.isascii() and siren_number.is_valid(number)):
        raise _Bad(f"« {text} » n’est pas un SIREN." if text else "Le bénéficiaire n’a pas d’identifiant.")
    return number


def _amount(text: str) -> Decimal:
    bare = text.removesuffix("€").removesuffix("EUR").strip()
    if match := _SIMPLE.fullmatch(bare):
        whole, places = match[1], match[2]
    elif match := _GROUPED.fullmatch(bare):
        whole, places = match[1] or match[3], match[2] or match[4]
    else:
        raise _Bad(f"« {text} » n’est pas un montant au centime.")
    value = Decimal(f"{re.sub('[ .]', '', whole)}.{places or '0'}")
    if not 0 < value < LARGEST:
        raise _Bad(f"« {text} » n’est pas un montant possible.")
    return value.quantize(Decimal("0.01"))


def _day(text: str) -> date:
    try:
        if match := _ISO.fullmatch(text):
            day = date(int(match[1]), int(match[2]), int(match[3]))
        elif match := _FRENCH.fullmatch(text):
            day = date(int(match[3]), int(match[2]), int(match[1]))
        else:
            raise ValueError(text)
    except ValueError as error:
        raise _Bad(f"« {text} » n’est pas une date d’octroi." if text else "La date d’octroi manque.") from error
    if day > timezone.localdate():
        raise _Bad(f"La date d’octroi {text} est à venir.")
    return day
