"""Reads `sheet.toml`: what a scheme's voted sheet says, and the short texts of its public page.

The fields are those of the three annexes. A field the annex leaves out (no code, no mission…) is left out of the file
and reads as None; any other missing, unknown or empty entry refuses the file. The figures stay in the règlement: a
public text names one as `{cap}`, and `Sheet.with_figures` writes it.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from normandata.regulation.formats import NBSP, spaced

FRAMEWORKS = (
    "CPER",
    "CPIER",
    "SRADDET",
    "Feuille de route régionale de la donnée/IA",
    "FEDER",
    "FSE+",
    "FEADER",
    "FEAMPA",
)
FIGURE = re.compile(r"\{([a-z_]+)\}")
_TOGETHER = re.compile(r"(?<=\d) (?=\d{3}(?!\d))|(?<=n°) |(?<=annexe) (?=\d)")
_PHONE = re.compile(r"0\d( \d\d){4}", re.ASCII)
_EMAIL = re.compile(r"[a-z0-9.-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_SITE = re.compile(r"https://[a-z0-9.-]+(/\S*)?", re.ASCII)
# The voted texts in the order a reader needs them: anchor in the page, heading, field.
SECTIONS = (
    ("beneficiaires", "Bénéficiaires de l’aide", "beneficiaries"),
    ("caracteristiques", "Caractéristiques et critères d’éligibilité", "characteristics"),
    ("instruction", "Instruction et attribution", "review_terms"),
    ("paiement", "Modalités de paiement", "payment_terms"),
    ("questions", "Les questions du formulaire", "questions"),
    ("objectifs", "Objectifs", "objectives"),
    ("contexte", "Contexte", "context"),
)
Reader = Callable[[Any, str], Any]
ItemT = TypeVar("ItemT")


class InvalidSheet(ValueError):
    """The file cannot stand for the voted sheet; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, and the list it introduces when it has one."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the voted text, as the public page prints it."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework or fund printed on the sheet, with its box ticked or not."""

    name: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Indicators:
    """The follow-up indicators, in the three columns of the sheet."""

    output: tuple[str, ...]
    result: tuple[str, ...]
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A document annexed to the sheet."""

    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person named by the voted text; the role may be left unsaid."""

    name: str
    role: str | None
    email: str


@dataclass(frozen=True, slots=True)
class Site:
    """A site the voted text sends applicants to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Source:
    """The act and the annex that hold the sheet."""

    text: str
    annex: str

    def __str__(self) -> str:
        return f"{self.text}, {self.annex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One scheme as it was voted. None means that the annex has no such entry."""

    short_title: str
    promise: str
    summary: str
    audience: str
    timing: str
    filing: str
    filing_site: Site | None

    code: str | None
    strategic_objective: str | None
    theme: str | None
    mission: str | None
    title: str
    aid_type: str
    frameworks: tuple[Framework, ...]
    eu_banner: bool
    context: tuple[Block, ...]
    objectives: tuple[Block, ...]
    indicators: Indicators
    other_indicators: str | None
    beneficiaries: tuple[Block, ...]
    sectors: str | None
    characteristics: tuple[Block, ...]
    review_terms: tuple[Block, ...]
    payment_terms: tuple[Block, ...]
    founding_decisions: tuple[str, ...]
    legal_framework: tuple[str, ...]
    downloads: tuple[Download, ...]
    questions: tuple[Block, ...] | None
    contacts: tuple[Contact, ...]
    department: str
    phone: str
    effective_on: date
    source: Source
    notices: tuple[str, ...]

    @property
    def phone_link(self) -> str:
        """The number a telephone dials."""
        return "+33" + self.phone.replace(NBSP, "")[1:]

    @property
    def where_to_file(self) -> str:
        """Where one applies, with the address of the site written out, for paper."""
        return f"{self.filing} {self.filing_site.url}" if self.filing_site else self.filing

    @property
    def sections(self) -> tuple[Section, ...]:
        """The voted texts, in the order a reader needs them."""
        return tuple(
            Section(anchor, title, blocks) for anchor, title, name in SECTIONS if (blocks := getattr(self, name))
        )

    @property
    def ticked_frameworks(self) -> tuple[str, ...]:
        return tuple(framework.name for framework in self.frameworks if framework.ticked)

    @property
    def figures(self) -> frozenset[str]:
        """The codes of the règlement's figures that the public texts name."""
        return frozenset(code for name in PUBLIC for code in FIGURE.findall(getattr(self, name)))

    def with_figures(self, written: Mapping[str, str]) -> "Sheet":
        """Write the figures in the public texts; `written` gives each code's value as readers see it."""
        if missing := sorted(self.figures - written.keys()):
            raise InvalidSheet(f"{self.short_title}: unknown figure {', '.join(missing)}")
        texts: dict[str, Any] = {
            name: FIGURE.sub(lambda found: written[found[1]], getattr(self, name)) for name in PUBLIC
        }
        return replace(self, **texts)


PUBLIC = ("promise", "summary", "audience", "timing", "filing")
OPTIONAL = frozenset(
    {"code", "strategic_objective", "theme", "mission", "other_indicators", "sectors", "filing_site", "questions"}
)
FIELDS = tuple(field.name for field in fields(Sheet))
REQUIRED = frozenset(FIELDS) - OPTIONAL


def load(path: Path) -> Sheet:
    """Read a sheet file; raises InvalidSheet naming the file and the faulty entry."""
    return parse(path.read_text(encoding="utf-8"), source=f"{path.parent.name}/{path.name}")


