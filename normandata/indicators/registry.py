"""The indicators of each owner, a scheme or the roadmap, handed up from its `ready()` as its form is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from normandata.dossiers import schemes

from .definitions import Indicator

_registry: dict[str, tuple[Indicator, ...]] = {}
_owners: dict[str, "Owner"] = {}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose indicators they are: a scheme, or something that is none and says its own name.

    `url` is its name in an address; `rank` places it among the others; `since` is the first day it has figures for.
    """

    slug: str
    label: str
    url: str
    rank: int
    since: date


def register(scheme: str, indicators: Iterable[Indicator], *, owner: Owner | None = None) -> None:
    """Make the indicators of an owner known, who is said where it is no scheme.

    Raises ValueError for a slug given twice or other indicators known already.
    """
    listed = tuple(indicators)
    slugs = [one.slug for one in listed]
    if len(set(slugs)) < len(slugs):
        raise ValueError(f"an indicator of {scheme!r} has its slug twice")
    if _registry.setdefault(scheme, listed) != listed:
        raise ValueError(f"the indicators of {scheme!r} are already registered")
    if owner is not None:
        _owners[scheme] = owner


def owners() -> tuple[Owner, ...]:
    """Return whoever has indicators, in the order they are shown."""
    known = schemes.by_slug()
    found = [
        _owners.get(slug) or Owner(slug, known[slug].label, known[slug].url_slug, known[slug].rank, _since(slug))
        for slug in _registry
    ]
    return tuple(sorted(found, key=lambda one: one.rank))


def _since(scheme: str) -> date:
    return schemes.by_slug()[scheme].sheet.effective_on


def owner(slug: str) -> Owner | None:
    return next((one for one in owners() if one.slug == slug), None)


def owner_at(url: str) -> Owner | None:
    """Return the owner that an address names."""
    return next((one for one in owners() if one.url == url), None)


def of(scheme: str) -> tuple[Indicator, ...]:
    """Return the indicators of an owner in their order; nothing for one that has none."""
    return _registry.get(scheme, ())


def find(scheme: str, slug: str) -> Indicator | None:
    return next((one for one in of(scheme) if one.slug == slug), None)
