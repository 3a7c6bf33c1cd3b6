"""One's own data, as a person reads them, copies them and erases them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Upload
from normandata.dossiers.models import Attachment, Dossier
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.rights.models import Erasure, Export, Request
from normandata.rights.services import exports
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet", "kept_apart")]
HOME, ERASURE, CONFIRM = "/compte/donnees/", "/compte/donnees/effacement/", "/compte/donnees/effacement/confirmer/"


@pytest.fixture
def person() -> User:
    found: User = UserFactory(name="Zoé Canarix")
    return found


@pytest.fixture
def client(person: User) -> Client:
    found = Client()
    sign_in(found, person)
    return found


def test_a_copy_is_asked_made_fetched_and_ends(client: Client, person: User) -> None:
    assert client.post(HOME + "copie/").headers["Location"] == HOME
    assert "En préparation" in client.get(HOME).content.decode()
    outbox.work(Message.objects.get(handler=exports.MAKE).pk)
    export = Export.objects.get()
    assert f"{HOME}copie/{export.pk}/" in client.get(HOME).content.decode()
    sent = client.get(f"{HOME}copie/{export.pk}/")
    assert b"".join(sent.streaming_content) == Path(export.file.path).read_bytes()  # type: ignore[attr-defined]
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="normandata-mes-donnees-')
    assert "no-store" in sent.headers["Cache-Control"]
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"{HOME}copie/{export.pk}/").status_code == 404
    other = Client()
    sign_in(other, UserFactory())
    Export.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert other.get(f"{HOME}copie/{export.pk}/").status_code == 404


@pytest.mark.parametrize(("method", "address"), [("post", HOME + "copie/"), ("get", CONFIRM), ("post", CONFIRM)])
def test_who_one_is_is_proved_again_first(
    client: Client, person: User, method: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normandata.accounts.conf.RECENT", timedelta(seconds=-1))
    monkeypatch.setattr("allauth.account.app_settings.REAUTHENTICATION_TIMEOUT", -1, raising=False)
    answer = getattr(client, method)(address, {"sure": "on"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/compte/confirmer/")
    assert (Export.objects.count(), Erasure.objects.count()) == (0, 0)


def test_a_right_is_claimed_once_and_nothing_typed_is_lost(client: Client, person: User) -> None:
    empty = client.post(HOME + "demande/", {"kind": "", "text": "Mon nom est mal écrit."})
    assert empty.status_code == 422
    page = empty.content.decode()
    assert "Choisissez ce que vous demandez." in page
    assert "Mon nom est mal écrit." in page
    asked = {"kind": "rectification", "text": "Mon nom est mal écrit."}
    assert client.post(HOME + "demande/", asked).headers["Location"] == HOME
    again = client.post(HOME + "demande/", asked)
    assert again.status_code == 422
    assert "Cette demande est déjà en cours" in again.content.decode()
    assert Request.objects.get().person == person
    assert "Réponse avant le" in client.get(HOME).content.decode()


def test_what_prevents_an_erasure_is_explained_with_what_to_do(client: Client, person: User) -> None:
    dossier = make_deposit(by=person).dossier
    page = client.get(ERASURE).content.decode()
    assert f"Le dossier {dossier.number} est en cours" in page
    assert "Attendez sa clôture" in page
    assert CONFIRM not in page
    assert client.post(CONFIRM, {"sure": "on"}).status_code == 422
    assert not Erasure.objects.exists()


def test_an_erasure_wants_a_second_confirmation_then_signs_out_for_good(client: Client, person: User) -> None:
    assert CONFIRM in client.get(ERASURE).content.decode()
    unsure = client.post(CONFIRM)
    assert unsure.status_code == 422
    assert "Cochez la case pour effacer vos données." in unsure.content.decode()
    assert not Erasure.objects.exists()
    done = client.post(CONFIRM, {"sure": "on"})
    assert done.headers["Location"] == "/donnees-effacees/"
    assert "Vos données sont effacées" in client.get("/donnees-effacees/").content.decode()
    assert client.get(HOME).headers["Location"].startswith("/connexion/")
    assert Erasure.objects.get().person == person


def test_both_pages_say_which_files_stay_and_the_erasure_keeps_these_alone(client: Client, person: User) -> None:
    dossier, draft = make_deposit(by=person).dossier, make_draft(by=person)
    joined, drafted = (UploadFactory(uploaded_by=person, name=name) for name in ("devis.pdf", "seul.pdf"))
    UploadFactory(uploaded_by=person, name="egare.pdf")
    for found, file in ((dossier, joined), (draft, drafted)):
        Attachment.objects.create(dossier=found, piece="complement", upload=file, added_by=person)
    Dossier.objects.filter(pk=dossier.pk).update(state="refused", turn="nobody")
    for address in (ERASURE, CONFIRM):
        page = client.get(address).content.decode()
        assert "1 fichier que vous avez envoyé reste tel quel, contenu compris" in page
        assert [name for name in ("devis.pdf", "seul.pdf", "egare.pdf") if f"<li>{name}</li>" in page] == ["devis.pdf"]
    client.post(CONFIRM, {"sure": "on"})
    assert Erasure.objects.get().files == [str(joined.pk)]
    assert Path(joined.file.path).exists()
    assert set(Upload.objects.filter(uploaded_by=person)) == {joined}


def test_the_page_says_when_no_file_stays(client: Client) -> None:
    for address in (ERASURE, CONFIRM):
        assert "Aucun fichier que vous avez envoyé ne reste." in client.get(address).content.decode()


def test_the_page_costs_the_same_at_one_and_thirty_requests(
    client: Client, person: User, django_assert_max_num_queries
) -> None:
    now = timezone.now()

    def request(rank: int) -> Request:
        answered = {"answered_at": now, "outcome": "granted", "answer": "Oui.", "answered_by": UserFactory()}
        return Request(person=person, kind="access", text=f"n° {rank}", due_on=timezone.localdate(), **answered)

    Request.objects.bulk_create([request(0)])
    client.get(HOME)
    with django_assert_max_num_queries(12) as first:
        client.get(HOME)
    Request.objects.bulk_create([request(rank) for rank in range(1, 30)])
    with django_assert_max_num_queries(12) as then:
        assert client.get(HOME).content.decode().count("n° ") == 30
    assert len(then) == len(first)
