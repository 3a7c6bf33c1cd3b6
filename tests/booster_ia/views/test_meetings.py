"""The agents' pages of a meeting, and its calendar file from both sides."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from booster_ia.meetings import Meeting
from booster_ia.services import meetings
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.dossiers import make_dossier
from tests.factories.waves import make_application

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 10, tzinfo=UTC)
TYPED = {"day": "12/10/2026", "hour": "14 h 30", "place": "Hôtel de Région, Caen", "who": "Camille Exemple"}


@pytest.fixture(autouse=True)
def _in_october(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent("booster_ia"))


@pytest.fixture
def dossier() -> Dossier:
    return make_application()


def made(dossier: Dossier, agent: User) -> Meeting:
    where: dict[str, Any] = {"place": "Caen", "who": "Camille Exemple"}
    return meetings.arrange(dossier, by=agent, day=date(2026, 10, 12), hour=time(14, 30), **where)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.mark.parametrize("hour", ["14 h 30", "14h30", "14:30"])
def test_a_meeting_is_fixed_from_its_page(client: Client, agent: User, dossier: Dossier, hour: str) -> None:
    response = client.post(reverse("booster_ia:meeting_new", args=[dossier.key]), TYPED | {"hour": hour})
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("dossiers:examine", args=[dossier.key]) + "#rencontres"
    found = Meeting.objects.get()
    assert (found.day, found.hour, found.by) == (date(2026, 10, 12), time(14, 30), agent)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"hour": "25 h"}, "écrivez l’heure et les minutes, par exemple 14 h 30."),
        ({"hour": "bientôt"}, "écrivez l’heure et les minutes, par exemple 14 h 30."),
        ({"place": ""}, "indiquez le lieu, ou le lien de la visioconférence."),
        ({"link": "javascript:alert(1)"}, "Lien de la visioconférence"),
        ({"day": "01/10/2026"}, "Cette heure est passée : une rencontre se fixe à l’avance."),
    ],
)
@pytest.mark.usefixtures("agent")
def test_what_is_wrong_is_said_and_kept(client: Client, dossier: Dossier, typed: dict[str, str], message: str) -> None:
    response = client.post(reverse("booster_ia:meeting_new", args=[dossier.key]), TYPED | typed)
    assert (response.status_code, Meeting.objects.count()) == (422, 0)
    assert message in text(response)
    assert "Camille Exemple" in text(response)


def test_it_is_changed_then_cancelled(client: Client, agent: User, dossier: Dossier) -> None:
    meeting = made(dossier, agent)
    address = reverse("booster_ia:meeting", args=[dossier.key, meeting.pk])
    assert 'value="14:30"' in text(client.get(address))
    client.post(address, TYPED | {"hour": "15h", "notes": "Vu.", "version": "1"})
    assert (Meeting.objects.get().hour, Meeting.objects.get().notes) == (time(15), "Vu.")
    end = reverse("booster_ia:meeting_cancel", args=[dossier.key, meeting.pk])
    assert client.post(end, {"reason": ""}).status_code == 422
    assert client.post(end, {"reason": "Salle prise."}).status_code == 302
    assert client.get(address).status_code == 404


def test_what_another_page_saved_is_shown_beside_what_was_typed(client: Client, agent: User, dossier: Dossier) -> None:
    meeting = made(dossier, agent)
    address = reverse("booster_ia:meeting", args=[dossier.key, meeting.pk])
    assert 'name="version" value="1"' in text(client.get(address))
    client.post(address, TYPED | {"notes": "Gardé d’abord.", "version": "1"})
    response = client.post(address, TYPED | {"notes": "Écrit ensuite.", "version": "1"})
    assert (response.status_code, Meeting.objects.get().notes) == (409, "Gardé d’abord.")
    shown = text(response)
    assert "Deux versions de la rencontre" in shown
    assert "Gardé d’abord." in shown
    assert shown.count("Écrit ensuite.") == 2, "shown, and ready to be sent again"
    assert 'name="version" value="2"' in shown
    client.post(address, TYPED | {"notes": "Écrit ensuite.", "version": "2"})
    assert Meeting.objects.get().notes == "Écrit ensuite."
    wrong = client.post(address, TYPED | {"hour": "25h", "version": "2"})
    assert 'name="version" value="2"' in text(wrong), "a page that comes back keeps the version it was opened on"


def test_the_calendar_file_is_read_from_both_sides_and_no_other(client: Client, agent: User, dossier: Dossier) -> None:
    meeting = made(dossier, agent)
    address = reverse("booster_ia:meeting_file", args=[dossier.key, meeting.pk])
    for reader in (agent, dossier.created_by):
        sign_in(client, reader)
        response = client.get(address)
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Content-Disposition"] == f'attachment; filename="rencontre-{dossier.number}.ics"'
        assert "DTSTART:20261012T123000Z" in response.content.decode()
    for other in (UserFactory(), make_agent("diagnostic")):
        sign_in(client, other)
        assert client.get(address).status_code == 404
    sign_in(client, agent)
    assert client.get(reverse("booster_ia:meeting_file", args=[make_application().key, meeting.pk])).status_code == 404


def test_only_the_agents_of_the_scheme_reach_the_pages(client: Client, agent: User, dossier: Dossier) -> None:
    meeting = made(dossier, agent)
    pages = [
        reverse("booster_ia:meeting_new", args=[dossier.key]),
        reverse("booster_ia:meeting", args=[dossier.key, meeting.pk]),
        reverse("booster_ia:meeting_cancel", args=[dossier.key, meeting.pk]),
    ]
    for other in (dossier.created_by, make_agent("diagnostic")):
        sign_in(client, other)
        assert [client.get(page).status_code for page in pages] == [404, 404, 404]


def test_a_diagnostic_has_no_meeting(client: Client) -> None:
    sign_in(client, make_agent("diagnostic"))
    page = reverse("booster_ia:meeting_new", args=[make_dossier().key])
    assert client.get(page).status_code == 404
