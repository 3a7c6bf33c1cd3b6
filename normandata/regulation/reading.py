"""Reads a case of the `simulate` contract: strict on what is written, tolerant of what is missing."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from .territory import DEPARTMENTS

MOST_DIGITS = 12
"""Digits before the decimal mark."""
MOST_DECIMALS = 50
"""A float written in full fits easily; what is longer is no amount."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DAY = re.compile(r"[12]\d{3}-\d{2}-\d{2}", re.ASCII)


class Malformed(ValueError):
    """The line cannot be judged; the French message says which field and why."""


class Reader:
    """Takes the fields of one JSON object one by one; `close()` refuses what nobody asked for.

    A field that is absent or null reads as None: for a rule, that is a missing fact.
    """

    def __init__(self, data: Any, where: str = "") -> None:
        if not isinstance(data, dict):
            raise Malformed(f"{where or 'la ligne'} : un objet JSON est attendu")
        self._data: Mapping[str, Any] = data
        self._where = where
        self._asked: set[str] = set()

    def required_day(self, name: str) -> date:
        value = self.day(name)
        if value is None:
            raise Malformed(f"{self._name(name)} : champ obligatoire")
        return value

    def day(self, name: str) -> date | None:
        raw = self._take(name)
        if raw is None:
            return None
        if isinstance(raw, str) and _DAY.fullmatch(raw):
            try:
                return date.fromisoformat(raw)
            except ValueError:
                pass
        raise Malformed(f"{self._name(name)} : une date AAAA-MM-JJ est attendue")

    def number(self, name: str, *, least: int | None = None) -> Decimal | None:
        """Read a number or a numeric string exactly; refuses one below `least`."""
        raw = self._take(name)
        if raw is None:
            return None
        value = self._decimal(name, raw)
        if least is not None and value < least:
            raise Malformed(f"{self._name(name)} : la valeur ne peut pas être inférieure à {least}")
        return value

    def whole(self, name: str) -> Decimal | None:
        value = self.number(name)
        if value is not None and value != value.to_integral_value():
            raise Malformed(f"{self._name(name)} : un nombre entier est attendu")
        return value

    def flag(self, name: str) -> bool | None:
        raw = self._take(name)
        if raw is None or isinstance(raw, bool):
            return raw
        raise Malformed(f"{self._name(name)} : true ou false est attendu")

    def code(self, name: str, known: Collection[str]) -> str | None:
        raw = self._take(name)
        if raw is None:
            return None
        if not isinstance(raw, str) or raw not in known:
            raise Malformed(f"{self._name(name)} : valeur inconnue {raw!r}")
        return raw

    def department(self, name: str) -> str | None:
        return self.code(name, DEPARTMENTS)

    def text(self, name: str) -> str | None:
        raw = self._take(name)
        if raw is None or isinstance(raw, str):
            return raw
        raise Malformed(f"{self._name(name)} : un texte est attendu")

    def block(self, name: str) -> "Reader | None":
        raw = self._take(name)
        return None if raw is None else Reader(raw, self._name(name))

    def blocks(self, name: str) -> "list[Reader] | None":
        raw = self._list(name)
        return None if raw is None else [Reader(item, f"{self._name(name)}[{i}]") for i, item in enumerate(raw)]

    def numbers(self, name: str) -> list[Decimal] | None:
        raw = self._list(name)
        return None if raw is None else [self._decimal(f"{name}[{i}]", item) for i, item in enumerate(raw)]

    def refuse(self, name: str, reason: str) -> Malformed:
        """Build the error that says why a field cannot be accepted."""
        return Malformed(f"{self._name(name)} : {reason}")

    def close(self) -> None:
        """Refuse the keys that were never asked for."""
        if unknown := sorted(self._data.keys() - self._asked):
            raise Malformed(f"champ inconnu : {', '.join(self._name(name) for name in unknown)}")

    def _list(self, name: str) -> list[Any] | None:
        raw = self._take(name)
        if raw is None or isinstance(raw, list):
            return raw
        raise Malformed(f"{self._name(name)} : une liste est attendue")

    def _decimal(self, name: str, raw: Any) -> Decimal:
        is_number = isinstance(raw, (int, Decimal)) and not isinstance(raw, bool)
        if is_number or (isinstance(raw, str) and _NUMBER.fullmatch(raw)):
            try:
                value = Decimal(raw)
            except InvalidOperation:
                value = Decimal("NaN")
            if value.is_finite() and _is_sensible(value):
                return value
            raise Malformed(f"{self._name(name)} : nombre hors des limites admises")
        raise Malformed(f"{self._name(name)} : un nombre est attendu")

    def _take(self, name: str) -> Any:
        self._asked.add(name)
        return self._data.get(name)

    def _name(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


def _is_sensible(value: Decimal) -> bool:
    # Exponents are compared, not values: Decimal("1e99999999999") is read, but overflows as soon as it is used.
    return value.adjusted() < MOST_DIGITS and -int(value.as_tuple().exponent) <= MOST_DECIMALS
