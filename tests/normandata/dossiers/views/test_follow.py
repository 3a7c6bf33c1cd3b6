"""A dossier once deposited, seen by its organisation: where it stands, its thread, its versions, leaving it."""

from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Upload
from normandata.dossiers import periods
from normandata.dossiers.models import Dossier, FilingPeriod, ThreadMessage
from normandata.dossiers.services import thread
from normandata.organisations.models import Organisation
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(applicant: User, organisation: Organisation, kept: Path) -> Dossier:
    return make_deposit(by=applicant, organisation=organisation).dossier


def plain(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined]


def change(dossier: Dossier) -> None:
    section = dossier.sections.get(slug="motivations")
    section.answers |= {"projet": "Un autre projet.\nSur deux lignes."}
    section.save()


def test_a_draft_shows_what_is_left(client: Client, applicant: User, organisation: Organisation) -> None:
    draft = make_draft(by=applicant, organisation=organisation)
    assert "Tout est rempli." in plain(client.get(f"/dossiers/{draft.key}/"))
    draft.sections.filter(slug__in=["personnes", "motivations"]).delete()
    page = plain(client.get(f"/dossiers/{draft.key}/"))
    assert "Il reste 2 étapes à remplir." in page
    assert "Continuer : Les personnes" in page


@pytest.mark.parametrize(("grace", "said"), [(5, "5 minutes"), (1, "1 minute"), (0, "")])
def test_a_draft_says_the_grace_of_the_reglement_after_the_last_day(
    client: Client,
    applicant: User,
    organisation: Organisation,
    monkeypatch: pytest.MonkeyPatch,
    grace: int,
    said: str,
) -> None:
    draft = make_draft(by=applicant, organisation=organisation)
    address = f"/dossiers/{draft.key}/"
    assert "Dernier jour du dépôt" not in client.get(address).content.decode()
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 1, 1), closes_on=date(2100, 10, 30))
    monkeypatch.setattr(periods, "grace_minutes", lambda scheme, day: grace)
    page = client.get(address).content.decode().replace("&nbsp;", " ").replace("\u00a0", " ")
    assert "Dernier jour du dépôt : <strong>30 octobre 2100, 23 h 59</strong>." in page
    assert (f"Une tolérance de {said} couvre ensuite les envois lents" in page) if said else "tolérance" not in page


def test_changes_not_deposited_are_said_on_the_page(client: Client, dossier: Dossier) -> None:
    path = f"/dossiers/{dossier.key}/"
    assert "Modifications non déposées" not in plain(client.get(path))
    change(dossier)
    assert "Modifications non déposées" in plain(client.get(path))


def test_a_version_is_shown_as_it_was_with_what_changed(client: Client, dossier: Dossier) -> None:
    change(dossier)
    make_deposit(dossier)
    first, second = (plain(client.get(f"/dossiers/{dossier.key}/versions/{number}/")) for number in (1, 2))
    assert "Le remplacement du logiciel d’atelier." in first
    assert "Un autre projet." not in first
    assert "Ce qui a changé depuis la version précédente" in second
    assert "Un autre projet.<br>Sur deux lignes." in second
    assert client.get(f"/dossiers/{dossier.key}/versions/3/").status_code == 404


def test_the_receipt_waits_for_its_pdf_then_is_sent(client: Client, dossier: Dossier) -> None:
    path = f"/dossiers/{dossier.key}/versions/1/accuse/"
    waiting = plain(client.get(path))
    assert "Le PDF se prépare." in waiting
    assert 'http-equiv="refresh"' in waiting
    assert f'<div role="status" hx-get="{path}" hx-trigger="every 1s" hx-swap="innerHTML">' in waiting
    asked = client.get(path, headers={"HX-Request": "true"})
    assert (asked.status_code, "<html" in plain(asked), "Le PDF se prépare." in plain(asked)) == (200, False, True)
    documents.make(dossier.deposits.get().receipt_id)
    told = client.get(path, headers={"HX-Request": "true"})
    assert (told.status_code, f'href="{path}"' in plain(told)) == (286, True)
    sent = client.get(path)
    assert b"".join(sent.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]


