"""The facts of the continuum: those of the texts, each with its source."""

from pathlib import Path

import pytest

from normandata.portal import continuum
from normandata.regulation.formats import NBSP


def test_the_four_steps_come_in_order() -> None:
    steps = continuum.read().steps
    assert [one.slug for one in steps] == ["diagnostic", "core", "booster_ia", "feder"]
    assert [one.verb for one in steps] == [
        "Engager",
        "Identifier des solutions",
        "Expérimenter",
        "Financer et passer à l’échelle",
    ]


def test_actors_have_their_missions_and_every_block_its_source() -> None:
    facts = continuum.read()
    lists = {one.title: {title: len(items) for title, items in one.lists} for one in facts.actors}
    assert lists["DataLab Normandie®"] == {"Quatre coordinateurs": 4, "Cinq missions": 5}
    assert lists["CRIGE Normandie"] == {"Quatre missions": 4}
    assert lists["Normandie Numérique"] == {"Trois axes": 3, "Trois priorités": 3}
    assert lists["DataNormandie"] == {"Trois objectifs": 3}
    assert lists["CRIANN"]["Quatre domaines"] == 4
    for block in (facts.logic, facts.trap, *facts.steps, *facts.outside, *facts.actors):
        assert block.source.title
        assert block.source.section
        assert block.source.read_on.year == 2026
    assert [one.slug for one in facts.outside] == ["impulsion", "banque", "bpi"]
    assert facts.trap.title == f"«{NBSP}Boost AI{NBSP}» n’est pas «{NBSP}Booster IA{NBSP}»"


def test_a_fact_without_source_is_refused(tmp_path: Path) -> None:
    text = continuum.FILE.read_text(encoding="utf-8")
    wrong = tmp_path / "continuum.toml"
    wrong.write_text(text.replace('source = "deliberation"', 'source = "rumour"'), encoding="utf-8")
    with pytest.raises(KeyError, match="rumour"):
        continuum.read(wrong)
