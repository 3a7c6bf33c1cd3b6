"""The Booster IA's grid as rows of the kernel, from the figures of the règlement: one version for each content.

Annexe 4, « Modalités d’instruction et d’attribution »: six criteria out of 100, floor of 50.
"""

from datetime import date
from decimal import Decimal

from normandata.scoring.arithmetic import Method
from normandata.scoring.models import Grid
from normandata.scoring.services import grids
from normandata.scoring.services.grids import Line

from .grid import CRITERIA, maximum
from .rules import REGLEMENT

SLUG = "booster_ia"
TITLE = "Grille du Booster IA"
LABELS = {
    "quality": "La qualité globale de la proposition : éléments descriptifs et support de présentation",
    "feasibility": "La faisabilité de la preuve de concept",
    "regional_interest": "L’intégration dans l’intérêt régional et la prise en compte du besoin de l’usager",
    "responsible_digital": "La réponse aux enjeux de numérique responsable et durable",
    "security": "Les dispositions prises pour la sécurité informatique du projet",
    "reproducibility": "La prise en compte de la reproductibilité de l’innovation sur le territoire",
}
"""The criteria word for word (B-34)."""
STEP = Decimal("0.01")
"""The text says nothing of steps: two decimals, as scores are shown."""
WORDS = ("Absent", "Faible", "Partiel", "Correct", "Solide", "Exemplaire")
"""Words of the six marks offered at once, from nothing to the maximum by fifths; any other mark may be typed."""


def line(criterion: str, day: date) -> Line:
    """Describe one criterion as the règlement has it on a day."""
    top = maximum(criterion, REGLEMENT.on(day))
    steps = len(WORDS) - 1
    levels = tuple((top * rank / steps, word) for rank, word in enumerate(WORDS))
    return Line(criterion, LABELS[criterion], top, STEP, levels=levels)


def publish(day: date) -> Grid:
    """Return the grid of the règlement on a day, written when it is not there yet."""
    figures = REGLEMENT.on(day)
    return grids.publish(
        SLUG,
        TITLE,
        [line(criterion, day) for criterion in CRITERIA],
        method=Method.SUM,
        by=None,
        floor=figures.number("floor"),
        spread_alert=figures.number("spread_alert"),
        least_sheets=int(figures.number("sheets_min")),
    )
