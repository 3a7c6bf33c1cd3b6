"""Who may do what with an action of the roadmap: everybody reads it, its pilot writes it."""

from typing import TYPE_CHECKING

from normandata.accounts.models import Role, User

if TYPE_CHECKING:
    from .models import Action

SCHEME = "roadmap"


def pilots(user: User, action: "Action") -> bool:
    """Write an action: whoever pilots it, or all of them."""
    return user.holds(Role.ACTION_PILOT, scheme=SCHEME, scope=action.slug)


def piloted_slugs(user: User) -> frozenset[str] | None:
    """Return the slugs of the actions that a person pilots; None stands for all of them."""
    held = [one for one in user.assignments if one.covers((Role.ACTION_PILOT,), SCHEME, "")] if user.is_active else []
    scopes = frozenset(one.scope for one in held)
    return None if "" in scopes else scopes


def is_pilot(user: User) -> bool:
    """Tell whether a person pilots at least one action."""
    return piloted_slugs(user) != frozenset()
