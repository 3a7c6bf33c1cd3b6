"""The public dates of the roadmap: the milestones of the actions that go on."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from normandata.bulletin.dates import PublicDate, Source
from normandata.dossiers.delays import PARIS
from normandata.regulation.formats import day as written_day

from . import workflow
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


SOURCE = Source(SLUG, LABEL, RANK, read, is_aid=False)
