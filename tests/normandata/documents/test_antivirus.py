"""Check 10: with an antivirus set, nothing is read before it is clean."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import Http404
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import antivirus, responses, rows, uploads
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from normandata.outbox.models import Message
from normandata.outbox.services import work
from tests.factories.documents import UploadFactory
from tests.normandata.documents.clamd import EICAR, Clamd
from tests.normandata.documents.conftest import files_under
from tests.normandata.documents.test_uploads import sent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(uploads, "_settled", [lambda upload: heard.append((upload.name, upload.state))])
    return heard


@pytest.fixture
def _guarded(settings, clamd: Clamd, media: Path) -> Iterator[None]:
    settings.CLAMD_SOCKET = clamd.address
    yield
    if clamd.process is None:
        clamd.start()


def is_downloadable(upload: Upload) -> bool:
    upload.refresh_from_db()
    try:
        responses.send(upload).close()
    except Http404:
        return False
    return True


@pytest.mark.usefixtures("_guarded")
def test_a_clean_file_is_read_once_scanned_and_not_before(person: User, settled: list[tuple[str, str]]) -> None:
    upload = uploads.receive(sent(), by=person, limits=Limits())
    assert (upload.state, is_downloadable(upload), rows.Row(upload).tag[2]) == ("checking", False, "Analyse antivirus")
    assert work(Message.objects.get().pk) is True
    assert is_downloadable(upload)
    assert (upload.state, rows.Row(upload).tag[2], settled) == ("clean", "Reçue", [("devis.pdf", "clean")])


@pytest.mark.usefixtures("_guarded")
def test_the_test_virus_is_erased_and_its_row_stays(person: User, media: Path, settled: list[tuple[str, str]]) -> None:
    upload = uploads.receive(sent("note.txt", EICAR), by=person, limits=Limits())
    assert not is_downloadable(upload)
    assert work(Message.objects.get().pk) is True
    assert not is_downloadable(upload)
    assert (upload.state, upload.file.name, files_under(media), settled) == (
        "infected",
        "",
        [],
        [("note.txt", "infected")],
    )
    assert (
        "L’antivirus y a trouvé un virus. Le fichier est effacé. Envoyez un autre fichier." in rows.Row(upload).render()
    )


@pytest.mark.usefixtures("_guarded")
def test_while_clamd_is_stopped_a_file_waits_and_is_asked_again(person: User, clamd: Clamd) -> None:
    clamd.stop()
    upload = uploads.receive(sent("note.txt", EICAR), by=person, limits=Limits())
    for attempt in (1, 2, 3, 4, 5):
        message = Message.objects.get(key=f"{upload.pk}:{attempt}")
        Message.objects.filter(pk=message.pk).update(due_at=timezone.now())
        before = timezone.now()
        assert work(message.pk) is True
        assert Message.objects.get(key=f"{upload.pk}:{attempt + 1}").due_at > before
        assert (is_downloadable(upload), upload.state) == (False, "checking")
    clamd.start()
    last = Message.objects.get(key=f"{upload.pk}:6")
    Message.objects.filter(pk=last.pk).update(due_at=timezone.now())
    assert work(last.pk) is True
    assert (is_downloadable(upload), upload.state) == (False, "infected")


@pytest.mark.usefixtures("_guarded")
def test_what_the_antivirus_will_not_read_is_refused(person: User, media: Path) -> None:
    upload = uploads.receive(sent("long.txt", b"a\n" * 1_000_000), by=person, limits=Limits())
    assert work(Message.objects.get().pk) is True
    assert (is_downloadable(upload), upload.state, files_under(media)) == (False, "refused", [])


@pytest.mark.usefixtures("_guarded")
def test_a_file_received_without_antivirus_is_closed_then_scanned_once_one_is_set() -> None:
    upload = UploadFactory(state="unscanned")
    assert (is_downloadable(upload), Upload.objects.available().count()) == (False, 0)
    assert (uploads.catch_up(), uploads.catch_up()) == (1, 0)
    assert work(Message.objects.get().pk) is True
    assert is_downloadable(upload)


def test_without_antivirus_a_file_is_read_with_a_warning(person: User, media: Path) -> None:
    upload = uploads.receive(sent(), by=person, limits=Limits())
    assert (is_downloadable(upload), upload.state, rows.Row(upload).tag[2]) == (True, "unscanned", "Non analysée")
    assert (Message.objects.count(), uploads.catch_up()) == (0, 0)


@pytest.mark.usefixtures("_guarded")
def test_a_file_forgotten_while_it_waits_is_not_scanned(person: User) -> None:
    upload = uploads.receive(sent(), by=person, limits=Limits())
    uploads.forget(upload)
    assert work(Message.objects.get().pk) is True


@pytest.fixture
def liar(settings) -> Iterator[list[bytes]]:
    """A server that is no antivirus: what it answers is in the list; nothing means silence."""
    answers: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD_SOCKET = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    settings.CLAMD_TIMEOUT = 0.5

    def serve() -> None:
        with server, server.accept()[0] as link:
            link.settimeout(2)
            link.recv(1 << 20)
            if answers:
                link.sendall(answers[0])
            else:
                link.recv(1 << 20)
                threading.Event().wait(0.8)

    thread = threading.Thread(target=serve)
    thread.start()
    yield answers
    thread.join(5)


@pytest.mark.parametrize("answer", [b"", b"stream: \0", b"HTTP/1.1 200 OK\0", b"stream: OK\nstream: X FOUND\0", None])
def test_an_answer_that_is_not_one_leaves_the_file_closed(
    liar: list[bytes], answer: bytes | None, tmp_path: Path
) -> None:
    if answer is not None:
        liar.append(answer)
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(antivirus.Unreachable):
        antivirus.scan(tmp_path / "a")


@pytest.mark.parametrize("address", ["", "unix:/nowhere/at/all", "tcp://127.0.0.1:1", "tcp://clamd"])
def test_an_address_that_leads_nowhere_is_unreachable(settings, address: str, tmp_path: Path) -> None:
    settings.CLAMD_SOCKET = address
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(antivirus.Unreachable):
        antivirus.scan(tmp_path / "a")
