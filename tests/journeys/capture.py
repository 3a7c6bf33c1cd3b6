"""Takes the pictures of the portal kept in the documentation: `python -m tests.journeys.capture BASE_URL`.

The address is that of a portal served with its demonstration: the pictures of signed-in pages come from its accounts.
"""

import re
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image

from .browser import Window, chromium, follow

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "captures"
WIDTHS = (375, 1280)
HEAVIEST = 300_000
DIAGNOSTIC = {
    "structure": "enterprise",
    "departement": "14",
    "etp": "45,5",
    "creation": "12/05/2009",
    "activite": "trade",
}
BOOSTER = {
    "porteur": "public_establishment",
    "departement": "14",
    "partenaires": "76",
    "ia": "oui",
    "debut": "01/12/2026",
    "fin": "31/05/2027",
    "tva": "non",
    "personnel": "12000",
    "permanent": "8000",
    "prestations": "18000",
    "equipement": "4000",
    "autres_aides": "2000",
}
PICTURES = {
    "accueil": "/",
    "simulateur-question": "/aides/diagnostic/simulateur/structure/",
    "simulateur-resultat": f"/aides/diagnostic/simulateur/resultat/?{urlencode(DIAGNOSTIC)}",
    "booster-resultat": f"/aides/booster-ia/simulateur/resultat/?{urlencode(BOOSTER)}",
    "reglement": "/reglement/",
    "fiche-diagnostic": "/aides/diagnostic/",
}
APPLICANT, AGENT, SCORER = "porteur@demo.invalid", "agent@demo.invalid", "agent-ia@demo.invalid"
LEAD_AGENT, PROVIDER = "responsable@demo.invalid", "prestataire@demo.invalid"
ORDERED = "DIA-2026-0010"
"""A delivered diagnostic of the demonstration."""
PASSWORD = "bienvenue en normandie"
TALLEST = 2200


def shrunk(picture: bytes) -> bytes:
    """Keep a picture light: a palette of 128 colours is enough for flat grounds and text."""
    light = BytesIO()
    picture_of_few = Image.open(BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture_of_few.save(light, "PNG", optimize=True)
    return light.getvalue()


def keep(window: Window, name: str) -> None:
    """Take the picture of the page that is open."""
    page, width = window.page, window.width
    page.evaluate("document.fonts.ready.then(() => true)")
    window.check_shape()
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": height})  # what sticks to the bottom stays at the bottom
    area = {"x": 0, "y": 0, "width": width, "height": height}
    picture = shrunk(page.screenshot(clip=area, full_page=True, animations="disabled"))
    window.widen(width)
    assert len(picture) < HEAVIEST, f"{name}-{width}.png weighs {len(picture)} bytes"
    (FOLDER / f"{name}-{width}.png").write_bytes(picture)


def sign_in(window: Window, login: str) -> None:
    """Sign in with an account of the demonstration, and the code that its page shows."""
    page = window.go("/connexion/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Se connecter")
    for _ in range(2):
        if window.path != "/connexion/second-facteur/":
            return
        page.locator("[name=code]").fill(shown_code(window, login))
        window.press_on("Se connecter")
        if window.path == "/connexion/second-facteur/":
            page.wait_for_timeout(31_000)  # a code serves once: the next one is waited for


def shown_code(window: Window, login: str) -> str:
    """Return the second factor that the page of the demonstration shows for an account."""
    shown = window.page.context.new_page()
    shown.goto("/demonstration/")
    rows = shown.locator("tr", has_text=login).all_text_contents()
    shown.close()
    code = re.search(r"\b(\d{3})\s(\d{3})\b", "\n".join(rows))
    assert code, rows
    return code[1] + code[2]


def applicant_pages(window: Window) -> None:
    sign_in(window, APPLICANT)
    window.go("/dossiers/")
    keep(window, "mes-dossiers")
    follow(window.page.locator(".nd-card a.btn").nth(0))
    keep(window, "brouillon")
    follow(window.page.locator(".nd-tasks a").nth(2))
    keep(window, "brouillon-section")
    window.go("/structures/")
    keep(window, "ma-structure")


def agent_pages(window: Window) -> None:
    sign_in(window, AGENT)
    window.go("/instruction/")
    keep(window, "file-instruction")
    follow(window.page.locator("tbody th a").nth(0))
    keep(window, "dossier-agent")


def decision_pages(window: Window) -> None:
    sign_in(window, LEAD_AGENT)
    window.go(f"/instruction/?{urlencode({'q': ORDERED})}")
    follow(window.page.locator("tbody th a").nth(0))
    keep(window, "diagnostic-agent")
    window.go("/marche/1/")
    keep(window, "marche")
    window.go("/instruction/indicateurs/diagnostic/")
    keep(window, "indicateurs")


def provider_pages(window: Window) -> None:
    sign_in(window, PROVIDER)
    window.go("/prestataire/")
    keep(window, "mes-diagnostics")
    follow(window.page.locator("main a[href^='/prestataire/']").nth(0))
    keep(window, "diagnostic-prestataire")


def scoring_pages(window: Window) -> None:
    sign_in(window, SCORER)
    window.go("/vagues/")
    follow(window.page.locator("tbody th a").nth(-1))
    window.follow("Notation")
    keep(window, "notation")
    window.follow("Noter le dossier suivant")
    keep(window, "fiche-de-notation")


def public_pages(window: Window) -> None:
    for name, path in PICTURES.items():
        window.go(path)
        keep(window, name)
    window.go("/demonstration/")
    keep(window, "demonstration")


TOURS: tuple[Callable[[Window], None], ...] = (
    public_pages,
    applicant_pages,
    agent_pages,
    decision_pages,
    provider_pages,
    scoring_pages,
)


def main(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for width in WIDTHS:
            for tour in TOURS:
                window = Window(browser, address.rstrip("/"), width=width)
                tour(window)
                window.close()


if __name__ == "__main__":
    main(sys.argv[1])
