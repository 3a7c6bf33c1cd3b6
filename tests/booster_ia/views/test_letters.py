"""« Lettres à envoyer »: one session first, a wave by its link, what is missing said; flat at one and thirty."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booster_ia.models import BoosterApplication
from booster_ia.services import notification
from normandata.accounts.models import Role, User
from normandata.committee.models import Session
from normandata.dossiers.letters import Signatory
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import SessionFactory
from tests.factories.letters import make_light, make_signatory
from tests.factories.waves import make_wave

pytestmark = pytest.mark.django_db
PATH = "/instruction/booster-ia/lettres/"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-12-16T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    make_signatory()
    return sign_in(client, make_scorer())


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def listed(response: Any) -> list[str]:
    return [item.dossier.number for item, _, _ in response.context["rows"]]


def test_the_last_session_is_listed_first_and_another_by_its_link(client: Client, agent: User) -> None:
    before = SessionFactory(held_on=date(2026, 11, 9), deliberation_number="CP D 26-11-3")
    old = make_light(1, session=before)
    new = make_light(2, outcome="granted", session=SessionFactory(deliberation_number="CP D 26-12-31"))
    assert listed(client.get(PATH)) == sorted(str(one.number) for one in new)
    assert listed(client.get(PATH, {"seance": str(before.pk)})) == [old[0].number]
    assert "délibération CP D 26-11-3." in text(client.get(PATH, {"seance": str(before.pk)}))


def test_a_wave_lists_its_own(client: Client, agent: User) -> None:
    wave = make_wave()
    one, other = make_light(2)
    BoosterApplication.objects.filter(pk=one.pk).update(wave=wave)
    answer = client.get(PATH, {"vague": str(wave.pk)})
    assert (listed(answer), listed(client.get(PATH))) == ([one.number], sorted([str(one.number), str(other.number)]))


def test_what_was_told_is_no_longer_listed(client: Client, agent: User) -> None:
    [dossier] = make_light()
    notification.tell(dossier, by=agent)
    answer = client.get(PATH)
    assert listed(answer) == []
    assert "Aucune lettre n’attend d’être envoyée." in text(answer)


def test_nobody_to_sign_and_a_deliberation_not_executory_are_said(client: Client, agent: User) -> None:
    make_light()
    assert "exécutoire" not in text(client.get(PATH))
    Session.objects.update(executory_on=date(2026, 12, 17))
    Signatory.objects.all().delete()
    page = text(client.get(PATH))
    assert "la délibération n’est pas notée comme exécutoire." in page
    assert "Aucun signataire n’est désigné aujourd’hui." in page


@pytest.mark.parametrize("who", ["other scheme", "auditor", "clerk"])
def test_others_do_not_see_the_page(client: Client, who: str) -> None:
    people = {
        "other scheme": lambda: make_agent("diagnostic"),
        "auditor": lambda: make_user_with(Role.AUDITOR, "booster_ia"),
        "clerk": lambda: make_user_with(Role.COMMITTEE_CLERK, "booster_ia"),
    }
    sign_in(client, people[who]())
    assert client.get(PATH).status_code == 404


def test_the_list_costs_the_same_for_one_and_thirty(client: Client, agent: User) -> None:
    make_light()
    client.get(PATH)
    with CaptureQueriesContext(connection) as one:
        client.get(PATH)
    make_light(29)
    with CaptureQueriesContext(connection) as thirty:
        assert len(listed(client.get(PATH))) == 30
    assert len(one) == len(thirty)
