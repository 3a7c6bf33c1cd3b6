"""Receiving a file, whole or not at all, and letting go of it."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import conf, isolation, storage, tasks, uploads
from normandata.documents.checks.refusal import Refused
from normandata.documents.limits import Limits
from normandata.documents.models import Upload
from normandata.outbox.models import Message
from tests.factories.documents import UploadFactory
from tests.normandata.documents import hostile, ordinary
from tests.normandata.documents.conftest import files_under

pytestmark = pytest.mark.django_db
LIMITS = Limits(most_bytes=1024 * 1024, most_files=3)


def sent(name: str = "devis.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ordinary.pdf() if content is None else content)


def test_a_file_is_kept_under_its_identifier_with_its_hash(person: User, media: Path) -> None:
    content = ordinary.pdf(pages=3)
    upload = uploads.receive(sent("C:\\dossier\\Devis signé.PDF", content), by=person, limits=LIMITS)
    stored = Upload.objects.values().get()
    assert files_under(media) == [f"uploads/{upload.uploaded_at:%Y}/{upload.pk}"] == [stored["file"]]
    assert (media / stored["file"]).read_bytes() == content
    assert (media / stored["file"]).stat().st_mode & 0o777 == 0o600
    assert {key: stored[key] for key in ("name", "format", "media_type", "size", "sha256", "pages", "state")} == {
        "name": "Devis signé.PDF",
        "format": "pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "pages": 3,
        "state": "unscanned",
    }
    assert (upload.uploaded_by, Message.objects.count()) == (person, 0)


def test_the_same_bytes_may_be_kept_twice(person: User, media: Path) -> None:
    content = ordinary.pdf()
    assert uploads.receive(sent(content=content), by=person, limits=LIMITS).sha256 == (
        uploads.receive(sent(content=content), by=person, limits=LIMITS).sha256
    )
    assert len(files_under(media)) == 2


@pytest.mark.parametrize("name", [*hostile.OTHERS, "bombe.pdf", "bombe.docx", "bombe.png", "script.pdf"])
def test_of_a_hostile_file_nothing_stays(person: User, media: Path, name: str) -> None:
    """Through the real door, with its process apart."""
    content = hostile.FILES[name]()
    with pytest.raises(Refused):
        uploads.receive(sent(name, content), by=person, limits=Limits())
    assert (files_under(media), Upload.objects.count()) == ([], 0)


@pytest.mark.parametrize("name", ordinary.FILES)
def test_an_ordinary_file_passes_the_real_door(person: User, media: Path, name: str) -> None:
    assert uploads.receive(sent(name, ordinary.FILES[name]()), by=person, limits=Limits()).pk


def test_a_file_too_heavy_says_both_figures(person: User, media: Path) -> None:
    with pytest.raises(Refused) as refusal:
        uploads.receive(sent("plan.pdf", bytes(LIMITS.most_bytes + 1)), by=person, limits=LIMITS)
    assert refusal.value.message == (
        "plan.pdf pèse 1,1\u00a0Mo\u00a0; la limite est de 1\u00a0Mo. Réduisez-le ou envoyez-le en plusieurs parties."
    )


def test_a_check_that_dies_refuses_the_file(person: User, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "MODULE", "normandata.documents.checks.nothing")
    with pytest.raises(Refused, match=r"^devis\.pdf n’a pas pu être vérifié\. "):
        uploads.receive(sent(), by=person, limits=LIMITS)
    assert (files_under(media), Upload.objects.count()) == ([], 0)


def test_a_check_that_lasts_is_cut_short(person: User, media: Path, settings) -> None:
    settings.UPLOAD_PATIENCE = 0.001
    with pytest.raises(Refused, match="n’a pas pu être vérifié"):
        uploads.receive(sent(), by=person, limits=LIMITS)
    assert files_under(media) == []


def test_the_process_apart_reads_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}

    def spy(*args: object, **options: object) -> None:
        given.update(options)
        raise ValueError

    monkeypatch.setattr(isolation.subprocess, "run", spy)
    with pytest.raises(isolation.Failed):
        isolation.run({})
    assert set(given["env"]) == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LANG"}  # type: ignore[call-overload]


def test_an_owner_that_refuses_leaves_neither_row_nor_file(person: User, media: Path) -> None:
    def keep(upload: Upload) -> None:
        raise IntegrityError

    with pytest.raises(IntegrityError):
        uploads.receive(sent(), by=person, limits=LIMITS, keep=keep)
    assert (files_under(media), Upload.objects.count()) == ([], 0)


def test_one_failure_keeps_the_others(person: User, media: Path) -> None:
    kept: list[Upload] = []
    files = [sent("a.pdf"), sent("b.pdf", hostile.PROGRAM), sent("c.pdf"), sent("d.pdf")]
    outcomes = uploads.receive_all(files, by=person, limits=LIMITS, keep=kept.append, already=1)
    assert [(outcome.name, outcome.message) for outcome in outcomes] == [
        ("a.pdf", ""),
        ("b.pdf", "b.pdf est un programme, pas un document. Envoyez plutôt le document en PDF."),
        ("c.pdf", ""),
        ("d.pdf", "d.pdf dépasse le nombre de fichiers acceptés, 3 au plus. Retirez-en un avant d’en ajouter."),
    ]
    assert [upload.name for upload in kept] == ["a.pdf", "c.pdf"]


@pytest.mark.django_db(transaction=True)
def test_forgetting_erases_row_file_and_pages_once_committed(media: Path) -> None:
    upload, other = UploadFactory(), UploadFactory()
    (media / "previews" / str(upload.pk)).mkdir(parents=True)
    (media / "previews" / str(upload.pk) / "1.png").write_bytes(b"x")
    with transaction.atomic():
        uploads.forget(Upload.objects.get(pk=upload.pk))
        transaction.set_rollback(True)
    assert len(files_under(media)) == 3
    uploads.forget(upload)
    assert files_under(media) == [other.file.name]
    assert list(Upload.objects.values_list("pk", flat=True)) == [other.pk]


def test_what_nobody_owns_is_swept_after_a_while(media: Path, person: User) -> None:
    upload = UploadFactory()
    conf.drafts().mkdir(parents=True)
    orphan, draft, fresh = (
        media / "uploads" / "2026" / "3f0c8f5e-0000-4000-8000-000000000000",
        conf.drafts() / "a.part",
        conf.drafts() / "b.part",
    )
    orphan.parent.mkdir(parents=True, exist_ok=True)
    for path in (orphan, draft, fresh):
        path.write_bytes(b"x")
    long_ago = (timezone.now() - timedelta(days=1)).timestamp()
    for path in (orphan, draft, Path(upload.file.path)):
        os.utime(path, (long_ago, long_ago))
    assert storage.sweep(timezone.now()) == 2
    assert files_under(media) == ["drafts/b.part", upload.file.name]
    tasks.sweep_uploads()
    assert len(files_under(media)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "ready"},
        {"state": "clean", "checked_at": None},
        {"state": "unscanned"},
        {"state": "infected"},
        {"file": ""},
        {"size": 0},
        {"name": ""},
    ],
)
def test_the_database_refuses_what_cannot_be_true(media: Path, wrong: dict[str, object]) -> None:
    upload = UploadFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(**wrong)


def test_an_upload_outlives_its_sender(media: Path) -> None:
    upload = UploadFactory()
    upload.uploaded_by.delete()
    upload.refresh_from_db()
    assert upload.uploaded_by is None
    assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_an_emptied_upload_keeps_its_row_and_hash_and_loses_its_file_and_name(media: Path) -> None:
    upload = UploadFactory(name="cv-zoe.pdf")
    path, sha256 = Path(upload.file.path), upload.sha256
    uploads.empty(upload)
    upload.refresh_from_db()
    assert (upload.name, upload.state, upload.sha256) == (uploads.ERASED_NAME, Upload.State.ERASED, sha256)
    assert not path.exists()
    assert not Upload.objects.available().exists()
