"""Takes the pictures of the portal kept in the documentation: `python -m tests.journeys.capture BASE_URL`."""

import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image

from .browser import Window, chromium

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
TALLEST = 2200


def shrunk(picture: bytes) -> bytes:
    """Keep a picture light: a palette of 128 colours is enough for flat grounds and text."""
    light = BytesIO()
    picture_of_few = Image.open(BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture_of_few.save(light, "PNG", optimize=True)
    return light.getvalue()


def main(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for width in WIDTHS:
            window = Window(browser, address.rstrip("/"), width=width)
            for name, path in PICTURES.items():
                page = window.go(path)
                page.evaluate("document.fonts.ready.then(() => true)")
                window.check_shape()
                height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                area = {"x": 0, "y": 0, "width": width, "height": height}
                picture = shrunk(page.screenshot(clip=area, full_page=True, animations="disabled"))
                assert len(picture) < HEAVIEST, f"{name}-{width}.png weighs {len(picture)} bytes"
                (FOLDER / f"{name}-{width}.png").write_bytes(picture)
            window.close()


if __name__ == "__main__":
    main(sys.argv[1])
