"""The indicators of each scheme, handed up from its `ready()` as its form and its procedure are."""

from collections.abc import Iterable

from .definitions import Indicator

_registry: dict[str, tuple[Indicator, ...]] = {}


def register(scheme: str, indicators: Iterable[Indicator]) -> None:
    """Make the indicators of a scheme known; raises ValueError for a slug given twice or other ones known already."""
    listed = tuple(indicators)
    slugs = [one.slug for one in listed]
    if len(set(slugs)) < len(slugs):
        raise ValueError(f"an indicator of {scheme!r} has its slug twice")
    if _registry.setdefault(scheme, listed) != listed:
        raise ValueError(f"the indicators of {scheme!r} are already registered")


def of(scheme: str) -> tuple[Indicator, ...]:
    """Return the indicators of a scheme in their order; nothing for one that has none."""
    return _registry.get(scheme, ())


def find(scheme: str, slug: str) -> Indicator | None:
    return next((one for one in of(scheme) if one.slug == slug), None)
