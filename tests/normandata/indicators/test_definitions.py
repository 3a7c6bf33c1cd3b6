"""Shares rounded once, cells written in French, and the registry."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.indicators import presentation, registry
from normandata.indicators.definitions import Cell, Column, Count, Figure, Indicator, Kind, Period, Unit, rate, written
from normandata.indicators.figures import told
from normandata.indicators.registry import Owner

PERIOD = Period(date(2027, 1, 1), date(2027, 12, 31), date(2027, 3, 10))


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, None),
        (0, 3, "0.0"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (5, 8, "62.5"),
        (1, 16, "6.3"),  # 6.25, half up
        (1, 2000, "0.1"),  # 0.05, half up
        (1, 2001, "0.0"),
        (7, 7, "100.0"),
    ],
)
def test_a_share_is_rounded_half_up(part: int, whole: int, expected: str | None) -> None:
    assert rate(part, whole) == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, Unit.PERCENT, "–"),
        (Decimal("62.5"), Unit.PERCENT, "62,5\u00a0%"),
        (Decimal("100.0"), Unit.PERCENT, "100,0\u00a0%"),
        (67, Unit.PERCENT, "67\u00a0%"),
        (Decimal("1234.5"), Unit.EUROS, "1\u00a0234,50\u00a0€"),
        (Decimal("1.5"), Unit.DAYS, "1,5"),
        (1200, Unit.COUNT, "1\u00a0200"),
        (date(2027, 1, 2), Unit.TEXT, "02/01/2027"),
        ("Mot", Unit.TEXT, "Mot"),
    ],
)
def test_a_cell_is_written_in_french(value: Cell, unit: Unit, expected: str) -> None:
    assert written(value, unit) == expected


def indicator(slug: str, **fields: object) -> Indicator:
    figure = Figure(
        finding="Cinq sur huit",
        value=Decimal("62.5"),
        unit=Unit.PERCENT,
        columns=(Column("Réponse"), Column("Nombre", Unit.COUNT), Column("Part", Unit.PERCENT)),
        rows=(("Oui", 5, Decimal("62.5")), ("Non", 3, Decimal("37.5"))),
        numerator=5,
        denominator=8,
    )
    return Indicator(
        slug, "Taux", Kind.RESULT, "%", "annexe", "Une part.", Count(lambda reading: [], lambda reading, facts: figure)
    )


def test_a_share_is_drawn_against_the_whole() -> None:
    shown = presentation.shown(told(Owner("aide", "Aide", "aide", 1, PERIOD.first), indicator("taux"), PERIOD))
    assert [(bar.label, bar.written, bar.length) for bar in shown.bars] == [
        ("Oui", "5", "62.5%"),
        ("Non", "3", "37.5%"),
    ]
    assert shown.spoken == "Oui, 5\u00a0; Non, 3"
    assert [[cell for _, cell in row] for row in shown.rows] == [
        ["Oui", "5", "62,5\u00a0%"],
        ["Non", "3", "37,5\u00a0%"],
    ]
    assert shown.figure is not None
    assert shown.figure.written == "62,5\u00a0%"


def test_indicators_are_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registry", {})
    one, other = indicator("un"), indicator("deux")
    registry.register("essai", [one, other])
    registry.register("essai", [one, other])
    assert registry.of("essai") == (one, other)
    assert (registry.find("essai", "deux"), registry.find("essai", "trois"), registry.of("rien")) == (other, None, ())
    with pytest.raises(ValueError, match="already registered"):
        registry.register("essai", [one])
    with pytest.raises(ValueError, match="its slug twice"):
        registry.register("autre", [one, one])
