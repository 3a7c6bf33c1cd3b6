"""What the committee asks of a scheme about the dossiers on its agenda: one frozen `Docket` handed up by each.

The committee knows neither grants nor envelopes: a scheme says what a dossier is about, what it may receive at most
on a day, and where the money stands; its own procedure does what a decision means (see `DECISIONS`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier

if TYPE_CHECKING:
    from .models import Item

DECISIONS = ("schedule", "unschedule", "grant", "refuse", "adjourn", "undo_decision")
"""The transitions that a scheme's procedure has for the committee, fired with the agenda's `item` as data.

None has a permission: they belong to the portal, which fires them for the gestures of `committee.services`, whose own
permissions hold. `grant` reads `item.decided_amount`; `undo_decision` brings a dossier decided back to `scheduled`.
"""


AMOUNTS = ("amount", "base")
"""The fields of a brief that are amounts in euros."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What the agenda, the report and its annex say of a dossier; amounts in euros, on `basis`.

    `lines` are (label, value) pairs for the report; `rank` and `score` are those of a closed ranking, as shown.
    """

    title: str
    is_grant: bool
    amount: Decimal | None
    basis: str
    reason: str
    rank: int | None = None
    score: str = ""
    base: Decimal | None = None
    rate: str = ""
    partners: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return the JSON record frozen with the agenda's item; amounts as text."""
        amounts = {name: str(value) for name in AMOUNTS if (value := getattr(self, name)) is not None}
        return asdict(self) | dict.fromkeys(AMOUNTS) | amounts

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Brief":
        """Read a brief back as it was frozen."""
        amounts = {name: Decimal(record[name]) for name in AMOUNTS if record[name] is not None}
        lines = tuple((label, value) for label, value in record["lines"])
        return cls(**{**record, **amounts, "partners": tuple(record["partners"]), "lines": lines})


@dataclass(frozen=True, slots=True)
class Funds:
    """Where the money for a session stands, in euros on `unit`: an account of `budgets` read by the scheme."""

    label: str
    voted: Decimal
    reserved: Decimal
    committed: Decimal
    paid: Decimal
    unit: str

    @property
    def free(self) -> Decimal:
        return self.voted - self.reserved - self.committed - self.paid


@dataclass(frozen=True, slots=True)
class Docket:
    """What a scheme tells the committee.

    `briefs` are by key of dossier, in a number of queries that does not grow; `most` is the largest amount that may be
    granted on a day (`grantable_max` recomputed, None when it cannot be known yet); `funds` is None without an envelope
    for that day; `waiting` lists the dossiers whose validated proposal waits for a session. `hold` locks the money of a
    day until the end of the transaction, before anything else: two sessions decided at once wait for each other.
    `moved` tells an organisation that its session has another day.
    """

    scheme: str
    briefs: Callable[[Sequence[Dossier]], Mapping[int, Brief]]
    most: Callable[[Dossier, date], Decimal | None]
    funds: Callable[[date], Funds | None]
    waiting: Callable[[User], Sequence[Dossier]]
    hold: Callable[[date], None]
    moved: Callable[["Item"], None]


_registry: dict[str, Docket] = {}


def register(docket: Docket) -> None:
    """Make a scheme's docket known; raises ValueError when the scheme has another."""
    if _registry.setdefault(docket.scheme, docket) is not docket:
        raise ValueError(f"the scheme {docket.scheme!r} has a docket already")


def docket_of(scheme: str) -> Docket:
    """Return the docket of a scheme; raises LookupError when its dossiers never come before the committee."""
    if scheme not in _registry:
        raise LookupError(f"no dossier of {scheme!r} comes before the committee")
    return _registry[scheme]


def schemes() -> tuple[str, ...]:
    """Return the slugs of the schemes whose dossiers come before the committee."""
    return tuple(sorted(_registry))
