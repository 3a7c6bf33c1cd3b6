"""Writing a news: draft, embargo, correction with what it said kept, withdrawal; who may, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from normandata.accounts.models import Role
from normandata.bulletin import permissions, services, workflow
from normandata.bulletin.models import News
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.bulletin import VALUES, make_news, make_writer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 9, 30, 20, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def shown(at: datetime = NOW) -> list[str]:
    return [one.title for one in News.objects.current(at).newest_first()]


def test_a_draft_is_nobodys_until_it_is_published() -> None:
    news, writer = make_news(), make_writer()
    assert shown() == []
    services.fire(news, "publish", by=writer)
    assert (shown(), news.publish_at) == (["Ouverture des dépôts"], NOW)
    assert [one.name for one in Event.objects.about(news)] == ["publish", "write"]


def test_an_embargo_ends_at_its_hour() -> None:
    news = make_news(publish_at=LATER)
    services.fire(news, "publish", by=make_writer())
    assert news.is_waiting(NOW)
    assert shown(LATER - timedelta(microseconds=1)) == []
    assert shown(LATER) == ["Ouverture des dépôts"]


def test_what_is_over_leaves_the_list_and_keeps_its_page() -> None:
    make_news(at=NOW, expires_at=LATER)
    assert shown(LATER - timedelta(microseconds=1)) == ["Ouverture des dépôts"]
    assert shown(LATER) == []
    assert News.objects.public(LATER).count() == 1


def test_nothing_is_published_that_would_be_over_already() -> None:
    news = make_news(expires_at=NOW)
    with pytest.raises(Unmet, match="La date de fin est passée"):
        services.fire(news, "publish", by=make_writer())
    assert shown() == []


def test_a_correction_keeps_what_was_said_and_dates_itself() -> None:
    news, writer = make_news(at=NOW), make_writer()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        services.correct(news, VALUES | {"title": "Ouverture le 3"}, by=writer, seen=news.revision)
    assert (news.title, news.corrected_at, news.slug) == (
        "Ouverture le 3",
        NOW + timedelta(hours=1),
        "2026-11-25-ouverture-des-depots",
    )
    (event,) = Event.objects.about(news).named("correct")
    assert event.data == {"before": {"title": "Ouverture des dépôts"}, "was_public": True}
    assert event.by == writer


def test_a_correction_of_nothing_writes_nothing() -> None:
    news = make_news(at=NOW)
    services.correct(news, VALUES | {"publish_at": NOW.replace(second=0)}, by=make_writer())
    assert (news.corrected_at, news.revision) == (None, 2)
    assert not Event.objects.about(news).named("correct").exists()


def test_a_draft_that_changes_is_not_corrected_for_its_readers() -> None:
    news = make_news()
    services.correct(news, VALUES | {"title": "Autrement"}, by=make_writer())
    assert (news.title, news.corrected_at) == ("Autrement", None)


def test_the_hour_of_a_public_news_does_not_move() -> None:
    news = make_news(at=NOW)
    with pytest.raises(NotNow, match="déjà publiée"):
        services.correct(news, VALUES | {"publish_at": LATER}, by=make_writer())
    waiting = make_news(publish_at=LATER)
    services.fire(waiting, "publish", by=make_writer())
    services.correct(waiting, VALUES | {"publish_at": None}, by=make_writer())
    assert waiting.publish_at == NOW


def test_two_writers_do_not_overwrite_each_other() -> None:
    news, writer = make_news(), make_writer()
    services.correct(news, VALUES | {"title": "Première"}, by=writer, seen=1)
    with pytest.raises(services.Changed):
        services.correct(news, VALUES | {"title": "Seconde"}, by=writer, seen=1)
    with pytest.raises(Unmet, match="a changé entre-temps"):
        services.fire(news, "publish", by=writer, seen=1)
    news.refresh_from_db()
    assert (news.title, news.state) == ("Première", workflow.DRAFT)


def test_a_withdrawal_says_why_and_can_be_taken_back() -> None:
    news, writer = make_news(at=NOW), make_writer()
    with pytest.raises(ReasonMissing):
        services.fire(news, "withdraw", by=writer)
    services.fire(news, "withdraw", by=writer, reason="Une date fausse.")
    assert shown() == []
    assert not News.objects.public(NOW).exists()
    with pytest.raises(NotNow, match="retirée"):
        services.correct(news, VALUES, by=writer)
    services.fire(news, "take_up", by=writer)
    assert (news.state, news.publish_at) == (workflow.DRAFT, None)


@pytest.mark.parametrize(
    ("role", "scheme", "may"),
    [
        (Role.ADMINISTRATOR, "", True),
        (Role.LEAD_AGENT, "diagnostic", True),
        (Role.AGENT, "diagnostic", False),
        (Role.AUDITOR, "", False),
        (Role.ACTION_PILOT, "roadmap", False),
        (Role.EXPERT, "", False),
    ],
)
def test_administrators_and_lead_agents_write(role: Role, scheme: str, may: bool) -> None:
    assert permissions.writes(make_user_with(role, scheme)) is may


def test_nobody_else_writes_changes_or_publishes() -> None:
    news, agent = make_news(), make_agent()
    for gesture in (
        lambda: services.write(VALUES, by=agent),
        lambda: services.correct(news, VALUES, by=agent),
        lambda: services.fire(news, "publish", by=agent),
    ):
        with pytest.raises(NotAllowed):
            gesture()
    assert News.objects.count() == 1


def test_addresses_never_collide() -> None:
    slugs = [make_news(title=title).slug for title in ("Été", "Été", "Été !", "…", "…")]
    assert slugs == [
        "2026-11-25-ete",
        "2026-11-25-ete-2",
        "2026-11-25-ete-3",
        "2026-11-25-actualite",
        "2026-11-25-actualite-2",
    ]


def test_a_news_ends_after_it_begins() -> None:
    with pytest.raises(ValidationError, match="La fin de l’affichage vient après la publication"):
        make_news(publish_at=LATER, expires_at=LATER)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "autre"}, {"title": ""}, {"state": "published"}, {"publish_at": LATER, "expires_at": NOW}],
)
def test_the_database_refuses_what_must_never_be(wrong: dict[str, Any]) -> None:
    news = make_news()
    with pytest.raises(IntegrityError), transaction.atomic():
        News.objects.filter(pk=news.pk).update(**wrong)
