"""Who may do what with a session of the Commission permanente."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from normandata.accounts.models import Role, User
from normandata.dossiers import closures
from normandata.dossiers.models import Dossier

from . import dockets

if TYPE_CHECKING:
    from .models import Item, Session

READERS = (Role.COMMITTEE_CLERK, Role.LEAD_AGENT, Role.AGENT, Role.AUDITOR, Role.ADMINISTRATOR)


def keeps(user: User, session: "Session") -> bool:
    """Prepare the agenda, type the results, validate what another typed: the committee's clerks."""
    return user.holds(Role.COMMITTEE_CLERK, scheme=session.scheme)


def validates(user: User, session: "Session") -> bool:
    """Validate results: another clerk, or a lead agent of the scheme; `conduct.by_another` tells them apart."""
    return user.holds(Role.COMMITTEE_CLERK, Role.LEAD_AGENT, scheme=session.scheme)


def reads(user: User, session: "Session") -> bool:
    """Read a session, its agenda and its results."""
    return user.holds(*READERS, scheme=session.scheme)


def has_access(user: User) -> bool:
    """Tell whether a person has sessions to read: the committee’s clerks, and who reads a scheme before it."""
    is_clerk = user.schemes_as(Role.COMMITTEE_CLERK) != frozenset()
    return is_clerk or any(user.holds(*READERS, scheme=slug) for slug in dockets.schemes())


def kept_by(user: User) -> list[str]:
    """List the schemes whose sessions a person keeps."""
    return [slug for slug in dockets.schemes() if user.holds(Role.COMMITTEE_CLERK, scheme=slug)]


def closed_to(user: User, items: "Iterable[Item]") -> frozenset[int]:
    """Return the keys of the dossiers that a declared conflict of interest closes to a person: one query."""
    described = closures.described(user)
    if described is None:
        return frozenset()
    keys = [item.dossier_id for item in items]
    return frozenset(Dossier.objects.filter(described, pk__in=keys).values_list("pk", flat=True))
