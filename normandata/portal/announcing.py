"""What administrators do with announcements, and the copy of those ahead that every page reads without the database.

The copy is in the shared cache, written with each change and anew every minute: a page costs no query, and is shown
when the cache is down.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.regulation.formats import day
from normandata.ui.templatetags.nd import hour

from .models import Announcement

logger = logging.getLogger(__name__)
KEY = "portal.announcements"
WRITTEN = ("kind", "title", "text", "shown_from", "starts_at", "ends_at")
"""The columns that are typed."""
CHANGED = "Quelqu’un d’autre a changé cette annonce entre-temps : relisez-la, vos réponses sont gardées ci-dessous."
OVER = "Cette annonce est finie : elle ne change plus."


class Changed(NotNow):
    """Somebody else wrote on this announcement since the page was shown; nothing was written."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement as pages tell it."""

    kind: str
    title: str
    text: str
    shown_from: datetime
    starts_at: datetime
    ends_at: datetime | None

    def is_shown(self, at: datetime) -> bool:
        """Tell whether the banner is there."""
        return self.shown_from <= at and (self.ends_at is None or at < self.ends_at)

    def is_on(self, at: datetime) -> bool:
        """Tell whether it is happening."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    @property
    def when(self) -> str:
        """Say from when to when, in Paris: `le 7 décembre 2026, de 18 h 00 à 20 h 00`."""
        first, last = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at) if self.ends_at else None
        if last is None:
            return f"depuis le {day(first.date())} à {hour(first)}"
        if first.date() == last.date():
            return f"le {day(first.date())}, de {hour(first)} à {hour(last)}"
        return f"du {day(first.date())} à {hour(first)} au {day(last.date())} à {hour(last)}"

    @property
    def label(self) -> str:
        return Announcement.Kind(self.kind).label


def notice(one: Announcement) -> Notice:
    return Notice(*(getattr(one, name) for name in WRITTEN))


def banners() -> list[Notice]:
    """Return what every page tells now; nothing when the cache is down."""
    now = timezone.now()
    try:
        held = [Notice(**said) for said in cache.get(KEY) or ()]
    except Exception:  # whatever the cache does or holds of another version, the page is shown
        logger.warning("The cache did not give the announcements.")
        return []
    return [one for one in held if one.is_shown(now)]


def refresh() -> None:
    """Copy what is ahead into the cache, for a day; the next minute does it again."""
    said = [asdict(notice(one)) for one in Announcement.objects.ahead(timezone.now())]
    cache.set(KEY, said, timeout=86_400)


@transaction.atomic
def announce(values: Mapping[str, Any], *, by: User) -> Announcement:
    """Publish an announcement; raises NotAllowed, ValidationError by column."""
    _allow(by)
    one = Announcement(**{name: values[name] for name in WRITTEN})
    one.full_clean()
    one.save()
    procedure.record(one, "announce", by=by, data={"title": one.title})
    transaction.on_commit(_refresh_safely)
    return one


@transaction.atomic
def change(one: Announcement, values: Mapping[str, Any], *, by: User, seen: int) -> None:
    """Write an announcement that is not over; raises NotAllowed, Changed, NotNow, ValidationError."""
    _hold(one, by=by, seen=seen)
    before = {name: str(getattr(one, name) or "") for name in WRITTEN if getattr(one, name) != values[name]}
    for name in WRITTEN:
        setattr(one, name, values[name])
    one.revision += 1
    one.full_clean()
    one.save()
    procedure.record(one, "change_announcement", by=by, data={"before": before})
    transaction.on_commit(_refresh_safely)


@transaction.atomic
def end(one: Announcement, *, by: User, seen: int) -> None:
    """End what is happening, now; take back what has not begun. Raises NotAllowed, Changed, NotNow."""
    _hold(one, by=by, seen=seen)
    now = timezone.now()
    if one.has_begun(now):
        one.ends_at = now
        one.shown_from = min(one.shown_from, one.starts_at)
    else:
        one.withdrawn_at = now
    one.revision += 1
    one.save()
    procedure.record(one, "end_announcement", by=by)
    transaction.on_commit(_refresh_safely)


def _hold(one: Announcement, *, by: User, seen: int) -> None:
    _allow(by)
    one.refresh_from_db(from_queryset=Announcement.objects.select_for_update())
    if one.revision != seen:
        raise Changed(CHANGED)
    if one.is_over(timezone.now()):
        raise NotNow(OVER)


def _allow(by: User) -> None:
    if not by.holds(Role.ADMINISTRATOR):
        raise NotAllowed(procedure.FORBIDDEN)


def _refresh_safely() -> None:
    try:
        refresh()
    except Exception:  # what is announced is written: the next minute tells it
        logger.warning("The cache did not take the announcements.")
