"""Who may do what with a call: everybody reads a public one; the pilots of its chantier and administrators write it."""

from typing import TYPE_CHECKING

from normandata.accounts.models import Role, User

from ..permissions import SCHEME, piloted_slugs

if TYPE_CHECKING:
    from .models import Call


def written_slugs(user: User) -> frozenset[str] | None:
    """Return the actions whose chantiers' calls a person writes; None stands for all of them.

    Whoever pilots one action of a chantier writes the calls of that chantier.
    """
    return None if user.holds(Role.ADMINISTRATOR, scheme=SCHEME) else piloted_slugs(user)


def pilots(user: User, call: "Call") -> bool:
    """Write a call: whoever pilots its chantier, or an administrator."""
    slugs = written_slugs(user)
    return slugs is None or (bool(slugs) and call.chantier.actions.filter(slug__in=slugs).exists())


def writes_calls(user: User) -> bool:
    """Tell whether a person writes the calls of one chantier at least."""
    return written_slugs(user) != frozenset()
