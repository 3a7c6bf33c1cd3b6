"""The news of the tale: some current, one corrected, one over, one under embargo, one still a draft."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.bulletin import services
from normandata.bulletin.models import News

from . import clock

FILE = Path(__file__).parent.parent / "data" / "demonstration_news.toml"
WRITER = "administrateur"


@cache
def read() -> list[dict[str, Any]]:
    return list(tomllib.loads(FILE.read_text(encoding="utf-8"))["news"])


@transaction.atomic
def settle(people: Mapping[str, User]) -> int:
    """Write the news where nobody wrote any; returns how many were written."""
    if News.objects.exists():
        return 0
    writer = people[WRITER]
    told = sorted(read(), key=lambda one: min(int(one.get("on", 0)), 0))
    for rank, one in enumerate(told):
        _tell(one, writer, rank, len(told))
    return len(told)


def _tell(one: dict[str, Any], by: User, rank: int, among: int) -> None:
    on = one.get("on")
    with clock.travel(clock.ago(max(-(on or 0), 0), rank, among)):
        values = {
            "title": one["title"],
            "summary": one.get("first", one["summary"]),
            "text": one["text"].strip(),
            "subject": one["subject"],
            "publish_at": _later(on) if on and on > 0 else None,
            "expires_at": _later(one["until"] - on) if on is not None and "until" in one else None,
        }
        news = services.write(values, by=by)
        if on is not None:
            services.fire(news, "publish", by=by)
    if "corrected" in one:
        with clock.travel(clock.ago(-one["corrected"])):
            services.correct(news, values | {"summary": one["summary"], "publish_at": news.publish_at}, by=by)


def _later(days: int) -> datetime:
    """Return nine o’clock of a day counted from the one that is told."""
    return timezone.localtime(timezone.now() + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
