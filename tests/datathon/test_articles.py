"""The text of a règlement: its headings are short lines, never a sentence."""

import pytest

from datathon import articles


@pytest.mark.parametrize(
    ("block", "is_heading"),
    [
        ("Article 1", True),
        ("ARTICLE 2 – Équipes", True),
        ("Article 3. La participation est gratuite.", False),
        ("Article 4 – Livrables :", False),
        ("Article 5\nLe jury.", False),
        ("Article " + "long " * 30 + "titre", False),
        ("Les articles suivants", False),
    ],
)
def test_a_heading_is_a_short_line_that_begins_with_article_and_is_no_sentence(block: str, is_heading: bool) -> None:
    assert articles.blocks(f"Avant.\r\n\r\n{block}\n\n\n\nAprès.") == [
        (False, "Avant."), (is_heading, block), (False, "Après."),
    ]  # fmt: skip
