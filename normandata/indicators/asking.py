"""What an address asks of the indicators: a year and a part of it, a department, a kind of structure, a sharing out.

What is not understood is left out, and said nowhere: the page shows what it took. Everything is kept in the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from . import dimensions, periods
from .definitions import Period, Split
from .figures import Scope
from .periods import Asked

PARTS = {
    "": ("Année entière", 1, 12),
    "s1": ("1er semestre", 1, 6),
    "s2": ("2e semestre", 7, 12),
    "t1": ("1er trimestre", 1, 3),
    "t2": ("2e trimestre", 4, 6),
    "t3": ("3e trimestre", 7, 9),
    "t4": ("4e trimestre", 10, 12),
}
LAST_DAYS = {3: 31, 6: 30, 9: 30, 12: 31}
SHARINGS = (("", "Indicateur"), *((one.value, dimensions.HEADINGS[one]) for one in Split))


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for: its period and name, what it is restricted to, what tables are shared out by."""

    asked: Asked
    scope: Scope
    part: str = ""
    by: Split | None = None

    @property
    def period(self) -> Period:
        return self.asked.period

    @property
    def label(self) -> str:
        """The period and what it is restricted to, as a heading says them."""
        return ", ".join(one for one in (self.asked.label, self.scope.words) if one)

    @property
    def of(self) -> str:
        """The same after a noun: `de 2027`, `du 1er semestre 2027, Calvados`."""
        return f"{'du' if self.part else 'de'} {self.label}"

    @property
    def query(self) -> str:
        """How to ask for it again."""
        said = {"departement": self.scope.department, "structure": self.scope.structure, "par": self.by or ""}
        return "&".join(one for one in (self.asked.query, urlencode({k: v for k, v in said.items() if v})) if one)


def scope(query: Mapping[str, str]) -> Scope:
    """Read `departement` and `structure`."""
    department, structure = query.get("departement", ""), query.get("structure", "")
    return Scope(
        department if department in dimensions.LABELS[Split.DEPARTMENT] else "",
        structure if structure in dimensions.LABELS[Split.STRUCTURE] else "",
    )


def sharing(query: Mapping[str, str]) -> Split | None:
    """Read `par`."""
    asked = query.get("par", "")
    return Split(asked) if asked in tuple(Split) else None


def public(query: Mapping[str, str], *, today: date, first_year: int) -> Choice:
    """Read `annee`, `periode`, `departement` and `structure`; facts are those known today."""
    typed = query.get("annee", "")
    asked = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else today.year
    year = asked if first_year <= asked <= today.year else today.year
    part = query.get("periode", "")
    name, first, last = PARTS.get(part, PARTS[""])
    part = part if part in PARTS else ""
    period = Period(date(year, first, 1), date(year, last, LAST_DAYS[last]), today)
    said = {"annee": str(year)} | ({"periode": part} if part else {})
    label = f"{name} {year}" if part else str(year)
    return Choice(Asked(period, year, label, urlencode(said)), scope(query), part)


def agents(query: Mapping[str, str], *, today: date, first_year: int) -> Choice:
    """Read what the Region's readers ask, any two days and any day of the facts too.

    `vu` says that the page showed two days: a year chosen there takes their place.
    """
    if query.get("vu") == "dates" and query.get("annee"):
        query = {name: value for name, value in query.items() if name not in ("du", "au")}
    return Choice(periods.read(query, today=today, first_year=first_year), scope(query), by=sharing(query))
