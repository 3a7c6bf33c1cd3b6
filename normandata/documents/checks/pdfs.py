"""PDF: nothing that acts, nothing hidden inside or after, and nothing that swells."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from .formats import Found
from .refusal import REDO, broken, refuse

MOST_PAGES = 2_000
MOST_NODES = 3_000_000
MOST_INFLATED = 120_000_000
"""Bytes that one stream may give once decompressed."""
MOST_INFLATED_IN_ALL = 600_000_000
MOST_PIXELS = 200_000_000
TAIL = 65_536
ACTS = {
    "/JavaScript": "contient un script",
    "/Launch": "demande de lancer un programme",
    "/GoToR": "renvoie à un fichier extérieur",
    "/GoToE": "renvoie à un fichier caché",
    "/SubmitForm": "envoie des données à un site extérieur",
    "/ImportData": "charge des données extérieures",
    "/Rendition": "contient un média",
    "/Movie": "contient un média",
    "/Sound": "contient un média",
    "/RichMediaExecute": "contient un média",
}
KEYS = {
    "/JS": "contient un script",
    "/JavaScript": "contient un script",
    "/XFA": "est un formulaire dynamique (XFA)",
    "/RichMedia": "contient un média",
    "/RichMediaContent": "contient un média",
}
ANNOTATIONS = {
    "/RichMedia": "contient un média",
    "/Screen": "contient un média",
    "/Movie": "contient un média",
    "/Sound": "contient un média",
    "/3D": "contient un objet en trois dimensions",
    "/FileAttachment": "contient un fichier joint",
}
INVOICES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml"})
"""What an electronic invoice carries (EN 16931): the one file that a PDF may hold."""
ATTACHED = "contient un fichier joint"


def check(path: Path, name: str) -> Found:
    """Read a PDF through and return its number of pages; raises Refused."""
    _check_end(path, name)
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            _check_objects(pdf, name)
    except pikepdf.PasswordError as error:
        cause = "est protégé par un mot de passe"
        raise refuse(name, cause, "Retirez le mot de passe, ou imprimez-le en PDF, puis renvoyez-le.") from error
    except (pikepdf.PdfError, zlib.error, ValueError, RuntimeError) as error:
        raise broken(name) from error
    if not 0 < pages <= MOST_PAGES:
        raise refuse(
            name, f"compte {pages} pages, de 1 à {MOST_PAGES} sont acceptées", "Envoyez-le en plusieurs parties."
        )
    return Found("pdf", pages=pages)


def _check_end(path: Path, name: str) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read()
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise broken(name)
    if tail[end + 5 :].strip(b"\x00\r\n\t "):
        raise refuse(name, "contient autre chose à la suite du document", REDO)


def _check_objects(pdf: pikepdf.Pdf, name: str) -> None:
    inflated = 0
    for node in _nodes(pdf, name):
        _check_node(node, name)
        if isinstance(node, pikepdf.Stream):
            inflated += _check_stream(node, name)
            if inflated > MOST_INFLATED_IN_ALL:
                raise refuse(name, "est démesuré une fois décompressé", REDO)


def _nodes(pdf: pikepdf.Pdf, name: str) -> Iterator[Any]:
    """Walk every dictionary and stream, those inside others included, and each of them once."""
    waiting: list[Any] = [pdf.trailer, *pdf.objects]
    seen = 0
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        seen += 1
        if seen > MOST_NODES:
            raise refuse(name, "est démesuré", REDO)
        if isinstance(node, pikepdf.Array):
            children: Any = list(node)
        else:
            yield node
            children = [value for _, value in node.items()]
        # Indirect objects have their own turn in `pdf.objects`.
        waiting += [child for child in children if isinstance(child, pikepdf.Object) and not child.is_indirect]


def _check_node(node: Any, name: str) -> None:
    cause = ACTS.get(_name(node, "/S")) or (ANNOTATIONS.get(_name(node, "/Subtype")) if "/Rect" in node else None)
    cause = cause or next((cause for key, cause in KEYS.items() if key in node), None)
    if cause is None and _name(node, "/Type") == "/Filespec" and "/EF" not in node:
        cause = ACTS["/GoToR"]
    if cause is None and "/EF" in node and not _is_invoice(node):
        cause = ATTACHED
    if cause is None and isinstance(node, pikepdf.Stream) and ("/F" in node or "/FFilter" in node):
        cause = ACTS["/GoToR"]
    if cause:
        raise refuse(name, cause, REDO)


def _name(node: Any, key: str) -> str:
    value = node.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _is_invoice(node: Any) -> bool:
    """Tell whether a file specification holds the data of an electronic invoice, and nothing else."""
    names = {str(node[key]).lower() for key in ("/F", "/UF") if key in node}
    held = [value for _, value in node["/EF"].items()]
    if not names or not names <= INVOICES or not all(isinstance(value, pikepdf.Stream) for value in held):
        return False
    return all(_is_plain_xml(_inflate(value)) for value in held)


def _is_plain_xml(content: bytes) -> bool:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        start.startswith((b"<?xml", b"<rsm:", b"<ubl:")) and b"<!DOCTYPE" not in content and b"<!ENTITY" not in content
    )


def _check_stream(stream: Any, name: str) -> int:
    """Return how many bytes a stream gives; raises Refused when it swells."""
    if _name(stream, "/Subtype") == "/Image":
        width, height = stream.get("/Width", 0), stream.get("/Height", 0)
        if int(width) * int(height) > MOST_PIXELS:
            raise refuse(name, "contient une image démesurée", REDO)
        return 0
    size = len(_inflate(stream))
    if size >= MOST_INFLATED:
        raise refuse(name, "est démesuré une fois décompressé", REDO)
    return size


def _inflate(stream: Any) -> bytes:
    """Return what a stream gives, cut at the most allowed; other compressions than Flate are left as they are."""
    filters = stream.get("/Filter")
    chain = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    content = bytes(stream.read_raw_bytes())
    for one in chain:
        if one not in ("/FlateDecode", "/Fl"):
            break
        content = zlib.decompressobj().decompress(content, MOST_INFLATED)
    return content
