"""What a part of a report hides: its text is written as `normandata.ui.markup` reads it.

Between [[ and ]] a passage is confidential; the redacted report does not hold it (annexe 3, D-40).
"""

import re

REMOVED = "[passage confidentiel retiré]"
_MARKS = re.compile(r"\[\[|\]\]")


def passages(text: str) -> list[tuple[str, bool]]:
    """Cut a text into passages, each with whether it is confidential; a mark never closed hides all that follows."""
    found: list[tuple[str, bool]] = []
    depth = start = 0
    for mark in _MARKS.finditer(text):
        if mark[0] == "]]" and not depth:
            continue
        found.append((text[start : mark.start()], depth > 0))
        depth += 1 if mark[0] == "[[" else -1
        start = mark.end()
    found.append((text[start:], depth > 0))
    return [passage for passage in found if passage[0]]


def shown(text: str) -> str:
    """Return a text as its structure reads it: what is confidential is there, without its marks."""
    return "".join(passage for passage, _ in passages(text))


def redacted(text: str) -> str:
    """Return a text where a mention stands for each confidential passage."""
    kept: list[str] = []
    for passage, is_confidential in passages(text):
        if not is_confidential:
            kept.append(passage)
        elif not kept or kept[-1] is not REMOVED:
            kept.append(REMOVED)
    return "".join(kept)


def removed(text: str) -> int:
    """Count the passages that a redacted text does not hold."""
    parts = passages(text)
    return sum(is_confidential and not (rank and parts[rank - 1][1]) for rank, (_, is_confidential) in enumerate(parts))


def is_closed(text: str) -> bool:
    """Tell whether every confidential passage that begins has an end."""
    depth = 0
    for mark in _MARKS.finditer(text):
        depth = max(depth + (1 if mark[0] == "[[" else -1), 0)
    return depth == 0
