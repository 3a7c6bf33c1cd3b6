"""Prices to the cent, by hand, and whose turn it is."""

from datetime import date
from decimal import Decimal

import pytest

from diagnostic.sharing import Candidate, Price, Sharing, choose, days, price


@pytest.mark.parametrize(
    ("half_days", "rate", "vat", "expected"),
    [
        (10, "900.00", "20", ("4500.00", "900.00", "5400.00")),
        (9, "900.00", "20", ("4050.00", "810.00", "4860.00")),
        (1, "900.00", "20", ("450.00", "90.00", "540.00")),
        # 2.5 days × 837.35 = 2 093.375 HT, shown 2 093.38; × 1.20 = 2 512.05 exactly
        (5, "837.35", "20", ("2093.38", "418.67", "2512.05")),
        # 0.5 × 0.01 = 0.005 HT; × 1.20 = 0.006 → 0.01: rounding the amount before tax first would give 0.01 × 1.2
        (1, "0.01", "20", ("0.01", "0.00", "0.01")),
        # 1.5 × 333.33 = 499.995 HT; × 1.055 = 527.494725 → 527.49 (rounding first would give 527.50)
        (3, "333.33", "5.5", ("500.00", "27.49", "527.49")),
        (7, "1000.00", "0", ("3500.00", "0.00", "3500.00")),
    ],
)
def test_a_price_is_rounded_once(half_days: int, rate: str, vat: str, expected: tuple[str, str, str]) -> None:
    found = price(half_days, Decimal(rate), Decimal(vat))
    assert found == Price(*(Decimal(one) for one in expected))
    assert found.ht + found.vat == found.ttc


@pytest.mark.parametrize(
    ("half_days", "written"),
    [(1, "0,5 jour"), (2, "1 jour"), (3, "1,5 jour"), (4, "2 jours"), (9, "4,5 jours"), (10, "5 jours")],
)
def test_half_days_are_written_in_days(half_days: int, written: str) -> None:
    assert days(half_days) == written


def one(key: int, **fields: object) -> Candidate:
    return Candidate(key=key, name=f"N{key}", **{"rank": key, **fields})  # type: ignore[arg-type]


JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("rule", "candidates", "key", "why"),
    [
        (Sharing.SINGLE, [one(2), one(1)], 1, "Titulaire unique du marché."),
        (Sharing.SINGLE, [one(1, conflict="Parenté")], None, "Aucun prestataire du marché ne peut prendre"),
        (
            Sharing.ROTATION,
            [one(1, half_days=10), one(2, half_days=9)],
            2,
            "le moins de jours commandés (4,5 jours commandés)",
        ),
        (
            Sharing.ROTATION,
            [one(1, half_days=10, last_on=JULY), one(2, half_days=10, last_on=JUNE)],
            2,
            "la plus ancienne commande (1er\u00a0juin\u00a02026)",
        ),
        (Sharing.ROTATION, [one(1), one(2)], 1, "aucune commande encore"),
        (Sharing.ROTATION, [one(1, half_days=2), one(2, half_days=0, conflict="x")], 1, "seul prestataire possible"),
        (
            Sharing.COMPETENCE,
            [
                one(1, competences=frozenset({"enterprise"})),
                one(2, half_days=8, competences=frozenset({"local_authority"})),
            ],
            2,
            "seul prestataire possible",
        ),
        (Sharing.COMPETENCE, [one(1, competences=frozenset({"enterprise"}))], None, "ne déclare cette compétence"),
    ],
)
def test_the_markets_rule_is_applied_and_explained(
    rule: Sharing, candidates: list[Candidate], key: int | None, why: str
) -> None:
    choice = choose(rule, candidates, "local_authority")
    assert (choice.candidate.key if choice.candidate else None) == key
    assert why in choice.why
