"""What a news may be about: the rooms above hand up their schemes, chantiers and calls, each with its page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that has a public page: its key, never changed (`aide:diagnostic`), its name, its address."""

    key: str
    label: str
    url: str


Read = Callable[[], Iterable[Subject]]
_registry: dict[str, Read] = {}


def register(family: str, read: Read) -> None:
    """Make a family of subjects known (« Aides », « Chantiers »); raises ValueError for one already known."""
    if _registry.setdefault(family, read) is not read:
        raise ValueError(f"the subjects « {family} » are already registered")


def families() -> list[tuple[str, list[Subject]]]:
    """Return the subjects by family; one query at most a family."""
    return [(family, list(read())) for family, read in sorted(_registry.items())]


def by_key() -> dict[str, Subject]:
    return {one.key: one for _, listed in families() for one in listed}
