"""Asking for the state of progress, waiting for it, fetching it; and no other document from there."""

import pytest
from django.test import Client
from django.urls import reverse

from normandata.documents import services as documents
from normandata.documents.models import Document
from tests import world as w
from tests.access import finish
from tests.factories.roadmap import make_action

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "today")]


def ask(client: Client) -> Document:
    response = client.post(reverse("roadmap:report"))
    document = Document.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("roadmap:document", args=[document.pk]))
    return document


def test_anybody_asks_waits_and_fetches(client: Client) -> None:
    make_action()
    assert "Préparer le PDF" in client.get(reverse("roadmap:report")).content.decode()
    document = ask(client)
    address, file = (reverse(name, args=[document.pk]) for name in ("roadmap:document", "roadmap:document_file"))
    assert "Le PDF se prépare." in client.get(address).content.decode()
    assert client.get(address, headers={"hx-request": "true"}).status_code == 200
    assert client.get(file).status_code == 404
    documents.make(document.pk)
    assert file in client.get(address).content.decode()
    assert client.get(address, headers={"hx-request": "true"}).status_code == 286
    response = client.get(file)
    assert response["Content-Type"] == "application/pdf"
    finish(response)
    assert ask(client) == document


@pytest.mark.usefixtures("simulations")
def test_no_other_document_is_opened_from_there(client: Client) -> None:
    for name in ("roadmap:document", "roadmap:document_file"):
        assert client.get(reverse(name, args=[w.READY])).status_code == 404


def test_too_many_reports_are_refused_with_another_way(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_action()
    ask(client)
    monkeypatch.setattr(documents, "MOST_KEPT", 1)
    response = client.post(reverse("roadmap:report"))
    assert (response.status_code, Document.objects.count()) == (503, 1)
    assert "ou lisez la feuille de route à l’écran." in response.content.decode()
