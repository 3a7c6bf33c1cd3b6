"""What a scheme declares so that dossiers may be filled, deposited and examined: one frozen `Application`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from normandata.accounts.models import User
from normandata.documents.limits import Limits
from normandata.organisations.models import Organisation
from normandata.procedure.services import Procedure
from normandata.regulation.findings import Verdict
from normandata.workflow.table import State

from .forms import Context, SectionForm, Typed

if TYPE_CHECKING:
    from .bulk import BulkJob
    from .models import Dossier, DossierQuerySet
    from .periods import Window

Cleaned = Mapping[str, Mapping[str, Any]]
"""Checked answers: by section, then by field."""


def always(context: Context) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section of the form: its address, its title, its fields, and whom it concerns."""

    slug: str
    title: str
    form_class: type[SectionForm]
    concerns: Callable[[Context], bool] = always


@dataclass(frozen=True, slots=True)
class Piece:
    """A document to join: its limits are said before it is chosen."""

    slug: str
    label: str
    hint: str
    limits: Limits
    is_required: Callable[[Context], bool]
    concerns: Callable[[Context], bool] = always


@dataclass(frozen=True, slots=True)
class Commitment:
    """A sentence that whoever commits the organisation accepts, ticked with the signature."""

    slug: str
    label: str
    concerns: Callable[[Context], bool] = always


@dataclass(frozen=True, slots=True)
class Service:
    """Who handles the dossiers of a scheme, as the receipt must say (CRPA, art. R112-11-1)."""

    name: str
    address: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Case:
    """A complete request, as the scheme judges and stores it."""

    dossier: "Dossier"
    organisation: Organisation
    answers: Cleaned
    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a dossier's page that its scheme draws: a template and what it shows."""

    template: str
    content: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    """What some gestures are called on this dossier, by name; an empty one hides what cannot be made yet."""
    secondary: frozenset[str] = frozenset()
    """Gestures that are possible and not the one to make first, by name."""


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One entry of an envelope's ledger for a dossier, in euros, on the envelope's basis.

    `reserved`, `committed` and `paid` are signed movements: those of a dossier add up to what stands for it, to the
    cent. `amount` is that of the gesture, `basis` the words after it (HT, TTC, or that the vote does not say).
    """

    dossier: int
    on: date
    what: str
    amount: Decimal
    envelope: str
    basis: str
    reserved: Decimal
    committed: Decimal
    paid: Decimal
    act: str = ""

    @property
    def is_payment(self) -> bool:
        return self.paid > 0


@dataclass(frozen=True, slots=True)
class Reclaim:
    """Money asked back of a dossier, in euros: why, where it stands, the number of its « titre » once it has one."""

    dossier: int
    on: date
    what: str
    amount: Decimal
    standing: State
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """A gesture of a scheme on several dossiers: its name, what is done on each, and the page that it came from.

    `gesture` raises what the one on a single dossier raises; `back` gives a link: its words and its address.
    """

    label: str
    gesture: Callable[["BulkJob", "Dossier"], None]
    back: Callable[["BulkJob"], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Application:
    """The form of a scheme and its procedure.

    `judge` gives the verdict of a complete request on its day; `keep` writes the scheme's own row in the deposit's
    transaction; `prefill` says what the directory and the simulator already know, as typed answers by section.
    """

    prefix: str
    sections: tuple[FormSection, ...]
    pieces: tuple[Piece, ...]
    procedure: Procedure
    service: Service
    judge: Callable[[Case], Verdict]
    keep: Callable[[Case], None]
    prefill: Callable[[Organisation, QueryDict], Mapping[str, Typed]]
    signatory: tuple[str, str, str] = ("", "", "")
    """Where the form names whoever commits the organisation: section, field of the name, field of the function."""
    commitments: tuple[Commitment, ...] = ()
    next_steps: tuple[str, ...] = ()
    open_review: "Callable[[Dossier, User | None], None] | None" = None
    """What a scheme does in the transaction where a deposit comes under review, first or again."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Transitions that need more than a word, by name: the route of their own page, given the dossier's key."""
    acts: Mapping[str, str] = field(default_factory=dict)
    """What the scheme writes in the journal besides its transitions: words by name."""
    desk_panel: "Callable[[Dossier, User], Panel | None] | None" = None
    """What the agents read beside the findings: money, provider, dates."""
    space_panel: "Callable[[Dossier, User], Panel | None] | None" = None
    """What the organisation reads of what follows the decision."""
    homes: Mapping[str, str] = field(default_factory=dict)
    """Where people of an outside role work, by role: the route of their own space."""
    sentences: Mapping[str, Callable[["Dossier"], str]] = field(default_factory=dict)
    """What is expected of the organisation in the states that the kernel does not word, by state."""
    card_notes: "Callable[[Sequence[Dossier]], Mapping[int, str]] | None" = None
    """What the cards of dossiers of this scheme add, by key of dossier: the calendar of a wave."""
    reclaims: "Callable[[DossierQuerySet], Sequence[Reclaim]] | None" = None
    """Every repayment asked for these dossiers, the newest first; one query."""
    money: "Callable[[DossierQuerySet], Sequence[MoneyLine]] | None" = None
    """Every entry that the scheme's envelopes hold for dossiers of this scheme, the oldest first.

    The ledger points at what the scheme reserved for (an order, a payment request, the dossier itself): each line
    names the dossier it is for, whatever its thing, those released included. The queryset is what the reader may see,
    to be used in a query; two queries at most, however many dossiers. `budgets.statement.lines` reads the ledger.
    """

    windows: "Callable[[Sequence[Dossier], datetime], Mapping[int, Window]] | None" = None
    """When each of these dossiers may be deposited, by key, for a scheme whose dossiers do not share their dates.

    Two queries at most, however many dossiers; without it, the filing periods of the scheme hold for all of them.
    """
    card_rows: tuple[str, ...] = ()
    """Rows that `sentences` read, to be read with the dossiers of a list."""
    bulk: Mapping[str, Bulk] = field(default_factory=dict)
    """Gestures that the scheme's own pages post on several dossiers, by name."""

    def review(self, dossier: "Dossier", by: User | None) -> None:
        """Do what the scheme does when a deposit comes under review."""
        if self.open_review is not None:
            self.open_review(dossier, by)

    def section(self, slug: str) -> FormSection | None:
        return next((section for section in self.sections if section.slug == slug), None)

    def piece(self, slug: str) -> Piece | None:
        return next((piece for piece in self.pieces if piece.slug == slug), None)
