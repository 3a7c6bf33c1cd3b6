"""What a threshold of five hides, and that no total gives it back."""

from decimal import Decimal

import pytest

from normandata.indicators import conf, secrecy
from normandata.indicators.definitions import Cell, Column, Figure, Unit

HIDDEN = secrecy.UNPUBLISHED


def people(*counts: int) -> Figure:
    rows = tuple((f"Profil {at}", count) for at, count in enumerate(counts))
    return Figure("Essai", sum(counts), Unit.COUNT, (Column("Profil"), Column("Personnes", Unit.COUNT)), rows)


def rate(yes: int, whole: int, base: int | None = None) -> Figure:
    rows: tuple[tuple[Cell, ...], ...] = (("Oui", yes), ("Non", whole - yes))
    columns = (Column("Réponse"), Column("Structures", Unit.COUNT))
    return Figure("Essai", Decimal(1), Unit.PERCENT, columns, rows, numerator=yes, denominator=whole, base=base)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((9, 5, 0), [9, 5, 0]),  # five is enough, nobody is no secret
        ((9, 4, 3), [HIDDEN, HIDDEN, HIDDEN]),  # with 9 read, what is left is 7: a 4 and a 3
        ((20, 9, 1, 1, 0), [20, HIDDEN, HIDDEN, HIDDEN, 0]),  # with 9 read, what is left is 2: twice one
        ((4, 4, 0), [HIDDEN, HIDDEN, HIDDEN]),  # no other group: where nobody is would tell them
        ((9, 7, 2), [9, HIDDEN, HIDDEN]),  # alone, the two would be 18 - 16
        ((12, 1, 0), [HIDDEN, HIDDEN, 0]),
        ((3, 1, 0), []),  # four in all: the whole is hidden
    ],
)
def test_a_small_group_is_hidden_with_another_one(counts: tuple[int, ...], shown: list[object]) -> None:
    found = secrecy.hidden(people(*counts), 5)
    assert [row[1] for row in found.rows] == shown
    assert found.is_secret == (sum(counts) < 5)
    assert found.value == (None if found.is_secret else sum(counts))


def test_a_rate_of_few_says_nothing_and_one_of_enough_says_its_answers() -> None:
    few, enough, silent = (secrecy.hidden(one, 5) for one in (rate(1, 4), rate(5, 12), rate(2, 9, base=2)))
    assert (few.value, few.numerator, few.denominator, few.rows, few.is_secret) == (None, None, None, (), True)
    assert (enough.value, enough.rows) == (Decimal(1), (("Oui", 5), ("Non", 7)))
    # Two questionnaires of nine: their rate is told, what they say is not.
    assert (silent.value, [row[1] for row in silent.rows]) == (Decimal(1), [HIDDEN, HIDDEN])


def test_a_rate_of_enough_keeps_the_small_groups_of_its_table() -> None:
    columns = (Column("Réponse"), Column("Structures", Unit.COUNT), Column("Part", Unit.PERCENT))
    rows: tuple[tuple[Cell, ...], ...] = (("Oui", 11, 61), ("Non", 6, 33), ("Pas de réponse", 1, 6))
    figure = Figure("Essai", Decimal(61), Unit.PERCENT, columns, rows, numerator=11, denominator=18)
    found = secrecy.hidden(figure, 5)
    assert found.rows == (("Oui", 11, 61), ("Non", HIDDEN, HIDDEN), ("Pas de réponse", HIDDEN, HIDDEN))
    assert (found.value, found.numerator, found.is_secret) == (Decimal(61), 11, False)
    assert found.note == "Un effectif de moins de 5 n’est pas publié."


def test_the_parts_of_a_rate_are_hidden_by_their_denominator() -> None:
    columns = (Column("Département"), *(Column(name, Unit.COUNT) for name in ("Oui", "Tous")), Column("Part"))
    rows: tuple[tuple[Cell, ...], ...] = (("Calvados", 1, 6, 17), ("Eure", 5, 5, 100), ("Orne", 1, 2, 50))
    found = secrecy.hidden_parts(Figure("", Decimal(1), Unit.PERCENT, columns, rows), 5)
    assert [row[1:] for row in found.rows] == [(1, 6, 17), (HIDDEN,) * 3, (HIDDEN,) * 3]
    assert secrecy.says_something(found)


def test_a_threshold_that_hides_nothing_is_refused(settings) -> None:
    assert conf.check_threshold() == []
    settings.INDICATORS_THRESHOLD = 1
    assert [one.id for one in conf.check_threshold()] == ["indicators.E001"]
