"""Sectors as the register writes them."""

import pytest

from normandata.deminimis.nace import nace


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("16.23Z", "C.16.23"), ("2562B", "C.25.62"), ("01.11Z", "A.01.11"), ("62.01Z", "J.62.01"),
        ("96.02A", "S.96.02"),
        ("84.11Z", "O.84.11"), ("45.11Z", "G.45.11"), ("34.00Z", ""), ("", ""), ("25", ""), ("25.6", ""), ("ABCD", ""),
        ("²5.62B", ""),
    ],
)  # fmt: skip
def test_a_code_gives_its_class(code: str, written: str) -> None:
    assert nace(code, "NAF rév. 2") == nace(code) == written


@pytest.mark.parametrize(
    ("code", "written"),
    [("25.62B", "C.25.62"), ("62.01Y", "K.62.01"), ("58.11Y", "J.58.11"), ("96.02A", "T.96.02"), ("45.11Z", "")],
)
def test_naf_2025_has_its_own_sections(code: str, written: str) -> None:
    assert nace(code, "NAF 2025") == written
