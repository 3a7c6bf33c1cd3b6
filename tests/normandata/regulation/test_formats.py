from datetime import date
from decimal import Decimal

import pytest

from normandata.regulation import formats

N = formats.NBSP


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Decimal("1234.5"), None, f"1{N}234,5"),
        (Decimal("10000"), None, f"10{N}000"),
        (Decimal("1E+4"), None, f"10{N}000"),
        (Decimal("0.50"), None, "0,5"),
        (Decimal("-1234567.891"), 2, f"-1{N}234{N}567,89"),
        (Decimal("2"), 2, "2,00"),
    ],
)
def test_numbers_are_written_in_french(value: Decimal, places: int | None, expected: str) -> None:
    assert formats.number(value, places) == expected


def test_euros_are_written_to_the_cent_or_without_cents() -> None:
    assert formats.euros(Decimal("12500")) == f"12{N}500,00{N}€"
    assert formats.euros(Decimal("12500"), cents=False) == f"12{N}500{N}€"
    assert formats.euros(Decimal("0.5"), cents=False) == f"0,50{N}€"


def test_days_are_written_in_full() -> None:
    assert formats.day(date(2026, 3, 1)) == f"1er{N}mars{N}2026"
    assert formats.day(date(2026, 12, 14)) == f"14{N}décembre{N}2026"


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, f"0{N}jour"), (1, f"1{N}jour"), (Decimal("1.5"), f"1,5{N}jour"), (2, f"2{N}jours")],
)
def test_french_plural_starts_at_two(count: Decimal | int, expected: str) -> None:
    assert formats.plural(count, "jour") == expected


def test_a_list_ends_with_its_conjunction() -> None:
    assert formats.listing([]) == ""
    assert formats.listing(["14"]) == "14"
    assert formats.listing(["14", "27", "50"], "ou") == "14, 27 ou 50"


def test_high_punctuation_is_kept_with_its_word() -> None:
    assert formats.spaced("Quoi ? « Oui » : 50 % ; 10 € !") == f"Quoi{N}? «{N}Oui{N}»{N}: 50{N}%{N}; 10{N}€{N}!"
    assert formats.spaced("a:b") == "a:b"
