"""Advances and balances worked out by hand, to the cent, with the sentence that tells them."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from booster_ia.payments import settlement
from booster_ia.payments.settlement import Reckoning, Terms
from booster_ia.rules import REGLEMENT

FIGURES = REGLEMENT.on(date(2026, 9, 20))


def terms(granted: str = "12500", eligible: str = "40000", paid: str = "0", basis: str = "HT") -> Terms:
    return Terms(granted=Decimal(granted), eligible=Decimal(eligible), paid=Decimal(paid), basis=basis)


def balance(justified: str | Fraction, other_aid: str = "0", **fields: str) -> Reckoning:
    return settlement.balance(Fraction(justified), Decimal(other_aid), terms(**fields), FIGURES)


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("given", "final", "effective", "pays", "overpaid"),
    [
        # Capped and under-spent: 50 % × 30 000 = 15 000, capped at 12 500; 12 500 × 30 000 ÷ 40 000 = 9 375.
        ({"justified": "30000"}, "12500.00", "9375.00", "12500.00", "0.00"),
        # Over-spent: 50 % × 60 000 = 30 000, never above the grant.
        ({"justified": "60000"}, "12500.00", "12500.00", "12500.00", "0.00"),
        # Under-spent below the cap: 50 % × 18 000.50 = 9 000.25, of which 6 250 are paid.
        ({"justified": "18000.50", "paid": "6250"}, "9000.25", "5625.16", "2750.25", "0.00"),
        # Overpaid advance: 50 % × 9 000 = 4 500, 6 250 were paid.
        ({"justified": "9000", "paid": "6250"}, "4500.00", "2812.50", "0.00", "1750.00"),
        # Other public aid with under-spend: 20 000 − 12 000 = 8 000, under 50 % × 20 000 = 10 000.
        ({"justified": "20000", "other_aid": "12000"}, "8000.00", "6250.00", "8000.00", "0.00"),
        # Other public aid alone reaches the expenses: all that was paid is asked back.
        ({"justified": "10000", "other_aid": "10000.01", "paid": "3000"}, "0.00", "3125.00", "0.00", "3000.00"),
        # Nothing justified.
        ({"justified": "0", "paid": "6250"}, "0.00", "0.00", "0.00", "6250.00"),
        # Brought from TTC, unrounded: 1 000 ÷ 1.2 = 833.333…; half is 416.666…, rounded once.
        ({"justified": Fraction(1000 * 100, 120)}, "416.67", "260.42", "416.67", "0.00"),
        # 24 999.985 exactly: half is 12 499.9925. Rounded to 24 999.99 first, it would have given 12 500.00.
        ({"justified": Fraction(24999985, 1000), "eligible": "24999.99"}, "12499.99", "12500.00", "12499.99", "0.00"),
    ],
)
def test_a_balance_to_the_cent(given: dict[str, str], final: str, effective: str, pays: str, overpaid: str) -> None:
    found = balance(**given)
    assert (found.final_grant, found.effective, found.amount, found.overpayment) == (
        Decimal(final),
        Decimal(effective),
        Decimal(pays),
        Decimal(overpaid),
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"justified": "30000", "paid": "6250"},
            "50 % × 30 000,00 € HT justifiés = 15 000,00 €, ramenés à la subvention votée : 12 500,00 €. "
            "Déjà payé : 6 250,00 €. Solde : 6 250,00 €.",
        ),
        (
            {"justified": "9000", "paid": "6250"},
            "50 % × 9 000,00 € HT justifiés = 4 500,00 €. Déjà payé : 6 250,00 €, soit 1 750,00 € de trop.",
        ),
        (
            {"justified": "20000", "other_aid": "12000"},
            "50 % × 20 000,00 € HT justifiés = 10 000,00 €, ramenés à 8 000,00 € : 20 000,00 € moins 12 000,00 € "
            "d’autres aides publiques. Déjà payé : 0,00 €. Solde : 8 000,00 €.",
        ),
        (
            {"justified": Fraction(1001, 100) - Fraction(4, 1000), "basis": "TTC"},
            "50 % × 10,01 € TTC justifiés = 5,00 €, l’arrondi venant en dernier. Déjà payé : 0,00 €. Solde : 5,00 €.",
        ),
    ],
)
def test_a_balance_tells_its_computation(given: dict[str, str], sentence: str) -> None:
    assert plain(balance(**given).sentence) == sentence


def test_a_balance_shows_the_effective_rate_beside_the_one_that_decides() -> None:
    found = balance("30000")
    assert plain(found.aside) == (
        "Au taux effectif, la subvention serait de 9 375,00 € (12 500,00 € × 30 000,00 € ÷ 40 000,00 €). Ce montant "
        "est donné pour information : le taux nominal de 50 % décide."
    )
    assert [(one.label, plain(one.value), one.is_total) for one in found.steps] == [
        ("Dépenses justifiées HT", "30 000,00 €", False),
        ("50\xa0% de ces dépenses", "15 000,00 €", False),
        ("Subvention votée", "12 500,00 €", False),
        ("Dépenses justifiées moins autres aides publiques", "30 000,00 €", False),
        ("Subvention définitive : le plus petit des trois derniers", "12 500,00 €", False),
        ("Déjà payé", "0,00 €", False),
        ("Solde à payer", "12 500,00 €", True),
    ]


def test_the_words_of_a_payment_are_read_back_as_they_were_kept() -> None:
    found = balance("30000")
    assert settlement.steps_of(found.as_record()) == found.steps


@pytest.mark.parametrize(
    ("given", "is_justified", "most"),
    [
        ({}, True, "12500.00"),  # 50 % × 40 000 = 20 000: the whole grant
        ({}, False, "0.00"),
        ({"granted": "9000", "eligible": "20000"}, True, "9000.00"),  # 50 % × 20 000 = 10 000, the grant is less
        ({"granted": "12000", "eligible": "20000.01"}, True, "10000.01"),  # 10 000.005, half up
        ({"paid": "5000"}, True, "7500.00"),
        ({"paid": "12500"}, True, "0.00"),
    ],
)
def test_the_largest_advance(given: dict[str, str], is_justified: bool, most: str) -> None:
    found = settlement.advance_max(terms(**given), is_justified=is_justified, figures=FIGURES)
    assert found == Decimal(most)


@pytest.mark.parametrize(("asked", "is_alerted"), [("6250.00", False), ("6250.01", True)])
def test_an_advance_beyond_half_of_the_grant_is_an_alert(asked: str, is_alerted: bool) -> None:
    found = settlement.advance(Decimal(asked), terms(), FIGURES)
    said = "Cette avance dépasse 50 % de la subvention votée (12 500,00 €)."
    assert plain(found.alert) == (said if is_alerted else "")


def test_an_advance_tells_its_computation() -> None:
    found = settlement.advance(Decimal(6000), terms(), FIGURES)
    assert plain(found.sentence) == (
        "50 % × 40 000,00 € HT de dépenses éligibles = 20 000,00 €, ramenés à la subvention votée : 12 500,00 €. "
        "Avance : 6 000,00 €."
    )
