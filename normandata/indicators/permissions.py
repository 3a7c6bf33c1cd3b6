"""Who types values in, and who reads the figures that the public does not."""

from normandata.accounts.models import Role, User
from normandata.dossiers.models import INSTRUCTORS, READERS


def may_type(user: User, owner: str) -> bool:
    """Agents of a scheme and administrators type its values in; for what is no scheme, administrators do."""
    return user.holds(*INSTRUCTORS, Role.ADMINISTRATOR, scheme=owner)


def may_read(user: User, owner: str) -> bool:
    """Tell who reads the figures of an owner whole, small groups too."""
    return user.holds(*READERS, scheme=owner)
