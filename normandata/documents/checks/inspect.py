"""Decides what a file is by its first bytes, then has it read through by whoever knows that format."""

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

from . import archives, images, open_document, open_xml, pdfs, texts
from .formats import EXTENSIONS, FORMATS, IMAGES, OPEN_DOCUMENT, OPEN_XML, TEXTS, Found
from .refusal import broken, refuse

HEAD = 1024
"""Bytes in which a reader looks for the start of a PDF or of a page."""
MARKUP = re.compile(rb"<(!doctype|html|script|svg|iframe|body|\?php)", re.IGNORECASE)
OTHER_FORMATS = (
    (b"MZ", "est un programme, pas un document"),
    (b"\x7fELF", "est un programme, pas un document"),
    (b"\xcf\xfa\xed\xfe", "est un programme, pas un document"),
    (b"\xca\xfe\xba\xbe", "est un programme, pas un document"),
    (b"\x00asm", "est un programme, pas un document"),
    (b"#!", "est un programme, pas un document"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "est un raccourci, pas un document"),
    (b"GIF8", "est une image GIF"),
    (b"BM", "est une image d’un format que le portail ne lit pas"),
    (b"II*\x00", "est une image TIFF"),
    (b"MM\x00*", "est une image TIFF"),
    (b"Rar!", "est une archive"),
    (b"7z\xbc\xaf", "est une archive"),
    (b"\x1f\x8b", "est une archive"),
    (b"MSCF", "est une archive"),
)
CONVERT = {"image": "Enregistrez-la en JPEG ou en PNG, puis renvoyez-la."}


def inspect(path: Path, name: str, accepted: Collection[str]) -> Found:
    """Return what the file is; raises Refused, naming the file `name`, when it is not one of the accepted formats."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise refuse(name, "est vide", "Vérifiez le fichier sur votre appareil, puis renvoyez-le.")
    slug = detect(path, head, name)
    if slug not in accepted:
        raise refuse(name, f"est un fichier {FORMATS[slug].extension}, qui n’est pas attendu ici", _expected(accepted))
    if slug in IMAGES | {"pdf"} and zipfile.is_zipfile(path):
        raise refuse(name, "contient une archive cachée", "Enregistrez de nouveau l’original, puis renvoyez-le.")
    if slug == "pdf":
        if MARKUP.search(head):
            raise broken(name)
        return pdfs.check(path, name)
    if slug in IMAGES:
        return images.check(path, name, slug)
    if slug in TEXTS:
        texts.check(path, name)
    elif slug in OPEN_XML:
        with archives.opened(path, name, archives.OFFICE) as archive:
            open_xml.check(archive, name, slug)
    elif slug in OPEN_DOCUMENT:
        with archives.opened(path, name, archives.OFFICE) as archive:
            open_document.check(archive, name)
    else:
        with archives.opened(path, name, archives.DELIVERABLE) as archive:
            archives.check_deliverable(archive, name)
    return Found(slug)


def detect(path: Path, head: bytes, name: str) -> str:
    """Return the slug of the format that the bytes announce; raises Refused for any other."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"PK\x03\x04"):
        return archives.detect(path, name)
    _refuse_others(path, head, name)
    slug = EXTENSIONS.get(Path(name.lower()).suffix, "")
    if slug in TEXTS:
        return slug
    raise refuse(name, "n’est pas d’un format que le portail sait vérifier", REDO_AS)


def _refuse_others(path: Path, head: bytes, name: str) -> None:
    """Name the usual formats that are not taken, so that the message says what to do."""
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        cause = "est d’un ancien format de Microsoft Office, ou protégé par un mot de passe"
        raise refuse(name, cause, "Enregistrez-le sans mot de passe en .docx, .xlsx ou .pptx, puis renvoyez-le.")
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif"):
        raise refuse(name, "est une photo d’un format que le portail ne lit pas", CONVERT["image"])
    if head.startswith(b"{\\rtf"):
        raise refuse(name, "est au format RTF", "Enregistrez-le en .docx ou en .odt, puis renvoyez-le.")
    if MARKUP.search(head.replace(b"\x00", b"")):
        raise refuse(name, "est une page web ou un dessin SVG", REDO_AS)
    for magic, cause in OTHER_FORMATS:
        if head.startswith(magic):
            raise refuse(name, cause, CONVERT["image"] if "image" in cause else REDO_AS)
    with path.open("rb") as file:
        file.seek(0x8001)
        if file.read(5) == b"CD001":
            raise refuse(name, "est l’image d’un disque, pas un document", REDO_AS)


REDO_AS = "Envoyez plutôt le document en PDF."


def _expected(accepted: Collection[str]) -> str:
    names = ", ".join(FORMATS[slug].extension for slug in FORMATS if slug in accepted)
    return f"Les formats acceptés ici sont {names}."
