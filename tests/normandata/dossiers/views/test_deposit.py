"""The deposit through its page: once, whatever is clicked; late, incomplete or changed: said, and nothing written."""

import re
import sys
import threading
import time
import uuid
from collections import Counter as Tally
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from normandata.accounts.models import User
from normandata.documents.models import Document, Upload
from normandata.dossiers.models import Attachment, Counter, Deposit, Dossier, FilingPeriod
from normandata.dossiers.services import corrections
from normandata.dossiers.services.corrections import Asked
from normandata.notifications.models import Mail
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.dossiers import make_deposit, make_draft
from tests.factories.organisations import MembershipFactory
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under

pytestmark = pytest.mark.django_db
SIGNATURE = {
    "qui": "moi",
    "nom": "Dominique Exemple",
    "fonction": "Gérante",
    "accepte_questionnaire": "on",
    "accepte_exact": "on",
}


@pytest.fixture
def draft(applicant: User, organisation: Organisation, kept: Path) -> Dossier:
    return make_draft(by=applicant, organisation=organisation)


def review(dossier: Dossier) -> str:
    return f"/dossiers/{dossier.key}/relire/"


def plain(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined]


def shown(client: Client, dossier: Dossier, **changes: str) -> dict[str, str]:
    """Return what the page of the signature would send."""
    page = client.get(review(dossier))
    assert page.status_code == 200
    hidden = dict(re.findall(r'type="hidden" name="(cle|contenu)" value="([^"]+)"', page.content.decode()))
    return {**SIGNATURE, **hidden, **changes}


def change(dossier: Dossier, text: str = "Un autre projet.") -> None:
    section = dossier.sections.get(slug="motivations")
    section.answers |= {"projet": text}
    section.version += 1
    section.save()


def test_a_deposit_is_confirmed_on_a_page_that_reloads(client: Client, draft: Dossier) -> None:
    answer = client.post(review(draft), shown(client, draft), follow=True)
    assert answer.redirect_chain == [(f"/dossiers/{draft.key}/depose/?version=1", 302)]
    number = f"DIA-{timezone.localdate().year}-0001"
    for page in (answer, client.get(answer.redirect_chain[0][0])):
        assert f"Dossier {number} déposé" in plain(page)
        assert "(heure du serveur)" in plain(page)
    assert (Deposit.objects.count(), Document.objects.count(), Mail.objects.count()) == (1, 1, 1)


def test_sent_again_and_the_back_button_are_one_deposit_and_one_receipt(client: Client, draft: Dossier) -> None:
    body = shown(client, draft)
    where = [client.post(review(draft), body).headers["Location"] for _ in range(3)]
    assert set(where) == {f"/dossiers/{draft.key}/depose/?version=1"}
    # The page asked again by the back button has another key, and nothing new to say.
    assert client.get(review(draft)).headers["Location"] == where[0]
    fresh = body | {"cle": str(uuid.uuid4())}
    assert client.post(review(draft), fresh).headers["Location"] == where[0]
    assert (Deposit.objects.count(), Document.objects.count(), Mail.objects.count()) == (1, 1, 1)
    assert Counter.objects.get().last == 1


def test_the_same_key_with_another_body_is_a_conflict(client: Client, draft: Dossier) -> None:
    body = shown(client, draft)
    client.post(review(draft), body)
    other = client.post(review(draft), body | {"nom": "Quelqu’un d’autre"})
    assert other.status_code == 409
    assert "Cette page a déjà été envoyée avec un autre contenu." in plain(other)
    assert "Quelqu’un d’autre" in plain(other)
    assert Deposit.objects.count() == 1


def test_after_the_review_began_the_page_sent_again_still_leads_to_its_deposit(client: Client, draft: Dossier) -> None:
    body = shown(client, draft)
    client.post(review(draft), body)
    Dossier.objects.update(state="review", editable="none")
    assert client.post(review(draft), body).headers["Location"].endswith("/depose/?version=1")
    late = client.post(review(draft), body | {"cle": str(uuid.uuid4()), "nom": "Autre"}, follow=True)
    assert "Ce dossier n’est plus modifiable" in plain(late)


