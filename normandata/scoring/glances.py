"""What lists ask of a panel in one query: one's own sheets on all its subjects, and, of things, what is shut or read.

Blind like `reading`: of others' sheets, only how many are submitted.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from normandata.accounts.models import User
from normandata.procedure.errors import NotAllowed

from . import kinds, permissions
from .models import Conflict, Disclosure, Panel, Seat, Sheet, Subject
from .reading import NOT_HERE
from .ties import Spot
from .workflow import DRAFT, SUBMITTED


@dataclass(frozen=True, slots=True)
class Own:
    """A subject in one person's list: the state of the own sheet (empty: not begun), how many others count.

    Closed, nothing of it is said; spoiled, its results were read and no sheet is written any more.
    """

    spot: Spot
    state: str
    submitted: int
    is_closed: bool
    is_spoiled: bool

    @property
    def waits(self) -> bool:
        """Whether a sheet is still expected from this person."""
        return not (self.is_closed or self.is_spoiled) and self.state in ("", DRAFT)


def own(panel: Panel, user: User) -> list[Own]:
    """Return what a person who sits is to judge, in order: one query, and one by kind. Raises NotAllowed."""
    mine = Sheet.objects.filter(subject=OuterRef("pk"), author=user)
    seats = Seat.objects.active().filter(panel=panel, person=user)
    given_back = mine.filter(Q(state=SUBMITTED) | Q(reopened_at__isnull=False))
    rows = list(
        panel.subjects.judged()
        .order_by("rank", "pk")
        .annotate(
            mine=Coalesce(Subquery(mine.values("state")[:1]), Value("")),
            count=Count("sheets", filter=Q(sheets__state=SUBMITTED)),
            shut=shut_to(user, OuterRef("kind"), OuterRef("key")),
            read=read_by(user, OuterRef("kind"), OuterRef("key")),
            back=Exists(given_back),
            role=Subquery(seats.values("role")[:1]),
        )
        .values_list("pk", "kind", "key", "mine", "count", "shut", "read", "back", "role")
    )
    role = rows[0][-1] if rows else seats.values_list("role", flat=True).first()
    if not permissions.keeps_role(user, role, panel):
        raise NotAllowed(NOT_HERE)
    tied = {kind: kinds.concerned(user, kind, [row[2] for row in rows]) for kind in {row[1] for row in rows}}
    found = []
    for pk, kind, key, state, count, shut, read, back, _ in rows:
        is_closed = shut or key in tied[kind]
        spot = Spot(pk, kind, key)
        found.append(Own(spot, "" if is_closed else state, 0 if is_closed else count, is_closed, read and not back))
    return found


def shut_to(user: User, kind: Any, key: Any) -> Exists:
    """Describe, in a query of things, those that a declared conflict of interest closes to a person."""
    return Exists(Conflict.objects.closing(user, kind, key))


def read_by(user: User, kind: Any, key: Any) -> Exists:
    """Describe, in a query of things, those whose results this person has read."""
    return Exists(Disclosure.objects.filter(person=user, subject__kind=kind, subject__key=key))


def remember(user: User, panel: QuerySet[Panel], kind: str, keys: Collection[str]) -> None:
    """Keep that a person reads the results of things that a closed panel judged; nothing is written twice."""
    subjects = Subject.objects.filter(panel__in=panel, kind=kind, key__in=list(keys)).values_list("pk", flat=True)
    Disclosure.objects.bulk_create([Disclosure(subject_id=pk, person=user) for pk in subjects], ignore_conflicts=True)
