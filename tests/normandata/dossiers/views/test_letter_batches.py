"""The pages of a batch of letters: read, sent, followed, tried again; whose they are; flat at one and thirty."""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booster_ia.services import notification
from normandata.accounts.models import User
from normandata.committee.models import Item
from normandata.documents import services as documents
from normandata.dossiers.letters import Letter, Signatory
from normandata.dossiers.models import BulkJob, BulkOutcome, Dossier
from normandata.dossiers.services import bulk, letter_batches
from normandata.outbox.models import Message
from tests.factories.accounts import make_agent, sign_in
from tests.factories.booster_scoring import make_scorer
from tests.factories.letters import make_light, make_signatory

pytestmark = pytest.mark.django_db
READ, SEND, HOME = "/instruction/lettres/relire/", "/instruction/lettres/envoyer/", "/instruction/booster-ia/lettres/"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-12-16T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    make_signatory()
    return sign_in(client, make_scorer(name="Sacha Petit"))


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def confirmation(client: Client, dossiers: list[Dossier]) -> dict[str, str]:
    """Return what the page that shows these letters would post."""
    page = client.post(READ, {"choix": [one.number for one in dossiers]}).content.decode()
    return dict(re.findall(r'name="(jeton|lettres)" value="([^"]+)"', page))


def test_each_letter_is_read_whole_before_it_leaves_and_nothing_is_written(client: Client, agent: User) -> None:
    dossiers = [*make_light(1, outcome="granted"), *make_light(1), *make_light(1, outcome="adjourned")]
    page = text(client.post(READ, {"choix": [one.number for one in dossiers]}))
    assert '<h1 class="mb-3">Relire 3 lettres avant de les envoyer</h1>' in page
    for sentence in (
        "Une subvention de 10 000,00 € est accordée à votre projet",
        "Votre demande de subvention n’est pas retenue",
        "L’examen de votre demande est reporté",
        "<dt>Notification de subvention</dt><dd>1</dd><dt>Refus</dt><dd>1</dd><dt>Examen reporté</dt><dd>1</dd>",
        "Camille Exemple<br>La directrice de l’aménagement numérique",
        "Envoyer les 3 lettres",
    ):
        assert sentence in page
    assert page.count("Voies et délais de recours") == 2, "an adjournment is not contested"
    assert (Letter.objects.count(), BulkJob.objects.count()) == (0, 0)


