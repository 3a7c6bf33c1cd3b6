"""Regimes: their codes, the words of a register, the règlement's file."""

from datetime import date
from decimal import Decimal

import pytest

from normandata.deminimis.regimes import CHOICES, REGIMES, general_on, recognised
from normandata.deminimis.rules import REGLEMENT


def test_the_general_regime_of_a_day() -> None:
    assert [general_on(date(2023, 12, 31)), general_on(date(2024, 1, 1))] == ["DM-1407", "DM-2831"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Règlement (UE) 2023/2831", "DM-2831"),
        ("régime général", "DM-2831"),
        ("dm-agri", "DM-AGRI"),
        ("Règlement (UE) n° 1408/2013", "DM-AGRI"),
        ("Agricole", "DM-AGRI"),
        ("Pêche", "DM-PECHE"),
        ("aquaculture", "DM-PECHE"),
        ("717/2014", "DM-PECHE"),
        ("SIEG", "DM-SIEG"),
        ("Services d’intérêt économique général", "DM-SIEG"),
        ("2023/2832", "DM-SIEG"),
        ("1407/2013", "DM-1407"),
        ("", None),
        ("autre", None),
        ("9999/2099", None),
    ],
)
def test_a_cell_of_the_register_names_a_regime(text: str, code: str | None) -> None:
    assert recognised(text) == code


def test_each_regime_is_named_once() -> None:
    assert [code for code, _ in CHOICES] == ["DM-2831", "DM-1407", "DM-AGRI", "DM-PECHE", "DM-SIEG"]
    assert [code for code, regime in REGIMES.items() if not regime.counts] == ["DM-SIEG"]
    assert REGIMES["DM-2831"].regulation == "règlement (UE) 2023/2831"


def test_ceilings_periods_and_last_days_are_dated_data() -> None:
    figures = REGLEMENT.on(date(2026, 6, 15))
    ceilings = {
        "ceiling_2831": 300_000, "ceiling_1407": 200_000, "ceiling_1407_road": 100_000, "ceiling_agri": 50_000,
        "ceiling_fishery": 30_000, "ceiling_fishery_register": 40_000, "ceiling_sgei": 750_000,
    }  # fmt: skip
    assert {code: figures.number(code) for code in ceilings} == {
        code: Decimal(value) for code, value in ceilings.items()
    }
    periods = ("years_2831", "fiscal_years_1407", "years_agri", "fiscal_years_fishery", "years_sgei")
    assert {figures.number(code) for code in periods} == {Decimal(3)}
    ends = {
        "valid_until_2831": date(2030, 12, 31), "valid_until_1407": date(2023, 12, 31),
        "valid_until_agri": date(2032, 12, 31), "valid_until_fishery": date(2029, 12, 31),
        "valid_until_sgei": date(2030, 12, 31), "declared_until": date(2028, 12, 31),
    }  # fmt: skip
    assert {code: figures.date(code) for code in ends} == ends
