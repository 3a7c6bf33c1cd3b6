"""The agents' gestures over HTTP: done once, refused with a clear page, never with an error, nothing typed lost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import Role, User
from normandata.documents.models import Upload
from normandata.dossiers.models import Absence, Attachment, Correction, Dossier, ThreadFile, ThreadMessage
from normandata.dossiers.services import corrections, desk
from normandata.dossiers.services.corrections import Asked
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_dossier
from tests.normandata.documents.ordinary import pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 10, 2, 10, tzinfo=UTC)
ASK = {"demande-piece-signature": "on", "attendu-piece-signature": "Le pouvoir", "due_on": "16/10/2026", "text": ""}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier(at=datetime(2026, 10, 1, 7, 14, tzinfo=UTC))


def url(dossier: Dossier, name: str, *args: Any) -> str:
    return reverse(f"dossiers:{name}", args=[dossier.key, *args])


def state(dossier: Dossier) -> str:
    return Dossier.objects.values_list("state", flat=True).get(pk=dossier.pk)


# ------------------------------------------------------------------------------------------------- moving a dossier on
def test_a_plain_gesture_is_confirmed_then_done(client: Client, agent: User, dossier: Dossier) -> None:
    address = url(dossier, "fire", "start_review")
    assert client.get(address).status_code == 200
    assert state(dossier) == "submitted"
    done = client.post(address, {"seen": "submitted"})
    assert (done.status_code, done.headers["Location"], state(dossier)) == (302, url(dossier, "examine"), "review")


def test_the_second_of_two_tabs_reads_a_clear_page(client: Client, agent: User, dossier: Dossier) -> None:
    address = url(dossier, "fire", "start_review")
    client.post(address, {"seen": "submitted"})
    again = client.post(address, {"seen": "submitted"})
    assert again.status_code == 409
    assert "Le geste n’a pas été fait" in again.content.decode()
    assert "L’état a changé entre-temps" in again.content.decode()
    assert Event.objects.named("start_review").count() == 1


def test_a_state_that_is_not_the_one_seen_is_not_left(client: Client, agent: User, dossier: Dossier) -> None:
    for seen in ("review", ""):
        assert client.post(url(dossier, "fire", "start_review"), {"seen": seen}).status_code == 409
    assert state(dossier) == "submitted"


# ------------------------------------------------------------------------------------------------------------ asking
def test_a_request_is_seen_before_it_leaves(client: Client, agent: User, dossier: Dossier) -> None:
    page = client.get(url(dossier, "ask")).content.decode()
    assert 'value="17/10/2026"' in page  # 15 days
    shown = client.post(url(dossier, "ask"), ASK | {"geste": "apercu"})
    assert "Le courriel qui partira" in shown.content.decode()
    assert (Correction.objects.count(), state(dossier)) == (0, "submitted")
    done = client.post(url(dossier, "ask"), ASK | {"geste": "envoyer"})
    assert done.headers["Location"] == url(dossier, "examine")
    asked = Correction.objects.get()
    assert (asked.due_on, [item.target for item in asked.items.all()]) == (date(2026, 10, 16), ["piece:signature"])
    said = client.get(url(dossier, "examine")).content.decode()
    assert "Le pouvoir" in said
    assert "Rappel prévu le 13\u00a0octobre\u00a02026" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due_on": "16/10/2026"}, "Cochez au moins une pièce ou une section."),
        ({**ASK, "attendu-piece-signature": " "}, "Dites ce qui est attendu."),
        ({"attendu-piece-signature": "Le pouvoir", "due_on": "16/10/2026"}, "Cochez cette ligne"),
        ({**ASK, "due_on": "2/10/2026"}, "La date limite doit être à venir."),
        ({**ASK, "due_on": "16/10/2030"}, "La date limite est au plus à 180 jours"),
        ({**ASK, "due_on": "bientôt"}, "Écrivez le jour, le mois et l’année"),
        ({**ASK, "due_on": ""}, "Indiquez le dernier jour pour répondre."),
    ],
)
def test_a_request_with_a_fault_keeps_what_was_typed(
    client: Client, agent: User, dossier: Dossier, typed: dict[str, str], said: str
) -> None:
    answer = client.post(url(dossier, "ask"), typed | {"geste": "envoyer", "text": "Mon <message>"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said.replace(" :", "\u00a0:") in page.lower() or said.lower() in page.lower()
    assert "Mon &lt;message&gt;" in page
    assert Correction.objects.count() == 0


def test_a_second_request_is_told_why_not(client: Client, agent: User, dossier: Dossier) -> None:
    client.post(url(dossier, "ask"), ASK | {"geste": "envoyer"})
    for answer in (client.get(url(dossier, "ask")), client.post(url(dossier, "ask"), ASK | {"geste": "envoyer"})):
        assert answer.status_code == 409
    assert Correction.objects.count() == 1


def test_a_request_is_cancelled_with_its_reason_and_an_old_page_cancels_nothing(
    client: Client, agent: User, dossier: Dossier
) -> None:
    assert client.get(url(dossier, "cancel_correction")).status_code == 409
    old = corrections.ask(dossier, [Asked("piece:signature", "x")], due_on=date(2026, 10, 16), by=agent)
    assert client.post(url(dossier, "cancel_correction"), {"seen": old.pk, "reason": ""}).status_code == 422
    assert client.post(url(dossier, "cancel_correction"), {"seen": "x", "reason": "Non"}).status_code == 404
    client.post(url(dossier, "cancel_correction"), {"seen": old.pk, "reason": "Retrouvé"})
    new = corrections.ask(dossier, [Asked("piece:signature", "y")], due_on=date(2026, 10, 16), by=agent)
    assert client.post(url(dossier, "cancel_correction"), {"seen": old.pk, "reason": "Encore"}).status_code == 409
    assert list(Correction.objects.order_by("pk").values_list("pk", "state")) == [
        (old.pk, "cancelled"),
        (new.pk, "open"),
    ]


def test_a_request_of_another_dossier_is_not_cancelled_from_here(client: Client, agent: User, dossier: Dossier) -> None:
    other = make_dossier()
    foreign = corrections.ask(other, [Asked("piece:signature", "x")], due_on=date(2026, 10, 16), by=agent)
    answer = client.post(url(dossier, "cancel_correction"), {"seen": foreign.pk, "reason": "Non"})
    assert (answer.status_code, Correction.objects.get().state) == (404, "open")


# ------------------------------------------------------------------------------------------------------------- thread
def test_a_message_leaves_with_its_files(client: Client, agent: User, dossier: Dossier) -> None:
    files = [SimpleUploadedFile(name, pdf(), "application/pdf") for name in ("a.pdf", "b.pdf")]
    done = client.post(url(dossier, "exchanges"), {"text": "Bonjour", "fichier": files})
    assert done.headers["Location"] == url(dossier, "exchanges")
    message = ThreadMessage.objects.get(author=agent)
    assert (message.text, message.side, message.is_internal) == ("Bonjour", "region", False)
    assert sorted(file.upload.name for file in message.files.all()) == ["a.pdf", "b.pdf"]
    assert "Bonjour" in Mail.objects.get(kind="dossiers.message").text


def test_an_internal_note_sends_nothing_and_is_marked(client: Client, agent: User, dossier: Dossier) -> None:
    client.post(url(dossier, "exchanges"), {"text": "Entre nous", "is_internal": "on"})
    assert ThreadMessage.objects.get(author=agent).is_internal
    assert not Mail.objects.filter(kind="dossiers.message").exists()
    assert "Note interne" in client.get(url(dossier, "exchanges")).content.decode()


def test_a_refused_file_sends_nothing_and_loses_nothing(client: Client, agent: User, dossier: Dossier) -> None:
    good, bad = SimpleUploadedFile("a.pdf", pdf()), SimpleUploadedFile("b.exe", b"MZ")
    answer = client.post(url(dossier, "exchanges"), {"text": "Mon long <texte>", "fichier": [good, bad]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Mon long &lt;texte&gt;" in page
    assert "b.exe" in page
    assert ThreadMessage.objects.filter(author=agent).count() == 0
    kept = Upload.objects.get()
    assert f'name="recu" value="{kept.pk}"' in page
    client.post(url(dossier, "exchanges"), {"text": "Mon long <texte>", "recu": [str(kept.pk), "x", str(kept.pk)]})
    assert ThreadFile.objects.get().upload == kept


def test_a_file_of_somebody_else_or_already_joined_is_not_taken(client: Client, agent: User, dossier: Dossier) -> None:
    foreign = UploadFactory(uploaded_by=make_agent(name="Autre"))
    message = ThreadMessage.objects.create(dossier=dossier, side="region", author=agent, text="Avant")
    joined = ThreadFile.objects.create(message=message, upload=UploadFactory(uploaded_by=agent)).upload
    client.post(url(dossier, "exchanges"), {"text": "Bonjour", "recu": [str(foreign.pk), str(joined.pk)]})
    assert ThreadFile.objects.get().message == message


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_an_empty_or_endless_message_is_not_sent(client: Client, agent: User, dossier: Dossier, text: str) -> None:
    assert client.post(url(dossier, "exchanges"), {"text": text}).status_code == 422
    assert ThreadMessage.objects.filter(author=agent).count() == 0


# --------------------------------------------------------------------------------------------------------------- owner
def test_a_dossier_is_given_with_somebody_to_stand_in(client: Client, agent: User, dossier: Dossier) -> None:
    other, stranger = make_agent(name="Alix Martin"), make_agent("booster_ia", name="Ailleurs")
    page = client.get(url(dossier, "assign")).content.decode()
    assert "Alix Martin" in page
    assert "Ailleurs" not in page
    assert client.post(url(dossier, "assign"), {"owner": stranger.pk}).status_code == 422
    same = client.post(url(dossier, "assign"), {"owner": other.pk, "backup": other.pk})
    assert (same.status_code, Dossier.objects.get().owner) == (422, None)
    client.post(url(dossier, "assign"), {"owner": other.pk, "backup": agent.pk, "reason": "Congés"})
    kept = Dossier.objects.get()
    assert (kept.owner, kept.backup) == (other, agent)
    assert Mail.objects.get(kind="dossiers.assigned").address == other.email


@pytest.mark.parametrize(
    ("who", "is_away", "is_offered"),
    [("agent", False, False), ("agent", True, True), ("lead", False, True)],
)
def test_a_colleague_s_dossier_is_taken_over_when_absent_or_by_a_lead(
    client: Client, dossier: Dossier, who: str, is_away: bool, is_offered: bool
) -> None:
    owner = make_agent(name="Alix Martin")
    desk.assign(dossier, owner, by=owner)
    if is_away:
        Absence.objects.create(agent=owner, since=NOW.date(), backup=make_agent(), declared_by=owner)
    me = sign_in(client, make_agent() if who == "agent" else make_user_with(Role.LEAD_AGENT, "diagnostic"))
    assert ("Prendre ce dossier" in client.get(url(dossier, "examine")).content.decode()) is is_offered
    answer = client.post(url(dossier, "take_over"))
    kept = Dossier.objects.get()
    assert answer.status_code == (302 if is_offered else 409)
    assert (kept.owner, kept.backup) == ((me, owner) if is_offered else (owner, None))


def test_gestures_that_change_something_refuse_get(client: Client, agent: User, dossier: Dossier) -> None:
    assert client.get(url(dossier, "take_over")).status_code == 405
    assert client.get(url(dossier, "accept_piece", 1)).status_code == 405


def test_a_file_of_another_dossier_is_not_judged_from_here(client: Client, agent: User, dossier: Dossier) -> None:
    other = make_dossier()
    foreign = Attachment.objects.create(
        dossier=other, piece="complement", upload=UploadFactory(uploaded_by=agent), added_by=agent
    )
    for name in ("accept_piece", "replace_piece"):
        assert client.post(url(dossier, name, foreign.pk), {"reason": "Non"}).status_code == 404
    assert Attachment.objects.get().status == "received"


def test_a_withdrawn_dossier_offers_no_gesture(client: Client, agent: User, dossier: Dossier) -> None:
    procedure.fire(dossier, "withdraw", by=dossier.created_by)
    page = client.get(url(dossier, "examine")).content.decode()
    assert "Aucun geste n’est possible à cette étape." in page
    assert client.get(url(dossier, "ask")).status_code == 409
