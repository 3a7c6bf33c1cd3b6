"""The table of the deliberation: what it says beside its figures."""

from fractions import Fraction

import pytest

from datathon.jury_table import apart


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (Fraction(0), "à égalité"),
        (Fraction(1, 300), "moins de 0,01 point d’écart sur les moyennes exactes"),
        (Fraction(1, 100), "0,01 point d’écart sur les moyennes exactes"),
        # 4,1666 and 4,1388 read 4,16 and 4,13: their gap is no difference of what is shown.
        (Fraction(25, 6) - Fraction(149, 36), "0,02 point d’écart sur les moyennes exactes"),
    ],
)
def test_a_gap_is_that_of_the_exact_means(gap: Fraction, said: str) -> None:
    assert apart(gap) == said
