"""What the pages of the news show: the list of everybody, the writers' desk, the journal of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from normandata.procedure.models import Event
from normandata.regulation.formats import spaced
from normandata.ui import markup
from normandata.ui.fields import typed_instant

from . import dates, subjects
from .dates import Entry
from .models import News
from .services import WRITTEN
from .subjects import Subject

PAGE = 20
MOST = 50
AROUND = timedelta(days=14)
"""How far from today a date of the calendar is proposed as a news."""
ACTS = {
    "write": "Brouillon écrit",
    "correct": "Texte modifié",
    "publish": "Publiée",
    "withdraw": "Retirée",
    "take_up": "Reprise en brouillon",
}
LABELS = {field.name: str(field.verbose_name) for field in News._meta.fields if field.name in WRITTEN}


@dataclass(frozen=True, slots=True)
class Shown:
    """A news with what it is about."""

    news: News
    subject: Subject | None

    @property
    def html(self) -> str:
        """The text under the title of its page."""
        return markup.render(spaced(self.news.text), links=True, under=1)

    @property
    def nested(self) -> str:
        """The text under a title of the writers' page."""
        return markup.render(spaced(self.news.text), links=True)


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the journal; `before` is what each changed field said."""

    at: datetime
    who: str
    what: str
    reason: str
    before: Sequence[tuple[str, str]]


def shown(listed: Sequence[News]) -> list[Shown]:
    """Join news to what they are about; no query where none of them is about anything."""
    known = subjects.by_key() if any(one.subject for one in listed) else {}
    return [Shown(one, known.get(one.subject)) for one in listed]


def latest(at: datetime, most: int) -> list[News]:
    """List the last news that are still current."""
    return list(News.objects.current(at).newest_first()[:most])


def page(at: datetime, after: str) -> tuple[list[News], str]:
    """List the news after one of them, and the key of the last where there are more: flat, whatever came before."""
    rows = News.objects.current(at).newest_first()
    place = News.objects.public(at).filter(slug=after).first() if after else None
    if place is not None:
        rows = rows.filter(Q(publish_at__lt=place.publish_at) | Q(publish_at=place.publish_at, pk__lt=place.pk))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].slug if len(found) > PAGE else ""


def journal(news: News) -> list[Act]:
    """Read what was done on a news, the newest first."""
    events = Event.objects.about(news).select_related("by")[:MOST]
    return [
        Act(
            at=one.at,
            who=str(one.by) if one.by else "Le portail",
            what=ACTS[one.name],
            reason=one.reason,
            before=[(LABELS[name], _written(value)) for name, value in one.data.get("before", {}).items()],
        )
        for one in events
    ]


def _written(value: str) -> str:
    """Write a value of the journal: an instant as it is typed, nothing in a word."""
    try:
        return typed_instant(datetime.fromisoformat(value)) if value[:2] == "20" else value
    except ValueError:
        return value


def proposals(at: datetime) -> list[Entry]:
    """List the dates around today that may deserve a news."""
    today = timezone.localdate(at)
    near = (one for one in dates.entries(today) if abs(one.date.first_day - today) <= AROUND)
    return [one for one in near if not one.date.is_cancelled]
