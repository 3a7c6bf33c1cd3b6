from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from normandata.regulation.reading import Malformed, Reader


def test_each_kind_of_field_is_read() -> None:
    reader = Reader(
        {
            "jour": "2026-04-01",
            "montant": "12500.50",
            "nombre": 3,
            "oui": False,
            "type": "a",
            "liste": ["1", Decimal("2.5")],
            "blocs": [{"x": "y"}],
            "departement": "2A",
        }
    )
    assert reader.day("jour") == date(2026, 4, 1)
    assert reader.number("montant") == Decimal("12500.50")
    assert reader.whole("nombre") == Decimal(3)
    assert reader.flag("oui") is False
    assert reader.code("type", {"a", "b"}) == "a"
    assert reader.numbers("liste") == [Decimal(1), Decimal("2.5")]
    assert [block.text("x") for block in reader.blocks("blocs") or []] == ["y"]
    assert reader.department("departement") == "2A"
    reader.close()


def test_what_is_absent_or_null_is_a_missing_fact() -> None:
    reader = Reader({"a": None})
    assert (reader.day("a"), reader.number("b"), reader.flag("c"), reader.blocks("d")) == (None, None, None, None)


@pytest.mark.parametrize(
    ("method", "raw", "message"),
    [
        ("day", "2026-02-30", "une date"),
        ("day", "20260401", "une date"),
        ("day", 20260401, "une date"),
        ("day", "0026-01-01", "une date"),
        ("number", "douze", "un nombre"),
        ("number", "12,5", "un nombre"),
        ("number", True, "un nombre"),
        ("number", "١٢", "un nombre"),
        ("number", "1e999", "hors des limites"),
        ("number", "1e-51", "hors des limites"),
        ("number", Decimal("1e99999999999"), "hors des limites"),
        ("number", Decimal("1e1000000"), "hors des limites"),
        ("number", Decimal("1e-99999999999"), "hors des limites"),
        ("number", 10**12, "hors des limites"),
        ("whole", "10.5", "un nombre entier"),
        ("flag", "true", "true ou false"),
        ("flag", 1, "true ou false"),
        ("department", "99", "valeur inconnue"),
        ("department", 14, "valeur inconnue"),
        ("text", 3, "un texte"),
        ("blocks", {}, "une liste"),
        ("blocks", [1], r"champ\[0\] : un objet"),
        ("block", [], "champ : un objet"),
        ("numbers", ["1", "x"], r"champ\[1\] : un nombre"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(method: str, raw: Any, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        getattr(Reader({"champ": raw}), method)("champ")


@pytest.mark.parametrize("text", ["9.999999999999998", "33.333333333333336", "0.30000000000000004", "1e3", "0", "-0.0"])
def test_a_float_written_in_full_is_read_exactly(text: str) -> None:
    assert Reader({"a": Decimal(text)}).number("a") == Decimal(text)


def test_bounds_required_fields_and_unknown_keys_are_refused() -> None:
    with pytest.raises(Malformed, match="ne peut pas être inférieure à 0"):
        Reader({"a": "-0.01"}).number("a", least=0)
    with pytest.raises(Malformed, match=r"^on : champ obligatoire$"):
        Reader({}).required_day("on")
    with pytest.raises(Malformed, match=r"^champ inconnu : b\.x, b\.y$"):
        Reader({"y": 1, "x": 2}, "b").close()
    with pytest.raises(Malformed, match=r"^la ligne : un objet JSON est attendu$"):
        Reader([1])
