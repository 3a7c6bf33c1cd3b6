"""Archives: their entries counted, named and weighed for good before anything is believed of them."""

import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from .refusal import SAVE_AGAIN, broken, refuse

STEP = 1 << 16
PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"L\x00\x00\x00\x01\x14\x02\x00", b"#!")
LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROGRAM_NAMES = re.compile(
    r"\.(exe|dll|com|scr|pif|bat|cmd|ps1|vbs|vbe|wsf|wsh|hta|msi|msp|jar|lnk|url|reg|iso|img|chm|cpl|app|dmg|docm|xlsm|pptm)$",
    re.IGNORECASE,
)
INNER_ARCHIVES = re.compile(r"\.(zip|7z|rar|tar|gz|tgz|bz2|xz|cab)$", re.IGNORECASE)
BAD_NAME = re.compile(r"[\x00-\x1f\x7f\\:\u202a-\u202e\u2066-\u2069]|^/|(^|/)\.\.(/|$)")
SLIP = "contient des noms de fichiers trompeurs"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold. Sizes are bytes once decompressed; `ratio` is checked above `watched` bytes."""

    entries: int
    total: int
    ratio: int = 250
    watched: int = 5_000_000


OFFICE = Bounds(entries=5_000, total=400_000_000)
DELIVERABLE = Bounds(entries=2_000, total=400_000_000)


def detect(path: Path, name: str) -> str:
    """Return the format of an archive that starts at byte 0: a document of an office suite, or `zip`."""
    try:
        with zipfile.ZipFile(path) as archive:
            return of_office(archive) or _refuse_disguised(archive, name)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise broken(name) from error


def of_office(archive: zipfile.ZipFile) -> str:
    """Return the format of an office document, or nothing."""
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        for slug, part in (("docx", "word/"), ("xlsx", "xl/"), ("pptx", "ppt/")):
            if any(one.startswith(part) for one in names):
                return slug
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        kind = archive.read("mimetype").decode("ascii", "replace")
        endings = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
        return endings.get(kind.removeprefix("application/vnd.oasis.opendocument."), "")
    return ""


def _refuse_disguised(archive: zipfile.ZipFile, name: str) -> str:
    if "META-INF/MANIFEST.MF" in archive.namelist():
        raise refuse(name, "est un programme, pas un document", "Envoyez plutôt le document en PDF.")
    return "zip"


@contextmanager
def opened(source: Path | IO[bytes], name: str, bounds: Bounds) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose structure, names and real sizes have been checked; raises Refused."""
    try:
        with zipfile.ZipFile(source) as archive:
            _check_structure(archive, name, bounds)
            for entry in archive.infolist():
                _check_name(entry, name)
            _check_contents(archive, name, bounds)
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise broken(name) from error


def _check_structure(archive: zipfile.ZipFile, name: str, bounds: Bounds) -> None:
    entries = archive.infolist()
    if not entries:
        raise refuse(name, "est une archive vide", SAVE_AGAIN)
    if len(entries) > bounds.entries or sum(entry.file_size for entry in entries) > bounds.total:
        raise refuse(name, "est démesuré une fois décompressé", "Envoyez-le en plusieurs parties.")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise refuse(name, "est protégé par un mot de passe", "Retirez le mot de passe, puis renvoyez-le.")
    if archive.comment or len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise refuse(name, "contient deux fois le même fichier, ou un commentaire caché", SAVE_AGAIN)
    _check_places(archive, name)


def _check_places(archive: zipfile.ZipFile, name: str) -> None:
    """Entries follow one another from byte 0, none upon another, and nothing comes before or after."""
    end = 0
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        if entry.header_offset < end or (end == 0 and entry.header_offset != 0):
            raise refuse(name, "est une archive mal formée", SAVE_AGAIN)
        end = entry.header_offset + 30 + len(entry.orig_filename) + entry.compress_size
    file = archive.fp
    if file is None or archive.start_dir < end:
        raise broken(name)
    file.seek(-22, 2)
    if file.read(4) != b"PK\x05\x06":
        raise refuse(name, "contient autre chose à la suite du document", SAVE_AGAIN)


def _check_name(entry: zipfile.ZipInfo, name: str) -> None:
    # `orig_filename` still holds what comes after a NUL.
    if BAD_NAME.search(entry.orig_filename) or stat.S_ISLNK(entry.external_attr >> 16):
        raise refuse(name, SLIP, SAVE_AGAIN)


def _check_contents(archive: zipfile.ZipFile, name: str, bounds: Bounds) -> None:
    """Decompress every entry without keeping it: the sizes an archive announces may lie."""
    total = 0
    for entry in archive.infolist():
        size = 0
        with archive.open(entry) as file:
            while block := file.read(STEP):
                if size == 0 and block.startswith(PROGRAMS):
                    raise refuse(name, "contient un programme", SAVE_AGAIN)
                size += len(block)
                total += len(block)
                swells = size > bounds.watched and size > bounds.ratio * max(1, entry.compress_size)
                if total > bounds.total or swells:
                    raise refuse(name, "est démesuré une fois décompressé", "Envoyez-le en plusieurs parties.")


def check_deliverable(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse programs, and archives inside the archive, whose content nobody would check."""
    for entry in archive.infolist():
        if PROGRAM_NAMES.search(entry.filename):
            raise refuse(name, "contient un programme", "Retirez-le de l’archive, puis renvoyez-la.")
        with archive.open(entry) as file:
            head = file.read(8)
        is_inner = INNER_ARCHIVES.search(entry.filename) or (
            head.startswith(b"PK\x03\x04") and not of_office_inside(archive.read(entry))
        )
        if is_inner or head == LEGACY:
            raise refuse(name, "contient une autre archive ou un ancien format", "Retirez-le, puis renvoyez l’archive.")


def of_office_inside(content: bytes) -> bool:
    """Tell whether these bytes are an office document."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return bool(of_office(archive))
    except (zipfile.BadZipFile, ValueError):
        return False