def test_a_message_is_written_once_with_its_file(client: Client, dossier: Dossier) -> None:
    path = f"/dossiers/{dossier.key}/messages/"
    content = ordinary.pdf()  # once: a PDF made twice bears two hours
    for _ in range(2):
        file = SimpleUploadedFile("note.pdf", content, "application/pdf")
        assert client.post(path, {"texte": "Bonjour,\r\nvoici.", "fichier": file}).status_code == 302
    written = ThreadMessage.objects.filter(kind="message")
    assert written.count() == 1
    assert "voici." in plain(client.get(f"/dossiers/{dossier.key}/"))


def test_a_file_refused_keeps_the_text_and_nothing_else(client: Client, dossier: Dossier, kept: Path) -> None:
    before = Upload.objects.count()
    files = [
        SimpleUploadedFile("note.pdf", ordinary.pdf(), "application/pdf"),
        SimpleUploadedFile("facture.pdf", b"MZ" + bytes(90), "application/pdf"),
    ]
    body = {"texte": "Bonjour, voici.", "fichier": files}
    page = plain(client.post(f"/dossiers/{dossier.key}/messages/", body, follow=True))
    assert "facture.pdf est un programme" in page
    assert "Bonjour, voici.</textarea>" in page
    assert not ThreadMessage.objects.filter(kind="message").exists()
    assert Upload.objects.count() == before
    again = plain(client.get(f"/dossiers/{dossier.key}/"))
    assert "Bonjour, voici.</textarea>" not in again


def test_an_internal_note_and_its_file_stay_with_the_region(client: Client, dossier: Dossier) -> None:
    agent = make_agent()
    note = thread.write(dossier, "Entre nous.", by=agent, uploads=[UploadFactory()], is_internal=True)
    assert "Entre nous." not in plain(client.get(f"/dossiers/{dossier.key}/"))
    assert client.get(f"/dossiers/{dossier.key}/messages/{note.files.get().pk}/fichier/").status_code == 404


def test_a_request_is_withdrawn_after_a_confirmation(client: Client, dossier: Dossier) -> None:
    path = f"/dossiers/{dossier.key}/retirer/"
    assert "Ce retrait ne s’annule pas." in plain(client.get(path))
    page = plain(client.post(path, {"motif": "Nous renonçons."}, follow=True))
    dossier.refresh_from_db()
    assert "Votre demande est retirée." in page
    assert (dossier.state, dossier.refused_by_silence_on) == ("withdrawn", None)
    assert client.post(path).headers["Location"] == f"/dossiers/{dossier.key}/"


def test_a_draft_is_erased_after_a_confirmation_and_a_deposit_is_not(
    client: Client, applicant: User, organisation: Organisation, dossier: Dossier, kept: Path
) -> None:
    draft = make_draft(by=applicant, organisation=organisation)
    assert "seront effacés pour de bon" in plain(client.get(f"/dossiers/{draft.key}/effacer/"))
    client.post(f"/dossiers/{draft.key}/effacer/")
    client.post(f"/dossiers/{dossier.key}/effacer/")
    assert list(Dossier.objects.all()) == [dossier]
    assert files_under(kept) == []


@pytest.mark.parametrize("end", ["", "retirer/", "effacer/", "versions/1/", "versions/1/accuse/", "depose/", "relire/"])
def test_somebody_elses_dossier_does_not_exist(client: Client, applicant: User, end: str) -> None:
    other = make_deposit().dossier
    assert client.get(f"/dossiers/{other.key}/{end}").status_code == 404


def test_a_nul_in_a_text_is_left_out_and_the_rest_is_kept(client: Client, dossier: Dossier) -> None:
    client.post(f"/dossiers/{dossier.key}/messages/", {"texte": "avant\x00après"})
    assert ThreadMessage.objects.get(kind="message").text == "avantaprès"
    client.post(f"/dossiers/{dossier.key}/retirer/", {"motif": "a\x00b"})
    event = Event.objects.about(dossier).named("withdraw").get()
    assert event.reason == "ab"
