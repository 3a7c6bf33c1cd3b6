import hashlib
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.documents import kinds, services
from normandata.documents.models import Document, stored_under
from normandata.outbox.models import Message
from normandata.outbox.services import work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch, media: Path) -> Iterator[None]:
    monkeypatch.setattr(kinds, "_registry", dict(kinds._registry))
    kinds.register(kinds.Kind("essai", "pdf/base.html", lambda document: {"document": document}))
    return


def ask(**changes: object) -> Document:
    fields = {"title": "Essai", "filename": "essai.pdf", "record": {"a": 1}} | changes
    return services.request_document("essai", **fields)  # type: ignore[arg-type]


def test_a_request_writes_the_document_and_its_message_together() -> None:
    document = ask()
    message = Message.objects.get()
    assert (document.state, message.handler, message.payload) == (
        "pending",
        "documents.make",
        {"document": str(document.pk)},
    )


def test_a_rollback_asks_for_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ask() and 1 / 0
    assert (Document.objects.count(), Message.objects.count()) == (0, 0)


def test_an_unknown_kind_is_refused_at_once() -> None:
    with pytest.raises(LookupError):
        services.request_document("inconnu", title="x", filename="x", record={})


def test_once_gives_the_same_document_for_the_same_record_only() -> None:
    first, again, other = ask(once=True), ask(once=True), ask(once=True, record={"a": 2})
    assert (again.pk, other.pk == first.pk, Message.objects.count()) == (first.pk, False, 2)
    assert first.pk != uuid.uuid5(uuid.NAMESPACE_URL, "essai")


def test_the_message_makes_the_document_with_its_hash() -> None:
    document = ask()
    assert work(Message.objects.get().pk) is True
    document.refresh_from_db()
    with document.file.open() as file:
        content = file.read()
    assert content.startswith(b"%PDF-")
    assert (document.state, document.sha256, document.size) == (
        "ready",
        hashlib.sha256(content).hexdigest(),
        len(content),
    )
    assert document.file.name == f"documents/{document.requested_at:%Y}/{document.pk}.pdf"


def test_making_twice_changes_nothing() -> None:
    document = ask()
    services.make(document.pk)
    first = Document.objects.values().get()
    services.make(document.pk)
    assert Document.objects.values().get() == first


def test_a_file_left_by_a_killed_worker_is_written_again_not_beside(media: Path) -> None:
    document = ask()
    document.file.storage.save(stored_under(document, ""), ContentFile(b"half"))
    services.make(document.pk)
    assert [path.name for path in media.rglob("*.pdf")] == [f"{document.pk}.pdf"]


def test_making_an_erased_document_does_nothing() -> None:
    services.make(uuid.uuid4())
    assert Document.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_document_that_cannot_be_made_is_said_to_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    document = ask()
    monkeypatch.setattr("normandata.documents.pdf.render", lambda *_: 1 / 0)
    for _ in range(3):
        assert services.has_failed(document) is False
        Message.objects.update(due_at=timezone.now())
        work(Message.objects.get().pk)
    assert services.has_failed(document) is True
    assert services.being_made() == 0


@pytest.mark.django_db(transaction=True)
def test_asking_again_for_what_could_not_be_made_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    document = ask(once=True)
    with monkeypatch.context() as broken:
        broken.setattr("normandata.documents.pdf.render", lambda *_: 1 / 0)
        for _ in range(3):
            Message.objects.update(due_at=timezone.now())
            work(Message.objects.get().pk)
    assert services.has_failed(document) is True
    assert ask(once=True).pk == document.pk
    assert (services.has_failed(document), services.being_made()) == (False, 1)
    assert work(Message.objects.get().pk) is True


def test_what_expired_is_erased_with_its_file(media: Path) -> None:
    now = timezone.now()
    kept, gone = ask(expires_at=now + timedelta(seconds=1)), ask(expires_at=now)
    ask()
    services.make(kept.pk)
    services.make(gone.pk)
    assert services.erase_expired(now) == 1
    assert [path.name for path in media.rglob("*.pdf")] == [f"{kept.pk}.pdf"]
    assert set(Document.objects.values_list("expires_at", flat=True)) == {kept.expires_at, None}


def test_the_database_refuses_a_ready_document_without_file() -> None:
    document = ask()
    with pytest.raises(IntegrityError, match="documents_document_ready_has_file"), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(state="ready")


@pytest.mark.django_db(transaction=True)
def test_a_document_made_again_says_what_its_record_says_now_and_keeps_its_first_hash(media: Path) -> None:
    document = ask()
    services.make(document.pk)
    document.refresh_from_db()
    first, path = document.sha256, Path(document.file.path)
    document.record = {"a": 2}
    services.make_again(document)
    assert (document.state, document.sha256, path.exists()) == (Document.State.PENDING, "", False)
    for message in Message.objects.all():
        work(message.pk)
    document.refresh_from_db()
    assert (document.is_ready, document.record) == (True, {"a": 2, "first_sha256": first})
    services.make_again(document)
    assert document.record["first_sha256"] == first


@pytest.mark.django_db(transaction=True)
def test_an_emptied_document_says_nothing_and_is_not_made_any_more(media: Path) -> None:
    document = ask()
    services.make(document.pk)
    document.refresh_from_db()
    services.empty(document)
    services.make(document.pk)
    document.refresh_from_db()
    assert (document.state, document.record, document.file.name) == (Document.State.ERASED, {}, "")
    assert list(media.rglob("*.pdf")) == []


@pytest.mark.django_db(transaction=True)
def test_what_was_made_once_and_erased_is_made_again_when_asked_again(media: Path) -> None:
    now = timezone.now()
    first = ask(once=True, expires_at=now + timedelta(days=1))
    work(Message.objects.get().pk)
    assert ask(once=True, expires_at=now + timedelta(days=30)).pk == first.pk  # kept from now on
    assert services.erase_expired(now + timedelta(days=2)) == 0
    assert services.erase_expired(now + timedelta(days=30)) == 1
    again = ask(once=True, expires_at=now + timedelta(days=60))
    assert (again.pk, again.state) == (first.pk, Document.State.PENDING)
    work(Message.objects.unfinished().get().pk)
    again.refresh_from_db()
    assert again.is_ready
    assert ask(once=True).pk == first.pk
    assert Message.objects.unfinished().count() == 0


def test_room_is_made_by_the_oldest_of_the_kind(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [ask() for _ in range(3)]
    for at, document in enumerate(made):
        services.make(document.pk)
        Document.objects.filter(pk=document.pk).update(ready_at=timezone.now() - timedelta(hours=10 - at))
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    assert services.has_room(made[0].kind) is True
    assert list(Document.objects.values_list("pk", flat=True)) == [made[2].pk]
    monkeypatch.setattr(services, "MOST_PENDING", 0)
    assert services.has_room(made[0].kind) is False
