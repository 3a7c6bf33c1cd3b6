"""Where the news are written: a draft from a date, a correction that loses nothing, gestures that say what they did."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from normandata.accounts.models import User
from normandata.bulletin import services
from normandata.bulletin.models import News
from normandata.regulation.formats import NBSP
from tests.factories.accounts import make_agent, sign_in
from tests.factories.bulletin import VALUES, make_news, make_writer
from tests.factories.waves import make_wave

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def writer() -> User:
    return make_writer()


@pytest.fixture
def inside(client: Client, writer: User) -> Client:
    sign_in(client, writer)
    return client


def typed(**fields: str) -> dict[str, str]:
    return {"title": "Une ouverture", "summary": "Les dépôts sont ouverts.", "text": "", "subject": "", **fields}


def test_a_news_is_written_read_again_and_published(inside: Client) -> None:
    sent = typed(subject="aide:diagnostic", publish_at="06/10/2026 à 9 h", expires_at="7 novembre 2026 12:00")
    response = inside.post("/redaction/nouvelle/", sent)
    news = News.objects.get()
    assert response["Location"] == f"/redaction/{news.pk}/"
    assert (news.publish_at, news.expires_at) == (
        datetime(2026, 10, 6, 7, tzinfo=UTC),
        datetime(2026, 11, 7, 11, tzinfo=UTC),
    )
    page = inside.get(f"/redaction/{news.pk}/").content.decode()
    assert "Brouillon" in page
    inside.post(f"/redaction/{news.pk}/etat/publish/", {"revision": "1"})
    assert "Sous embargo" in inside.get("/redaction/").content.decode()


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(inside: Client) -> None:
    sent = typed(title="", text="Un long texte.", publish_at="demain", expires_at="01/01/2026 à 8 h")
    response = inside.post("/redaction/nouvelle/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Écrivez le jour et l’heure, par exemple 22/10/2027 à 14 h 30." in page.replace(NBSP, " ")
    assert ("Un long texte." in page, 'value="demain"' in page) == (True, True)
    response = inside.post("/redaction/nouvelle/", typed(publish_at="02/01/2026 à 8 h", expires_at="01/01/2026 à 8 h"))
    assert "La fin de l’affichage vient après la publication." in response.content.decode()
    assert not News.objects.exists()


def test_a_draft_begins_from_a_date_of_the_calendar(inside: Client) -> None:
    make_wave()
    desk = inside.get("/redaction/").content.decode()
    key = "booster-ia-vague-2026-2-cloture"
    assert f'href="/redaction/nouvelle/?date={key}"' in desk
    page = inside.get("/redaction/nouvelle/", {"date": key}).content.decode().replace(NBSP, " ")
    assert 'value="Booster IA : clôture des dépôts, 2e vague 2026, 30 septembre 2026"' in page
    assert inside.get("/redaction/nouvelle/", {"date": "inconnue"}).status_code == 200


def test_somebody_elses_change_is_shown_beside_what_was_typed(inside: Client, writer: User) -> None:
    news = make_news(by=writer)
    services.correct(news, VALUES | {"title": "De quelqu’un d’autre"}, by=make_writer())
    response = inside.post(f"/redaction/{news.pk}/modifier/", typed(revision="1"))
    page = response.content.decode()
    assert response.status_code == 422
    assert ("De quelqu’un d’autre" in page, 'value="Une ouverture"' in page) == (True, True)
    assert 'name="revision" value="2"' in page
    assert inside.post(f"/redaction/{news.pk}/modifier/", typed(revision="2")).status_code == 302
    news.refresh_from_db()
    assert news.title == "Une ouverture"


def test_a_public_news_has_no_hour_to_type_and_its_former_words_are_in_the_journal(inside: Client) -> None:
    news = make_news(at=NOW)
    assert 'name="publish_at"' not in inside.get(f"/redaction/{news.pk}/modifier/").content.decode()
    inside.post(f"/redaction/{news.pk}/modifier/", typed(revision="2", publish_at="01/01/2030 à 8 h"))
    news.refresh_from_db()
    assert (news.publish_at, news.title) == (NOW, "Une ouverture")
    page = inside.get(f"/redaction/{news.pk}/").content.decode()
    assert "Ce qui était écrit avant" in page
    assert "Ouverture des dépôts" in page


def test_a_gesture_too_late_is_told(inside: Client) -> None:
    news = make_news(at=NOW)
    response = inside.post(f"/redaction/{news.pk}/etat/publish/", {"revision": "2"}, follow=True)
    assert "L’état a changé entre-temps" in response.content.decode()
    assert inside.get(f"/redaction/{news.pk}/etat/inconnu/").status_code == 404
    page = inside.post(f"/redaction/{news.pk}/etat/withdraw/", {"revision": "2", "reason": ""})
    assert page.status_code == 422
    inside.post(f"/redaction/{news.pk}/etat/withdraw/", {"revision": "2", "reason": "Erreur de date."})
    assert "Erreur de date." in inside.get(f"/redaction/{news.pk}/").content.decode()


def test_the_desk_costs_the_same_at_one_and_at_thirty(
    inside: Client, writer: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in (1, 29):
        for _ in range(number):
            make_news(by=writer)
        with django_assert_max_num_queries(14):
            inside.get("/redaction/")


def test_an_agent_does_not_find_the_desk(client: Client) -> None:
    sign_in(client, make_agent())
    assert client.get("/redaction/").status_code == 404
