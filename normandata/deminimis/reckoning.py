"""Which entries of a ledger count, each aid once though several sources tell of it. Pure.

The ceiling bears on the aid granted (règlement 2023/2831, article 3(2)), not on the times it is written down. Two
entries are one aid when they have the same day and the same amount and come from sources that could both know it:

* the portal's own grant, and the register's line where the Region is the authority, for the same SIREN;
* either of them, or a line of another authority, and an aid that a dossier declares (for the whole undertaking: an
  applicant does not say to which SIREN);
* the same aid, declared in two dossiers.

Within one source nothing is brought together: two equal lines of the register are two aids. The portal's entry is the
one that counts, then the register's, then the newest declaration's; the others are shown beside it.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from normandata.regulation.formats import spaced

from .regimes import REGIMES

PORTAL, DECLARATION, REGISTER, ADJUSTMENT = "portal", "declaration", "register", "adjustment"
REVERSED = "Annulée."
REVERSAL = "Annulation."
OTHER_CEILING = "Relève d’un autre plafond."
SAME = spaced("Rapprochée : la même aide est déjà inscrite.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the ledger; amounts in euros. `declaration` and `reverses` are keys of rows."""

    pk: int
    key: str
    siren: str
    on: date
    amount: Decimal
    regime: str
    source: str
    authority: str = ""
    is_regional: bool = False
    declaration: int | None = None
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, whether it counts, and why not; `same_as` is the key of the entry that stands for it."""

    entry: Entry
    counts: bool = True
    why: str = ""
    same_as: str = ""


def reckon(entries: Iterable[Entry]) -> list[Line]:
    """Say of each entry whether it counts, in order of day, then of writing."""
    rows = sorted(entries, key=lambda entry: (entry.on, entry.pk))
    reversed_ = {entry.reverses for entry in rows if entry.reverses}
    lines: list[Line] = []
    told: list[Entry] = []
    for entry in rows:
        if entry.reverses:
            lines.append(Line(entry, False, REVERSAL))
        elif entry.pk in reversed_:
            lines.append(Line(entry, False, REVERSED))
        elif entry.source == ADJUSTMENT:
            lines.append(Line(entry))
        else:
            told.append(entry)
    told.sort(key=lambda entry: (entry.on, entry.amount))
    for _, same in itertools.groupby(told, key=lambda entry: (entry.on, entry.amount)):
        lines += _once(list(same))
    return sorted(lines, key=lambda line: (line.entry.on, line.entry.pk))


def total(lines: Iterable[Line]) -> Decimal:
    """Add up what counts."""
    return sum((line.entry.amount for line in lines if line.counts), Decimal(0))


def _once(same: Sequence[Entry]) -> list[Line]:
    """Count the aids of one day and amount: as many as the source that tells of most of them."""
    lines: list[Line] = []
    standing: list[Entry] = []

    def tell(voice: Iterable[Entry], known: Sequence[Entry]) -> None:
        for rank, entry in enumerate(voice):
            if rank < len(known):
                lines.append(Line(entry, False, SAME, known[rank].key))
            else:
                fills = REGIMES[entry.regime].counts
                lines.append(Line(entry, fills, "" if fills else OTHER_CEILING))
                standing.append(entry)

    grants = [entry for entry in same if entry.source == PORTAL]
    tell(grants, ())
    register = [entry for entry in same if entry.source == REGISTER]
    tell((entry for entry in register if not entry.is_regional), ())
    for siren in sorted({entry.siren for entry in register}):
        ours = (entry for entry in register if entry.is_regional and entry.siren == siren)
        tell(ours, [entry for entry in grants if entry.siren == siren])
    declared = sorted({entry.declaration or 0 for entry in same if entry.source == DECLARATION}, reverse=True)
    for voice in declared:
        said = [entry for entry in same if entry.source == DECLARATION and (entry.declaration or 0) == voice]
        tell(said, tuple(standing))
    return lines
