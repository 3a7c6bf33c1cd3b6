"""What scoring knows of dossiers: whoever is tied to one does not judge it, and a conflict closes the dossier.

A subject that is about a dossier points at the dossier itself, whatever the scheme.
"""

from collections.abc import Callable, Collection, Mapping

from django.db.models import BigIntegerField, Case, CharField, Q, Value, When
from django.db.models.functions import Cast

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Membership

from .models import Conflict, Subject

KIND = Dossier._meta.label_lower
MEMBER = "Vous êtes membre de la structure qui dépose ce dossier."
Tied = Callable[[User], Q]
"""Given a person: the dossiers that a directory ties to them, described without a query of its own."""

_ties: dict[str, Tied] = {}


def register(why: str, tied: Tied) -> None:
    """Add a tie that nobody has to declare, with its French sentence; from an application's `ready()`.

    The same rule refuses the sheet and closes the dossier as long as a panel judges it (rule 3).
    """
    _ties[why] = tied


def ours(user: User) -> Q:
    """Describe the dossiers deposited by an organisation of which this person is an active member."""
    return Q(organisation__in=Membership.objects.active().filter(user=user).values("organisation"))


def concerned(user: User, keys: Collection[str]) -> Mapping[str, str]:
    """Say which dossiers a directory ties to this person, and why: the first tie that was registered; one query."""
    cases = [When(tied(user), then=Value(why)) for why, tied in _ties.items()]
    reason = Case(*cases, default=Value(""), output_field=CharField())
    found = Dossier.objects.filter(pk__in=list(keys)).annotate(why=reason).exclude(why="")
    return {str(key): why for key, why in found.values_list("pk", "why")}


def versions(keys: Collection[str]) -> Mapping[str, str]:
    """Return the versions of the last deposits, by dossier; one query."""
    found = Dossier.objects.filter(pk__in=list(keys)).values_list("pk", "version")
    return {str(key): str(version) for key, version in found}


def closed_to(user: User) -> Q:
    """Describe the dossiers closed to a person on the Region's side, without a query of its own.

    Those that a declared conflict of interest closes, judged or not, and those that a panel judges and that a
    directory ties to this person, declared or not (rule 3).
    """
    closed = Conflict.objects.keys_closed(user, KIND).values_list(Cast("thing", BigIntegerField()))
    tied = Q(pk__in=())
    for described in _ties.values():
        tied |= described(user)
    judged = Subject.objects.judged().filter(kind=KIND).annotate(dossier=Cast("key", BigIntegerField()))
    return Q(pk__in=closed) | (tied & Q(pk__in=judged.order_by().values("dossier")))
