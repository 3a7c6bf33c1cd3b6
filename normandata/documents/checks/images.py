"""Images: decoded whole, of a bounded size, and nothing after their end."""

import io
import re
import warnings
from pathlib import Path

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from .formats import Found
from .refusal import broken, refuse

MOST_PIXELS = 64_000_000
"""The most that is decoded; a telephone takes 48 million at most without being asked for more."""
LONGEST_SIDE = 30_000
HIDDEN = re.compile(rb"<(!doctype\s+html|html|script|svg|iframe|\?php)|%PDF-\d", re.IGNORECASE)
CLEAN = "Ouvrez l’image, enregistrez-en une copie, puis envoyez cette copie."
# Sizes are bounded here, in words; Pillow has its own bound, without.
Image.MAX_IMAGE_PIXELS = None
JPEG, MPO = JpegImagePlugin.JpegImageFile.format, MpoImagePlugin.MpoImageFile.format
PNG, WEBP = PngImagePlugin.PngImageFile.format, WebPImagePlugin.WebPImageFile.format
PILLOW = {"jpeg": (JPEG, MPO), "png": (PNG,), "webp": (WEBP,)}
"""Pillow's readers, named by slug: no other is given a file."""


def check(path: Path, name: str, slug: str) -> Found:
    """Decode an image and return its size; raises Refused."""
    content = path.read_bytes()
    try:
        tail = content[TAILS[slug](content) :]
    except (IndexError, ValueError) as error:
        raise broken(name) from error
    if HIDDEN.search(content) or not _is_harmless(tail, slug):
        raise refuse(name, "contient autre chose qu’une image", CLEAN)
    width, height = _decode(content, name, slug)
    return Found(slug, width=width, height=height)


def _decode(content: bytes, name: str, slug: str) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=PILLOW[slug]) as image:
                width, height = image.size
                if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
                    cause = f"mesure {width} × {height} pixels, plus que le portail ne peut en lire"
                    raise refuse(name, cause, "Réduisez l’image, puis renvoyez-la.")
                image.verify()
            with Image.open(io.BytesIO(content), formats=PILLOW[slug]) as image:
                image.load()
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise broken(name) from error
    return width, height


def _is_harmless(tail: bytes, slug: str) -> bool:
    """Tell whether what follows the image is nothing, padding, or what telephones add to their photos."""
    if not tail.strip(b"\x00\r\n\t "):
        return True
    if slug != "jpeg":
        return False
    # A second view (MPF), a moving photo, or Samsung's own notes.
    return tail.lstrip(b"\x00").startswith(b"\xff\xd8\xff") or tail[4:8] == b"ftyp" or tail.endswith(b"SEFT")


def _end_of_png(content: bytes) -> int:
    place = 8
    while True:
        length = int.from_bytes(content[place : place + 4])
        kind = content[place + 4 : place + 8]
        place += 12 + length
        if len(kind) < 4 or place > len(content):
            raise ValueError("a PNG without its end")
        if kind == b"IEND":
            return place


def _end_of_jpeg(content: bytes) -> int:
    place = 2
    while True:
        place = content.index(b"\xff", place)
        marker = content[place + 1]
        if marker == 0xD9:
            return place + 2
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD7:
            place += 1 if marker == 0xFF else 2
            continue
        place += 2 + int.from_bytes(content[place + 2 : place + 4])


def _end_of_webp(content: bytes) -> int:
    length = int.from_bytes(content[4:8], "little")
    if 8 + length > len(content):
        raise ValueError("a WebP without its end")
    return 8 + length + length % 2


TAILS = {"png": _end_of_png, "jpeg": _end_of_jpeg, "webp": _end_of_webp}
