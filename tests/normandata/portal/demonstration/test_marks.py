from decimal import Decimal

import pytest

from booster_ia.grid import CRITERIA, maximum
from booster_ia.rules import REGLEMENT
from normandata.portal.demonstration import clock, script
from normandata.portal.demonstration.marks import shared

TOPS = {name: maximum(name, REGLEMENT.on(clock.today())) for name in CRITERIA}


@pytest.mark.parametrize("total", ["0", "0.01", "12", "49.99", "50", "63.75", "88", "99.5", "100"])
@pytest.mark.parametrize("bent", [0, 2, 4])
def test_a_total_is_shared_exactly_and_within_each_maximum(total: str, bent: int) -> None:
    marks = shared(Decimal(total), TOPS, bent=bent)
    assert list(marks) == list(TOPS)
    assert sum(marks.values()) == Decimal(total)
    assert [name for name, mark in marks.items() if not 0 <= mark <= TOPS[name]] == []


def test_two_agents_who_agree_on_a_total_do_not_give_the_same_marks() -> None:
    assert shared(Decimal(64), TOPS) != shared(Decimal(64), TOPS, bent=2)


def test_the_words_of_marks_are_those_of_the_grid() -> None:
    words = script.read().booster["scoring"]["words"]
    assert {name: len(said) for name, said in words.items()} == dict.fromkeys(CRITERIA, 3)
