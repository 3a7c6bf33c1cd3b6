"""How people write a long text: paragraphs, titles, lists, tables, bold and italics; the rest stays as typed.

No HTML, image or address is ever made of what was typed: only the rules named here are on. Links are an option, for
the few texts that need them.
"""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

WRITTEN = ("heading", "list", "table", "emphasis", "escape", "newline")
ALIGNED = {"text-align:right": "text-end", "text-align:center": "text-center"}
LEADS = ("https://", "http://", "mailto:", "/")
"""How the address of a link begins; what leads anywhere else stays text."""


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 – the parser calls it so
        return url.startswith(LEADS) and not url.startswith("//")


_plain = _Parser("zero", {"breaks": True}).enable(list(WRITTEN))
_linked = _Parser("zero", {"breaks": True}).enable([*WRITTEN, "link"])


def render(text: str, *, links: bool = False, under: int = 2) -> SafeString:
    """Write a text as HTML whose titles go under one of level `under`.

    Whatever is not of the few marks known is shown as typed.
    """
    parser = _linked if links else _plain
    tokens = parser.parse(text)
    _settle_titles(tokens, under)
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style in ALIGNED:
            token.attrs["class"] = ALIGNED[style]
        if token.type == "th_open":
            token.attrs["scope"] = "col"
    written = str(parser.renderer.render(tokens, parser.options, {}))
    framed = written.replace("<table>", '<div class="nd-table" role="group" aria-label="Tableau" tabindex="0"><table>')
    return mark_safe(framed.replace("</table>", "</table></div>"))  # noqa: S308 – every character typed was escaped


def _settle_titles(tokens: list[Token], under: int) -> None:
    """Give titles the level that follows the one above: h3, then h4 below it, under an h2."""
    level = under
    for token in tokens:
        if token.type == "heading_open":
            level = min(max(int(token.tag[1:]), 2) + under - 1, level + 1, under + 2)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
