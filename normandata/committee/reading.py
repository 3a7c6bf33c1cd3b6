"""What the pages of a session show: the agenda with its running sum, where the money stops, who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from normandata.accounts.models import User
from normandata.dossiers.models import READERS as DOSSIER_READERS
from normandata.dossiers.models import Dossier
from normandata.procedure.models import Event
from normandata.regulation.formats import euros, plural, spaced
from normandata.regulation.money import ZERO
from normandata.ui.gauge import Gauge, gauge_of

from . import checks, permissions
from .dockets import Brief, Funds, docket_of
from .models import Item, Session
from .papers import vote
from .services.holding import items_of
from .workflow import PREPARING, RECORDED, TABLED, VALIDATED

SESSION = "cette séance"
ACTS = {
    "create": "Séance ouverte",
    "change": "Séance modifiée",
    "put_on_agenda": "Inscription à l’ordre du jour",
    "take_off": "Retrait de l’ordre du jour",
    "reorder": "Ordre changé",
    "table": "Ordre du jour arrêté",
    "reopen_agenda": "Ordre du jour rouvert",
    "record_results": "Résultats saisis",
    "record": "Résultats envoyés à la validation",
    "send_back": "Résultats renvoyés à la saisie",
    "validate": "Séance validée",
    "reopen_results": "Séance rouverte",
    "describe": "Délibération complétée",
}
"""What this room writes in the journal of a session, in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A dossier of the agenda as a page shows it; one closed to the reader says its number and nothing else.

    `running` is the sum of the grants down to here, in euros; `is_cut` is true of the first that the money misses.
    """

    item: Item
    place: int
    brief: Brief | None
    running: Decimal
    is_beyond: bool
    is_cut: bool
    is_gone: bool

    @property
    def recusals(self) -> str:
        return "; ".join(one.written for one in self.item.recusals.all())

    @property
    def is_exception(self) -> bool:
        """Whether it was not simply decided as proposed."""
        return self.item.departs or bool(self.recusals)

    @property
    def is_closed(self) -> bool:
        return self.brief is None

    @property
    def vote(self) -> str:
        item = self.item
        counted = (item.votes_for, item.votes_against, item.abstentions)
        return vote([one or 0 for one in counted]) if item.votes_for is not None else ""


@dataclass(frozen=True, slots=True)
class Agenda:
    """The agenda of a session, its sum and the envelope after it; `is_complete` when nothing of it is closed."""

    session: Session
    lines: Sequence[Line]
    total: Decimal
    funds: Funds | None
    gauge: Gauge | None
    is_complete: bool

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def proposed(self) -> Decimal:
        """What the proposals add up to, in euros."""
        return checks.proposed([line.item for line in self.lines])

    @property
    def sums(self) -> list[tuple[str, int, Decimal]]:
        """How many dossiers each outcome has, with the sum of its amounts; they add up to the whole agenda."""
        found = []
        for outcome in Item.Outcome:
            items = [line.item for line in self.lines if line.item.outcome == outcome]
            found.append((outcome.label, len(items), checks.total(items)))
        return [one for one in found if one[1]]

    @property
    def exceptions(self) -> list[Line]:
        """The lines that a second person reads first: another decision, another vote, somebody who withdrew."""
        votes = [line.vote for line in self.lines]
        usual = max(set(votes), key=votes.count, default="")
        return [line for line in self.lines if line.is_exception or line.vote != usual]

    @property
    def sentence(self) -> str:
        """The agenda in a sentence."""
        said = f"{plural(self.count, 'dossier')}, {euros(self.total)}"
        return spaced(f"{said} {self.unit}".rstrip())

    @property
    def unit(self) -> str:
        return checks.basis_of(line.item.basis for line in self.lines)

    @property
    def is_mixed(self) -> bool:
        """Whether some amounts are HT and others TTC: each then says which."""
        return len({line.item.basis for line in self.lines if line.item.basis}) > 1


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person before the page may do now."""

    keeps: bool
    validates: bool
    prepares: bool
    types: bool
    is_second: bool
    reopens: bool
    reads_dossiers: bool


def rights(session: Session, user: User, *, is_complete: bool = True) -> Rights:
    """Work out the buttons of a page; somebody in conflict neither settles nor decides."""
    keeps, validates = permissions.keeps(user, session), permissions.validates(user, session)
    return Rights(
        keeps=keeps,
        validates=validates,
        prepares=keeps and session.state == PREPARING,
        types=keeps and is_complete and session.state == TABLED,
        is_second=validates and is_complete and session.state == RECORDED and session.recorded_by_id != user.pk,
        reopens=validates and is_complete and _closed_by(session) not in (None, user.pk),
        reads_dossiers=user.holds(*DOSSIER_READERS, scheme=session.scheme),
    )


def _closed_by(session: Session) -> int | None:
    """Return the key of whoever settled the agenda, or validated the session: another person opens it again."""
    return {TABLED: session.settled_by_id, VALIDATED: session.validated_by_id}.get(session.state)


def agenda(session: Session, user: User) -> Agenda:
    """Read the agenda of a session for somebody: five queries, whatever its length."""
    items = items_of(session)
    closed = permissions.closed_to(user, items)
    funds = docket_of(session.scheme).funds(session.held_on)
    total = checks.total(items)
    return Agenda(
        session, _lines(session, items, closed, funds), total, funds, _gauge(session, funds, total), not closed
    )


def _lines(session: Session, items: Sequence[Item], closed: frozenset[int], funds: Funds | None) -> list[Line]:
    lines, running, was_beyond = [], ZERO, False
    room = funds.free if funds and session.state != VALIDATED else None
    for place, item in enumerate(items, start=1):
        running += item.granted
        is_beyond = room is not None and running > room
        lines.append(
            Line(
                item=item,
                place=place,
                brief=None if item.dossier_id in closed else item.said,
                running=running,
                is_beyond=is_beyond,
                is_cut=is_beyond and not was_beyond,
                is_gone=bool(checks.left(item)),
            )
        )
        was_beyond = is_beyond
    return lines


def _gauge(session: Session, funds: Funds | None, total: Decimal) -> Gauge | None:
    """Draw the envelope: with what the session would take of it, or as it stands once the decisions took effect."""
    if funds is None:
        return None
    return gauge_of(funds) if session.state == VALIDATED else gauge_of(funds, total, about=SESSION)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dossier that waits for a session, as the page offers it."""

    dossier: Dossier
    brief: Brief | None


def waiting(session: Session, user: User) -> list[Waiting]:
    """List the dossiers that this agenda may take up; six queries, whatever their number."""
    docket = docket_of(session.scheme)
    dossiers = docket.waiting(user)
    briefs = docket.briefs(dossiers)
    closed = permissions.closed_to(user, [Item(dossier=one) for one in dossiers])
    return [Waiting(one, None if one.pk in closed else briefs.get(one.pk)) for one in dossiers]


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the journal of a session."""

    label: str
    event: Event
    detail: str


def journal(session: Session) -> list[Act]:
    """Read what was done on a session, the last act first."""
    return [
        Act(ACTS.get(event.name, event.name), event, spaced(_detail(event)))
        for event in Event.objects.about(session).select_related("by")
    ]


def _detail(event: Event) -> str:
    """Say what an act was about: dossiers by their number, a sum, a day."""
    said = []
    if numbers := event.data.get("numbers"):
        said.append(", ".join(numbers))
    if amount := event.data.get("amount"):
        said.append(f"{euros(Decimal(amount))} de subventions")
    return " · ".join(said)
