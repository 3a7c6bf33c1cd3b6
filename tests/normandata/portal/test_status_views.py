"""The announcements' pages: what administrators type, what is refused next to its cause, nothing typed lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.accounts.models import Role
from normandata.portal.models import Announcement
from normandata.ui.fields import typed_instant
from tests.factories.accounts import make_user_with, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
LIST = "/exploitation/annonces/"


@pytest.fixture
def desk(client: Client) -> Client:
    sign_in(client, make_user_with(Role.ADMINISTRATOR))
    return client


def typed(**given: str) -> dict[str, str]:
    now = timezone.now()
    return {
        "kind": "maintenance",
        "title": "Fermé mardi soir",
        "text": "Enregistrez votre brouillon avant.",
        "starts_at": typed_instant(now + timedelta(days=2)),
        "ends_at": typed_instant(now + timedelta(days=2, hours=1)),
        "shown_from": typed_instant(now - timedelta(minutes=5)),
    } | given


def test_an_administrator_announces_changes_and_ends(desk: Client) -> None:
    assert desk.get(f"{LIST}nouvelle/").status_code == 200
    sent = desk.post(f"{LIST}nouvelle/", typed(), follow=True)
    assert "L’annonce est publiée." in sent.content.decode()
    one = Announcement.objects.get()
    page = desk.get(f"{LIST}{one.pk}/").content.decode()
    assert "Fermé mardi soir" in page
    desk.post(f"{LIST}{one.pk}/", typed(title="Fermé mercredi soir", seen="1"))
    one.refresh_from_db()
    assert one.title == "Fermé mercredi soir"
    ended = desk.post(f"{LIST}{one.pk}/finir/", {"seen": "2"}, follow=True)
    assert "L’annonce est retirée." in ended.content.decode()
    assert "Retirée" in desk.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"title": ""}, "Écrivez un titre."),
        ({"text": ""}, "Écrivez ce que cela change pour les gens."),
        ({"kind": ""}, "Choisissez «\u00a0Maintenance\u00a0» ou «\u00a0Incident\u00a0»."),
        ({"ends_at": ""}, "Une maintenance a une fin prévue\u00a0: indiquez-la."),
        ({"ends_at": "01/01/2020 à 8 h 00"}, "La fin suit le début."),
        ({"starts_at": "bientôt"}, "Écrivez le jour et l’heure"),
        ({"shown_from": "01/01/2099 à 8 h 00"}, "Le bandeau paraît avant la fin."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(desk: Client, given: dict[str, str], message: str) -> None:
    kept = typed(text="Un texte assez long pour être regretté.") | given
    response = desk.post(f"{LIST}nouvelle/", kept)
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert given.get("text", "Un texte assez long pour être regretté.") in page
    assert not Announcement.objects.exists()


def test_a_colleagues_change_is_told_and_what_was_typed_stays(desk: Client) -> None:
    desk.post(f"{LIST}nouvelle/", typed())
    one = Announcement.objects.get()
    Announcement.objects.update(revision=2)
    refused = desk.post(f"{LIST}{one.pk}/", typed(title="Mon titre", seen="1"))
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Quelqu’un d’autre a changé cette annonce" in page
    assert "Mon titre" in page
    assert 'name="seen" value="2"' in page
    ended = desk.post(f"{LIST}{one.pk}/finir/", {"seen": "1"}, follow=True)
    assert "Quelqu’un d’autre a changé cette annonce" in ended.content.decode()


def rows(count: int) -> None:
    now = timezone.now()
    Announcement.objects.bulk_create(
        Announcement(kind="incident", title=f"A{n}", text="B", shown_from=now, starts_at=now) for n in range(count)
    )


def test_the_list_asks_as_much_of_the_database_for_thirty_as_for_one(desk: Client) -> None:
    counts = []
    desk.get(LIST)
    for count in (1, 29):
        rows(count)
        with CaptureQueriesContext(connection) as captured:
            desk.get(LIST)
        counts.append(len(captured))
    assert counts[0] == counts[1]
