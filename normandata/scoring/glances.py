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


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a person is to judge in the panel of a thing, in order; no panel is one that is not made, or is empty."""

    panel: Panel | None
    rows: tuple[Own, ...]

    @property
    def done(self) -> int:
        return sum(one.state == SUBMITTED for one in self.rows)

    @property
    def withheld(self) -> int:
        return sum(one.is_closed for one in self.rows)


def own(kind: str, key: str, user: User) -> Sitting:
    """Return what a person judges in the panel of a thing: one query, and one by kind of subject. Raises NotAllowed."""
    mine = Sheet.objects.filter(subject=OuterRef("pk"), author=user)
    seats = Seat.objects.active().filter(panel=OuterRef("panel"), person=user)
    given_back = mine.filter(Q(state=SUBMITTED) | Q(reopened_at__isnull=False))
    rows = list(
        Subject.objects.judged()
        .filter(panel__kind=kind, panel__key=key)
        .order_by("rank", "pk")
        .annotate(
            mine=Coalesce(Subquery(mine.values("state")[:1]), Value("")),
            count=Count("sheets", filter=Q(sheets__state=SUBMITTED)),
            shut=shut_to(user, OuterRef("kind"), OuterRef("key")),
            read=read_by(user, OuterRef("kind"), OuterRef("key")),
            back=Exists(given_back),
            role=Subquery(seats.values("role")[:1]),
        )
        .values_list("pk", "kind", "key", "mine", "count", "shut", "read", "back", "role", *_PANEL)
    )
    if not rows:
        return Sitting(None, ())
    panel = Panel(**{name.removeprefix("panel__"): value for name, value in zip(_PANEL, rows[0][9:], strict=True)})
    if not permissions.keeps_role(user, rows[0][8], panel):
        raise NotAllowed(NOT_HERE)
    tied = {kind: kinds.concerned(user, kind, [row[2] for row in rows]) for kind in {row[1] for row in rows}}
    found = []
    for pk, what, name, state, count, shut, read, back, *_ in rows:
        is_closed = shut or name in tied[what]
        spot = Spot(pk, what, name)
        found.append(Own(spot, "" if is_closed else state, 0 if is_closed else count, is_closed, read and not back))
    return Sitting(panel, tuple(found))


_PANEL = ("panel__pk", "panel__scheme", "panel__scope", "panel__title", "panel__state")


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
