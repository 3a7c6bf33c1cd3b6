"""What a diagnostic costs, and whose turn it is among the market's companies. Pure.

The market states its own sharing rule (annexe 3, note 3: marché à bons de commande); this applies it and says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from normandata.regulation.formats import day as written_day
from normandata.regulation.money import cents, exact

HALF_DAYS_A_DAY = 2


class Sharing(StrEnum):
    """How a market shares its orders."""

    SINGLE = "single"
    COMPETENCE = "competence"
    ROTATION = "rotation"


@dataclass(frozen=True, slots=True)
class Price:
    """What a number of half-days costs, in euros: the amount before tax, the tax, and all of it."""

    ht: Decimal
    vat: Decimal
    ttc: Decimal


def price(half_days: int, day_rate: Decimal, vat_rate: Decimal) -> Price:
    """Compute days × day rate HT × (1 + VAT), rounded once; the tax is the difference of what is shown.

    `day_rate` is in euros HT for a day, `vat_rate` in percent.
    """
    ht = Fraction(half_days, HALF_DAYS_A_DAY) * exact(day_rate)
    ttc = cents(ht * (1 + exact(vat_rate) / 100))
    shown = cents(ht)
    return Price(shown, ttc - shown, ttc)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company of the market, and what was ordered of it. `rank` 1 is the holder or the group's leader."""

    key: int
    name: str
    rank: int
    competences: frozenset[str] = frozenset()
    half_days: int = 0
    last_on: date | None = None
    conflict: str = ""
    """Why it may not take this diagnostic; empty when it may."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is proposed and why; nobody when no company may take the diagnostic."""

    candidate: Candidate | None
    why: str


def choose(rule: Sharing, candidates: Sequence[Candidate], structure_type: str) -> Choice:
    """Apply the market's sharing rule to a diagnostic of one type of structure.

    Rotation: fewest days ordered first, then longest since the last order, then the rank in the market. A competence
    rule keeps the companies that declare this type of structure, and rotates among them.
    """
    free = [one for one in candidates if not one.conflict]
    if not free:
        return Choice(None, "Aucun prestataire du marché ne peut prendre ce diagnostic.")
    if rule is Sharing.SINGLE:
        first = min(free, key=lambda one: one.rank)
        return Choice(first, "Titulaire unique du marché.")
    if rule is Sharing.COMPETENCE:
        able = [one for one in free if structure_type in one.competences]
        if not able:
            return Choice(None, "Aucun prestataire du marché ne déclare cette compétence.")
        first = min(able, key=_turn)
        return Choice(first, _why(first, able, "Compétent pour ce type de structure"))
    first = min(free, key=_turn)
    return Choice(first, _why(first, free, "Rotation"))


def _turn(one: Candidate) -> tuple[int, date, int]:
    return one.half_days, one.last_on or date.min, one.rank


def _why(first: Candidate, among: Iterable[Candidate], rule: str) -> str:
    others = [one for one in among if one.key != first.key]
    if not others:
        return f"{rule} : seul prestataire possible."
    plural = "s" if first.half_days >= 2 * HALF_DAYS_A_DAY else ""
    fewest = f"{days(first.half_days)} commandé{plural}"
    if all(one.half_days > first.half_days for one in others):
        return f"{rule} : le moins de jours commandés ({fewest})."
    if first.last_on is None:
        return f"{rule} : {fewest}, à égalité, et aucune commande encore."
    return f"{rule} : {fewest}, à égalité, et la plus ancienne commande ({written_day(first.last_on)})."


def days(half_days: int) -> str:
    """Write half-days in days, in French: 9 → « 4,5 jours »."""
    whole, half = divmod(half_days, HALF_DAYS_A_DAY)
    written = f"{whole},5" if half else str(whole)
    return f"{written} {'jours' if half_days >= 2 * HALF_DAYS_A_DAY else 'jour'}"
