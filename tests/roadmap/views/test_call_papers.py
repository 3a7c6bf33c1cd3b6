"""The PDF of an assessment: asked for, waited for, fetched; by everybody once it is published, by its pilot before."""

import pytest
from django.test import Client
from django.urls import reverse

from normandata.documents import services as documents
from normandata.documents.models import Document
from roadmap.calls import paper, services
from roadmap.calls.models import Call
from tests import world as w
from tests.access import finish
from tests.factories.accounts import sign_in
from tests.factories.calls import make_answered, make_call
from tests.factories.roadmap import make_action, make_pilot
from tests.spreadsheets import get

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "today", "quiet")]
PUBLIC = ("roadmap:call_paper", "roadmap:call_document", "roadmap:call_document_file")
PILOT = ("roadmap:call_pilot_paper", "roadmap:call_pilot_document", "roadmap:call_pilot_document_file")


def published(**fields: object) -> Call:
    call = make_call(**fields)
    make_answered(call)
    Call.objects.filter(pk=call.pk).update(state="published")
    return Call.objects.get(pk=call.pk)


def fetch(client: Client, names: tuple[str, str, str], slug: str) -> Document:
    """Ask for a PDF, wait for it, fetch it."""
    asking = reverse(names[0], args=[slug])
    assert "Préparer le PDF" in get(client, asking)
    response = client.post(asking)
    document = Document.objects.get(pk=response["Location"].rstrip("/").split("/")[-1])
    address, file = (reverse(name, args=[slug, document.pk]) for name in names[1:])
    assert (response.status_code, response["Location"]) == (302, address)
    assert "Le PDF se prépare." in get(client, address)
    assert client.get(address, headers={"hx-request": "true"}).status_code == 200
    assert client.get(file).status_code == 404
    documents.make(document.pk)
    assert f'href="{file}"' in get(client, address)
    assert client.get(address, headers={"hx-request": "true"}).status_code == 286
    sent = client.get(file)
    assert (sent.status_code, sent["Content-Type"]) == (200, "application/pdf")
    finish(sent)
    return document


def test_anybody_fetches_what_is_published(client: Client) -> None:
    call = published()
    assert f'href="/appels/{call.slug}/bilan/pdf/"' in get(client, reverse("roadmap:call_results", args=[call.slug]))
    document = fetch(client, PUBLIC, call.slug)
    assert client.post(reverse(PUBLIC[0], args=[call.slug]))["Location"].endswith(f"/{document.pk}/")
    assert list(Document.objects.filter(kind=paper.ASSESSMENT)) == [document]


def test_anybody_fetches_the_past_call(client: Client) -> None:
    assert 'href="/appels/donnees-et-territoires/bilan/pdf/"' in get(client, "/appels/donnees-et-territoires/")
    assert fetch(client, PUBLIC, "donnees-et-territoires").title.startswith("Bilan de l’appel")


@pytest.mark.parametrize("state", ["draft", "announced", "open", "closed", "cancelled"])
def test_nothing_is_asked_for_by_the_public_before(client: Client, state: str) -> None:
    call = make_call(state, state_reason="Motif.")
    where = reverse("roadmap:call_paper", args=[call.slug])
    assert (client.get(where).status_code, client.post(where).status_code) == (404, 404)
    assert not Document.objects.exists()


def test_what_is_taken_back_or_counted_again_is_no_more_sent(client: Client) -> None:
    call = published()
    document = fetch(client, PUBLIC, call.slug)
    addresses = [reverse(name, args=[call.slug, document.pk]) for name in PUBLIC[1:]]
    services.fire(call, "take_back", by=make_pilot(), reason="Une erreur.")
    assert [client.get(one).status_code for one in addresses] == [404, 404]
    Call.objects.filter(pk=call.pk).update(state="open")
    make_answered(Call.objects.whole().get(pk=call.pk), theme=1)
    Call.objects.filter(pk=call.pk).update(state="published", state_since=None)
    assert [client.get(one).status_code for one in addresses] == [404, 404]
    assert fetch(client, PUBLIC, call.slug) != document


def test_a_pilot_fetches_what_is_not_published_and_nobody_else_does(client: Client) -> None:
    action = make_action()
    call = make_call(chantier=action.chantier)
    make_answered(call)
    sign_in(client, make_pilot(action))
    page = get(client, reverse("roadmap:call_pilot", args=[call.slug]))
    assert f'href="/pilotage/appels/{call.slug}/bilan/"' in page
    assert "Le bilan n’est pas publié." in get(client, reverse(PILOT[0], args=[call.slug]))
    document = fetch(client, PILOT, call.slug)
    assert "provisoire au 23\u00a0novembre\u00a02026" in document.title
    early = [reverse(name, args=[call.slug, document.pk]) for name in PUBLIC[1:]]
    Call.objects.filter(pk=call.pk).update(state="published")
    assert [client.get(one).status_code for one in early] == [404, 404]
    sign_in(client, make_pilot(make_action()))
    for name in PILOT[1:]:
        assert client.get(reverse(name, args=[call.slug, document.pk])).status_code == 404
    assert client.post(reverse(PILOT[0], args=[call.slug])).status_code == 404


@pytest.mark.parametrize(("state", "is_there"), [("draft", False), ("announced", False), ("closed", True)])
def test_a_pilot_asks_for_nothing_while_nothing_is_received(client: Client, state: str, is_there: bool) -> None:
    action = make_action()
    call = make_call(state, chantier=action.chantier)
    sign_in(client, make_pilot(action))
    assert client.get(reverse(PILOT[0], args=[call.slug])).status_code == (200 if is_there else 404)


@pytest.mark.usefixtures("simulations")
def test_no_other_document_is_opened_from_there(client: Client) -> None:
    action = make_action()
    call, other = published(chantier=action.chantier), published(chantier=action.chantier)
    document = fetch(client, PUBLIC, other.slug)
    sign_in(client, make_pilot(action))
    for name in (*PUBLIC[1:], *PILOT[1:]):
        for pk in (w.READY, document.pk):
            assert client.get(reverse(name, args=[call.slug, pk])).status_code == 404
