"""The page that a partner opens without an account: what it shows, who may answer, what a wrong link gives."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.urls import reverse

from booster_ia.partners import Partner
from booster_ia.services import partners
from booster_ia.views import confirmation
from normandata.dossiers.models import Dossier
from normandata.outbox.models import Message
from normandata.procedure.models import Event
from tests.factories.waves import TITLE, make_application, make_partner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
NOW = datetime(2026, 9, 21, 10, tzinfo=UTC)
YES = {"by_name": "Camille Exemple, gérante", "reponse": "confirmer"}
NO = {"by_name": "Camille Exemple, gérante", "reponse": "decliner", "reason": "Pas cette année."}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def text(response: object) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())  # type: ignore[attr-defined]


def state() -> str:
    return Partner.objects.get().state


def test_a_page_without_account_shows_what_is_confirmed(client: Client) -> None:
    partner = make_partner()
    response = client.get(partners.address(partner))
    page = text(response)
    assert response.status_code == 200
    for said in (TITLE, partner.dossier.organisation.label, partner.name, partner.written_siret.replace("\u00a0", " ")):
        assert said in page
    for kept in (str(partner.dossier.number), partner.email, partner.contact):
        assert kept not in page
    assert "no-store" in response.headers["Cache-Control"]


def test_only_a_post_answers(client: Client) -> None:
    address = partners.address(make_partner())
    for _ in range(3):
        client.get(address, YES)
        client.head(address)
    assert (state(), Event.objects.count()) == ("invited", 0)
    assert client.put(address).status_code == 405
    response = client.post(address, YES)
    assert (response.status_code, response.headers["Location"]) == (302, address)
    assert state() == "confirmed"
    page = text(client.get(address))
    assert "Camille Exemple, gérante a confirmé le 21 septembre 2026 à 12 h 00" in page
    assert "<form" not in page


def test_a_second_click_changes_nothing(client: Client) -> None:
    address = partners.address(make_partner())
    client.post(address, YES)
    response = client.post(address, NO)
    assert response.status_code == 200
    assert (state(), Partner.objects.get().reason) == ("confirmed", "")


def test_declining_asks_why_and_keeps_what_was_typed(client: Client) -> None:
    address = partners.address(make_partner())
    response = client.post(address, {**NO, "reason": " "})
    assert response.status_code == 422
    assert "Dites pourquoi votre structure décline." in text(response)
    assert "Camille Exemple, gérante" in text(response)
    client.post(address, NO)
    assert (state(), Partner.objects.get().reason) == ("declined", "Pas cette année.")
    assert "Pas cette année." in text(client.get(address))


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({**YES, "by_name": ""}, "indiquez votre nom et votre fonction."),
        ({**YES, "reponse": ""}, "Choisissez : confirmer, ou décliner."),
        ({**YES, "reponse": "autre"}, "Choisissez : confirmer, ou décliner."),
    ],
)
def test_an_answer_that_lacks_something_says_what(client: Client, sent: dict[str, str], message: str) -> None:
    response = client.post(partners.address(make_partner()), sent)
    assert (response.status_code, state()) == (422, "invited")
    assert message in text(response)


def test_a_link_of_another_dossier_or_forged_does_not_exist(client: Client) -> None:
    partner = make_partner()
    token = partners.address(partner).strip("/").split("/")[-1]
    for key, sent in ((make_application().key, token), (uuid.uuid4(), token), (partner.dossier.key, token + "x")):
        address = reverse("booster_ia:partner", args=[key, sent])
        assert client.get(address).status_code == 404
        assert client.post(address, YES).status_code == 404
        assert client.post(reverse("booster_ia:partner_new_link", args=[key, sent])).status_code == 404
    assert state() == "invited"


def test_a_withdrawn_partner_reads_that_it_is_none(client: Client) -> None:
    partner = make_partner()
    address = partners.address(partner)
    Partner.objects.update(state="withdrawn")
    response = client.post(address, YES)
    assert response.status_code == 410
    assert f"{partner.name} n’est plus partenaire de ce projet." in text(response)
    assert state() == "withdrawn"


def test_a_dossier_that_is_over_says_so(client: Client) -> None:
    address = partners.address(make_partner())
    Dossier.objects.update(state="refused")
    response = client.post(address, YES)
    assert (response.status_code, state()) == (410, "invited")
    assert "Ce dossier n’est plus examiné." in text(response)


def test_an_old_link_offers_another_at_the_same_address(client: Client, clock: time_machine.Traveller) -> None:
    partner = make_partner()
    address = partners.address(partner)
    clock.move_to(NOW + timedelta(days=31))
    response = client.post(address, YES)
    assert (response.status_code, state()) == (410, "invited")
    assert client.get(f"{address}nouveau-lien/").status_code == 405
    for _ in range(3):
        assert client.post(f"{address}nouveau-lien/", {"email": "autre@exemple.invalid"}).status_code == 200
    assert client.post(f"{address}nouveau-lien/").status_code == 409
    sent = Message.objects.filter(handler="outbox.secret_mail")
    assert [one.payload["to"] for one in sent] == [partner.email] * 3


def test_a_link_that_another_replaced_says_nothing_of_the_answer(client: Client) -> None:
    partner = make_partner()
    old = partners.address(partner)
    Partner.objects.update(round=F("round") + 1)
    partner.refresh_from_db()
    assert client.post(partners.address(partner), YES).status_code == 302
    response = client.get(old)
    assert response.status_code == 410
    assert "Ce lien n’est plus valable." in text(response)
    for said in ("Camille", TITLE, "<form"):
        assert said not in text(response)


def test_a_fresh_link_has_no_use_of_another(client: Client) -> None:
    address = partners.address(make_partner())
    response = client.post(f"{address}nouveau-lien/")
    assert (response.status_code, response.headers["Location"]) == (302, address)
    assert Message.objects.count() == 0


def test_a_visitor_who_tries_too_much_is_slowed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirmation, "MOST", 3)
    address = reverse("booster_ia:partner", args=[uuid.uuid4(), "x"])
    assert [client.get(address).status_code for _ in range(4)] == [404, 404, 404, 429]


def test_a_forged_request_is_refused() -> None:
    address = partners.address(make_partner())
    assert Client(enforce_csrf_checks=True).post(address, YES).status_code == 403
    assert state() == "invited"
