"""What a news asks for before it changes state, and what follows: the code behind the names of its table."""

from normandata.procedure.services import Firing
from normandata.regulation.formats import spaced

CHANGED = "Cette actualité a changé entre-temps : relisez ce qui est enregistré, puis envoyez à nouveau."
OVER = "La date de fin est passée : changez-la, ou laissez-la vide, avant de publier."


def as_seen(firing: Firing) -> list[str]:
    """What is published is what the page showed."""
    seen = firing.data.get("seen")
    return [] if seen is None or seen == firing.thing.revision else [spaced(CHANGED)]


def is_timely(firing: Firing) -> list[str]:
    """Nothing is published that would be over already."""
    ends = firing.thing.expires_at
    return [spaced(OVER)] if ends is not None and ends <= firing.at else []


def grow(firing: Firing) -> None:
    """Let every page that shows it know that it changed."""
    firing.thing.revision += 1


def date_publication(firing: Firing) -> None:
    """Publish at once what has no hour of its own, or whose hour is past."""
    news = firing.thing
    if news.publish_at is None or news.publish_at < firing.at:
        news.publish_at = firing.at
    grow(firing)


def forget_publication(firing: Firing) -> None:
    """A draft taken up again is published at an hour that somebody chooses anew."""
    firing.thing.publish_at = firing.thing.corrected_at = None
    grow(firing)
