"""What the envelopes hold for an organisation: by dossier, by scheme and in all, on each basis, to the cent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from normandata.dossiers import schemes
from normandata.dossiers.applications import MoneyLine, Reclaim
from normandata.dossiers.filters import scheme_label
from normandata.dossiers.models import DossierQuerySet
from normandata.regulation.money import ZERO

from .sheet import Held


@dataclass(frozen=True, slots=True)
class Sums:
    """What stands now, in euros on one basis."""

    reserved: Decimal = ZERO
    committed: Decimal = ZERO
    paid: Decimal = ZERO

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.reserved + other.reserved, self.committed + other.committed, self.paid + other.paid)

    @property
    def whole(self) -> Decimal:
        """All that is taken of the envelopes."""
        return self.reserved + self.committed + self.paid


@dataclass(frozen=True, slots=True)
class Table:
    """The dossiers of a scheme for which an envelope of one basis holds or held something, and their sum."""

    scheme: str
    basis: str
    rows: list[tuple[Held, Sums]]

    @property
    def total(self) -> Sums:
        return add(sums for _, sums in self.rows)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment, and the dossier it is for."""

    dossier: Held
    line: MoneyLine


@dataclass(frozen=True, slots=True)
class Money:
    """All the money of an organisation; `totals` add its tables up, by basis."""

    tables: list[Table]
    totals: list[tuple[str, Sums]]
    payments: list[Payment]
    paid: list[tuple[str, Decimal]]


def lines(dossiers: DossierQuerySet, found: Sequence[Held]) -> list[MoneyLine]:
    """Ask each scheme of these dossiers for its entries, the oldest first."""
    slugs = dict.fromkeys(one.scheme for one in found)
    told: list[MoneyLine] = []
    for slug in slugs:
        application = schemes.application_of(slug)
        if application.money is not None:
            told += application.money(dossiers.filter(scheme=slug))
    return sorted(told, key=lambda line: line.on)


def reclaims(dossiers: DossierQuerySet, found: Sequence[Held]) -> list[tuple[Held, Reclaim]]:
    """Ask each scheme of these dossiers for the repayments it asked, the newest first."""
    known = {one.pk: one for one in found}
    told: list[Reclaim] = []
    for slug in dict.fromkeys(one.scheme for one in found):
        application = schemes.application_of(slug)
        if application.reclaims is not None:
            told += application.reclaims(dossiers.filter(scheme=slug))
    return [(known[one.dossier], one) for one in sorted(told, key=lambda one: one.on, reverse=True)]


def money(told: Iterable[MoneyLine], found: Sequence[Held]) -> Money:
    """Add entries up by dossier, scheme and basis, and set the payments apart, the newest first."""
    known = {one.pk: one for one in found}
    sums: dict[tuple[str, str], dict[int, Sums]] = {}
    payments: list[Payment] = []
    for line in told:
        dossier = known[line.dossier]
        group = sums.setdefault((dossier.scheme, line.basis), {})
        moved = Sums(line.reserved, line.committed, line.paid)
        group[line.dossier] = group.get(line.dossier, Sums()) + moved
        if line.is_payment:
            payments.append(Payment(dossier, line))
    ranks = list(known)
    tables = [
        Table(scheme_label(slug), basis, [(known[pk], group[pk]) for pk in sorted(group, key=ranks.index)])
        for (slug, basis), group in sums.items()
    ]
    return Money(tables, _totals(tables), payments[::-1], _paid(payments))


def add(some: Iterable[Sums]) -> Sums:
    return sum(some, Sums())


def _totals(tables: Iterable[Table]) -> list[tuple[str, Sums]]:
    found: dict[str, Sums] = {}
    for table in tables:
        found[table.basis] = found.get(table.basis, Sums()) + table.total
    return list(found.items())


def _paid(payments: Iterable[Payment]) -> list[tuple[str, Decimal]]:
    found: dict[str, Decimal] = {}
    for one in payments:
        found[one.line.basis] = found.get(one.line.basis, ZERO) + one.line.paid
    return list(found.items())
