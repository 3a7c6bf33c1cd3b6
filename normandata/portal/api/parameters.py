"""Parameters of an address: each says in JSON Schema what it admits, and reads exactly that."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from .problems import PARAMETER, Problem

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)


class Parameter(Protocol):
    """A parameter: its name in the address, what it is for, its schema, and how it is read."""

    @property
    def name(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def schema(self) -> dict[str, Any]: ...

    def read(self, raw: str) -> Any:
        """Return the value; raises Problem."""


@dataclass(frozen=True, slots=True)
class Day:
    """A civil day, `2026-04-01`; `pattern` bounds it, and `bounds` says so after « une date »."""

    name: str
    about: str
    pattern: str = ""
    bounds: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"} | ({"pattern": self.pattern} if self.pattern else {})

    def read(self, raw: str) -> date:
        if _DAY.fullmatch(raw) and re.match(self.pattern, raw):
            try:
                return date.fromisoformat(raw)
            except ValueError:
                pass
        raise _unreadable(self.name, raw, f"une date AAAA-MM-JJ{self.bounds} est attendue")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds."""

    name: str
    about: str
    least: int
    most: int
    default: int | None = None

    @property
    def schema(self) -> dict[str, Any]:
        said: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return said | ({"default": self.default} if self.default is not None else {})

    def read(self, raw: str) -> int:
        if _DIGITS.fullmatch(raw) and self.least <= int(raw) <= self.most:
            return int(raw)
        raise _unreadable(self.name, raw, f"un nombre entier de {self.least} à {self.most} est attendu")


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a list."""

    name: str
    about: str
    words: tuple[str, ...]

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}

    def read(self, raw: str) -> str:
        if raw in self.words:
            return raw
        raise _unreadable(self.name, raw, f"l’un de {', '.join(self.words)} est attendu")


@dataclass(frozen=True, slots=True)
class Key:
    """A place in a list, as the `next` of a page gives it."""

    name: str
    about: str
    pattern: str

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}

    def read(self, raw: str) -> str:
        if re.fullmatch(self.pattern, raw, re.ASCII):
            return raw
        raise _unreadable(self.name, raw, "la clé donnée par « next » est attendue")


def read(known: Sequence[Parameter], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Read the parameters of an address; one that is unknown or given twice raises Problem: a slip is never ignored."""
    by_name = {one.name: one for one in known}
    if unknown := sorted(set(given) - set(by_name)):
        admitted = f"admis ici : {', '.join(by_name)}" if by_name else "aucun n’est admis ici"
        raise Problem(PARAMETER, f"Paramètre inconnu : {unknown[0][:60]} ; {admitted}.", pointer=unknown[0][:60])
    found = {}
    for name, values in given.items():
        if len(values) > 1:
            raise Problem(PARAMETER, f"Le paramètre {name} est donné {len(values)} fois.", pointer=name)
        found[name] = by_name[name].read(values[0])
    return found


def _unreadable(name: str, raw: str, expected: str) -> Problem:
    return Problem(PARAMETER, f"{name} : « {raw[:60]} » ne se lit pas, {expected}.", pointer=name)
