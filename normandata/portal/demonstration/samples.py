"""Small files to join: a page of PDF, a picture, each saying that it is an example."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from normandata.accounts.models import User
from normandata.documents import isolation, uploads
from normandata.documents.checks import process
from normandata.documents.limits import Limits
from normandata.documents.models import Upload

NOTICE = "Document fictif de la démonstration de NormanDATA."


def receive(name: str, title: str, *, by: User) -> Upload:
    """Make a file named `name` and receive it as the portal receives any other."""
    content = picture(title) if name.endswith(".png") else page(title)
    with _checked_here():
        return uploads.receive(ContentFile(content, name=name), by=by, limits=Limits())


@contextmanager
def _checked_here() -> Iterator[None]:
    """Make the usual checks without a process apart for each file: these were made a moment ago, by this module."""
    before = isolation.run
    isolation.run = process.answer
    try:
        yield
    finally:
        isolation.run = before


def page(title: str) -> bytes:
    """Make a PDF of one page that says its title, in Windows-1252."""
    lines = f"BT /F1 20 Tf 60 740 Td ({_escaped(title)}) Tj /F1 12 Tf 0 -36 Td ({_escaped(NOTICE)}) Tj ET"
    text = lines.encode("cp1252")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    made, starts = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        starts.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(made) + end % (table, len(made))


def picture(title: str) -> bytes:
    """Make a PNG that shows boxes joined by lines."""
    image = Image.new("RGB", (640, 360), "#f6f4ef")
    draw = ImageDraw.Draw(image)
    for left in (40, 250, 460):
        draw.line((320, 110, left + 70, 230), fill="#07363c", width=3)
        draw.rectangle((left, 230, left + 140, 290), fill="#ffffff", outline="#07363c", width=3)
    draw.rectangle((250, 50, 390, 110), fill="#ffd23f", outline="#07363c", width=3)
    draw.text((40, 325), title, fill="#07363c")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
