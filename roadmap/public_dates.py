"""The public dates of the roadmap: the milestones of the actions that go on."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from normandata.bulletin.dates import PublicDate, Source
from normandata.dossiers.delays import PARIS
from normandata.regulation.formats import day as written_day

from . import workflow
from .calls import workflow as calls
from .calls.models import Call
from .models import Milestone

SLUG, LABEL, RANK = "feuille-de-route", "Feuille de route", 9
VOTED_AT = datetime(2025, 12, 22, tzinfo=PARIS)
"""When the deliberation became executory."""


def read(since: date) -> Iterator[PublicDate]:
    """Read the milestones due on a day or after it; one query."""
    told = (*workflow.LIVE, workflow.DONE)
    rows = Milestone.objects.filter(due_on__gte=since, action__state__in=told).select_related("action")
    for one in rows:
        yield PublicDate(
            key=f"feuille-de-route-jalon-{one.pk}",
            begins=one.due_on,
            title=f"jalon « {one.title} »",
            url=reverse("roadmap:action", args=[one.action.slug]),
            sequence=one.action.revision,
            changed_at=one.action.updated_at or VOTED_AT,
            note=one.action.title.rstrip(" .:") + (f". Tenu le {written_day(one.done_on)}." if one.done_on else "."),
        )


def read_calls(since: date) -> Iterator[PublicDate]:
    """Read the opening and the closing of the calls that everybody reads; one query."""
    for call in Call.objects.public().filter(closes_on__gte=since):
        known = {
            "url": reverse("roadmap:call", args=[call.slug]),
            "sequence": call.revision,
            "changed_at": call.updated_at or VOTED_AT,
            "is_cancelled": call.state == calls.CANCELLED,
        }
        for name, day, title in (
            ("ouverture", call.opens_on, f"ouverture, {call.title}"),
            ("cloture", call.closes_on, f"dernier jour pour proposer, {call.title}"),
        ):
            if day is not None:
                yield PublicDate(key=f"appel-{call.pk}-{name}", begins=day, title=title, **known)  # type: ignore[arg-type]


SOURCE = Source(SLUG, LABEL, RANK, read, is_aid=False)
CALLS = Source("appels", "Appels à manifestation d’intérêt", 4, read_calls)
