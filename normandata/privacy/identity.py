"""What names a person, how it is found in a text, and what takes its place. Pure.

An address is replaced wherever it stands. A name of two words or more is replaced in either order, whatever its case,
its accents and what stands between its words; a single word would meet too many other things, and is replaced only
where it is the whole of a value. A telephone number is replaced however its digits are spaced.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

NO_NUMBER = "numéro effacé"
DOMAIN = "efface.invalid"
"""Reserved by RFC 2606: no mail can ever leave for it."""
_VARIANTS = {
    "a": "aàâäáãå",
    "c": "cç",
    "e": "eéèêë",
    "i": "iîïíì",
    "n": "nñ",
    "o": "oôöóòõ",
    "u": "uùûüú",
    "y": "yÿý",
}
_STEADY = re.compile(r"[bdfghjklmpqrstvwxz]+")
"""Letters that no accent changes: what the database can look for, whatever its idea of case and accents."""
_BETWEEN = r"[\s\u00a0\u202f_.'’-]{1,2}"
_PHONE = re.compile(r"^(?:\+33|0033|0)?([1-9]\d{8})$")
_SEPARATOR = r"[\s\u00a0\u202f./_-]{0,2}"


def folded(text: str) -> str:
    """Return a text without case nor accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def code_name(code: str) -> str:
    """Name a person by a code: « Personne 4F2A9C »."""
    return f"Personne {code}"


def code_address(code: str) -> str:
    """Return the address that stands for a person's; nothing can be sent there."""
    return f"personne-{code.lower()}@{DOMAIN}"


@dataclass(frozen=True)
class Identity:
    """The addresses, names and telephone numbers of one person, and the code that will stand for them."""

    code: str
    emails: frozenset[str]
    names: frozenset[str] = field(default_factory=frozenset)
    phones: frozenset[str] = field(default_factory=frozenset)
    shared: frozenset[str] = field(default_factory=frozenset)
    """Those of the numbers that others give too: a switchboard, which names nobody away from the person."""

    @property
    def pseudonym(self) -> str:
        return code_name(self.code)

    @property
    def address(self) -> str:
        return code_address(self.code)

    def with_kin(self, names: Iterable[str], phones: Iterable[str]) -> "Identity":
        """Add the names and numbers found beside one of the addresses."""
        return replace(self, names=self.names | frozenset(names), phones=self.phones | frozenset(phones))

    def sharing(self, phones: Iterable[str]) -> "Identity":
        """Say which of the numbers are others' too."""
        return replace(self, shared=frozenset(phones))

    def without_names(self) -> "Identity":
        """Keep the addresses and the numbers: what is left to look for where somebody else has the same name."""
        return replace(self, names=frozenset())

    def only_addresses(self) -> "Identity":
        return Identity(self.code, self.emails)

    def from_afar(self) -> "Identity":
        """Keep what is nobody else's: no number that others give, no single name, which may be a place or a brand."""
        whole = frozenset(one for one in self.names if len(_words(one)) > 1)
        return replace(self, names=whole, phones=self.phones - self.shared, shared=frozenset())

    def scrub(self, text: str) -> str:
        """Return a text in which nothing names the person any more."""
        for pattern, stands in self._patterns:
            text = pattern.sub(stands, text)
        return self.pseudonym if self._is_single(text) else text

    def scrub_json(self, value: Any) -> Any:
        """Do as `scrub` for every text of a JSON value, keys included; figures are as they were."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, list):
            return [self.scrub_json(one) for one in value]
        if isinstance(value, dict):
            return {self.scrub(key): self.scrub_json(one) for key, one in value.items()}
        return value

    def names_in(self, text: str) -> bool:
        """Tell whether a text names the person."""
        return any(pattern.search(text) for pattern, _ in self._patterns) or self._is_single(text)

    @cached_property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """Fragments of ASCII to look for in the database: any text that names the person holds all of one group."""
        groups: list[tuple[str, ...]] = [(_ascii(part),) for email in self.emails for part in [email.partition("@")[0]]]
        groups += [tuple(filter(None, map(_run, name.split()))) for name in self.names]
        groups += [tuple(sorted(set(digits))) for digits in map(_digits, self.phones) if digits]
        # A name of accented letters alone leaves nothing to look for: every row is then read.
        return tuple(dict.fromkeys(group or ("",) for group in groups))

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        found = [(_email_pattern(one), self.address) for one in sorted(self.emails, key=len, reverse=True)]
        for name in sorted(self.names, key=len, reverse=True):
            words = _words(name)
            orders = {tuple(words), (words[-1], *words[:-1]), (*words[1:], words[0])} if len(words) > 1 else set()
            found += [(_name_pattern(order), self.pseudonym) for order in sorted(orders)]
        return found + [(_phone_pattern(digits), NO_NUMBER) for digits in map(_digits, sorted(self.phones)) if digits]

    def _is_single(self, text: str) -> bool:
        return any(len(_words(name)) == 1 and folded(text.strip()) == folded(name.strip()) for name in self.names)


def same_number(one: str, other: str) -> bool:
    """Tell whether two texts are the same telephone number, however they are written."""
    return bool(_digits(one)) and _digits(one) == _digits(other)


def is_phone(text: str) -> bool:
    """Tell whether a text is a French telephone number."""
    return bool(_digits(text))


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s\u00a0\u202f]+", name.strip()) if word]


def _ascii(text: str) -> str:
    """Return the longest run of plain letters and digits."""
    return max(re.findall(r"[a-z0-9]+", text.lower()), key=len, default="")


def _run(word: str) -> str:
    return max(_STEADY.findall(folded(word)), key=len, default="")


def _digits(phone: str) -> str:
    found = _PHONE.match(re.sub(r"[^\d+]", "", phone))
    return found[1] if found else ""


def _email_pattern(email: str) -> re.Pattern[str]:
    local, _, domain = email.partition("@")
    return re.compile(rf"(?<![\w.+-]){re.escape(local)}(?:@|%40){re.escape(domain)}(?![\w-]|\.\w)", re.IGNORECASE)


def _name_pattern(words: Iterable[str]) -> re.Pattern[str]:
    said = _BETWEEN.join("".join(_letter(letter) for letter in folded(word)) for word in words)
    return re.compile(rf"(?<![^\W_]){said}(?![^\W_])", re.IGNORECASE)


def _letter(letter: str) -> str:
    if letter in "-'’":
        return _BETWEEN
    return f"[{_VARIANTS[letter]}]" if letter in _VARIANTS else re.escape(letter)


def _phone_pattern(digits: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?:\+33|0033|0){_SEPARATOR}{_SEPARATOR.join(digits)}(?!\d)")
