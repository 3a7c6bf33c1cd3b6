"""What providers write in the tests: a short report, and one of thirty pages with tables and pictures."""

import io
from typing import Any

from PIL import Image, ImageDraw

from diagnostic.orders import Order
from diagnostic.reports import PARTS, ReportFile
from diagnostic.services import orders, reports
from normandata.accounts.models import User
from tests.factories.documents import UploadFactory

SECRET, SECRET_FILE, SECRET_CAPTION = "CANARI-MARGE-4821", "canari-salaires.png", "CANARI-LEGENDE-77"
SHORT = {
    "donnees": (
        "La fonderie tient **six fichiers** de pannes, remplis par quatre équipes.\n\n## Qualité\n\n"
        f"Un relevé sur trois manque. [[La marge de l’atelier est de {SECRET}.]] Les dates sont sûres.\n\n"
        "| Fichier | Lignes | Complet |\n|:--|--:|--:|\n| Pannes du four | 1 240 | 62 % |\n| Pièces | 880 | 97 % |"
    ),
    "freins": "- Pas de responsable des données ;\n- des saisies sur papier.\n\nLevier : une équipe méthodes *formée*.",
    "ia": "Non pour le suivi : des règles suffisent.\n\nOui pour la prévision des pannes, à mesurer un trimestre.",
    "recommandations": (
        "1. Nommer un responsable ;\n2. fusionner les six fichiers ;\n3. essayer la prévision sur un four.\n\n"
        "| Action | Qui | Durée |\n|---|---|--:|\n| Responsable | Direction | 1 mois |\n| Fusion | Méthodes | 3 mois |"
    ),
    "suites": "Booster IA peut financer la moitié de l’essai, avec une autre structure normande.",
}


def long_part(title: str, *, rows: int = 45, paragraphs: int = 17) -> str:
    """Write about six pages: titles, paragraphs, lists, a table longer than a page."""
    paragraph = (
        "Les relevés de l’atelier sont saisis chaque matin par l’équipe de nuit, puis repris par les méthodes. "
        "Une valeur sur vingt est corrigée à la main, sans que la raison en soit gardée. "
    ) * 4
    written = [f"Cette partie traite de {title.lower()}."]
    for number in range(1, paragraphs + 1):
        if number % 4 == 1:
            written.append(f"## Constat {number}")
        if number % 8 == 3:
            written.append(f"### Précision {number}")
        written.append(paragraph)
        if number % 5 == 0:
            written.append("\n".join(f"- point {one} du constat {number} ;" for one in range(1, 6)))
    lines = "\n".join(f"| Machine {row} | {row * 37} | {row % 100} % |" for row in range(1, rows + 1))
    return "\n\n".join([*written, f"| Machine | Pannes | Part |\n|---|--:|--:|\n{lines}"])


def picture(width: int = 900, height: int = 500) -> bytes:
    """Draw a small bar chart."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for rank, value in enumerate((0.4, 0.9, 0.6, 0.75)):
        left = 60 + rank * (width - 120) // 4
        pen.rectangle([left, height - 40 - int(value * (height - 80)), left + 120, height - 40], fill="#07363c")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def join_picture(
    order: Order,
    by: User,
    *,
    name: str = "pannes.png",
    caption: str = "Pannes par four",
    part: str = "donnees",
    is_confidential: bool = False,
    content: bytes = b"",
) -> ReportFile:
    """Join a real picture to the report of an order, and say what it is."""
    drawn = content or picture()
    said: dict[str, Any] = {"name": name, "format": "png", "media_type": "image/png", "width": 900, "height": 500}
    upload: Any = UploadFactory(uploaded_by=by, content=drawn, **said)
    file = reports.join(order, upload, by=by)
    reports.describe(file, caption=caption, part=part, is_confidential=is_confidential, by=by)
    return file


def write(order: Order, texts: dict[str, str], *, by: User, days: int = 1) -> None:
    """Write a whole report, its days noted, its box ticked."""
    for slug in PARTS:
        reports.save_part(order, slug, texts[slug], version=0, by=by)
    reports.tick_compliance(order, True, by=by)
    if order.started_on:
        orders.note_session(order, on=order.started_on, half_days=days, what="Entretiens, visite de l’atelier", by=by)
