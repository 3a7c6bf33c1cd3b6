"""The public dates of the scheme: those of each edition that anybody reads, as its own calendar file names them."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Max, Q
from django.urls import reverse

from normandata.bulletin.dates import PublicDate, Source
from normandata.procedure.models import Event, kind_of

from . import phases, showcase
from .editions import Edition
from .scheme import SCHEME


def read(since: date) -> Iterator[PublicDate]:
    """Read the dates of the editions that still have one on a day or after it; two queries."""
    named = Q()
    for name in showcase.SUMMARIES:
        named |= Q(**{f"{name}__date__gte" if name.endswith("_at") else f"{name}__gte": since})
    editions = list(Edition.objects.public().filter(named))
    changed = _changes()
    for edition in editions:
        for name, moment in showcase.moments(edition):
            yield PublicDate(
                key=showcase.key(edition, name),
                begins=moment,
                title=f"{showcase.SUMMARIES[name]}, {_short(edition)}",
                url=reverse("datathon:edition", args=[edition.slug]),
                sequence=edition.revision,
                changed_at=changed.get(str(edition.pk), edition.created_at),
                place=edition.closing_place if name == "closing_at" else "",
                is_cancelled=edition.state == phases.CANCELLED,
            )


def _short(edition: Edition) -> str:
    """Name an edition beside the name of the scheme."""
    return edition.title.removeprefix(SCHEME.label).strip(" ,:") or str(edition.year)


def _changes() -> dict[str, datetime]:
    """Date the last change of each edition; one query."""
    told = Event.objects.filter(thing_kind=kind_of(Edition())).order_by()
    return {row["thing_key"]: row["last"] for row in told.values("thing_key").annotate(last=Max("at"))}


SOURCE = Source(SCHEME.url_slug, SCHEME.label, SCHEME.rank, read)
