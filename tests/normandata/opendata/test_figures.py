"""Figures in long form: each number of a table is a row, and a table that names somebody gives its whole alone."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.indicators import registry
from normandata.indicators.definitions import Column, Count, Figure, Indicator, Kind, Period, Unit
from normandata.indicators.figures import told
from normandata.indicators.registry import Owner
from normandata.opendata import checks, figures

D = Decimal
OWNER = Owner("essais", "Booster IA", "essais", 9, date(2026, 1, 1))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), date(2027, 6, 30))


def make_figure(value: Decimal | int | None = 3) -> Figure:
    return Figure(
        finding="Essai",
        value=value,
        counted="Projets",
        unit=Unit.COUNT,
        columns=(Column("Porteur"), Column("Projets", Unit.COUNT), Column("Part", Unit.PERCENT), Column("Note")),
        rows=(("Entreprises", 2, D("66.7"), "x"), ("Associations", 1, None, "y")),
    )


def of(figure: Figure) -> list[tuple[object, ...]]:
    count = Count(lambda reading: [], lambda reading, facts: figure)
    one = told(OWNER, Indicator("essai", "Nombre d’essais", Kind.OUTPUT, "projets", "Annexe 0", "", count), YEAR)
    found = list(figures.of_figure(one))
    assert [fault for one in found for fault in checks.faults(figures.FIELDS, one.cells)] == []
    assert {one.cells[:5] for one in found} == {("Booster IA", "essai", "Nombre d’essais", "Réalisation", 2026)}
    return [one.cells[5:] for one in found]


def test_each_number_is_a_row_after_the_whole() -> None:
    assert of(make_figure()) == [
        ("Projets", "", "", 3, "nombre", "Annexe 0"),
        ("Projets", "Porteur", "Entreprises", 2, "nombre", "Annexe 0"),
        ("Part", "Porteur", "Entreprises", D("66.7"), "%", "Annexe 0"),
        ("Projets", "Porteur", "Associations", 1, "nombre", "Annexe 0"),
        ("Part", "Porteur", "Associations", None, "%", "Annexe 0"),
    ]


@pytest.mark.django_db
def test_every_registered_indicator_is_written_for_every_year() -> None:
    rows = list(figures.rows(date(2027, 6, 30)))
    known = {(owner.slug, one.slug) for owner in registry.owners() for one in registry.of(owner.slug)}
    assert {(one.cells[1], one.cells[4]) for one in rows} == {
        (slug, year) for _, slug in known for year in (2026, 2027)
    }
    assert [fault for one in rows for fault in checks.faults(figures.FIELDS, one.cells)] == []


@pytest.mark.django_db
def test_the_whole_of_an_indicator_is_the_figure_of_its_page() -> None:
    wholes = {
        (one.cells[1], one.cells[4]): one.cells[8]
        for one in figures.rows(YEAR.as_of)
        if one.cells[6] == "" and one.cells[0] == "Booster IA"
    }
    for one in registry.of("booster_ia"):
        assert wholes[one.slug, 2026] == one.count(YEAR).value
