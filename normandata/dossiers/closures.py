"""What closes a dossier to a person who would otherwise read it for the Region: filters that higher floors register.

The applicant's side is not touched: the members of an organisation always read their own dossiers.
"""

from collections.abc import Callable

from django.db.models import Q

from normandata.accounts.models import User

Filter = Callable[[User], Q]
_filters: list[Filter] = []
_READ, _PASSED = "_dossiers_closed", "_dossiers_passed"
"""Where a person keeps the keys read for the request, like the roles."""


def register(closing: Filter) -> Filter:
    """Close to a person the dossiers that `closing(user)` describes.

    Registered once however often it is asked, from an application's `ready()` or as a decorator.
    """
    if closing not in _filters:
        _filters.append(closing)
    return closing


def left_open(user: User) -> Q:
    """Describe the dossiers that nothing closes to this person: for lists, without a query of its own."""
    described = Q()
    for closing in _filters:
        described &= ~closing(user)
    return described


def described(user: User) -> Q | None:
    """Describe the dossiers that are closed to this person; None when nothing ever closes one."""
    closed: Q | None = None
    for closing in _filters:
        closed = closing(user) if closed is None else closed | closing(user)
    return closed


def remembered(user: User, read: Callable[[Q], frozenset[int]]) -> frozenset[int]:
    """Return the keys of the dossiers closed to this person, read once for the request."""
    kept: dict[str, frozenset[int]] = vars(user)
    if _READ not in kept:
        closed = described(user)
        kept[_READ] = frozenset() if closed is None else read(closed)
    return kept[_READ]


def pass_through(user: User, key: int) -> None:
    """Note that a dossier was just read through a list that leaves out what is closed: it need not be asked again."""
    vars(user).setdefault(_PASSED, set()).add(key)


def has_passed(user: User, key: int) -> bool:
    """Tell whether this request read the dossier through such a list."""
    return key in vars(user).get(_PASSED, ())


def forget(user: User) -> None:
    """Read again at the next question: something was just closed or opened to this person."""
    vars(user).pop(_READ, None)
    vars(user).pop(_PASSED, None)
