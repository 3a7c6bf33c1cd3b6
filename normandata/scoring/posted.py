"""What is typed on a sheet's page: marks, levels touched, justifications, the version that the page showed."""

from collections.abc import Mapping

from django.http import QueryDict

from .presenting import Problems
from .services.sheets import TOO_LONG, Typed

MARK, LEVEL, WAS, WORDS = "note", "palier", "etait", "mot"
"""Beginnings of the names of the controls, before the criterion; `etait` is the mark that the page showed."""


def typed(data: QueryDict) -> dict[str, Typed]:
    """Read the marks and justifications of a page, whole and unchecked, by criterion as their controls name them.

    What was not sent is left as it is; whoever saves refuses a criterion that the grid has not.
    """
    named = [name.partition("-") for name in data]
    slugs = dict.fromkeys(slug for kind, _, slug in named if kind in (MARK, LEVEL, WORDS) and slug)
    return {slug: Typed(_mark(data, slug), data.get(f"{WORDS}-{slug}")) for slug in slugs}


def _mark(data: QueryDict, slug: str) -> str | None:
    """Return the mark: the level that was chosen, unless another mark was typed beside it.

    Without script both controls arrive, and the one that changed since the page was drawn is the one that is meant.
    """
    mark, level, was = (data.get(f"{name}-{slug}") for name in (MARK, LEVEL, WAS))
    if level and (mark is None or mark.strip() == (was or "").strip()):
        return level
    return mark


def whole(data: QueryDict, name: str) -> int:
    """Read a number that the page itself wrote; zero for anything else."""
    text = data.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def problems(errors: Mapping[str, str]) -> Problems:
    """Put what could not be kept beside the control that it is about."""
    words = {slug: message for slug, message in errors.items() if message == TOO_LONG}
    return Problems({slug: message for slug, message in errors.items() if slug not in words}, words)
