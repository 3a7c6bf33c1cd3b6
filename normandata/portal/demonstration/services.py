"""Loading the demonstration: people, organisations, dossiers, desk. Run again, it adds only what is missing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

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

from . import clock, people, script
from .script import Script, Story
from .tale import SCHEME, Tale

MAILS = (SEND, mail.SEND, mail.SEND_SECRET)
OLDEST = 95
"""Days since the demonstration's people signed up."""
JOINED = "99900010200015"
"""The organisation that one of the applicants asks to join, and its manager."""
MANAGER = "ulysse"


class InProduction(Exception):
    """The demonstration is never loaded beside real data."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many dossiers were added, and how many were there already."""

    added: int
    already: int


def load() -> Loaded:
    """Load what is missing of the demonstration. Raises InProduction."""
    if settings.PRODUCTION:
        raise InProduction
    told = script.read()
    with clock.travel(clock.ago(OLDEST)):
        persons = people.settle(told.accounts)
        _enter(JOINED, persons[MANAGER])
    _declare_absence(told, persons)
    added = sum(_tell(story, told, persons) for story in told.stories)
    for view in told.views:
        _keep_view(view, persons)
    return Loaded(added, len(told.stories) - added)


def _tell(story: Story, told: Script, persons: Mapping[str, User]) -> bool:
    """Tell a story that was not told yet, wholly or not at all; its mails leave on the day they were written."""
    author = persons[story.by]
    if Dossier.objects.filter(scheme=SCHEME, organisation__siret=story.siret, created_by=author).exists():
        return False
    began = clock.ago(story.steps[0]["days"]) - timedelta(minutes=20)
    with clock.travel(began):
        organisation = _enter(story.siret, author, story)
    with transaction.atomic():
        Tale(story, persons, organisation, told.motives.get(story.motives, {})).tell()
    _send_until(timezone.now())
    return True


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
