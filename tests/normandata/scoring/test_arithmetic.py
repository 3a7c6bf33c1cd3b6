"""Marks as typed, and means that never round before they are compared."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normandata.regulation.formats import NBSP
from normandata.scoring import arithmetic
from normandata.scoring.arithmetic import BadMark, Method, Scale, read_mark

D, F = Decimal, Fraction
TWENTY = Scale(D(20), D("0.5"))


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", "12"), ("12,5", "12.5"), ("12.5", "12.5"), (" 12 ", "12"), (f"{NBSP}12{NBSP}", "12"), ("0", "0"),
        ("20", "20"), ("20,0", "20.0"), ("007", "7"),
    ],
)  # fmt: skip
def test_a_mark_is_read_as_people_type_it(typed: str, value: str) -> None:
    assert read_mark(typed, TWENTY) == D(value)


@pytest.mark.parametrize("typed", ["", "  ", NBSP])
def test_nothing_typed_is_no_mark(typed: str) -> None:
    assert read_mark(typed, TWENTY) is None


BOUNDS = "de 0 à 20"
WORDS = f"Écrivez la note en chiffres, {BOUNDS}, par exemple 10."


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("21", f"21 dépasse le maximum : écrivez une note {BOUNDS}."),
        ("20,01", f"20,01 dépasse le maximum : écrivez une note {BOUNDS}."),
        ("-1", f"Une note n’est jamais négative : écrivez une note {BOUNDS}."),
        ("−0,5", f"Une note n’est jamais négative : écrivez une note {BOUNDS}."),
        ("12,3", "Les notes avancent de 0,5 en 0,5 : 12,3 tombe entre."),
        ("douze", WORDS), ("NaN", WORDS), ("Infinity", WORDS), ("1e1", WORDS), ("12,", WORDS), ("1,2,3", WORDS),
        ("+5", WORDS), ("١٢", WORDS), ("9" * 4000, WORDS), ("12/20", WORDS), ("1.5.0", WORDS), ("1 2", WORDS),
        ("\x00", WORDS),
    ],
)  # fmt: skip
def test_what_is_no_mark_says_why(typed: str, message: str) -> None:
    with pytest.raises(BadMark) as refused:
        read_mark(typed, TWENTY)
    assert str(refused.value).replace(NBSP, " ") == message


def test_the_maximum_is_a_mark_even_between_two_steps() -> None:
    odd = Scale(D(5), D(2))
    assert read_mark("5", odd) == 5
    with pytest.raises(BadMark):
        read_mark("3", odd)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_mark_of_the_scale_or_a_sentence(typed: str) -> None:
    try:
        value = read_mark(typed, TWENTY)
    except BadMark:
        return
    assert value is None or (0 <= value <= 20 and value % D("0.5") == 0)


# --------------------------------------------------------------------------------------------------------- hand-worked
def test_49_99_and_50_are_49_995_below_the_floor_and_shown_49_99() -> None:
    score = arithmetic.mean(D("49.99") + D("50.00"), 2, F(1))
    assert score == F("49.995")
    assert arithmetic.shown(score) == "49,99"
    assert arithmetic.is_under(score, D(50))
    assert not arithmetic.is_under(F(50), D(50))


def test_a_third_is_kept_exact() -> None:
    score = arithmetic.mean(D("200.00"), 3, F(1))
    assert score == F(200, 3)
    assert arithmetic.shown(score) == "66,66"


def test_a_weighted_mean_by_hand() -> None:
    """(3 × 4 + 2 × 3,5 + 1 × 5) / 6 = 24 / 6 = 4."""
    scales = [Scale(D(5), D("0.5"), D(weight)) for weight in (3, 2, 1)]
    points = arithmetic.points(Method.MEAN, zip((D(4), D("3.5"), D(5)), scales, strict=True))
    assert points == 24
    assert arithmetic.mean(points, 1, arithmetic.denominator(Method.MEAN, scales)) == 4
    assert arithmetic.best(Method.MEAN, scales) == 5


def test_a_sum_ignores_weights() -> None:
    scales = [Scale(D(20), D(1), D(3)), Scale(D(30))]
    assert arithmetic.points(Method.SUM, zip((D(12), D(20)), scales, strict=True)) == 32
    assert arithmetic.best(Method.SUM, scales) == 50
    assert arithmetic.best(Method.SUM, []) == 0


def test_no_sheet_is_no_score() -> None:
    assert arithmetic.mean(D(0), 0, F(1)) is None
    assert arithmetic.shown(None) == ""
    assert not arithmetic.is_under(None, D(50))
    assert not arithmetic.is_under(F(1), None)


@pytest.mark.parametrize(("spread", "is_wide"), [("14.99", False), ("15", True), ("15.01", True)])
def test_the_alert_counts_its_bound(spread: str, is_wide: bool) -> None:
    assert arithmetic.is_wide(F(spread), D(15)) is is_wide


def test_no_spread_or_no_alert_is_never_wide() -> None:
    assert not arithmetic.is_wide(None, D(15))
    assert not arithmetic.is_wide(F(99), None)


@pytest.mark.parametrize(
    ("total", "sentence"),
    [
        ("47", "Il manque 3 points pour atteindre 50"),
        ("49", "Il manque 1 point pour atteindre 50"),
        ("49.5", "Il manque 0,5 point pour atteindre 50"),
        ("49.995", "Il manque 0,01 point pour atteindre 50"),
        ("0", "Il manque 50 points pour atteindre 50"),
        ("50", "Le plancher de 50 est atteint"),
        ("99", "Le plancher de 50 est atteint"),
    ],
)
def test_the_gap_to_the_floor_is_said(total: str, sentence: str) -> None:
    assert arithmetic.missing_points(F(total), D(50)).replace(NBSP, " ") == sentence


def test_without_floor_nothing_is_missing() -> None:
    assert arithmetic.missing_points(F(1), None) == ""


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=9))
def test_a_shown_score_never_exceeds_the_exact_one(cents: list[int]) -> None:
    score = arithmetic.mean(D(sum(cents)) / 100, len(cents), F(1))
    assert score is not None
    assert score == F(sum(cents), 100 * len(cents))
    seen = F(arithmetic.shown(score).replace(",", ".").replace(NBSP, ""))
    assert 0 <= score - seen < F(1, 100)
    assert arithmetic.is_under(score, D(50)) is (sum(cents) < 5000 * len(cents))
