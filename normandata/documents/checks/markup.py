"""XML parts of office documents, read without entities nor doctype."""

import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from .refusal import broken, refuse

STEP = 1 << 20
DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
XML_NAMES = re.compile(r"\.(xml|rels|rdf|vml)$", re.IGNORECASE)
DANGEROUS_LINK = re.compile(r"^\s*(javascript|vbscript|data|ms-[a-z-]+|search-ms|shell|mhtml):", re.IGNORECASE)
REMOTE_PATH = re.compile(r"^\s*(file:)?(/{2,}|\\\\)(?!/?[a-z]:)", re.IGNORECASE)


def check_declarations(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse any part that declares a doctype or an entity, whatever the encoding it hides in."""
    for entry in archive.infolist():
        if not XML_NAMES.search(entry.filename):
            continue
        with archive.open(entry) as file:
            tail = b""
            while block := file.read(STEP):
                if DECLARES.search((tail + block).replace(b"\x00", b"")):
                    raise refuse(name, "contient des déclarations que le portail n’ouvre pas", "Enregistrez-le en PDF.")
                tail = block[-32:]


def elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[ElementTree.Element]:
    """Yield the elements of a part one by one, each as it closes; raises Refused when it is not XML."""
    try:
        with archive.open(part) as file:
            # No doctype reaches this parser: `check_declarations` comes first.
            for _, element in ElementTree.iterparse(file):  # noqa: S314
                yield element
                element.clear()
    except (ElementTree.ParseError, KeyError, ValueError, LookupError) as error:
        raise broken(name) from error


def is_dangerous(target: str) -> bool:
    """Tell whether following a link would start a program or hand a password to another machine."""
    return bool(DANGEROUS_LINK.search(target) or REMOTE_PATH.search(target))
