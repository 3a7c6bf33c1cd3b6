"""The operator reads where each mail and document stands, in plain words and few queries."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from normandata.notifications.services import SEND
from normandata.notifications.tracking import Stage, tracked
from normandata.outbox.models import Message, State
from tests.factories.notifications import MailFactory
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
ON = "22\u00a0novembre\u00a02026 à 14\u00a0h\u00a032"
TRACE = 'Traceback (most recent call last):\n  File "x.py", line 1, in send\n    raise\n'


@pytest.fixture
def thing() -> User:
    return User.objects.create_user("objet@exemple.invalid")


def written(thing: User, *, sent_at: datetime | None = None, **message: Any) -> Mail:
    """Write a mail about the thing, and its message when something is said of it."""
    mail = MailFactory(about_kind="accounts.user", about_key=str(thing.pk), sent_at=sent_at)
    if message:
        Message.objects.create(handler=SEND, key=str(mail.pk), **message)
    return mail


def document(**message: Any) -> Document:
    made = Document.objects.create(
        kind="letter", title="Lettre", filename="lettre.pdf", record={}, requested_at=AT, pk=uuid.uuid4()
    )
    if message:
        Message.objects.create(handler="documents.make", key=str(made.pk), **message)
    return made


CLAIMED = {"state": State.CLAIMED, "lease_until": AT, "claimed_by": uuid.uuid4()}


@pytest.mark.parametrize(
    ("sent_at", "message", "stage", "sentence", "cause", "code"),
    [
        (AT, {"state": State.DONE, "done_at": AT}, Stage.DONE, f"Remis au serveur de courriel le {ON}.", "", ""),
        (AT, {}, Stage.DONE, f"Remis au serveur de courriel le {ON}.", "", ""),
        (None, {"created_at": AT}, Stage.WAITING, f"Dans la boîte d’envoi depuis le {ON}.", "", ""),
        (None, CLAIMED | {"attempts": 2}, Stage.RUNNING, "Essai numéro 2 en cours.", "", ""),
        (
            None,
            {"attempts": 1, "due_at": AT, "error": TRACE + "ConnectionRefusedError: [Errno 111] Connection refused\n"},
            Stage.RETRYING,
            f"1\u00a0essai sans succès ; le prochain le {ON}.",
            "Le serveur de courriel ne répond pas ou coupe la liaison.",
            "ConnectionRefusedError",
        ),
        (
            None,
            {
                "state": State.FAILED,
                "attempts": 3,
                "error": TRACE + "smtplib.SMTPRecipientsRefused: {'a@exemple.invalid': (550, b'No')}\n",
            },
            Stage.FAILED,
            "Abandonné après 3\u00a0essais.",
            "Le serveur de courriel refuse cette adresse. Vérifiez-la avec le destinataire.",
            "SMTPRecipientsRefused",
        ),
        (
            None,
            {"state": State.FAILED, "attempts": 3, "error": TRACE + "ValueError\n"},
            Stage.FAILED,
            "Abandonné après 3\u00a0essais.",
            "L’envoi s’est arrêté sur une erreur inattendue.",
            "ValueError",
        ),
        (
            None,
            {"state": State.FAILED, "attempts": 3, "error": "Le traitement s’est interrompu."},
            Stage.FAILED,
            "Abandonné après 3\u00a0essais.",
            "Le traitement s’est interrompu.",
            "",
        ),
        (None, {}, Stage.LOST, "La boîte d’envoi ne l’a plus : il faut le demander de nouveau.", "", ""),
    ],
)
def test_a_mail_says_where_it_stands(
    thing: User,
    sent_at: datetime | None,
    message: dict[str, Any],
    stage: Stage,
    sentence: str,
    cause: str,
    code: str,
) -> None:
    mail = written(thing, sent_at=sent_at, **message)
    [line] = tracked(thing)
    assert (line.pk, line.address, line.label) == (mail.pk, mail.address, "portal.receipt")
    assert (line.stage, line.sentence, line.cause, line.code) == (stage, sentence, cause, code)
    assert line.can_resend is (stage in (Stage.DONE, Stage.FAILED, Stage.LOST))


def test_a_mail_that_waits_for_its_hour_says_it(thing: User) -> None:
    written(thing, due_at=datetime(2100, 1, 1, 8, tzinfo=UTC))
    assert tracked(thing)[0].sentence == "Prévu le 1er\u00a0janvier\u00a02100 à 9\u00a0h\u00a000."


def test_a_document_says_where_it_stands(thing: User) -> None:
    waiting = document(attempts=1, due_at=AT, error=TRACE + "MemoryError\n")
    ready = document()
    Document.objects.filter(pk=ready.pk).update(state="ready", sha256="0" * 64, size=9, ready_at=AT)
    lines = {line.pk: line for line in tracked(documents=[waiting.pk, ready.pk, uuid.uuid4()])}
    assert {pk: (line.stage, line.stage_label, line.can_resend) for pk, line in lines.items()} == {
        waiting.pk: (Stage.RETRYING, "Nouvel essai prévu", False),
        ready.pk: (Stage.DONE, "Prêt", False),
    }
    assert lines[ready.pk].sentence == f"Prêt depuis le {ON}."
    assert lines[waiting.pk].cause == "La fabrication du document s’est arrêtée sur une erreur inattendue."


def test_the_newest_comes_first_and_nothing_of_another_thing(thing: User, kind: object) -> None:
    mails = [written(thing) for _ in range(3)]
    for age, mail in enumerate(mails):
        Mail.objects.filter(pk=mail.pk).update(created_at=timezone.now() - timedelta(days=age))
    written(User.objects.create_user("autre@exemple.invalid"))
    MailFactory(about_kind="dossiers.dossier", about_key=str(thing.pk))
    assert [line.pk for line in tracked(thing)] == [mail.pk for mail in mails]
    assert {line.label for line in tracked(thing)} == {"Accusé de réception"}
    assert tracked() == []


def counted(thing: User, documents: list[uuid.UUID]) -> tuple[int, int]:
    """Count the queries and the objects of one look."""
    made: list[object] = []
    post_init.connect(lambda sender, **_: made.append(sender), weak=False, dispatch_uid="counted")
    try:
        with CaptureQueriesContext(connection) as queries:
            tracked(thing, documents=documents)
    finally:
        post_init.disconnect(dispatch_uid="counted")
    return len(queries), len(made)


def test_thirty_cost_the_queries_of_one(thing: User) -> None:
    documents = [document(due_at=AT).pk]
    written(thing, due_at=AT)
    assert counted(thing, documents) == (3, 4)
    for _ in range(29):
        written(thing, due_at=AT)
        documents.append(document(due_at=AT).pk)
    assert counted(thing, documents) == (3, 120)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "direction-financiere@biscuiterie-essai.exemple.invalid",
            ["direction-", "financiere@", "biscuiterie-", "essai.", "exemple.", "invalid"],
        ),
        ("a..b_c+d@e", ["a..", "b_", "c+", "d@", "e"]),
        ("", []),
    ],
)
def test_an_address_is_never_cut_inside_a_word(thing: User, address: str, parts: list[str]) -> None:
    written(thing)
    (line,) = tracked(thing)
    found = replace(line, address=address)
    assert found.address_parts == parts
    assert "".join(parts) == address
    page = render_to_string("notifications/tracked.html", {"lines": [found]})
    assert "<wbr>".join(parts) in page if parts else "Le dossier" in page


def test_the_table_names_each_line_and_its_gesture(thing: User) -> None:
    mail = written(thing, state=State.FAILED, attempts=3, error="TimeoutError")
    written(thing, due_at=AT)
    page = render_to_string("notifications/tracked.html", {"lines": tracked(thing, documents=[document().pk])})
    assert (page.count('<tr role="row">'), page.count("<form")) == (4, 0)
    assert "Le serveur de courriel est injoignable." in page
    assert mail.address in page.replace("<wbr>", "")
    assert badly_spaced(page) == []
    assert "Aucun courriel" in render_to_string("notifications/tracked.html", {"lines": []})
