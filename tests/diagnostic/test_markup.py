"""The confidential passages of a part."""

import pytest

from diagnostic.markup import REMOVED, is_closed, passages, redacted, removed, shown


@pytest.mark.parametrize(
    ("typed", "whole", "cut", "count"),
    [
        ("a [[b]] c", "a b c", f"a {REMOVED} c", 1),
        ("a [[b [[c]] d]] e", "a b c d e", f"a {REMOVED} e", 1),
        ("a [[b", "a b", f"a {REMOVED}", 1),
        ("a ]] b", "a ]] b", "a ]] b", 0),
        ("[[a]][[b]]", "ab", REMOVED, 1),
        ("[[a]] et [[b]]", "a et b", f"{REMOVED} et {REMOVED}", 2),
        ("[[]]", "", "", 0),
        ("[[un\n\ndeux]]", "un\n\ndeux", REMOVED, 1),
        ("[seul]", "[seul]", "[seul]", 0),
    ],
)
def test_a_confidential_passage_is_read_by_its_structure_and_cut_elsewhere(
    typed: str, whole: str, cut: str, count: int
) -> None:
    assert (shown(typed), redacted(typed), removed(typed)) == (whole, cut, count)


def test_a_mark_that_is_not_closed_is_told() -> None:
    assert [is_closed(text) for text in ("", "[[a]]", "]] [[a]]", "[[a", "[[a]] [[", "[[ [[a]]")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert passages("x") == [("x", False)]
