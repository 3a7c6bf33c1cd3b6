"""Kinds of mails the portal sends; each room declares its own from its `handlers` module.

The original words of a kind are in `templates/email/<room>/<name>.txt`: « Objet : … », an empty line, the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.apps import apps
from django.conf import settings

from . import texts
from .texts import Tag

__all__ = ["Kind", "Tag", "every", "from_file", "get", "register"]

_SLUG = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", re.ASCII)
_FILE = re.compile(r"Objet\s*:[^\S\n]*(?P<subject>[^\n]+)\n\s*\n(?P<text>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail: `slug` is `<room>.<name>`, `audience` says in French whom it is for."""

    slug: str
    label: str
    audience: str
    tags: Mapping[str, Tag]
    default_subject: str
    default_text: str

    @property
    def room(self) -> str:
        """The application that sends it."""
        return self.slug.partition(".")[0]

    @property
    def room_label(self) -> str:
        """The name of that application, in French."""
        return str(apps.get_app_config(self.room).verbose_name)

    @property
    def examples(self) -> dict[str, str]:
        """Return a value for each tag, for the preview."""
        return {name: tag.example for name, tag in self.tags.items()}

    def problems(self, subject: str, text: str) -> texts.Problems:
        """List what is wrong with words meant for this kind."""
        return texts.problems(subject, text, self.tags)


_registry: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; raises ValueError when its slug is taken or its words are not right."""
    if not _SLUG.fullmatch(kind.slug):
        raise ValueError(f"{kind.slug!r} is not <room>.<name>")
    if wrong := [name for name in kind.tags if not texts.NAME.fullmatch(name)]:
        raise ValueError(f"the mail {kind.slug!r} has badly named tags: {wrong}")
    if faults := kind.problems(kind.default_subject, kind.default_text):
        raise ValueError(f"the original text of the mail {kind.slug!r} is not right: {faults}")
    if _registry.setdefault(kind.slug, kind) is not kind:
        raise ValueError(f"the kind of mail {kind.slug!r} is already registered")
    return kind


def from_file(slug: str, *, label: str, audience: str, tags: Mapping[str, Tag]) -> Kind:
    """Make a kind whose original words are in its file; raises ValueError when the file has not the right shape."""
    room, _, name = slug.partition(".")
    path = settings.BASE_DIR / "templates" / "email" / room / f"{name}.txt"
    match = _FILE.fullmatch(path.read_text(encoding="utf-8").strip())
    if match is None:
        raise ValueError(f"{path.name} must hold « Objet : … », an empty line, and the text")
    subject, text = texts.one_line(match["subject"]), texts.clean(match["text"]).strip()
    return Kind(slug, label, audience, MappingProxyType(dict(tags)), subject, text)


def get(slug: str) -> Kind:
    """Return a kind; raises LookupError when nobody registered it."""
    return _registry[slug]


def every() -> tuple[Kind, ...]:
    """Return the kinds, room by room, in the order of their registration."""
    return tuple(sorted(_registry.values(), key=lambda kind: kind.room))
