"""The text of a règlement cut in its headings and paragraphs. Pure."""

LONGEST_HEADING = 120


def blocks(text: str) -> list[tuple[bool, str]]:
    """Cut a text at its empty lines, and tell headings: short lines alone that begin with « Article », no sentence."""
    cut = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return [(_is_heading(block), block) for block in cut if block]


def _is_heading(block: str) -> bool:
    is_line = "\n" not in block and len(block) <= LONGEST_HEADING
    return is_line and block.lower().startswith("article") and block[-1] not in ".;:!?"
