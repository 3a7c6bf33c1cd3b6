"""Kinds of documents the portal makes; each room that makes one declares it from its `handlers` module."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .models import Document


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its template and the context made from the stored record."""

    slug: str
    template: str
    context: Callable[["Document"], dict[str, Any]]


_registry: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; raises ValueError when its slug is taken."""
    if kind.slug in _registry:
        raise ValueError(f"the kind of document {kind.slug!r} is already registered")
    _registry[kind.slug] = kind


def get(slug: str) -> Kind:
    """Return a kind; raises LookupError when nobody registered it."""
    return _registry[slug]
