"""Word, Excel and PowerPoint documents (ECMA-376): no macro, no control, nothing loaded from elsewhere."""

import re
import zipfile
from io import BytesIO

from . import archives, markup
from .refusal import refuse

AS_PDF = "Enregistrez-le en PDF, puis envoyez ce PDF."
PARTS = (
    (re.compile(r"vbaProject|vbaData|vbaProjectSignature|/macrosheets/|/dialogsheets/", re.I), "contient des macros"),
    (re.compile(r"/activeX/|/ctrlProps/.*\.bin$", re.I), "contient un contrôle ActiveX"),
    (re.compile(r"/externalLinks/", re.I), "dépend d’un classeur extérieur"),
    (re.compile(r"/webextensions/|/queryTables/|(^|/)connections\.xml$", re.I), "charge des données extérieures"),
    (re.compile(r"/embeddings/.*\.(?!xlsx$)[^.]+$|/embeddings/[^.]+$|oleObject", re.I), "contient un objet incorporé"),
    (re.compile(r"\.(exe|dll|js|vbs|bat|cmd|ps1|hta|lnk|scr|swf|jar|html?|mht|svgz)$", re.I), "contient un programme"),
)
MAIN = {
    "docx": ".wordprocessingml.document.main+xml",
    "xlsx": ".spreadsheetml.sheet.main+xml",
    "pptx": ".presentationml.presentation.main+xml",
}
EMBEDDED_TYPES = ("/oleObject", "/aFChunk", "/attachedTemplate", "/subDocument", "/frame", "/control", "/vbaProject")
FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE)\b", re.I)
STARTS_A_PROGRAM = re.compile(r"\|.*!")
DEEPEST = 1


def check(archive: zipfile.ZipFile, name: str, slug: str, *, depth: int = 0) -> None:
    """Check a document's parts, relationships and fields; raises Refused."""
    for entry in archive.infolist():
        for pattern, cause in PARTS:
            if pattern.search(f"/{entry.filename}"):
                raise refuse(name, cause, AS_PDF)
        with archive.open(entry) as file:
            if file.read(8) == archives.LEGACY:
                raise refuse(name, "contient un objet incorporé", AS_PDF)
    markup.check_declarations(archive, name)
    _check_types(archive, name, slug)
    for part in archive.namelist():
        if part.lower().endswith(".rels"):
            _check_relationships(archive, part, name)
        elif re.fullmatch(r"word/[^/]+\.xml", part, re.I):
            _check_fields(archive, part, name)
        elif re.fullmatch(r"xl/worksheets/[^/]+\.xml", part, re.I):
            _check_formulas(archive, part, name)
        elif "/embeddings/" in f"/{part}".lower() and not part.endswith("/"):
            _check_embedded(archive, part, name, depth)


def _check_types(archive: zipfile.ZipFile, name: str, slug: str) -> None:
    types = [
        element.get("ContentType", "")
        for element in markup.elements(archive, "[Content_Types].xml", name)
        if element.tag.endswith(("}Override", "}Default"))
    ]
    if any("macroenabled" in kind.lower() or "vbaproject" in kind.lower() for kind in types):
        raise refuse(name, "contient des macros", AS_PDF)
    if not any(kind.endswith(MAIN[slug]) for kind in types):
        raise refuse(name, "n’est pas un document simple", f"Enregistrez-le en .{slug}, puis renvoyez-le.")


def _check_relationships(archive: zipfile.ZipFile, part: str, name: str) -> None:
    for element in markup.elements(archive, part, name):
        kind, target = element.get("Type", ""), element.get("Target", "")
        is_link = kind.endswith("/hyperlink")
        is_outside = element.get("TargetMode", "").lower() == "external"
        if (is_outside and not is_link) or kind.endswith(EMBEDDED_TYPES):
            raise refuse(name, "charge un contenu extérieur", AS_PDF)
        if is_outside and markup.is_dangerous(target):
            raise refuse(name, "contient un lien dangereux", AS_PDF)


def _check_fields(archive: zipfile.ZipFile, part: str, name: str) -> None:
    """Fields are cut across runs at will: they are read as one text."""
    written: list[str] = []
    for element in markup.elements(archive, part, name):
        if element.tag.endswith("}instrText"):
            written.append(element.text or "")
        written += [value for key, value in element.attrib.items() if key.endswith("}instr")]
    if FIELDS.search("".join(written)) or FIELDS.search(" ".join(written)):
        raise refuse(name, "contient un champ qui charge un contenu extérieur", AS_PDF)


def _check_formulas(archive: zipfile.ZipFile, part: str, name: str) -> None:
    for element in markup.elements(archive, part, name):
        if element.tag.endswith("}f") and element.text and STARTS_A_PROGRAM.search(element.text):
            raise refuse(name, "contient une formule qui lance un programme", AS_PDF)


def _check_embedded(archive: zipfile.ZipFile, part: str, name: str, depth: int) -> None:
    """A chart carries its figures as a workbook; that one carries nothing more."""
    if depth >= DEEPEST:
        raise refuse(name, "contient un objet incorporé", AS_PDF)
    with archives.opened(BytesIO(archive.read(part)), name, archives.OFFICE) as inner:
        check(inner, name, "xlsx", depth=depth + 1)
