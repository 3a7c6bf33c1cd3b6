"""WCAG 2 contrast of every pair of colours the identity uses, recomputed from the tokens."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[3] / "static" / "css" / "tokens.css"
TEXT, SHAPE = 4.5, 3.0

# (colour, ground) → the contrast written in the identity's palette, to one decimal.
TEXT_PAIRS = {
    ("silex", "white"): 16.5,
    ("silex", "craie"): 15.0,
    ("silex", "craie-2"): 13.6,
    ("silex", "colza"): 10.0,
    ("ardoise", "white"): 7.9,
    ("ardoise", "craie"): 7.2,
    ("ardoise", "craie-2"): 6.6,
    ("ardoise", "manche-light"): 6.5,
    ("ardoise", "cidre-light"): 6.9,
    ("manche", "white"): 9.1,
    ("manche", "craie"): 8.3,
    ("manche", "craie-2"): 7.6,
    ("manche", "manche-light"): 7.4,
    ("white", "manche"): 9.1,
    ("manche-dark", "white"): 13.1,
    ("manche-dark", "manche-light"): 10.7,
    ("white", "manche-dark"): 13.1,
    ("colza", "manche-dark"): 8.0,
    ("cidre", "white"): 7.1,
    ("cidre", "craie"): 6.5,
    ("cidre", "cidre-light"): 6.3,
    ("brique", "white"): 7.5,
    ("brique", "craie"): 6.9,
    ("brique", "brique-light"): 6.3,
    ("brique", "manche-light"): 6.1,
    ("bocage", "white"): 7.3,
    ("bocage", "craie"): 6.6,
    ("bocage", "bocage-light"): 6.2,
    ("bruine", "white"): 8.5,
    ("bruine", "bruine-light"): 7.1,
}
SHAPE_PAIRS = {
    ("stroke", "white"): 5.0,
    ("stroke", "craie"): 4.6,
    ("stroke", "manche-light"): 4.1,
}
LIGHT_GROUNDS = (
    "white",
    "craie",
    "craie-2",
    "manche-light",
    "cidre-light",
    "brique-light",
    "bocage-light",
    "bruine-light",
)
LOWEST_TEXT, LOWEST_SILEX = 6.1, 13.4


def tokens(css: str) -> dict[str, str]:
    """Read the colours declared in `:root`, name → `#rrggbb`; a name declared twice is refused."""
    root = re.search(r":root\s*\{(.*?)\n\}", css, re.DOTALL)
    assert root
    found = re.findall(r"--nd-([\w-]+):\s*(#[0-9a-f]{6})\b", root[1])
    assert len(dict(found)) == len(found)
    return dict(found)


def luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour, by the formula of WCAG 2."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def too_weak(colours: dict[str, str]) -> list[tuple[str, str]]:
    """List the pairs under AA: 4.5 for text, 3 for the edges of controls."""
    return [
        (one, ground)
        for pairs, least in ((TEXT_PAIRS, TEXT), (SHAPE_PAIRS, SHAPE))
        for one, ground in pairs
        if contrast(colours[one], colours[ground]) < least
    ]


@pytest.fixture(scope="module")
def colours() -> dict[str, str]:
    return tokens(TOKENS.read_text(encoding="utf-8"))


def test_the_formula_agrees_with_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_every_pair_meets_aa(colours: dict[str, str]) -> None:
    assert too_weak(colours) == []


@pytest.mark.parametrize(("pair", "written"), [*TEXT_PAIRS.items(), *SHAPE_PAIRS.items()])
def test_every_pair_is_as_written_in_the_palette(
    colours: dict[str, str], pair: tuple[str, str], written: float
) -> None:
    assert round(contrast(*(colours[name] for name in pair)), 1) == written


def test_the_lowest_pairs_are_as_written(colours: dict[str, str]) -> None:
    lowest = min(contrast(colours[one], colours[ground]) for one, ground in TEXT_PAIRS)
    assert round(lowest, 1) == LOWEST_TEXT
    on_light = min(contrast(colours["silex"], colours[ground]) for ground in LIGHT_GROUNDS)
    assert round(on_light, 1) == LOWEST_SILEX


def test_every_token_of_a_text_or_a_ground_is_in_a_pair(colours: dict[str, str]) -> None:
    paired = {name for pair in (*TEXT_PAIRS, *SHAPE_PAIRS) for name in pair}
    # A decorative rule, and the colours of charts, whose shapes are all outlined in silex.
    apart = {"line", "g1", "g2", "g3", "g4", "g5", "g6"}
    assert set(colours) - paired == apart


def test_a_paler_colour_is_seen(colours: dict[str, str]) -> None:
    assert too_weak(colours | {"cidre": "#c46a1e"}) == [
        ("cidre", "white"),
        ("cidre", "craie"),
        ("cidre", "cidre-light"),
    ]
    assert too_weak(colours | {"stroke": "#9aa59f"}) == [
        ("stroke", "white"),
        ("stroke", "craie"),
        ("stroke", "manche-light"),
    ]
