"""A programme of grants: what is foreseen for the dossiers of a wave, by rank, against the money that is left. Pure.

Amounts are in euros.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from normandata.regulation.formats import euros, plural, spaced
from normandata.regulation.money import ZERO
from normandata.workflow.table import State

GRANT, REFUSE, LATER = "grant", "refuse", "later"
KINDS = {GRANT: "Subvention", REFUSE: "Refus", LATER: "Rien pour l’instant"}
PROPOSABLE = "review"
"""The state of a dossier on which something may be proposed."""
NO_CREDIT = "Crédits insuffisants : l’enveloppe de la vague ne permet pas de financer ce projet."


@dataclass(frozen=True, slots=True)
class Choice:
    """What is foreseen for a dossier: a grant of `amount` euros, a refusal for `reason`, or nothing for now."""

    kind: str
    amount: Decimal | None = None
    reason: str = ""

    @property
    def asked(self) -> Decimal:
        """What it takes of the envelope, in euros."""
        return self.amount or ZERO if self.kind == GRANT else ZERO

    @property
    def written(self) -> str:
        """Write it as a table does: « 12 500,00 € », « Refus », « Rien pour l’instant »."""
        return euros(self.asked) if self.kind == GRANT else KINDS[self.kind]


NOTHING = Choice(LATER)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored dossier of a wave; `rank` is None under the floor. Amounts in euros, on `basis`.

    `most` is what may be granted to it today at most, None while its de minimis aids are not declared. `proposed` is
    what stands on it already, or what was decided.
    """

    pk: int
    uuid: Any
    number: str
    organisation: str
    title: str
    rank: int | None
    score: str
    state: State
    basis: str
    grant: Decimal
    most: Decimal | None
    refusal: str = ""
    """Why it can only be refused; empty for one that may be granted something."""
    proposed: Choice | None = None
    is_validated: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something may be proposed on it."""
        return self.state.slug == PROPOSABLE

    @property
    def is_cut(self) -> bool:
        """Whether de minimis aids leave less than the grant that is computed."""
        return self.most is not None and self.most < self.grant


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a programme: what is foreseen, the sum of the grants down to it, and what is left after it.

    `is_first_unpaid` opens what the envelope does not pay; `is_unpaid` is a grant beyond it.
    """

    candidate: Candidate
    choice: Choice
    sum: Decimal
    left: Decimal | None
    is_unpaid: bool
    is_first_unpaid: bool


@dataclass(frozen=True, slots=True)
class Programme:
    """What is foreseen for the dossiers of a wave, against `available` euros; None without an envelope."""

    rows: tuple[Row, ...]
    available: Decimal | None

    def _open(self, kind: str) -> list[Row]:
        return [row for row in self.rows if row.candidate.is_open and row.choice.kind == kind]

    @property
    def grants(self) -> int:
        return len(self._open(GRANT))

    @property
    def refusals(self) -> int:
        return len(self._open(REFUSE))

    @property
    def later(self) -> int:
        return len(self._open(LATER))

    @property
    def count(self) -> int:
        """Dossiers on which something would be proposed."""
        return self.grants + self.refusals

    @property
    def total(self) -> Decimal:
        return sum((row.choice.asked for row in self._open(GRANT)), ZERO)

    @property
    def left(self) -> Decimal | None:
        """What the whole would leave, below zero by what is missing."""
        return None if self.available is None else self.available - self.total

    @property
    def passes(self) -> bool:
        return self.left is None or self.left >= 0

    @property
    def missing(self) -> Decimal:
        """What the envelope lacks to pay it, in euros."""
        return ZERO if self.left is None else max(ZERO, -self.left)

    @property
    def cut(self) -> str:
        """Say where the envelope no longer pays, and by how much; nothing when it pays everything."""
        found = next((row for row in self.rows if row.is_first_unpaid), None)
        if found is None or self.available is None:
            return ""
        left = self.available - found.sum + found.choice.asked
        wanted = wanted_of(found.candidate, found.choice)
        has = f"il reste {euros(left)}" if left > 0 else "il ne reste rien"
        return spaced(f"L’enveloppe ne paie plus : {has} et ce dossier demande {euros(wanted)}.")

    @property
    def sentence(self) -> str:
        """Say what it would be to propose it."""
        if not self.count:
            return "Aucun dossier à proposer."
        parts = [f"{plural(self.grants, 'subvention')} pour {euros(self.total)}"] if self.grants else []
        parts += [plural(self.refusals, "refus", "refus")] if self.refusals else []
        said = " et ".join(parts)
        waits = plural(self.later, "dossier laissé de côté", "dossiers laissés de côté")
        return spaced(f"{said}, {waits}." if self.later else f"{said}.")


def wanted_of(candidate: Candidate, choice: Choice) -> Decimal:
    """Return what a dossier takes of the envelope as foreseen, or would take at most, in euros."""
    return choice.asked if choice.kind == GRANT else candidate.most or ZERO


def foreseen(candidates: Iterable[Candidate], available: Decimal | None) -> dict[int, Choice]:
    """Return what is proposed by default, by key: the most of each by rank, until the envelope no longer pays.

    From there on, nobody overtakes: those that come after are refused too, for want of money.
    """
    found: dict[int, Choice] = {}
    left, is_over = available, False
    for one in candidates:
        if not one.is_open:
            continue
        if one.refusal:
            found[one.pk] = Choice(REFUSE, reason=one.refusal)
        elif one.most is None:
            found[one.pk] = NOTHING
        elif is_over or (left is not None and one.most > left):
            is_over = True
            found[one.pk] = Choice(REFUSE, reason=spaced(NO_CREDIT))
        else:
            left = None if left is None else left - one.most
            found[one.pk] = Choice(GRANT, one.most)
    return found


def drawn(candidates: Iterable[Candidate], chosen: Mapping[int, Choice], available: Decimal | None) -> Programme:
    """Sum a programme in the order of the ranking; a dossier that was decided or proposed already takes nothing here.

    The cut line stands before the first dossier that what is left does not pay, at its amount or at the most of it.
    """
    rows, total, is_cut = [], ZERO, False
    for one in candidates:
        choice = chosen.get(one.pk, NOTHING) if one.is_open else one.proposed or NOTHING
        asked = choice.asked if one.is_open else ZERO
        is_first = False
        if one.is_open and available is not None and not is_cut:
            is_first = is_cut = total + wanted_of(one, choice) > available
        total += asked
        left = None if available is None else available - total
        rows.append(Row(one, choice, total, left, bool(asked) and left is not None and left < 0, is_first))
    return Programme(tuple(rows), available)


@dataclass(frozen=True, slots=True)
class Difference:
    """A dossier that two programmes do not treat alike."""

    candidate: Candidate
    first: Choice
    second: Choice


def differences(first: Programme, second: Programme) -> list[Difference]:
    """List what two programmes on the same dossiers do not foresee alike, in the order of the ranking."""
    return [
        Difference(one.candidate, one.choice, other.choice)
        for one, other in zip(first.rows, second.rows, strict=True)
        if one.choice != other.choice
    ]


def under(score: str, floor: str) -> str:
    """Write the reason of a refusal under the floor: « Note de 48,20 sur 100, inférieure au plancher de 50. »."""
    return spaced(f"Note de {score}, inférieure au plancher de {floor}.")
