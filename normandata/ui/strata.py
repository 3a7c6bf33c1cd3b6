"""The cliff of the identity « Craie et silex », drawn on the server: pale layers crossed by beds of flint.

Every stroke comes from one seeded generator, so that a page and a PDF always show the same cliff.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CHALK = ("#ffffff", "#f4f5ef", "#e8ebe1", "#ffffff", "#dde2d6", "#f4f5ef")
FLINT, COLZA, GRASS, GRASS_DARK = "#18211f", "#f6c344", "#2f7d4d", "#1c6338"
FLINT_LENGTHS = (38, 22, 14, 10, 7, 4, 4, 4)
BEDS = (32, 24, 32, 20, 20, 24, 32, 24, 16, 15, 32, 24, 20, 28, 24, 32, 15, 12, 20, 18, 43)
TOP = 120
# Left edge of the plateau, then of the arch's opening, by height: an arch and its needle, as at Étretat.
PROFILE = ((120, 322), (172, 302), (228, 292), (300, 256), (324, 213), (356, 172), (380, 141), (396, 114), (660, 106))
ARCH = (
    (395, 222, 226),
    (410, 182, 250),
    (442, 172, 268),
    (486, 150, 282),
    (538, 139, 288),
    (585, 150, 274),
    (660, 152, 272),
)
NEEDLE = ((420, 60, 64), (480, 57, 67), (560, 54, 70), (660, 50, 76))


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the drawing, in units of its view box."""

    x: int
    y: int
    width: int
    height: int
    fill: str
    radius: int = 0
    is_outlined: bool = False


def cliff() -> list[Block]:
    """Draw the home page's cliff in a 640 × 660 box."""
    chance = random.Random(25125)  # noqa: S311 – a drawing, not a secret
    blocks = [Block(396, 100, 244, 8, GRASS), Block(318, 108, 322, 12, GRASS_DARK)]
    y = TOP
    for index, height in enumerate(BEDS):
        height = min(height, 660 - y)
        fill = CHALK[index % len(CHALK)]
        for left, right in _spans(y):
            blocks.append(Block(left, y, right - left, height, fill))
            blocks += _flints(chance, left + 6, right - 6, y + height - 4)
        y += height
    return [*blocks, Block(404, 234, 132, 9, COLZA, radius=4, is_outlined=True)]


def band(width: int = 1660, heights: Sequence[int] = (26, 34, 26, 44, 20)) -> list[Block]:
    """Draw the flint band of a PDF's cover, `width` wide and 150 high."""
    chance = random.Random(2026)  # noqa: S311
    blocks: list[Block] = []
    y = 0
    for index, height in enumerate(heights):
        blocks.append(Block(0, y, width, height, CHALK[(index + 1) % len(CHALK)]))
        blocks += _flints(chance, 30, width - 60, y + height - 8, scale=2)
        y += height
    return [*blocks, Block(1180, 64, 210, 16, COLZA, radius=8, is_outlined=True)]


def _spans(y: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of rock at a height, from left to right."""
    if y >= NEEDLE[0][0]:
        yield _between(NEEDLE, y, 1), _between(NEEDLE, y, 2)
    left = _between(PROFILE, y, 1)
    if y < ARCH[0][0]:
        yield left, 640
        return
    yield left, _between(ARCH, y, 1)
    yield _between(ARCH, y, 2), 640


def _between(points: Sequence[tuple[int, ...]], y: int, column: int) -> int:
    for (y1, *low), (y2, *high) in itertools.pairwise(points):
        if y1 <= y <= y2:
            start, end = low[column - 1], high[column - 1]
            return round(start + (end - start) * (y - y1) / (y2 - y1))
    return points[-1][column]


def _flints(chance: random.Random, start: int, end: int, y: int, scale: int = 1) -> Iterator[Block]:
    x = start + chance.choice((0, 4, 10, 20)) * scale
    while x < end:
        length = min(chance.choice(FLINT_LENGTHS) * scale, end - x)
        if length >= 4:
            yield Block(x, y, length, 4 * scale, FLINT, radius=2 * scale)
        x += length + chance.choice((8, 12, 24, 40, 56)) * scale
