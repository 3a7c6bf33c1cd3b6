"""Figures in long form: each number of a table is a row, and a table that names somebody gives its whole alone."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.indicators import registry
from normandata.indicators.definitions import Column, Figure, Indicator, Kind, Period, Unit
from normandata.opendata import checks, figures

D = Decimal


def make_figure(label: str = "Porteur", value: Decimal | int | None = 3) -> Figure:
    return Figure(
        finding="Essai",
        value=value,
        counted="Projets",
        unit=Unit.COUNT,
        columns=(Column(label), Column("Projets", Unit.COUNT), Column("Part", Unit.PERCENT), Column("Note")),
        rows=(("Entreprises", 2, D("66.7"), "x"), ("Associations", 1, None, "y")),
    )


def make_indicator(figure: Figure) -> Indicator:
    return Indicator("essai", "Nombre d’essais", Kind.OUTPUT, "projets", "Annexe 0", "", lambda period: figure)


def of(figure: Figure) -> list[tuple[object, ...]]:
    found = list(figures.of_figure("Booster IA", make_indicator(figure), 2026, figure))
    assert [fault for one in found for fault in checks.faults(figures.FIELDS, one.cells)] == []
    assert {one.cells[:5] for one in found} == {("Booster IA", "essai", "Nombre d’essais", "Réalisation", 2026)}
    return [one.cells[5:] for one in found]


def test_each_number_is_a_row_after_the_whole() -> None:
    assert of(make_figure()) == [
        ("Projets", "", 3, "nombre", "Annexe 0"),
        ("Projets", "Entreprises", 2, "nombre", "Annexe 0"),
        ("Part", "Entreprises", D("66.7"), "%", "Annexe 0"),
        ("Projets", "Associations", 1, "nombre", "Annexe 0"),
        ("Part", "Associations", None, "%", "Annexe 0"),
    ]


def test_a_table_by_provider_gives_its_whole_alone() -> None:
    assert of(make_figure("Prestataire", None)) == [("Projets", "", None, "nombre", "Annexe 0")]


@pytest.mark.django_db
def test_every_registered_indicator_is_written_for_every_year() -> None:
    rows = list(figures.rows(date(2027, 6, 30)))
    known = {(scheme, one.slug) for scheme in ("diagnostic", "booster_ia", "datathon") for one in registry.of(scheme)}
    assert {(one.cells[1], one.cells[4]) for one in rows} == {
        (slug, year) for _, slug in known for year in (2026, 2027)
    }
    assert [fault for one in rows for fault in checks.faults(figures.FIELDS, one.cells)] == []


@pytest.mark.django_db
def test_the_whole_of_an_indicator_is_the_figure_of_its_page() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31), date(2027, 6, 30))
    wholes = {(one.cells[1], one.cells[4]): one.cells[7] for one in figures.rows(year.as_of) if one.cells[6] == ""}
    for one in registry.of("booster_ia"):
        assert wholes[one.slug, 2026] == one.count(year).value
