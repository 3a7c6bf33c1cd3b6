"""The grid as rows: the six criteria of annexe 4 word for word, one version for each content."""

from datetime import date
from decimal import Decimal

import pytest

from booster_ia import grid_rows
from booster_ia.application import SHEET
from normandata.regulation.formats import spaced
from normandata.scoring.models import Grid

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 30)


def test_the_grid_of_annexe_4() -> None:
    grid = grid_rows.publish(DAY)
    assert [(line.slug, line.label, line.maximum) for line in grid.lines] == [
        ("quality", "La qualité globale de la proposition : éléments descriptifs et support de présentation", 20),
        ("feasibility", "La faisabilité de la preuve de concept", 30),
        ("regional_interest", "L’intégration dans l’intérêt régional et la prise en compte du besoin de l’usager", 20),
        ("responsible_digital", "La réponse aux enjeux de numérique responsable et durable", 10),
        ("security", "Les dispositions prises pour la sécurité informatique du projet", 10),
        ("reproducibility", "La prise en compte de la reproductibilité de l’innovation sur le territoire", 10),
    ]
    assert (grid.best, grid.floor, grid.least_sheets, grid.spread_alert) == (100, 50, 2, 15)
    assert (grid.method, grid.needs_justification) == ("sum", True)


def test_the_labels_are_those_of_the_voted_text() -> None:
    voted = next(block.items for block in SHEET.review_terms if "Les critères" in block.text)
    lines = grid_rows.publish(DAY).lines
    assert [spaced(f"{line.label} (note /{line.maximum:.0f})") for line in lines] == list(voted)


def test_six_levels_by_fifths() -> None:
    levels = {line.slug: [(one["value"], one["label"]) for one in line.levels] for line in grid_rows.publish(DAY).lines}
    assert levels["feasibility"] == [
        ("0", "Absent"), ("6", "Faible"), ("12", "Partiel"), ("18", "Correct"), ("24", "Solide"), ("30", "Exemplaire")
    ]  # fmt: skip
    assert [value for value, _ in levels["security"]] == ["0", "2", "4", "6", "8", "10"]


def test_the_same_content_is_the_same_version() -> None:
    assert grid_rows.publish(DAY) == grid_rows.publish(date(2027, 3, 31))
    assert Grid.objects.count() == 1


def test_marks_have_two_decimals() -> None:
    assert {line.step for line in grid_rows.publish(DAY).lines} == {Decimal("0.01")}