def test_answers_changed_since_the_page_opened_are_read_again_then_deposited(client: Client, draft: Dossier) -> None:
    body = shown(client, draft)
    change(draft)
    page = client.post(review(draft), body)
    assert "La demande a été modifiée depuis l’ouverture de cette page." in plain(page)
    assert not Deposit.objects.exists()
    hidden = dict(re.findall(r'type="hidden" name="(cle|contenu)" value="([^"]+)"', page.content.decode()))
    assert hidden["cle"] != body["cle"]
    assert client.post(review(draft), body | hidden).status_code == 302
    assert Deposit.objects.get().answers["motivations"]["projet"] == "Un autre projet."


def test_a_new_version_keeps_its_number(client: Client, draft: Dossier) -> None:
    client.post(review(draft), shown(client, draft))
    change(draft)
    answer = client.post(review(draft), shown(client, draft))
    assert answer.headers["Location"].endswith("?version=2")
    assert (Dossier.objects.get().version, Counter.objects.get().last) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"qui": ""}, "Dites qui engage la structure."),
        ({"qui": "papier"}, "Joignez d’abord le document signé, dans la section « Pièces »."),
        ({"nom": ""}, "Indiquez le nom de la personne qui engage la structure."),
        ({"accepte_exact": ""}, "Cochez l’engagement « Les renseignements donnés dans cette demande sont exacts et"),
    ],
)
def test_an_unsigned_request_says_why_keeps_what_was_typed_and_writes_nothing(
    client: Client, draft: Dossier, changes: dict[str, str], said: str
) -> None:
    page = client.post(review(draft), shown(client, draft, **changes))
    text = plain(page)
    assert page.status_code == 200
    assert said in text
    assert "<title>Erreur : Relire et déposer" in text
    assert 'value="Gérante"' in text
    assert (Deposit.objects.count(), Counter.objects.count(), Mail.objects.count()) == (0, 0, 0)


def test_an_incomplete_request_lists_what_is_left_and_is_not_deposited(client: Client, draft: Dossier) -> None:
    body = shown(client, draft)
    draft.sections.filter(slug="personnes").delete()
    page = plain(client.get(review(draft)))
    assert "La demande n’est pas encore complète." in page
    assert "Les personnes : à remplir" in page
    assert "Déposer la demande" not in page
    client.post(review(draft), body)
    assert not Deposit.objects.exists()


# ------------------------------------------------------------ closing day, to the second
CLOSED_AT = datetime(2026, 10, 30, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "is_taken"), [(-0.1, True), (299, True), (301, False)])
def test_the_closing_day_is_judged_at_the_arrival_of_the_request(
    client: Client, draft: Dossier, seconds: float, is_taken: bool
) -> None:
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 3, 1), closes_on=date(2026, 10, 30))
    at = CLOSED_AT.timestamp() + seconds
    with time_machine.travel(datetime(2026, 10, 30, 12, tzinfo=UTC)):
        sign_in(client, draft.created_by)
        body = shown(client, draft)
    with time_machine.travel(datetime.fromtimestamp(at, UTC), tick=False):
        sign_in(client, draft.created_by)
        answer = client.post(review(draft), body)
    if is_taken:
        assert answer.status_code == 302, plain(answer)
        assert Deposit.objects.get().at == datetime.fromtimestamp(at, UTC)
        return
    text = plain(answer)
    assert "Le dépôt s’est arrêté le 30 octobre 2026 à 23 h 59. Votre brouillon est gardé." in text
    assert 'value="Gérante"' in text
    assert (Deposit.objects.count(), Counter.objects.count(), Document.objects.count()) == (0, 0, 0)
    draft.refresh_from_db()
    assert (draft.state, draft.sections.count()) == ("draft", 5)


