"""The same cliff every time, and never a stroke outside its frame."""

import itertools
from collections.abc import Callable

import pytest

from normandata.ui import strata
from normandata.ui.strata import Block

DRAWINGS = [pytest.param(strata.cliff, id="cliff"), pytest.param(strata.band, id="band")]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_drawing_is_always_the_same(draw: Callable[[], list[Block]]) -> None:
    assert draw() == draw()


def outside(blocks: list[Block], width: int, height: int) -> list[Block]:
    return [b for b in blocks if b.x < 0 or b.y < 0 or b.x + b.width > width or b.y + b.height > height]


def test_every_block_of_the_cliff_lies_inside_the_box() -> None:
    assert outside(strata.cliff(), 640, 660) == []
    assert outside(strata.cliff(), 639, 660) != []


def test_every_block_of_the_band_lies_inside_the_box() -> None:
    assert outside(strata.band(), 1660, 150) == []


@pytest.mark.parametrize("draw", DRAWINGS)
def test_no_block_is_empty(draw: Callable[[], list[Block]]) -> None:
    assert [block for block in draw() if block.width <= 0 or block.height <= 0] == []


def test_the_cliff_is_chalk_without_a_gap_and_bears_flint() -> None:
    beds = {(block.y, block.y + block.height) for block in strata.cliff() if block.fill in strata.CHALK}
    assert len(beds) == len(strata.BEDS)
    assert min(beds)[0] == strata.TOP
    assert all(bottom == top for (_, bottom), (top, _) in itertools.pairwise(sorted(beds)))
    assert len([block for block in strata.cliff() if block.fill == strata.FLINT]) > 100


def test_every_flint_of_the_cliff_lies_in_the_rock() -> None:
    blocks = strata.cliff()
    chalk = [block for block in blocks if block.fill in strata.CHALK]
    loose = [
        flint
        for flint in blocks
        if flint.fill == strata.FLINT
        and not any(
            bed.x <= flint.x
            and flint.x + flint.width <= bed.x + bed.width
            and bed.y <= flint.y
            and flint.y + flint.height <= bed.y + bed.height
            for bed in chalk
        )
    ]
    assert loose == []
