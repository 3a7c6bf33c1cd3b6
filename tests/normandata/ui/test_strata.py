"""The same cliff every time, and never a stroke outside its frame."""

import itertools
from collections.abc import Callable

import pytest

from normandata.ui import strata
from normandata.ui.strata import Block

DRAWINGS = [
    pytest.param(strata.cliff, 640, 660, id="cliff"),
    pytest.param(strata.band, 1660, 150, id="band"),
    pytest.param(lambda: strata.band(800, (10, 20, 30)), 1660, 150, id="short band"),
]


@pytest.mark.parametrize(("draw", "width", "height"), DRAWINGS)
def test_a_drawing_is_always_the_same(draw: Callable[[], list[Block]], width: int, height: int) -> None:
    assert draw() == draw()


@pytest.mark.parametrize(("draw", "width", "height"), DRAWINGS)
def test_every_block_lies_inside_the_box(draw: Callable[[], list[Block]], width: int, height: int) -> None:
    outside = [
        block
        for block in draw()
        if block.x < 0 or block.y < 0 or block.x + block.width > width or block.y + block.height > height
    ]
    assert outside == []


@pytest.mark.parametrize(("draw", "width", "height"), DRAWINGS)
def test_no_block_is_empty(draw: Callable[[], list[Block]], width: int, height: int) -> None:
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
