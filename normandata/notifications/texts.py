"""The words of a mail: plain text with `{{ balise }}` tags and nothing else; how they are checked and filled in.

Not the template language of Django: whoever edits a text can neither read a variable nor run a tag.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from normandata.regulation.formats import listing, number

LONGEST_SUBJECT = 150
LONGEST_TEXT = 10_000
NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_TAG = re.compile(r"\{\{([^{}\n]*)\}\}")
_LONGEST_FRAGMENT = 40


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a mail: what it stands for and an example, as the editor reads them."""

    label: str
    example: str
    is_required: bool = False
    """True when the text may not do without it."""


Problems = dict[str, list[str]]
"""French sentences by field, `subject` or `text`."""


def written(name: str) -> str:
    """Write a tag as it stands in a text."""
    return f"{{{{ {name} }}}}"


def clean(text: str) -> str:
    """Remove control characters, and those that turn the direction of reading; lines end with a newline."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(
        character
        for character in lines.replace("\t", " ")
        if character == "\n" or not (unicodedata.category(character) in ("Cc", "Cs") or _turns(character))
    )


def one_line(text: str) -> str:
    """Clean a text and set it on one line, as a subject must be."""
    return " ".join(piece for piece in re.split(r"[ \n]+", clean(text)) if piece)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in place of the tags, verbatim and once: a tag inside a value stays as it is."""
    return _TAG.sub(lambda match: clean(values[match[1].strip()]), text)


def problems(subject: str, text: str, tags: Mapping[str, Tag]) -> Problems:
    """List what is wrong with a subject and a text; nothing when they may be sent."""
    found: Problems = {}
    if wrong := list(_wrong(subject, tags, LONGEST_SUBJECT, "l’objet du courriel")):
        found["subject"] = wrong
    wrong = list(_wrong(text, tags, LONGEST_TEXT, "le texte du courriel"))
    present = {match[1].strip() for match in _TAG.finditer(text)}
    wrong += [
        f"Il manque la balise {written(name)} ({tag.label}) : ce courriel ne peut pas s’en passer."
        for name, tag in tags.items()
        if tag.is_required and name not in present
    ]
    if wrong:
        found["text"] = wrong
    return found


def _wrong(text: str, tags: Mapping[str, Tag], longest: int, what: str) -> Iterator[str]:
    if not text.strip():
        yield f"Écrivez {what}."
        return
    if len(text) > longest:
        yield f"Raccourcissez {what} : {number(len(text))} signes, la limite est de {number(longest)}."
    names = [match[1].strip() for match in _TAG.finditer(text)]
    for name in dict.fromkeys(names):
        if name not in tags:
            yield f"La balise {written(name)} n’existe pas dans ce courriel. {_way_out(name, tags)}"
    lines = text.split("\n")
    for position, line in enumerate(lines, start=1):
        rest = _TAG.sub("", line)
        braces = [index for index, character in enumerate(rest) if character in "{}"]
        if braces:
            where = f"Ligne {position} : le passage" if len(lines) > 1 else "Le passage"
            yield f"{where} « {_fragment(rest, braces)} » n’est pas une balise complète. {_mend(rest, braces, tags)}"


def _way_out(name: str, tags: Mapping[str, Tag]) -> str:
    near = _nearest(name, tags)
    if near:
        return f"Vouliez-vous écrire {written(near)} ?"
    return _choice(tags)


def _choice(tags: Mapping[str, Tag]) -> str:
    if not tags:
        return "Ce courriel n’a pas de balise : écrivez le texte en toutes lettres."
    return f"Ses balises : {listing([written(name) for name in tags])}."


def _mend(rest: str, braces: list[int], tags: Mapping[str, Tag]) -> str:
    for word in re.findall(r"\w+", rest[braces[0] :]):
        if near := _nearest(word, tags):
            return f"Écrivez {written(near)}, sur une seule ligne."
    return f"Une balise a deux accolades de chaque côté et tient sur une ligne. {_choice(tags)}"


def _fragment(rest: str, braces: list[int]) -> str:
    first, last = braces[0], braces[-1]
    end = last + 1 if last > first + 1 else first + _LONGEST_FRAGMENT
    piece = rest[first:end].strip()
    return piece if len(piece) <= _LONGEST_FRAGMENT else f"{piece[: _LONGEST_FRAGMENT - 1]}…"


def _nearest(name: str, tags: Mapping[str, Tag]) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return next(iter(difflib.get_close_matches(re.sub(r"[\W_]+", "_", plain).strip("_"), tags, n=1)), "")


def _turns(character: str) -> bool:
    """Tell whether a character changes the direction of reading: it can make an address look like another."""
    return character in "\u061c\u200e\u200f" or "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
