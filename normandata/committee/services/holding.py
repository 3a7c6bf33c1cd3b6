"""What every gesture on a session begins with: its row held, its items read, what the page showed compared."""

from collections.abc import Callable, Iterable

from django.db import transaction

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, Unmet
from normandata.procedure.models import Event

from .. import permissions
from ..dockets import docket_of
from ..models import Item, Session

CHANGED = "L’ordre du jour ou les résultats ont changé entre-temps : rechargez la page pour les lire."
CONFLICT = "Vous avez déclaré un conflit d’intérêts sur un dossier de cette séance : une autre personne s’en charge."


def hold(session: Session, *states: str, by: User, seen: int | None = None) -> list[Item]:
    """Lock a session for whoever keeps it, in one of the states, as the page showed it; return its items in order.

    Raises NotAllowed, and NotNow for another state or another revision than `seen`.
    """
    procedure.lock(session)
    if not permissions.keeps(by, session):
        raise NotAllowed(procedure.FORBIDDEN)
    if session.state not in states:
        raise NotNow(procedure.TOO_LATE)
    if seen is not None and seen != session.revision:
        raise NotNow(CHANGED)
    return items_of(session)


def items_of(session: Session) -> list[Item]:
    """Read what stands on the agenda, in order, with who withdrew: two queries. The items share this very session."""
    rows = session.items.standing().select_related("dossier__organisation").prefetch_related("recusals")
    items = list(rows)
    for item in items:
        item.session = session
    return items


def hold_all(session: Session) -> list[Item]:
    """Lock a session, the dossiers of its agenda, then the money of its day; return its items in order.

    Dossiers before money, as in every other gesture: two sessions, or a session and a payment, never wait in a circle.
    """
    procedure.lock(session)
    keys = list(session.items.standing().values_list("dossier", flat=True))
    list(Dossier.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    docket_of(session.scheme).hold(session.held_on)
    return items_of(session)


def without_conflict(items: Iterable[Item], by: User) -> None:
    """Raise NotAllowed when a dossier of the agenda is closed to this person."""
    if permissions.closed_to(by, items):
        raise NotAllowed(CONFLICT)


@transaction.atomic
def undo(session: Session, name: str, *, reason: str, by: User) -> Event:
    """Fire what takes a session one step back, with the reason; raises what `fire` raises, NotAllowed in conflict."""
    procedure.lock(session)
    without_conflict(items_of(session), by)
    return procedure.fire_held(session, name, by=by, reason=reason)


def each(items: Iterable[Item], gesture: Callable[[Item], object]) -> None:
    """Make a gesture on each item, all or none: raises Unmet with the number and the reason of each that fails.

    A savepoint an item lets every one be tried; the caller's transaction then takes all of them back.
    """
    wrong: list[str] = []
    for item in items:
        try:
            with transaction.atomic():
                gesture(item)
        except NotDone as error:
            wrong += [f"{item.dossier.number} : {sentence}" for sentence in error.messages]
    if wrong:
        raise Unmet(*wrong)


def touch(session: Session, *fields: str) -> None:
    """Save columns of a session, and let every page that shows it know that it changed."""
    session.revision += 1
    session.save(update_fields=["revision", *fields])
