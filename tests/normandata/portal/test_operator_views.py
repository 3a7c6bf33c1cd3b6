"""The operator's page: any mail or document found in one search, helped to leave, and seen by administrators alone."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.documents.models import Document
from normandata.documents.services import MAKE
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications.models import Mail
from normandata.notifications.services import SEND
from normandata.outbox import carrier
from normandata.outbox.models import Message, State
from normandata.portal import operator
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.dossiers import make_dossier

pytestmark = pytest.mark.django_db
PAGE = "/exploitation/"
FAILED = {"state": State.FAILED, "attempts": 3, "error": "Traceback\nsmtplib.SMTPRecipientsRefused: non"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 4)
    with time_machine.travel(datetime(2026, 10, 13, 8, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def administrator(client: Client) -> User:
    return sign_in(client, make_user_with(Role.ADMINISTRATOR))


@pytest.fixture
def dossier() -> Dossier:
    return make_dossier()


def lines(client: Client, typed: str) -> list[str]:
    return [line.title for line in client.get(PAGE, {"q": typed}).context["answer"].lines]


def routes(pk: uuid.UUID) -> list[str]:
    names = ("operator_resend", "operator_retry", "operator_retry_document")
    return [reverse(f"portal:{name}", args=[pk]) for name in names]


@pytest.mark.parametrize("how", ["number", "lower", "siret", "spaced siret", "name", "address", "capitals"])
def test_a_mail_is_found_by_what_the_person_on_the_phone_says(
    client: Client, administrator: User, dossier: Dossier, how: str
) -> None:
    other = make_dossier()
    typed = {
        "number": dossier.number,
        "lower": str(dossier.number).lower(),
        "siret": dossier.organisation.siret,
        "spaced siret": dossier.organisation.written_siret,
        "name": dossier.organisation.name,
        "address": dossier.created_by.email,
        "capitals": dossier.created_by.email.upper(),
    }[how]
    found = lines(client, str(typed))
    assert [title for title in found if str(dossier.number) in title] == found
    assert len(found) == (1 if "@" in str(typed) else 2)
    assert not [title for title in found if str(other.number) in title]


def test_a_lost_mail_is_seen_with_its_cause_and_sent_again(
    client: Client, administrator: User, dossier: Dossier
) -> None:
    mail = Mail.objects.get()
    Message.objects.filter(handler=SEND, key=str(mail.pk)).update(**FAILED)
    page = client.get(PAGE, {"q": dossier.number}).content.decode()
    assert "Le serveur de courriel refuse cette adresse." in page
    done = client.post(reverse("portal:operator_resend", args=[mail.pk]), {"q": dossier.number})
    assert done.headers["Location"] == f"{PAGE}?q={dossier.number}"
    assert Message.objects.get(key=str(mail.pk)).state == State.PENDING
    again = client.post(reverse("portal:operator_resend", args=[mail.pk]), follow=True)
    assert "Ce courriel est déjà en attente d’envoi" in again.content.decode()


def test_a_document_that_could_not_be_made_is_made_again(client: Client, administrator: User, dossier: Dossier) -> None:
    document = Document.objects.get()
    Message.objects.filter(handler=MAKE, key=str(document.pk)).update(**FAILED)
    address = reverse("portal:operator_retry_document", args=[document.pk])
    assert address in client.get(PAGE, {"q": dossier.number}).content.decode()
    client.post(address)
    assert Message.objects.get(handler=MAKE).state == State.PENDING
    assert "n’est plus en échec" in client.post(address, follow=True).content.decode()


def test_whatever_failed_is_listed_and_retried(client: Client, administrator: User, dossier: Dossier) -> None:
    message = Message.objects.get(handler=MAKE)
    Message.objects.filter(pk=message.pk).update(**FAILED)
    page = client.get(PAGE).content.decode()
    assert "SMTPRecipientsRefused: non" in page
    client.post(reverse("portal:operator_retry", args=[message.pk]))
    assert "Aucun échec." in client.get(PAGE).content.decode()
    assert Message.objects.get(pk=message.pk).state == State.PENDING


@pytest.mark.parametrize(
    "typed", ["DIA-2026-9999", "99999999900000", "personne@ailleurs.invalid", "%", "<b>", "x" * 300]
)
def test_what_is_not_found_is_said(client: Client, administrator: User, dossier: Dossier, typed: str) -> None:
    answer = client.get(PAGE, {"q": typed})
    assert answer.status_code == 200
    assert "Aucun envoi pour" in answer.content.decode()
    assert "<b>" not in answer.content.decode()


@pytest.mark.parametrize(("waited", "is_late"), [(timedelta(minutes=2), False), (timedelta(minutes=3), True)])
def test_a_worker_that_does_not_work_is_seen(
    client: Client, administrator: User, dossier: Dossier, waited: timedelta, is_late: bool
) -> None:
    Message.objects.update(due_at=timezone.now() - waited)
    page = client.get(PAGE).content.decode()
    assert ("Un envoi attend depuis 3\u00a0minutes" in page) is is_late
    assert "4\u00a0messages dans la file" in page


def test_a_broker_that_is_down_does_not_hide_the_page(
    client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(carrier, "waiting", down)
    page = client.get(PAGE).content.decode()
    assert "ne répond pas (ConnectionRefusedError)" in page
    assert "Rien n’attend" in page


def test_a_thousand_mails_cost_the_same_queries_and_a_bounded_page(
    client: Client, administrator: User, dossier: Dossier
) -> None:
    costs = []
    for count in (1, 150):
        for rank in range(count):
            thread.alert(dossier, "dossiers.silence_alert", key=f"{count}:{rank}", date="demain")
            thread.tell(dossier, "dossiers.review_started")
        client.get(PAGE, {"q": dossier.number})
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(PAGE, {"q": dossier.number})
        costs.append(len(queries))
        assert len(answer.context["answer"].lines) <= operator.MOST_LINES
    assert costs[0] == costs[1] <= 20, costs
    assert "Précisez la recherche" in answer.content.decode()


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_agent(),
        lambda: make_user_with(Role.LEAD_AGENT),
        lambda: make_user_with(Role.AUDITOR),
        lambda: make_user_with(Role.DATA_PROTECTION_OFFICER),
        lambda: make_user_with(Role.ADMINISTRATOR, "diagnostic"),
        lambda: UserFactory(),
    ],
)
def test_for_anybody_else_the_page_does_not_exist(client: Client, dossier: Dossier, make: Any) -> None:
    sign_in(client, make())
    assert client.get(PAGE).status_code == 404
    assert client.get(PAGE, {"q": dossier.number}).status_code == 404
    for route in routes(Mail.objects.get().pk):
        assert client.post(route).status_code == 404


def test_nobody_is_sent_to_sign_in(client: Client) -> None:
    for route in (PAGE, *routes(uuid.uuid4())):
        assert client.post(route).status_code in (302, 405)
    assert client.get(PAGE).status_code == 302


def test_gestures_ask_for_a_post_and_for_something_that_exists(client: Client, administrator: User) -> None:
    for route in routes(uuid.uuid4()):
        assert client.get(route).status_code == 405
        assert client.post(route).status_code == 404
