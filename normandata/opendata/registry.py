"""The sets of open data of each scheme, handed up from its `ready()` as its indicators are."""

from collections.abc import Iterable

from .definitions import DataSet

_registry: dict[str, tuple[DataSet, ...]] = {}


def register(owner: str, sets: Iterable[DataSet]) -> None:
    """Make the sets of a scheme known; raises ValueError for a slug already taken, or other ones known already."""
    listed = tuple(sets)
    taken = {one.slug for name, known in _registry.items() if name != owner for one in known}
    slugs = [one.slug for one in listed]
    if len(set(slugs)) < len(slugs) or taken.intersection(slugs):
        raise ValueError(f"a set of open data of {owner!r} has a slug already taken")
    if _registry.setdefault(owner, listed) != listed:
        raise ValueError(f"the open data of {owner!r} are already registered")


def every() -> tuple[DataSet, ...]:
    """Return the registered sets by title."""
    return tuple(sorted((one for known in _registry.values() for one in known), key=lambda one: one.title))


def find(slug: str) -> DataSet | None:
    return next((one for one in every() if one.slug == slug), None)
