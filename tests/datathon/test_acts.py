"""The journal of an edition in words: each act that a service writes has its sentence, with what the journal keeps."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from datathon import acts
from normandata.procedure.models import Event

ON_AN_EDITION = re.compile(
    r"procedure\.record\(\s*(?:edition|now|now\.edition|held\.edition|row\.edition),\s*"
    r'("[^"]+"(?: if [^,]+ else "[^"]+")?)'
)


def written() -> set[str]:
    """Name the acts that the services write about an edition."""
    folder = Path(settings.BASE_DIR) / "datathon" / "services"
    found = [name for path in folder.glob("*.py") for name in ON_AN_EDITION.findall(path.read_text())]
    return {name for one in found for name in re.findall(r'"([^"]+)"', one)}


def test_every_act_that_a_service_writes_has_its_words_and_none_is_told_that_nobody_writes() -> None:
    assert len(written()) > 30
    assert written() == set(acts.ACTS)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("add_juror", {"name": "A. Vauclin", "quality": "expert"}, "Juré proposé : A. Vauclin, expert thématique"),
        (
            "choose_chair",
            {"name": "B. Orsel", "quality": "elected"},
            "Présidence du jury donnée : B. Orsel, élu régional",
        ),
        ("put", {"kind": "criterion", "is_new": True}, "Critère ajouté"),
        ("take_out", {"kind": "dataset"}, "Jeu de données retiré"),
        ("set_prizes", {"prizes": ["2500", "1000"]}, "Prix fixés : 2 500,00 € et 1 000,00 €"),
        ("set_prizes", {"prizes": []}, "Prix fixés : aucun"),
        ("change", {"changed": ["closing_place"]}, "Réglages changés : lieu de la clôture"),
        ("tick", {"column": "present_at", "registrations": {"1": True, "2": False}}, "Présences : 2 cases"),
        ("tick_presence", {"jurors": [1]}, "Présence du jury notée : 1 présent"),
        ("draw_order", {"teams": [1, 2]}, "Ordre des présentations tiré au sort, 2 équipes"),
        ("publish", {}, "Publier les résultats"),
    ],
)
def test_a_sentence_says_on_what(name: str, data: dict[str, Any], sentence: str) -> None:
    assert acts.sentence(Event(name=name, data=data)).replace("\xa0", " ") == sentence
