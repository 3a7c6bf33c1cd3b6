"""Who writes the news: administrators, and the lead agents of any scheme, who answer for what is said of it."""

from typing import Any

from normandata.accounts.models import Role, User

WRITERS = (Role.ADMINISTRATOR, Role.LEAD_AGENT)


def writes(user: User) -> bool:
    """Tell whether somebody writes the news of the portal."""
    return user.is_active and user.schemes_as(*WRITERS) != frozenset()


def edits(user: User, news: Any) -> bool:
    """Write, publish or withdraw one: whoever writes them, for the news are the Region's and not their author's."""
    return writes(user)
