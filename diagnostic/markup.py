"""How a part of a report is written: paragraphs, titles, lists, tables, bold and italics; the rest stays text.

No HTML, link, image or address is ever made of what was typed: only the rules named here are on.
Between [[ and ]] a passage is confidential; the redacted report does not hold it (annexe 3, D-40).
"""

import re

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

WRITTEN = ("heading", "list", "table", "emphasis", "escape", "newline")
REMOVED = "[passage confidentiel retiré]"
ALIGNED = {"text-align:right": "text-end", "text-align:center": "text-center"}
_MARKS = re.compile(r"\[\[|\]\]")
_parser = MarkdownIt("zero", {"breaks": True}).enable(list(WRITTEN))


def render(text: str) -> SafeString:
    """Write a part as HTML whose titles go under an h2; whatever is not of the few marks known is shown as typed."""
    tokens = _parser.parse(text)
    _settle_titles(tokens)
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style in ALIGNED:
            token.attrs["class"] = ALIGNED[style]
        if token.type == "th_open":
            token.attrs["scope"] = "col"
    written = str(_parser.renderer.render(tokens, _parser.options, {}))
    framed = written.replace("<table>", '<div class="nd-table" role="group" aria-label="Tableau" tabindex="0"><table>')
    return mark_safe(framed.replace("</table>", "</table></div>"))  # noqa: S308 – every character typed was escaped


def _settle_titles(tokens: list[Token]) -> None:
    """Give titles the level that follows the one above: h3, then h4 below it."""
    level = 2
    for token in tokens:
        if token.type == "heading_open":
            level = min(max(int(token.tag[1:]), 2) + 1, level + 1, 4)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"


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
