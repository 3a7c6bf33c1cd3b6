"""Letters on screen: the organisation's first opening dates them, agents see it and type a postal day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import Role
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier, Letter, Signatory
from normandata.dossiers.services import letters
from normandata.outbox.models import Message, State
from normandata.procedure.models import Event
from tests.access import finish
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.dossiers import make_dossier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SENT = datetime(2026, 10, 5, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 10, 12, 10, tzinfo=UTC), tick=True):
        yield


def send(dossier: Dossier, title: str = "Notification", *, is_ready: bool = True, **options: Any) -> Letter:
    Signatory.objects.get_or_create(name="Alix Exemple", quality="Directrice d’essai", since=date(2026, 1, 1))
    sent = letters.send(
        dossier, "diagnostic.selection", title=title, filename="lettre.pdf", record={}, at=SENT, **options
    )
    if is_ready:
        draw(sent)
    return sent


def draw(sent: Letter) -> None:
    """Make the document of a letter ready, without the time that drawing it takes."""
    sent.document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    sent.document.state, sent.document.sha256, sent.document.size = Document.State.READY, "0" * 64, 9
    sent.document.ready_at = SENT
    sent.document.save()


@pytest.fixture
def dossier(media: Path) -> Dossier:
    return make_dossier(at=datetime(2026, 10, 1, 8, tzinfo=UTC))


def browser(user: Any) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def address(letter: Letter) -> str:
    return reverse("dossiers:letter", args=[letter.dossier.key, letter.pk])


def status(client: Client, letter: Letter, method: str = "get") -> int:
    answer: Any = getattr(client, method)(address(letter))
    finish(answer)
    return int(answer.status_code)


def plain(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ").replace("&nbsp;", " ")


def test_the_first_opening_by_the_organisation_starts_the_appeal_period(dossier: Dossier) -> None:
    letter = send(dossier)
    ours, agent = browser(dossier.created_by), browser(make_agent())
    home = reverse("dossiers:dossier", args=[dossier.key])
    page = plain(ours.get(home))
    assert "Vos courriers" in page
    assert "Envoyé le 5 octobre 2026. Vous pourrez contester cette décision pendant deux mois" in page
    assert status(agent, letter) == 200
    assert status(ours, letter, "head") == 200
    assert Letter.objects.get().read_at is None  # neither an agent nor a look at the headers is a reading
    assert status(ours, letter) == 200
    read = Letter.objects.get()
    assert (read.read_by, read.received_on) == (dossier.created_by, date(2026, 10, 12))
    # two months after the 12th of October, neither end counted
    assert read.contestable_until == date(2026, 12, 13)
    assert "Vous pouvez contester cette décision jusqu’au 13 décembre 2026" in plain(ours.get(home))
    status(ours, letter)
    assert Letter.objects.get().read_at == read.read_at
    assert Event.objects.about(dossier).named("letter_read").count() == 1


def test_a_letter_between_the_region_and_its_provider_is_not_the_organisations(dossier: Dossier) -> None:
    internal = send(dossier, "Bon de commande", is_internal=True, is_contestable=False)
    ours = browser(dossier.created_by)
    assert "Vos courriers" not in plain(ours.get(reverse("dossiers:dossier", args=[dossier.key])))
    assert status(ours, internal) == 404
    agent = browser(make_agent())
    assert status(agent, internal) == 200
    page = plain(agent.get(reverse("dossiers:letters", args=[dossier.key])))
    assert "Non montrée à la structure" in page
    assert agent.get(reverse("dossiers:letter_posted", args=[dossier.key, internal.pk])).status_code == 404


def test_nobody_else_opens_a_letter(dossier: Dossier) -> None:
    letter, other = send(dossier), send(make_dossier())
    people = [UserFactory(), make_agent("booster_ia"), make_user_with(Role.PROVIDER, "diagnostic", "99900000000011")]
    assert [status(browser(user), letter) for user in people] == [404, 404, 404]
    mixed = reverse("dossiers:letter", args=[dossier.key, other.pk])
    assert browser(dossier.created_by).get(mixed).status_code == 404


def test_a_letter_that_is_being_made_says_so_and_is_not_read(dossier: Dossier) -> None:
    letter = send(dossier, is_ready=False)
    ours = browser(dossier.created_by)
    page = plain(ours.get(address(letter)))
    assert "Le PDF se prépare." in page
    assert 'http-equiv="refresh"' in page
    assert Letter.objects.get().read_at is None
    Message.objects.filter(key=str(letter.document.pk)).update(state=State.FAILED, error="ValueError")
    page = plain(ours.get(address(letter)))
    assert "Le PDF n’a pas pu être préparé." in page
    assert ('http-equiv="refresh"' in page, "hx-get" in page) == (False, False)
    assert ours.get(address(letter), headers={"HX-Request": "true"}).status_code == 286
    assert "Revenir au dossier" in plain(browser(make_agent()).get(address(letter)))


def test_the_page_that_watches_a_letter_does_not_read_it(dossier: Dossier) -> None:
    letter = send(dossier, is_ready=False)
    ours = browser(dossier.created_by)
    assert f'hx-get="{address(letter)}" hx-trigger="every 1s"' in plain(ours.get(address(letter)))
    asked = ours.get(address(letter), headers={"HX-Request": "true"})
    assert (asked.status_code, "<html" in plain(asked)) == (200, False)
    draw(letter)
    told = ours.get(address(letter), headers={"HX-Request": "true"})
    assert (told.status_code, "Le PDF est prêt." in plain(told)) == (286, True)
    assert Letter.objects.get().read_at is None
    assert status(ours, letter) == 200
    assert Letter.objects.get().read_at is not None


def test_agents_see_when_it_left_was_read_and_until_when_it_is_contested(dossier: Dossier) -> None:
    letter = send(dossier)
    agent = browser(make_agent())
    page = reverse("dossiers:letters", args=[dossier.key])
    shown = plain(agent.get(page))
    assert "5 octobre 2026 à 10 h 00" in shown
    assert "Pas encore lue" in shown
    assert "Le délai part de la première lecture ou de la réception" in shown
    status(browser(dossier.created_by), letter)
    shown = plain(agent.get(page))
    assert "12 octobre 2026 à 12 h 00, par" in shown
    assert "13 décembre 2026" in shown
    empty = make_dossier()
    assert "Aucune lettre n’est partie." in plain(agent.get(reverse("dossiers:letters", args=[empty.key])))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Indiquez une date."),
        ("hier", "Écrivez le jour, le mois et l’année"),
        ("04/10/2026", "La lettre est partie le 5 octobre 2026"),
        ("13/10/2026", "donnez une date entre ce jour et aujourd’hui"),
    ],
)
def test_a_postal_day_that_cannot_be_is_said_next_to_its_field(dossier: Dossier, typed: str, said: str) -> None:
    letter = send(dossier)
    agent = browser(make_agent())
    answer = agent.post(reverse("dossiers:letter_posted", args=[dossier.key, letter.pk]), {"day": typed})
    assert answer.status_code == 422
    assert said in plain(answer)
    assert f'value="{typed}"' in plain(answer) or not typed
    assert Letter.objects.get().posted_on is None


def test_a_postal_day_before_the_reading_counts(dossier: Dossier) -> None:
    letter = send(dossier)
    status(browser(dossier.created_by), letter)
    agent = browser(make_agent())
    form = reverse("dossiers:letter_posted", args=[dossier.key, letter.pk])
    answer = agent.post(form, {"day": "08/10/2026"})
    assert answer["Location"] == reverse("dossiers:letters", args=[dossier.key])
    assert Letter.objects.get().contestable_until == date(2026, 12, 9)
    assert 'value="08/10/2026"' in agent.get(form).content.decode()
    auditor = browser(make_user_with(Role.AUDITOR))
    assert auditor.get(form).status_code == 404
    assert "Indiquer la date" not in plain(auditor.get(answer["Location"]))
