"""Makes PDFs from our own templates; reads nothing but the sheets and fonts shipped with the portal."""

import base64
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

FONTS = (
    ("Hanken Grotesk", 400, "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-400-normal.woff2"),
    ("Hanken Grotesk", 600, "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-600-normal.woff2"),
    ("Hanken Grotesk", 700, "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-700-normal.woff2"),
    ("Bricolage Grotesque", 700, "@fontsource/bricolage-grotesque/files/bricolage-grotesque-latin-700-normal.woff2"),
    ("Bricolage Grotesque", 800, "@fontsource/bricolage-grotesque/files/bricolage-grotesque-latin-800-normal.woff2"),
)


def closed_fetcher() -> URLFetcher:
    """Return a fetcher that opens `data:` only: no file, no network, no redirect."""
    return URLFetcher(allowed_protocols=["data"], allow_redirects=False)


def render(template: str, context: dict[str, Any]) -> bytes:
    """Render a template as a tagged A4 PDF (PDF/UA-1 asked for, not validated)."""
    return write(render_to_string(template, context))


def write(html: str) -> bytes:
    """Turn an HTML page into a tagged PDF, whatever its author wrote in it."""
    fonts = FontConfiguration()
    fetcher = closed_fetcher()
    sheet = CSS(string=_sheet(), font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=html, url_fetcher=fetcher, base_url=None)
    return bytes(page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1"))


@cache
def _sheet() -> str:
    """Our sheet with its fonts inside, read once a process from the disk."""
    faces = "".join(_face(*font) for font in FONTS)
    return faces + (settings.BASE_DIR / "static/pdf/pdf.css").read_text(encoding="utf-8")


def _face(family: str, weight: int, path: str) -> str:
    data = base64.b64encode(Path(settings.NODE_MODULES / path).read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f'src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
    )
