"""Check 12, and the body that is far too heavy: stopped early, nothing half-written, said in French."""

import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from normandata.accounts.models import User
from normandata.documents import drafts, uploads
from normandata.documents.checks.refusal import Refused
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from tests.normandata.documents import ordinary
from tests.normandata.documents.conftest import files_under
from tests.normandata.documents.test_uploads import sent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.normandata.documents.pages")]
MEGA = 1024 * 1024
SAID = (
    "{} n’a pas été gardé\u00a0: le portail manque de place pour le moment."
    " La panne vient de nous et elle est signalée. Réessayez plus tard."
)


@pytest.fixture
def member(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def post(member: Client, *files: object) -> list[str]:
    """Post files as the script does, one by one, and return what is said of those that fail."""
    said = []
    for file in files:
        answer = member.post("/essai/", {"fichier": file}, headers={"accept": "application/json"})
        said.append(answer.json().get("message", ""))
    return said


def test_a_file_beyond_the_limit_is_counted_and_not_written(member: Client, media: Path, settings) -> None:
    settings.UPLOAD_MOST_BYTES = MEGA
    assert post(member, sent("plan.pdf", bytes(3 * MEGA))) == [
        "plan.pdf pèse 3\u00a0Mo\u00a0; la limite est de 1\u00a0Mo. Réduisez-le ou envoyez-le en plusieurs parties."
    ]
    assert files_under(media) == []


def test_a_draft_is_read_by_its_owner_alone_and_gone_with_its_request(
    member: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    inspected = uploads._inspected

    def spy(draft: Path, *rest: object) -> object:
        seen.append((draft.stat().st_mode & 0o777, draft.parent.stat().st_mode & 0o777))
        return inspected(draft, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(uploads, "_inspected", spy)
    assert post(member, sent()) == [""]
    assert seen == [(0o600, 0o700)]
    assert files_under(media) == [Upload.objects.get().file.name]


def test_a_file_that_no_view_reads_leaves_nothing(member: Client, media: Path) -> None:
    member.post("/contact/", {"fichier": sent("a.pdf", bytes(MEGA))})
    assert files_under(media) == []


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_body_far_too_heavy_is_answered_before_it_is_read(member: Client, media: Path, accept: str) -> None:
    answer = member.generic(
        "POST",
        "/essai/",
        b"",
        content_type="multipart/form-data; boundary=x",
        headers={"accept": accept, "content-length": str(300 * MEGA)},
        CONTENT_LENGTH=str(300 * MEGA),
    )
    text = answer.json()["message"] if accept == "application/json" else answer.content.decode()
    assert answer.status_code == 413
    assert "Votre envoi pèse 300\u00a0Mo\u00a0; la limite est de 20\u00a0Mo par fichier." in text
    assert files_under(media) == []


def test_a_cut_upload_leaves_nothing(media: Path, live_server: LiveServer) -> None:
    place = live_server.thread.host, live_server.thread.port
    head = b'--x\r\nContent-Disposition: form-data; name="fichier"; filename="a.pdf"\r\n\r\n'
    with socket.create_connection(place, timeout=10) as link:
        link.sendall(
            b"POST /essai/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: 9000000\r\n\r\n" + head + bytes(3 * MEGA)
        )
        link.shutdown(socket.SHUT_WR)
        link.recv(100)
    assert files_under(media) == []


@pytest.fixture
def small_disk(tmp_path: Path, settings) -> Iterator[Path]:
    """Give the files a disk of 1 MB: a real one where this machine lets us mount it, else a bound on written files."""
    folder = tmp_path / "small"
    folder.mkdir()
    settings.MEDIA_ROOT = folder
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0:
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGA, before[1]))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_nothing_is_half_written(
    member: Client, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heavy = ordinary.pdf() + b"\n" * (2 * MEGA)
    assert post(member, sent("plan.pdf", heavy)) == [SAID.format("plan.pdf")]
    assert (files_under(small_disk), Upload.objects.count()) == ([], 0)
    assert "ERROR" in {record.levelname for record in caplog.records if record.name.startswith("normandata")}
    assert post(member, sent("devis.pdf")) == [""]
    assert files_under(small_disk) == [Upload.objects.get().file.name]


def test_a_full_disk_costs_one_file_of_a_plain_form(member: Client, small_disk: Path) -> None:
    files = [sent("a.pdf"), sent("plan.pdf", ordinary.pdf() + b"\n" * (2 * MEGA)), sent("b.pdf")]
    page = member.post("/essai/", {"fichier": files}, follow=True).content.decode()
    assert SAID.format("plan.pdf").split(".")[0] in page
    assert sorted(Upload.objects.values_list("name", flat=True)) == ["a.pdf", "b.pdf"]
    assert len(files_under(small_disk)) == 2


def test_a_disk_that_fills_while_a_file_is_copied_or_published(
    person: User, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as refusal:
        uploads.receive(sent("plan.pdf", ordinary.pdf() + b"\n" * (2 * MEGA)), by=person, limits=Limits())
    assert refusal.value.message == SAID.format("plan.pdf")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads.storage, "publish", full)
    with pytest.raises(Refused):
        uploads.receive(sent(), by=person, limits=Limits())
    assert (files_under(small_disk), Upload.objects.count()) == ([], 0)


MEMORY = """
import io, os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django; django.setup()
from django.conf import settings
from django.test import RequestFactory
settings.MEDIA_ROOT = sys.argv[1]
class Body(io.RawIOBase):
    def __init__(self, head, size, tail): self.left, self.head, self.tail = size, head, tail
    def read(self, size=65536):
        if self.head: out, self.head = self.head, b""; return out
        if self.left: out = bytes(min(size, self.left)); self.left -= len(out); return out
        out, self.tail = self.tail, b""; return out
head = b'--x\\r\\nContent-Disposition: form-data; name="fichier"; filename="a.pdf"\\r\\n\\r\\n'
tail = b"\\r\\n--x--\\r\\n"
size = 100 * 1024 * 1024
request = RequestFactory().generic("POST", "/", b"x", content_type="multipart/form-data; boundary=x")
request._stream = Body(head, size, tail)
request.META["CONTENT_LENGTH"] = str(len(head) + size + len(tail))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = request.FILES["fichier"]
print(file.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_flat_and_nothing_is_written_of_a_huge_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEMORY, str(tmp_path / "media")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    size, kilobytes = map(int, done.stdout.split())
    assert size == 100 * MEGA
    assert kilobytes < 16_000
    assert files_under(tmp_path) == []


def test_a_draft_of_nothing_closes() -> None:
    drafts.Draft("a.pdf", "", 9).close()
