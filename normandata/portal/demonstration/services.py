"""Loading the demonstration: people, organisations, dossiers, desk. Run again, it adds only what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from booster_ia.rules import REGLEMENT as OF_BOOSTER
from diagnostic.rules import REGLEMENT as OF_DIAGNOSTIC
from normandata.accounts.models import User
from normandata.dossiers.filters import Desk, Filters
from normandata.dossiers.models import Absence, Dossier, SavedView
from normandata.dossiers.services import desk, saved_views
from normandata.notifications.services import SEND
from normandata.organisations import directory
from normandata.organisations import services as organisations
from normandata.organisations.directory import DirectoryDown
from normandata.organisations.models import Membership, Organisation
from normandata.outbox import mail
from normandata.outbox import services as outbox
from normandata.outbox.models import Message, State

from . import (
    booster,
    calls,
    clock,
    core,
    datathon,
    figures,
    market,
    marks,
    news,
    people,
    privacy,
    roadmap,
    script,
    session,
    timeline,
)
from .booster import Project
from .script import Script, Story
from .tale import Tale

MAILS = (SEND, mail.SEND, mail.SEND_SECRET)
OLDEST = 262
"""Days since the demonstration's people signed up."""
JOINED = "99900010200015"
"""The organisation that one of the applicants asks to join, and its manager."""
MANAGER = "ulysse"
REGLEMENTS = {market.SCHEME: OF_DIAGNOSTIC, booster.SCHEME: OF_BOOSTER}


class InProduction(Exception):
    """The demonstration is never loaded beside real data."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many dossiers were added, and how many were there already."""

    added: int
    already: int


def load() -> Loaded:
    """Load what is missing of the demonstration. Raises InProduction.

    The stories told in one run are told together, day after day: all of them, or none.
    """
    if settings.PRODUCTION:
        raise InProduction
    told = script.read()
    with clock.travel(clock.ago(OLDEST)):
        persons = people.settle(told.accounts)
        _enter(JOINED, persons[MANAGER])
    _declare_absence(told, persons)
    if roadmap.settle(persons) + datathon.settle(persons) + privacy.settle(persons):
        _send_until(timezone.now())
    news.settle(persons)
    figures.settle(persons)
    stories = tellable(told.stories, clock.today())
    chapters = {(story.scheme, story.is_conducted) for story in stories}
    if (market.SCHEME, True) in chapters:
        market.settle(told.settings, persons)
    if (booster.SCHEME, False) in chapters:
        booster.settle(told.booster, persons, with_past=(booster.SCHEME, True) in chapters)
    untold = [story for story in stories if not _is_told(story, persons)]
    already = len(stories) - len(untold)
    if not session.may_be_told(untold, told):
        untold = [story for story in untold if not session.is_of_session(story)]
    if untold:
        _tell(untold, told, persons)
    later = [calls.settle(persons), core.settle(told.booster["expert"], persons)]
    if any(later):
        _send_until(timezone.now())
    for view in told.views:
        _keep_view(view, persons)
    return Loaded(len(untold), already)


def tellable(stories: Sequence[Story], day: date) -> list[Story]:
    """Keep what can be told on a day: stories that go up to a decision begin after the scheme opened, all or none.

    So do the others of Booster IA, among themselves; those of the Diagnostic may be told on any day.
    """
    oldest: dict[tuple[str, bool], int] = {}
    for story in stories:
        chapter = (story.scheme, story.is_conducted)
        oldest[chapter] = max(oldest.get(chapter, 0), story.began)
    kept = {
        (scheme, is_conducted)
        for (scheme, is_conducted), began in oldest.items()
        if (scheme, is_conducted) == (market.SCHEME, False)
        or clock.working_day(began, day) >= REGLEMENTS[scheme].on(day).date("opening")
    }
    return [story for story in stories if (story.scheme, story.is_conducted) in kept]


def _is_told(story: Story, persons: Mapping[str, User]) -> bool:
    mine = Dossier.objects.filter(scheme=story.scheme, created_by=persons[story.by])
    return mine.filter(organisation__siret=story.siret).exists()


def _tell(stories: Sequence[Story], told: Script, persons: Mapping[str, User]) -> None:
    """Tell stories that were not told yet; their mails leave on the day they were written."""
    tales = []
    for story in stories:
        with clock.travel(clock.ago(story.began) - timedelta(minutes=20)):
            organisation = _enter(story.siret, persons[story.by], story)
            kind = Project if story.scheme == booster.SCHEME else Tale
            tales.append(kind(story, persons, organisation, told))
    projects = [one for one in tales if isinstance(one, Project)]
    held = [one for one in projects if session.is_of_session(one.story)]
    with transaction.atomic():
        if held:
            session.settle(told.session, persons)
        timeline.tell([*tales, *session.sittings(told, persons, held)])
        marks.judge(told, persons, {one.story.slug: one.dossier for one in projects if one not in held})
    _send_until(timezone.now())


def _enter(siret: str, by: User, story: Story | None = None) -> Organisation:
    """Register an organisation, or return the one this person is in already."""
    live = Membership.objects.live().of(by).filter(organisation__siret=siret).select_related("organisation").first()
    if live:
        return live.organisation
    declared = story.declared if story else None
    declaration = organisations.Declaration(**declared) if declared else None
    with _outage() if story and story.is_outage else _no_outage():
        return organisations.register(siret, by=by, declaration=declaration).organisation


@contextmanager
def _outage() -> Iterator[None]:
    """Make the directory of companies silent, as it is on a bad day."""

    def silent(siret: str, *, fresh: bool = False) -> Any:
        raise DirectoryDown("the demonstration shows an outage")

    before = directory.find
    directory.find = silent
    try:
        yield
    finally:
        directory.find = before


@contextmanager
def _no_outage() -> Iterator[None]:
    yield


def _send_until(at: datetime) -> None:
    """Send the mails that wait, each a moment after it was written: what follows needs no worker."""
    waiting = Message.objects.filter(handler__in=MAILS, state=State.PENDING, due_at__lte=at)
    for pk, written_at in list(waiting.order_by("created_at").values_list("pk", "created_at")):
        with clock.travel(written_at + timedelta(seconds=4)):
            outbox.work(pk)


def _declare_absence(told: Script, persons: Mapping[str, User]) -> None:
    agent, backup = persons[told.absence["agent"]], persons[told.absence["backup"]]
    if Absence.objects.filter(agent=agent).exists():
        return
    today = timezone.localdate()
    since, until = (today + timedelta(days=told.absence[name]) for name in ("since", "until"))
    desk.declare_absence(agent, since, until, backup, by=agent)


def _keep_view(view: Mapping[str, Any], persons: Mapping[str, User]) -> None:
    owner = persons[view["owner"]]
    if SavedView.objects.filter(owner=owner, name=view["name"]).exists():
        return
    filters = Filters.read(view["query"], Desk.of(owner))
    saved_views.save(view["name"], filters, is_shared=view.get("is_shared", False), by=owner)
