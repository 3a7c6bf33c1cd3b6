"""Cost of a report's PDF, as a ratio: the portal's way against WeasyPrint alone on the same HTML, then two at once.

Run: NORMANDATA_VAR_DIR=<an empty folder> python -m bench.report_pdf
"""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from diagnostic import papers
from diagnostic.reports import PARTS
from normandata.documents import pdf
from normandata.documents.models import Document

TEMPLATE = "pdf/diagnostic/report.html"
PARAGRAPH = "Les relevés de l’atelier sont saisis chaque matin par l’équipe de nuit, puis repris par les méthodes. " * 8
TABLE = "| Machine | Pannes | Part |\n|---|--:|--:|\n" + "\n".join(
    f"| Machine {n} | {n * 37} | {n} % |" for n in range(45)
)
TEXT = "\n\n".join([*(f"## Constat {number}\n\n{PARAGRAPH}" for number in range(17)), TABLE])
BEST_OF = 3


def document() -> Document:
    """Return the request of a report of about thirty pages, unsaved."""
    record: dict[str, Any] = {
        "number": "DIA-2026-0001",
        "version": 1,
        "sent_on": "2026-11-22",
        "organisation": "Entreprise d’essai",
        "siret": "999 500 001 00015",
        "company": "Atelier d’essai",
        "days": "5 jours",
        "days_done": "4,5 jours",
        "is_redacted": False,
        "removed": {},
        "parts": [{"title": title, "text": TEXT, "slug": slug} for slug, title in PARTS.items()],
        "files": [],
        "sessions": [{"on": f"2026-10-{day:02d}", "half_days": 1, "what": "Entretiens"} for day in range(1, 10)],
    }
    return Document(kind=papers.REPORT, title="Rapport du diagnostic DIA-2026-0001", record=record)


def ours() -> bytes:
    """Make the PDF as the worker does: parts written as HTML, template, tagged PDF that reads nothing outside."""
    return pdf.render(TEMPLATE, papers.report(document()))


def alone(html: str, sheet: str) -> bytes:
    """Make the PDF of a ready page by WeasyPrint, as its documentation does."""
    fonts = FontConfiguration()
    styles = [CSS(string=sheet, font_config=fonts)]
    return bytes(HTML(string=html).write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1"))


def cpu(work: Callable[[], bytes]) -> float:
    """CPU seconds of the best of several runs."""
    best = float("inf")
    for _ in range(BEST_OF):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def wall(_: int = 0) -> float:
    start = time.perf_counter()
    ours()
    return time.perf_counter() - start


def main() -> None:
    context = papers.report(document())
    html, sheet = render_to_string(TEMPLATE, context), pdf._sheet()
    made = ours()
    mine, theirs = cpu(ours), cpu(lambda: alone(html, sheet))
    print(f"{len(html) / 1024:.0f} kB of HTML, {len(made) / 1024:.0f} kB of PDF")
    print(f"CPU: {mine:.2f} s, WeasyPrint alone {theirs:.2f} s, ratio {mine / theirs:.2f} (to reach: 1.15)")
    single = min(wall() for _ in range(BEST_OF))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(wall, range(2))
        start = time.perf_counter()
        both = pool.map(wall, range(2))
        elapsed = time.perf_counter() - start
    print(f"two at once: {both[0]:.2f} s and {both[1]:.2f} s, {elapsed:.2f} s in all; one alone {single:.2f} s")


if __name__ == "__main__":
    main()
