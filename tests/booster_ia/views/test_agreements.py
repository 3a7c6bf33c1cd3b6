"""The convention's pages: signed on screen by the structure, on paper through an agent, then by the Region."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from booster_ia.services import notification
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Membership
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.booster_scoring import make_scorer
from tests.factories.letters import agreement_of, make_light, make_signatory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SIGNED = {"name": "Dominique Exemple", "function": "Gérante", "is_entitled": "on", "has_read": "on"}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-12-16T09:00:00+01:00", tick=True):
        yield


@pytest.fixture
def dossier() -> Dossier:
    make_signatory()
    [made] = make_light(1, outcome="granted")
    notification.tell(made, by=make_scorer())
    documents.make(agreement_of(made).letter.document_id)
    return made


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def member_of(dossier: Dossier) -> User:
    return Membership.objects.active().filter(organisation=dossier.organisation).select_related("user")[0].user


def test_the_structure_signs_and_reads_that_it_did(client: Client, dossier: Dossier) -> None:
    sign_in(client, member_of(dossier))
    page = text(client.get(f"/dossiers/{dossier.key}/"))
    assert f'href="/dossiers/{dossier.key}/convention/">Lire et signer la convention' in page
    assert "10 000,00 € HT" in text(client.get(f"/dossiers/{dossier.key}/convention/"))
    answer = client.post(f"/dossiers/{dossier.key}/convention/", SIGNED, follow=True)
    assert "Vous avez signé la convention. La Région la signe à son tour." in text(answer)
    page = text(client.get(f"/dossiers/{dossier.key}/convention/"))
    assert "Dominique Exemple, Gérante, le 16 décembre 2026 (à l’écran)" in page
    assert "Votre signature" not in page
    again = client.post(f"/dossiers/{dossier.key}/convention/", SIGNED, follow=True)
    assert "La convention est déjà signée." in text(again)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("name", "Indiquez le nom de la personne qui signe."),
        ("function", "Indiquez la fonction de cette personne."),
        ("is_entitled", "Seule la personne habilitée signe : cochez cette case, ou demandez-lui de signer."),
        ("has_read", "Lisez la convention, puis cochez cette case."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    client: Client, dossier: Dossier, missing: str, message: str
) -> None:
    sign_in(client, member_of(dossier))
    answer = client.post(
        f"/dossiers/{dossier.key}/convention/", {name: value for name, value in SIGNED.items() if name != missing}
    )
    assert answer.status_code == 422
    page = text(answer)
    assert message in page
    kept = "Gérante" if missing == "name" else "Dominique Exemple"
    assert f'value="{kept}"' in page
    assert not agreement_of(dossier).is_signed


def test_an_agent_notes_the_paper_then_the_day_of_the_region(client: Client, dossier: Dossier) -> None:
    path = f"/instruction/{dossier.key}/booster-ia/convention/"
    sign_in(client, make_scorer())
    assert "Noter une signature sur papier" in text(client.get(f"/instruction/{dossier.key}/"))
    answer = client.post(path, {"name": "Le Maire", "function": "Maire", "on": "15/12/2026"})
    assert answer.status_code == 422
    sentence = "La convention a été établie le 16 décembre 2026 : donnez une date entre ce jour et aujourd’hui."
    assert sentence.lower() in text(answer).lower()
    client.post(path, {"name": "Le Maire", "function": "Maire", "on": "16/12/2026"})
    assert agreement_of(dossier).means == "paper"
    assert client.post(path, {"on": "17/12/2026"}).status_code == 422
    client.post(path, {"on": "16/12/2026"})
    assert agreement_of(dossier).is_in_force
    page = text(client.get(path))
    assert "Les deux parties ont signé." in page
    assert "Noter la signature de la Région" not in text(client.get(f"/instruction/{dossier.key}/"))


def test_nobody_else_reads_the_convention(client: Client, dossier: Dossier) -> None:
    for somebody in (UserFactory(), make_agent("diagnostic")):
        sign_in(client, somebody)
        assert client.get(f"/dossiers/{dossier.key}/convention/").status_code == 404
        assert client.get(f"/instruction/{dossier.key}/booster-ia/convention/").status_code == 404


def test_before_a_grant_there_is_no_convention(client: Client) -> None:
    make_signatory()
    [refused] = make_light()
    sign_in(client, member_of(refused))
    assert client.get(f"/dossiers/{refused.key}/convention/").status_code == 404