def test_the_same_page_sent_twice_is_one_batch_and_each_line_has_its_outcome(client: Client, agent: User) -> None:
    dossiers = make_light(3)
    posted = confirmation(client, dossiers)
    places = {client.post(SEND, posted)["Location"] for _ in range(2)}
    [job] = BulkJob.objects.all()
    assert places == {f"/instruction/lettres/{job.key}/"}
    [place] = places
    page = text(client.get(place))
    assert "0 sur 3 lettres traitées." in page
    assert 'hx-trigger="every 1s"' in page
    assert f'<a href="{place}">Actualiser</a>' in page
    assert "<html" not in client.get(place, headers={"HX-Request": "true"}).content.decode()
    bulk.run(job)
    page = text(client.get(place))
    assert "hx-trigger" not in page
    assert "Fait : 3." in page
    assert page.count("Refus, dossier BIA-2025-") == 3
    content = b"".join(client.get(f"/instruction/lots/{job.key}/resultats.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert [line.split(";")[2] for line in content.splitlines()] == ["Résultat", "Fait", "Fait", "Fait"]


def test_a_line_that_failed_says_why_and_its_button_tries_it_alone(client: Client, agent: User) -> None:
    dossiers = make_light(2)
    place = client.post(SEND, confirmation(client, dossiers))["Location"]
    [job] = BulkJob.objects.all()
    Signatory.objects.update(until="2026-01-02")
    bulk.run(job)
    page = text(client.get(place))
    assert page.count("Aucun signataire n’est désigné aujourd’hui") == 2
    Signatory.objects.update(until=None)
    first = job.outcomes.all()[0]
    answer = client.post(f"{place}lignes/{first.pk}/reessayer/")
    assert (answer.status_code, answer["Location"]) == (302, place)
    bulk.run(job)
    assert list(job.outcomes.values_list("state", flat=True)) == ["done", "refused"]


def test_a_batch_that_stopped_for_good_is_taken_up_again(client: Client, agent: User) -> None:
    place = client.post(SEND, confirmation(client, make_light(2)))["Location"]
    assert "Reprendre l’envoi" not in text(client.get(place))
    Message.objects.filter(handler=bulk.HANDLER).update(state="failed", error="Essai.")
    page = text(client.get(place))
    assert "L’envoi s’est interrompu : 0 sur 2 lettres traitées." in page
    assert "hx-trigger" not in page
    assert client.post(f"{place}reprendre/")["Location"] == place
    assert Message.objects.unfinished().filter(handler=bulk.HANDLER).count() == 1
    assert "Reprendre l’envoi" not in text(client.get(place))


def test_a_letter_that_changed_leads_back_to_its_reading(client: Client, agent: User) -> None:
    [dossier] = make_light()
    place = client.post(SEND, confirmation(client, [dossier]))["Location"]
    Item.objects.update(reason="Un autre motif.")
    bulk.run(BulkJob.objects.get())
    page = text(client.get(place))
    assert bulk.CHANGED in page
    assert f'<a href="/instruction/{dossier.key}/lettre/">Relire la lettre' in page
    assert "Réessayer" not in page
    assert "Un autre motif." in text(client.get(f"/instruction/{dossier.key}/lettre/"))


def test_one_dossier_reads_and_prints_its_letter(client: Client, agent: User) -> None:
    [dossier] = make_light(1, outcome="granted")
    page = text(client.get(f"/instruction/{dossier.key}/lettre/"))
    assert "Relire la lettre avant de l’envoyer" in page
    answer = client.get(f"/instruction/{dossier.key}/lettre/apercu.pdf")
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"] == f'attachment; filename="apercu-notification-{dossier.number}.pdf"'
    notification.tell(dossier, by=agent)
    answer = client.get(f"/instruction/{dossier.key}/lettre/")
    assert answer.status_code == 409
    assert "Aucune lettre n’attend plus d’être envoyée sur ce dossier." in text(answer)


def test_the_letters_come_in_one_archive_once_they_are_made(client: Client, agent: User, media: Path) -> None:
    place = client.post(SEND, confirmation(client, make_light(2)))["Location"]
    job = BulkJob.objects.get()
    bulk.run(job)
    assert client.get(f"{place}lettres.zip")["Location"] == place
    for letter in letter_batches.letters_of(job):
        documents.make(letter.document_id)
    answer = client.get(f"{place}lettres.zip")
    assert answer["Content-Disposition"] == 'attachment; filename="lettres-2026-12-16.zip"'
    assert b"".join(answer.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_a_batch_is_its_authors_alone(client: Client, agent: User) -> None:
    place = client.post(SEND, confirmation(client, make_light()))["Location"]
    row = BulkOutcome.objects.get()
    sign_in(client, make_scorer())
    for path in (place, f"{place}lettres.zip"):
        assert client.get(path).status_code == 404
    assert client.post(f"{place}lignes/{row.pk}/reessayer/").status_code == 404


def test_an_agent_of_another_scheme_reads_no_letter(client: Client) -> None:
    make_signatory()
    [dossier] = make_light()
    sign_in(client, make_agent("diagnostic"))
    assert client.get(f"/instruction/{dossier.key}/lettre/").status_code == 404
    answer = client.post(READ, {"choix": [dossier.number]})
    assert (answer.status_code, answer["Location"]) == (302, "/instruction/")


@pytest.mark.parametrize("posted", [{}, {"jeton": "x"}, {"jeton": str(uuid.UUID(int=1)), "lettres": "faux"}])
def test_a_made_up_confirmation_is_not_found(client: Client, agent: User, posted: dict[str, str]) -> None:
    assert client.post(SEND, posted).status_code == 404


def test_nothing_chosen_or_nobody_to_sign_leads_back_to_the_list(client: Client, agent: User) -> None:
    assert client.post(READ, {})["Location"] == HOME
    dossiers = make_light()
    Signatory.objects.all().delete()
    answer = client.post(READ, {"choix": dossiers[0].number}, follow=True)
    assert "Aucun signataire n’est désigné aujourd’hui" in text(answer)


def test_the_reading_and_the_progress_cost_the_same_for_one_and_thirty(client: Client, agent: User) -> None:
    few, many = make_light(1), make_light(30)
    counts: dict[str, list[int]] = {"read": [], "batch": []}
    for dossiers in (few, many):
        posted = {"choix": [one.number for one in dossiers]}
        client.post(READ, posted)
        with CaptureQueriesContext(
            connection,
        ) as read:
            client.post(READ, posted)
        place = client.post(SEND, confirmation(client, dossiers))["Location"]
        bulk.run(BulkJob.objects.get(key=place.split("/")[-2]))
        with CaptureQueriesContext(connection) as batch:
            client.get(place)
        counts["read"].append(len(read))
        counts["batch"].append(len(batch))
    assert counts["read"][0] == counts["read"][1]
    assert counts["batch"][0] == counts["batch"][1]
