"""The formats of file the portal knows how to check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its type, the extension its files are given, and the word said to people."""

    slug: str
    media_type: str
    extension: str
    group: str


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
FORMATS = {
    known.slug: known
    for known in (
        Format("pdf", "application/pdf", ".pdf", "PDF"),
        Format("jpeg", "image/jpeg", ".jpg", "image (JPEG, PNG, WebP)"),
        Format("png", "image/png", ".png", "image (JPEG, PNG, WebP)"),
        Format("webp", "image/webp", ".webp", "image (JPEG, PNG, WebP)"),
        Format("docx", f"{_OPEN_XML}.wordprocessingml.document", ".docx", "Word"),
        Format("xlsx", f"{_OPEN_XML}.spreadsheetml.sheet", ".xlsx", "Excel"),
        Format("pptx", f"{_OPEN_XML}.presentationml.presentation", ".pptx", "PowerPoint"),
        Format("odt", f"{_OPEN_DOCUMENT}.text", ".odt", "LibreOffice"),
        Format("ods", f"{_OPEN_DOCUMENT}.spreadsheet", ".ods", "LibreOffice"),
        Format("odp", f"{_OPEN_DOCUMENT}.presentation", ".odp", "LibreOffice"),
        Format("csv", "text/csv", ".csv", "CSV"),
        Format("txt", "text/plain", ".txt", "texte"),
        Format("zip", "application/zip", ".zip", "archive ZIP"),
    )
}
EXTENSIONS = {".jpeg": "jpeg", ".tsv": "csv"} | {known.extension: known.slug for known in FORMATS.values()}
IMAGES = frozenset({"jpeg", "png", "webp"})
OPEN_XML = frozenset({"docx", "xlsx", "pptx"})
OPEN_DOCUMENT = frozenset({"odt", "ods", "odp"})
TEXTS = frozenset({"csv", "txt"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a file turned out to be; `pages` of a PDF, `width` and `height` of an image in pixels, else 0."""

    format: str
    pages: int = 0
    width: int = 0
    height: int = 0
