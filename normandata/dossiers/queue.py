"""Pages of the queue by keyset: any page costs what the first one costs, and nothing is counted beyond a thousand.

Rows come in a total order (the sort, then the identifier); what has no value comes last in both directions. A place
in that order is a signed token, so that one made up is no place at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import models
from django.db.models import Case, Exists, F, IntegerField, Min, Q, Subquery, Value, When
from django.utils import timezone

from normandata.accounts.models import User
from normandata.regulation.formats import number

from .filters import Desk, Filters
from .models import Dossier, DossierQuerySet
from .states import STATES

PER_PAGE = 45
MOST = 1000
"""How far rows are counted."""
RANKS = {slug: rank for rank, slug in enumerate(STATES)}
SALT = "dossiers.queue"


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are sorted by: a column, whether it may be empty, and how its value comes back from a token."""

    column: str
    may_be_empty: bool = False
    read: type = str


KEYS: Mapping[str, Key] = {
    "attente": Key("turn_since", read=datetime),
    "numero": Key("number"),
    "structure": Key("organisation__search_name"),
    "dispositif": Key("scheme"),
    "etat": Key("state_rank", read=int),
    "montant": Key("amount", may_be_empty=True, read=Decimal),
    "depot": Key("submitted_at", read=datetime),
}
FIELDS = (
    "pk", "key", "number", "scheme", "state", "turn", "turn_since", "amount", "submitted_at", "department",
    "owner_id", "backup_id", "owner__name", "owner__email", "organisation__name", "organisation__siret",
    "organisation__city",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the order of the page."""

    value: Any
    pk: int

    def token(self, filters: Filters) -> str:
        value = str(self.value) if isinstance(self.value, datetime | Decimal) else self.value
        return signing.Signer(salt=_salt(filters)).sign_object([value, self.pk])

    @classmethod
    def read(cls, token: str, filters: Filters) -> "Place | None":
        """Return the place that a token of this very order points at, or None."""
        try:
            value, pk = signing.Signer(salt=_salt(filters)).unsign_object(token)
        except (signing.BadSignature, ValueError):
            return None
        kind = KEYS[filters.sort].read
        if value is not None and kind is datetime:
            value = datetime.fromisoformat(value)
        elif value is not None and kind is Decimal:
            value = Decimal(value)
        return cls(value, pk)


@dataclass(frozen=True)
class Page:
    """The rows shown, as dictionaries, and the tokens of the pages around them."""

    rows: list[dict[str, Any]]
    after: str = ""
    before: str = ""

    @property
    def first(self) -> dict[str, Any] | None:
        return self.rows[0] if self.rows else None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a dossier stands in a queue: « 2 sur 23 », and the keys of the dossiers before and after it.

    `position` is None for a dossier that is no longer in the queue, or stands beyond the thousandth.
    """

    position: int | None
    total_label: str
    previous_key: Any
    next_key: Any


def page(filters: Filters, after: str = "", before: str = "") -> Page:
    """Return one page, in one query: the first one, the one after a token, or the one before a token."""
    rows = _keyed(filters)
    if after and (place := Place.read(after, filters)):
        found = _taken(_ordered(rows.filter(_beyond(filters, place)), filters), filters)
        return _page(found[:PER_PAGE], filters, has_before=True, has_after=len(found) > PER_PAGE)
    if before and (place := Place.read(before, filters)):
        found = _taken(_ordered(rows.filter(_beyond(filters, place, back=True)), filters, back=True), filters)
        return _page(found[:PER_PAGE][::-1], filters, has_before=len(found) > PER_PAGE, has_after=True)
    found = _taken(_ordered(rows, filters), filters)
    return _page(found[:PER_PAGE], filters, has_before=False, has_after=len(found) > PER_PAGE)


def rows_of(filters: Filters) -> DossierQuerySet:
    """Return every dossier of a queue, in its order, to be read as a stream."""
    return _ordered(_keyed(filters), filters)


def counts(user: User, queues: Mapping[str, DossierQuerySet]) -> dict[str, int]:
    """Count several queues in one query, each up to a thousand and one."""
    if not queues:
        return {}
    found = User.objects.filter(pk=user.pk).values_list(*[_Count(rows) for rows in queues.values()]).first()
    return dict(zip(queues, found or [0] * len(queues), strict=True))


def ahead_of(filters: Filters, first: Mapping[str, Any]) -> DossierQuerySet:
    """Keep what comes before a row of a page: how many there are says which rows are shown."""
    place = Place(first[KEYS[filters.sort].column], first["pk"])
    return _keyed(filters).filter(_beyond(filters, place, back=True))


def label(count: int) -> str:
    """Write a count that stops at a thousand."""
    return f"plus de {number(MOST)}" if count > MOST else number(count)


def oldest(filters: Filters) -> Any:
    """Return the key of the first dossier of a queue, or None."""
    return rows_of(filters).values_list("key", flat=True).first()


def next_deadline(desk: Desk) -> date | None:
    """Return the next day that counts for this desk: an implicit refusal, or the end of a request's delay."""
    today = timezone.localdate()
    mine = Dossier.objects.for_region(desk.user).open().filter(desk.mine())
    found = mine.aggregate(
        silence=Min("refused_by_silence_on", filter=Q(refused_by_silence_on__gte=today)),
        answer=Min("corrections__due_on", filter=Q(corrections__state="open", corrections__due_on__gte=today)),
    )
    return min((day for day in found.values() if day), default=None)


def neighbours(user: User, encoded_query: str, dossier: Dossier) -> Neighbours:
    """Find a dossier's place in the queue it was opened from, in two queries and without reading that queue.

    A gesture may have moved the dossier to the end, or out of the queue: the next one is then the first that is left.
    """
    filters = Filters.read(encoded_query, Desk.of(user))
    every = _keyed(filters)
    place = _place_of(dossier, filters)
    others = every.exclude(pk=dossier.pk)
    ahead = every.filter(_beyond(filters, place, back=True))
    found = User.objects.filter(pk=user.pk).values_list(
        Exists(every.filter(pk=dossier.pk)),
        _Count(ahead),
        _Count(every),
        Subquery(_ordered(ahead, filters, back=True).values("key")[:1]),
        Subquery(_ordered(every.filter(_beyond(filters, place)), filters).values("key")[:1]),
        Subquery(_ordered(others, filters).values("key")[:1]),
    )
    is_in, passed, total, previous_key, next_key, first_key = found[0]
    has_moved = not is_in or timezone.localdate(dossier.turn_since) == timezone.localdate()
    if next_key is None and has_moved:
        next_key = first_key
    if previous_key is not None and previous_key == next_key:
        previous_key = None
    return Neighbours(passed + 1 if is_in and passed < MOST else None, label(total), previous_key, next_key)


def chosen(user: User, numbers: list[str]) -> DossierQuerySet:
    """Keep the ticked dossiers that this person may read, by number."""
    return Dossier.objects.for_region(user).filter(number__in=numbers).order_by("turn_since", "pk")


class _Count(Subquery):
    """How many rows a queryset has, without reading more than a thousand and one of them."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, rows: DossierQuerySet) -> None:
        super().__init__(rows.order_by().values("pk")[: MOST + 1])


def _keyed(filters: Filters) -> DossierQuerySet:
    rows = filters.select()
    if filters.sort != "etat":
        return rows
    ranks = [When(state=slug, then=Value(rank)) for slug, rank in RANKS.items()]
    return rows.annotate(state_rank=Case(*ranks, default=Value(len(RANKS)), output_field=IntegerField()))


def _ordered(rows: DossierQuerySet, filters: Filters, *, back: bool = False) -> DossierQuerySet:
    key = KEYS[filters.sort]
    descends = filters.is_reversed != back
    last = {"nulls_first" if back else "nulls_last": True} if key.may_be_empty else {}
    column = F(key.column)
    return rows.order_by(column.desc(**last) if descends else column.asc(**last), "-pk" if descends else "pk")


def _beyond(filters: Filters, place: Place, *, back: bool = False) -> Q:
    """Keep what comes after a place, or before it. The redundant bound is what an index starts from."""
    key, value = KEYS[filters.sort], place.value
    side = "lt" if filters.is_reversed != back else "gt"
    tie = Q(**{f"pk__{side}": place.pk})
    if value is None:
        empty = Q(**{f"{key.column}__isnull": True})
        return ~empty | tie if back else empty & tie
    found = Q(**{f"{key.column}__{side}e": value}) & (Q(**{f"{key.column}__{side}": value}) | tie)
    if key.may_be_empty and not back:
        found |= Q(**{f"{key.column}__isnull": True})
    return found


def _taken(rows: models.QuerySet[Dossier], filters: Filters) -> list[dict[str, Any]]:
    column = KEYS[filters.sort].column
    names = FIELDS if column in FIELDS else (*FIELDS, column)
    return list(rows.values(*names)[: PER_PAGE + 1])


def _page(rows: list[dict[str, Any]], filters: Filters, *, has_before: bool, has_after: bool) -> Page:
    column = KEYS[filters.sort].column
    if not rows:
        return Page([])
    before = Place(rows[0][column], rows[0]["pk"]).token(filters) if has_before else ""
    after = Place(rows[-1][column], rows[-1]["pk"]).token(filters) if has_after else ""
    return Page(rows, after, before)


def _place_of(dossier: Dossier, filters: Filters) -> Place:
    if filters.sort == "etat":
        return Place(RANKS[dossier.state], dossier.pk)
    value: Any = dossier
    for name in KEYS[filters.sort].column.split("__"):
        value = getattr(value, name)
    return Place(value, dossier.pk)


def _salt(filters: Filters) -> str:
    return f"{SALT}:{filters.sort}:{filters.is_reversed}"