def test_a_slow_body_counts_from_its_arrival(client: Client, draft: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The instant is taken before the body is read: a request in at 23:59:59 is in, whatever time it takes."""
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 3, 1), closes_on=date(2026, 10, 30))
    with time_machine.travel(datetime(2026, 10, 30, 22, 59, 59, tzinfo=UTC), tick=False) as clock:
        sign_in(client, draft.created_by)
        body = shown(client, draft)
        found = "normandata.dossiers.views.deposit.drafts.read"
        read = __import__("normandata.dossiers.drafts", fromlist=["read"]).read

        def slow(dossier: Dossier) -> object:
            clock.move_to(datetime(2026, 10, 30, 23, 10, tzinfo=UTC))
            return read(dossier)

        monkeypatch.setattr(found, slow)
        assert client.post(review(draft), body).status_code == 302
    assert Deposit.objects.get().at == datetime(2026, 10, 30, 22, 59, 59, tzinfo=UTC)


# ------------------------------------------------------------ fifty at the same time
class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def post(server: str, path: str, session: str, body: dict[str, str]) -> tuple[int, str]:
    """Send a form from a browser that holds a session and its anti-forgery token."""
    token = "a" * 32
    sent = urlencode(body | {"csrfmiddlewaretoken": token}).encode()
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "Referer": server}
    for _ in range(100):
        try:
            answer = build_opener(NoRedirect).open(Request(f"{server}{path}", sent, headers), timeout=60)
            return answer.status, ""
        except HTTPError as answer:
            return answer.code, answer.headers.get("Location", "")
        except (URLError, ConnectionError):  # the line was cut, before or after it was read: sent again
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_posts_over_http_are_one_dossier_one_number_one_receipt(
    live_server: LiveServer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    client, membership = Client(), MembershipFactory(user=UserFactory())
    sign_in(client, membership.user)
    dossier = make_draft(by=membership.user, organisation=membership.organisation)
    body, session = shown(client, dossier), client.session.session_key or ""
    answers: list[tuple[int, str]] = []
    barrier = threading.Barrier(50)

    def send() -> None:
        barrier.wait(30)
        answers.append(post(live_server.url, review(dossier), session, body))

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert Tally(answers) == {(302, f"/dossiers/{dossier.key}/depose/?version=1"): 50}
    assert (Deposit.objects.count(), Document.objects.count(), Mail.objects.count()) == (1, 1, 1)
    assert Counter.objects.get().last == 1
    following = make_deposit().dossier
    assert following.number == f"DIA-{timezone.localdate().year}-0002"


def test_the_witness_without_the_key_a_double_click_is_two_versions(
    client: Client, draft: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were each post a deposit of its own, the second one would be told apart only by chance."""
    body = shown(client, draft)
    monkeypatch.setattr("normandata.dossiers.views.deposit._already_sent", lambda request, state: None)
    client.post(review(draft), body)
    client.post(review(draft), body | {"cle": str(uuid.uuid4())})
    assert Deposit.objects.count() == 2


def test_the_whole_request_of_a_deposit_is_counted(
    client: Client, draft: Dossier, capsys: pytest.CaptureFixture[str]
) -> None:
    make_deposit()
    body = shown(client, draft)
    with CaptureQueriesContext(connection) as queries:
        assert client.post(review(draft), body).status_code == 302
    with capsys.disabled():
        sys.stdout.write(f"\na deposit, the whole request: {len(queries)} queries")
    assert len(queries) <= 32, "\n".join(query["sql"][:140] for query in queries)


# ------------------------------------------------------------ what was asked for
@pytest.fixture
def asked(draft: Dossier) -> Dossier:
    dossier, agent = make_deposit(draft).dossier, make_agent()
    procedure.fire(dossier, "start_review", by=agent)
    due = date.fromordinal(timezone.localdate().toordinal() + 20)
    corrections.ask(dossier, [Asked("piece:complement", "Illisible.")], due_on=due, text="Bonjour.", by=agent)
    return dossier


def answering(client: Client, dossier: Dossier, **more: object) -> dict[str, object]:
    page = client.get(f"/dossiers/{dossier.key}/")
    return {"cle": str(page.context["sending_key"]), **more}


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("organigramme.pdf", ordinary.pdf(), "application/pdf")


def test_what_was_asked_is_sent_in_one_gesture_and_once(client: Client, asked: Dossier) -> None:
    path = f"/dossiers/{asked.key}/repondre/"
    body, content = answering(client, asked), ordinary.pdf()
    for _ in range(2):
        file = SimpleUploadedFile("organigramme.pdf", content, "application/pdf")
        page = client.post(path, body | {"piece-complement": file}, follow=True)
        assert "C’est envoyé. L’examen de votre dossier reprend." in plain(page)
    asked.refresh_from_db()
    assert (asked.state, asked.version, asked.attachments.count()) == ("review", 2, 1)
    assert asked.deposits.count() == 2


def test_nothing_chosen_says_what_is_missing(client: Client, asked: Dossier) -> None:
    page = client.post(f"/dossiers/{asked.key}/repondre/", answering(client, asked), follow=True)
    assert "Il manque encore : Documents utiles." in plain(page)
    asked.refresh_from_db()
    assert (asked.state, asked.version) == ("incomplete", 1)


def test_a_file_refused_leaves_nothing_and_the_dossier_waits(client: Client, asked: Dossier, kept: Path) -> None:
    bad = SimpleUploadedFile("organigramme.pdf", b"MZ" + bytes(90), "application/pdf")
    body = answering(client, asked, **{"piece-complement": bad})
    page = client.post(f"/dossiers/{asked.key}/repondre/", body, follow=True)
    assert "organigramme.pdf est un programme" in plain(page)
    assert (Attachment.objects.count(), Upload.objects.count(), files_under(kept)) == (0, 0, [])
    asked.refresh_from_db()
    assert asked.state == "incomplete"


def test_a_piece_that_was_not_asked_is_not_taken(client: Client, asked: Dossier, kept: Path) -> None:
    body = answering(client, asked, **{"piece-signature": pdf()})
    page = client.post(f"/dossiers/{asked.key}/repondre/", body, follow=True)
    assert "Ce dossier n’est plus modifiable" in plain(page)
    assert (Attachment.objects.count(), files_under(kept)) == (0, [])


def test_after_the_last_day_and_its_grace_the_files_are_kept_and_the_way_out_said(
    client: Client, asked: Dossier
) -> None:
    correction = asked.corrections.get()
    end = datetime.combine(date.fromordinal(correction.due_on.toordinal() + 1), datetime.min.time())
    with time_machine.travel(timezone.make_aware(end).timestamp() + 301, tick=False):
        sign_in(client, asked.created_by)
        body = answering(client, asked, **{"piece-complement": pdf()})
        page = client.post(f"/dossiers/{asked.key}/repondre/", body, follow=True)
    assert "Vos fichiers sont gardés : écrivez à l’agent par le fil d’échanges" in plain(page)
    assert Attachment.objects.current().count() == 1


def test_a_page_without_key_answers_nothing(client: Client, asked: Dossier) -> None:
    assert client.post(f"/dossiers/{asked.key}/repondre/", {"cle": "x"}).status_code == 404


def test_a_confirmation_of_what_was_not_deposited_does_not_exist(client: Client, draft: Dossier) -> None:
    assert client.get(f"/dossiers/{draft.key}/depose/").status_code == 404
    make_deposit(draft)
    assert client.get(f"/dossiers/{draft.key}/depose/?version=7").status_code == 404
    assert client.get(f"/dossiers/{draft.key}/depose/?version=x").status_code == 200


def test_another_file_under_the_same_key_is_refused_and_said(client: Client, asked: Dossier) -> None:
    path = f"/dossiers/{asked.key}/repondre/"
    body = answering(client, asked)
    assert client.post(path, body | {"piece-complement": pdf()}).status_code == 302
    other = SimpleUploadedFile("autre.csv", b"a;b\n1;2\n", "text/csv")
    page = client.post(path, body | {"piece-complement": other})
    assert (page.status_code, asked.attachments.count(), asked.deposits.count()) == (409, 1, 2)
    assert "Ce fichier n’a pas été envoyé" in page.content.decode()
