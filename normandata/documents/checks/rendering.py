"""Draws a page, or an image again, as a PNG of our own: the bytes that were sent never reach a browser's page."""

from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from .images import PILLOW

LONGEST_SIDE = 1600
"""Pixels of the longest side of what is drawn."""


def render(path: Path, slug: str, page: int, target: Path) -> tuple[int, int]:
    """Draw page `page` (from 1) of a PDF, or an image, into `target`; returns its width and height in pixels."""
    image = _page(path, page) if slug == "pdf" else _image(path, slug)
    image.save(target, format="PNG")
    return image.size


def _page(path: Path, page: int) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    try:
        drawn = document[page - 1]
        width, height = drawn.get_size()
        scale = min(2.0, LONGEST_SIDE / max(width, height, 1))
        image: Image.Image = drawn.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        return image
    finally:
        document.close()


def _image(path: Path, slug: str) -> Image.Image:
    with Image.open(path, formats=PILLOW[slug]) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        drawn = upright.convert("RGBA" if has_alpha else "RGB")
    # A copy without the notes of the camera, its place included.
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    return clean
