from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from normandata.regulation.citation import Citation
from normandata.regulation.reglement import InvalidReglement, load, parse

VALID = """
slug = "essai"
title = "Essai"
[texts.t]
title = "Délibération d’essai"
[rules.size]
label = "Taille"
values = [{ from = 2026-01-01, text = "t", article = "article 1" }]
[parameters.most]
label = "Taille maximale"
unit = "ETP"
values = [
  { from = 2026-01-01, value = 250, text = "t", article = "article 1" },
  { from = 2027-01-01, value = "300.5", text = "t", article = "article 2", default = true, note = "amendé" },
]
"""


def test_a_figure_is_the_one_of_the_day() -> None:
    reglement = parse(VALID)
    assert reglement.on(date(2026, 12, 31)).number("most") == Decimal(250)
    assert reglement.on(date(2027, 1, 1)).number("most") == Decimal("300.5")
    assert reglement.on(date(2020, 1, 1)).number("most") == Decimal(250)


def test_a_figure_carries_its_citation_and_says_when_it_is_a_choice() -> None:
    first, second = parse(VALID).parameters["most"].values
    assert first.citation == Citation("Délibération d’essai", "article 1", date(2026, 1, 1))
    assert (first.is_choice, second.is_choice, second.note) == (False, True, "amendé")


def test_a_rule_carries_its_label_and_citation() -> None:
    figures = parse(VALID).on(date(2026, 5, 1))
    assert figures.label("size") == "Taille"
    assert str(figures.citation("size")) == "Délibération d’essai, article 1"


def test_a_figure_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match=r"essai\.most is not a bool"):
        parse(VALID).on(date(2026, 5, 1)).flag("most")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("from = 2026-01-01, value", "value"), r"parameters\.most\.values\[0\]: missing from"),
        (
            (', text = "t", article = "article 1" },\n', " },\n"),
            r"parameters\.most\.values\[0\]: missing article, text",
        ),
        (('text = "t", article = "article 2"', 'text = "x", article = "article 2"'), "unknown text « x »"),
        (('article = "article 2"', 'article = " "'), "a text is expected"),
        (('unit = "ETP"', 'unit = "litres"'), "unknown unit « litres »"),
        (("value = 250", "value = 250.0"), "a float is not exact"),
        (("value = 250", 'value = ""'), "unreadable value"),
        (("value = 250", 'value = "beaucoup"'), "values of different types"),
        (("from = 2027-01-01", "from = 2026-01-01"), "dates must follow one another"),
        (("from = 2027-01-01", "from = 2027-01-01T00:00:00"), "a day is expected"),
        (("from = 2027-01-01", "from = 2027-01-01, until = 2028-01-01"), "unknown until"),
        (("default = true", 'default = "oui"'), "true or false expected"),
        (('label = "Taille"', 'label = ""'), "a text is expected"),
        (('values = [{ from = 2026-01-01, text = "t", article = "article 1" }]', "values = []"), "at least one dated"),
        (('slug = "essai"', ""), "missing slug"),
        (('title = "Essai"', 'title = "Essai"\nextra = 1'), "unknown extra"),
        (("[texts.t]", "[texts.t"), "essai.toml"),
    ],
)
def test_a_file_that_cannot_found_a_decision_is_refused(change: tuple[str, str], message: str) -> None:
    assert change[0] in VALID
    with pytest.raises(InvalidReglement, match=message):
        parse(VALID.replace(*change), source="essai.toml")


def test_a_file_is_read_from_disk_and_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "reglement.toml"
    path.write_text(VALID, encoding="utf-8")
    assert load(path).slug == "essai"
    path.write_text(VALID.replace("value = 250", "value = 2.5"), encoding="utf-8")
    with pytest.raises(InvalidReglement, match=r"^reglement\.toml: parameters\.most"):
        load(path)
