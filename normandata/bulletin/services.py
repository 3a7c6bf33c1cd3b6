"""Writing a news: it begins as a draft, and whatever it said once anybody could read it stays in the journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from normandata.regulation.formats import spaced

from . import permissions, workflow
from .conduct import CHANGED
from .models import News

WRITTEN = ("title", "summary", "text", "subject", "publish_at", "expires_at")
"""The columns that a writer fills."""
LONGEST_SLUG = 70
WITHDRAWN = "Cette actualité est retirée : reprenez-la en brouillon pour la modifier."
TOLD = "Cette actualité est déjà publiée : son heure de publication ne change plus."


class Changed(NotNow):
    """Somebody else wrote on this news since the page was shown; nothing was written."""


@transaction.atomic
def write(values: Mapping[str, Any], *, by: User) -> News:
    """Begin a news as a draft; raises NotAllowed, ValidationError by column."""
    if not permissions.writes(by):
        raise NotAllowed(procedure.FORBIDDEN)
    news = News(created_by=by, **{name: values[name] for name in WRITTEN})
    news.slug = _slug(news.title, news.created_at)
    news.full_clean()
    news.save()
    procedure.record(news, "write", by=by, data={"title": news.title})
    return news


@transaction.atomic
def correct(news: News, values: Mapping[str, Any], *, by: User, seen: int | None = None) -> None:
    """Change what a news says; the journal keeps what it said before. Its address never changes.

    Raises NotAllowed, Changed, NotNow, ValidationError by column.
    """
    now = timezone.now()
    _hold(news, by=by, seen=seen)
    if news.state == workflow.WITHDRAWN:
        raise NotNow(spaced(WITHDRAWN))
    is_public = news.is_public(now)
    typed = values.get("publish_at", news.publish_at)
    if is_public and typed not in (None, news.publish_at, _to_the_minute(news.publish_at)):
        raise NotNow(spaced(TOLD))
    written = {**values, "publish_at": news.publish_at if is_public else typed}
    before = {name: getattr(news, name) for name in WRITTEN}
    for name in WRITTEN:
        setattr(news, name, written[name])
    if news.state == workflow.PUBLISHED and news.publish_at is None:
        news.publish_at = now
    was = {name: str(value or "") for name, value in before.items() if value != getattr(news, name)}
    if not was:
        return
    if is_public and set(was) - {"expires_at"}:
        news.corrected_at = now
    news.full_clean()
    news.revision += 1
    news.save()
    procedure.record(news, "correct", by=by, data={"before": was, "was_public": is_public})


def fire(news: News, name: str, *, by: User, reason: str = "", seen: int | None = None) -> Event:
    """Publish a news, withdraw it or take it up again; raises what `procedure.fire` raises."""
    return procedure.fire(news, name, by=by, reason=reason, seen=seen)


def _hold(news: News, *, by: User, seen: int | None) -> None:
    procedure.lock(news)
    if not permissions.edits(by, news):
        raise NotAllowed(procedure.FORBIDDEN)
    if seen is not None and seen != news.revision:
        raise Changed(spaced(CHANGED))


def _to_the_minute(at: datetime | None) -> datetime | None:
    """Return an instant as a form shows it: without its seconds."""
    return at.replace(second=0, microsecond=0) if at else None


def _slug(title: str, at: datetime) -> str:
    """Make an address that nobody has, of the day and the title."""
    day = timezone.localtime(at).date()
    short = slugify(title)[:LONGEST_SLUG].strip("-") or "actualite"
    base = f"{day:%Y-%m-%d}-{short}"
    taken = set(News.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{base}-{number}") not in taken)
