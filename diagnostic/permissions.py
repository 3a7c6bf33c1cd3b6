"""Who may open a report, and what for: its structure, its provider, the scheme's agents; nobody else."""

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.organisations.models import Membership

from .orders import Order
from .reports import Opening

Purpose = Opening.Purpose
READ_BY_REGION = (Purpose.SERVICE, Purpose.FEEDBACK)
"""All that the Region's copy serves (annexe 3): whoever opens it says which."""


def sirets(user: User) -> frozenset[str]:
    """Return the SIRETs of the companies that this person works for."""
    return frozenset(
        held.scope
        for held in user.assignments
        if user.is_active and held.role == Role.PROVIDER and held.scheme in ("", "diagnostic") and held.scope
    )


def is_provider(user: User, order: Order) -> bool:
    return order.company.siret in sirets(user)


def is_member(user: User, order: Order) -> bool:
    """Tell whether this person is an active member of the structure; asking to join is not enough."""
    held = Membership.objects.filter(user=user, organisation=order.organisation_id, state=Membership.State.ACTIVE)
    return user.is_active and held.exists()


def purposes(user: User, order: Order) -> tuple[Opening.Purpose, ...]:
    """List what a person may open a report for; nothing when the report does not exist for them.

    The structure reads it once it was handed over; an agent chooses between the two uses of the Region's copy.
    """
    if not order.is_active:
        return ()
    if permissions.can_examine(user, order.dossier):
        return READ_BY_REGION
    if is_provider(user, order):
        return (Purpose.AUTHOR,)
    return (Purpose.OWNER,) if order.delivered_on is not None and is_member(user, order) else ()


def can_ask_redaction(user: User, order: Order) -> bool:
    """The structure, once the report is in its hands, or an agent."""
    allowed = purposes(user, order)
    return bool(allowed) and allowed != (Purpose.AUTHOR,)