def parse(content: str, *, source: str = "sheet.toml") -> Sheet:
    """Read a sheet given as text; raises InvalidSheet."""
    try:
        return _sheet(tomllib.loads(content))
    except (tomllib.TOMLDecodeError, InvalidSheet) as error:
        raise InvalidSheet(f"{source}: {error}") from None


def _sheet(data: Mapping[str, Any]) -> Sheet:
    _expect(data, "file", REQUIRED, OPTIONAL)
    readers: defaultdict[str, Reader] = defaultdict(lambda: _text)
    readers |= {
        "title": _string,
        "filing_site": _site,
        "frameworks": _frameworks,
        "eu_banner": _flag,
        "indicators": _indicators,
        "downloads": lambda raw, where: _each(raw, where, _download, empty=True),
        "contacts": lambda raw, where: _each(raw, where, _contact, empty=True),
        "founding_decisions": _texts,
        "legal_framework": _texts,
        "notices": lambda raw, where: _each(raw, where, _text, empty=True),
        "phone": _phone,
        "effective_on": _day,
        "source": _source,
        **dict.fromkeys(
            ("context", "objectives", "beneficiaries", "characteristics", "review_terms", "payment_terms", "questions"),
            _blocks,
        ),
    }
    values: dict[str, Any] = {name: readers[name](data[name], name) if name in data else None for name in FIELDS}
    return Sheet(**values)


def _blocks(raw: Any, where: str) -> tuple[Block, ...]:
    return _each(raw, where, _block)


def _block(raw: Any, where: str) -> Block:
    if isinstance(raw, dict):
        _expect(raw, where, {"text", "items"})
        return Block(_text(raw["text"], f"{where}.text"), _texts(raw["items"], f"{where}.items"))
    return Block(_text(raw, where))


def _frameworks(raw: Any, where: str) -> tuple[Framework, ...]:
    def read(item: Any, place: str) -> Framework:
        _expect(item, place, {"name", "ticked"})
        return Framework(_string(item["name"], f"{place}.name"), _flag(item["ticked"], f"{place}.ticked"))

    frameworks = _each(raw, where, read)
    if tuple(framework.name for framework in frameworks) != FRAMEWORKS:
        raise InvalidSheet(f"{where}: expected {', '.join(FRAMEWORKS)}, in that order")
    return frameworks


def _indicators(raw: Any, where: str) -> Indicators:
    names = {"output", "result", "context"}
    _expect(raw, where, names)
    return Indicators(**{name: _texts(raw[name], f"{where}.{name}") for name in names})


def _download(raw: Any, where: str) -> Download:
    _expect(raw, where, {"label", "note"})
    return Download(_text(raw["label"], f"{where}.label"), _text(raw["note"], f"{where}.note"))


def _contact(raw: Any, where: str) -> Contact:
    _expect(raw, where, {"name", "email"}, {"role"})
    return Contact(
        _string(raw["name"], f"{where}.name"),
        _text(raw["role"], f"{where}.role") if "role" in raw else None,
        _matching(raw["email"], f"{where}.email", _EMAIL),
    )


def _site(raw: Any, where: str) -> Site:
    _expect(raw, where, {"label", "url"})
    return Site(_string(raw["label"], f"{where}.label"), _matching(raw["url"], f"{where}.url", _SITE))


def _source(raw: Any, where: str) -> Source:
    _expect(raw, where, {"text", "annex"})
    return Source(_string(raw["text"], f"{where}.text"), _string(raw["annex"], f"{where}.annex"))


def _phone(raw: Any, where: str) -> str:
    return _matching(raw, where, _PHONE).replace(" ", NBSP)


def _day(raw: Any, where: str) -> date:
    if not isinstance(raw, date) or isinstance(raw, datetime):
        raise InvalidSheet(f"{where}: a day is expected")
    return raw


def _flag(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise InvalidSheet(f"{where}: true or false expected")
    return raw


def _matching(raw: Any, where: str, pattern: re.Pattern[str]) -> str:
    value = _string(raw, where)
    if not pattern.fullmatch(value):
        raise InvalidSheet(f"{where}: unreadable value {value!r}")
    return value


def _texts(raw: Any, where: str) -> tuple[str, ...]:
    return _each(raw, where, _text)


def _each(raw: Any, where: str, read: Callable[[Any, str], ItemT], *, empty: bool = False) -> tuple[ItemT, ...]:
    if not isinstance(raw, list) or (not raw and not empty):
        raise InvalidSheet(f"{where}: a list is expected")
    return tuple(read(item, f"{where}[{i}]") for i, item in enumerate(raw))


def _text(raw: Any, where: str) -> str:
    """Read a text and set high punctuation, thousands and numbers of texts apart with U+00A0."""
    return _TOGETHER.sub(NBSP, spaced(_string(raw, where)))


def _string(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidSheet(f"{where}: a text is expected")
    return raw


def _expect(entry: Any, where: str, required: Iterable[str], optional: Iterable[str] = ()) -> None:
    if not isinstance(entry, dict):
        raise InvalidSheet(f"{where}: a table is expected")
    if missing := sorted(set(required) - entry.keys()):
        raise InvalidSheet(f"{where}: missing {', '.join(missing)}")
    if unknown := sorted(entry.keys() - set(required) - set(optional)):
        raise InvalidSheet(f"{where}: unknown {', '.join(unknown)}")
