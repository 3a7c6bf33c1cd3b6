"""Who is closed off from what: conflicts declared, and ties that a scheme knows of."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from normandata.accounts.models import User

from . import kinds
from .models import Conflict, Panel, Subject


@dataclass(frozen=True, slots=True)
class Spot:
    """A subject as a reading needs it, without the row."""

    pk: int
    kind: str
    key: str


def reason(user: User, subject: Subject) -> str:
    """Say what ties a person to a subject, from the directory of its kind; an empty string for nothing."""
    return kinds.concerned(user, subject.kind, [subject.key]).get(subject.key, "")


def declared(user: User, subject: Subject) -> bool:
    """Tell whether a conflict that nobody lifted closes this subject to this person."""
    return Conflict.objects.closing(user, subject.kind, subject.key).exists()


def closed(user: User, panel: Panel, spots: Collection[Spot]) -> frozenset[int]:
    """Return the keys of the subjects closed to a person, declared or known: one query, and one by kind."""
    closing = Conflict.objects.closing(user, OuterRef("kind"), OuterRef("key"))
    declared_on = panel.subjects.filter(Exists(closing)).order_by()
    things = set(declared_on.values_list("kind", "key"))
    for kind in {spot.kind for spot in spots}:
        keys = [spot.key for spot in spots if spot.kind == kind]
        things |= {(kind, key) for key in kinds.concerned(user, kind, keys)}
    return frozenset(spot.pk for spot in spots if (spot.kind, spot.key) in things)
