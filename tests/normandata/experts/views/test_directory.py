"""The pages of the directory: searched, added to, put right; agreements with their proof."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import Role, User
from normandata.experts.models import Expert
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.experts import make_expert, person_of
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db
LIST = "/instruction/experts/"
FIELDS = {"name": "Camille Exemple", "organisation": "Labo", "email": "c@exemple.invalid", "skills": "santé"}


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent())


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    return content.replace("\u00a0", " ").replace("&nbsp;", " ")


def test_an_agent_adds_an_expert_and_records_both_agreements(client: Client, agent: User) -> None:
    assert "L’annuaire est vide." in page(client, LIST)
    response = client.post(f"{LIST}ajouter/", FIELDS)
    expert = Expert.objects.get()
    entry = f"{LIST}{expert.pk}/"
    assert response.headers["Location"] == entry
    assert page(client, entry).count("Pas d’accord") == 3
    said = {"given_on": "12/05/2026", "proof": "Courriel du 12 mai 2026"}
    for kind in ("asked", "listed"):
        client.post(f"{entry}accords/{kind}/", said)
    shown = page(client, entry)
    assert shown.count("Accord donné</span>") == 2
    assert "Preuve : Courriel du 12 mai 2026" in shown
    client.post(f"{entry}accords/listed/retirer/")
    assert page(client, entry).count("Pas d’accord") == 2
    assert "Accord retiré : figurer dans l’annuaire public" in page(client, entry)
    assert client.post(f"{entry}accords/listed/retirer/", follow=True).status_code == 200
    for kind in ("nothing", "ASKED"):
        assert client.post(f"{entry}accords/{kind}/", said).status_code == 404
        assert client.post(f"{entry}accords/{kind}/retirer/").status_code == 404


def test_what_was_typed_stays(client: Client, agent: User) -> None:
    wrong = client.post(f"{LIST}ajouter/", {**FIELDS, "email": "pas une adresse"})
    assert wrong.status_code == 422
    content = wrong.content.decode()
    assert "Écrivez une adresse complète" in content
    assert "Camille Exemple" in content
    taken = make_expert()
    again = client.post(f"{LIST}ajouter/", {**FIELDS, "email": taken.email.upper()})
    assert again.status_code == 422
    assert "déjà celle d’un expert" in again.content.decode()
    entry = f"{LIST}{taken.pk}/"
    late = client.post(f"{entry}accords/listed/", {"given_on": "12/05/2030", "proof": "Lettre gardée"})
    assert late.status_code == 422
    assert "passée ou du jour" in late.content.decode()
    assert "Lettre gardée" in late.content.decode()
    moved = client.post(entry, {**FIELDS, "email": "autre@exemple.invalid"})
    assert moved.status_code == 422
    assert "celle de son compte" in moved.content.decode()
    client.post(entry, {**FIELDS, "email": taken.email})
    taken.refresh_from_db()
    assert taken.name == "Camille Exemple"


def test_a_search_keeps_who_answers(client: Client, agent: User) -> None:
    make_expert(name="Camille Exemple", skills="santé")
    make_expert(name="Dominique Exemple", skills="mer")
    shown = page(client, f"{LIST}?q=mer")
    assert "Dominique Exemple" in shown
    assert "Camille Exemple" not in shown
    assert "Aucun expert ne répond" in page(client, f"{LIST}?q=rien%00du tout")


def test_who_reads_and_who_keeps() -> None:
    expert = make_expert()
    entry = f"{LIST}{expert.pk}/"
    for role in (Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR):
        client = Client()
        sign_in(client, make_user_with(role))
        assert "Ajouter un expert" not in page(client, LIST)
        for address in (f"{LIST}ajouter/", entry):
            assert client.get(address).status_code == 404
        assert client.post(f"{entry}accords/asked/retirer/").status_code == 404
    for person in (UserFactory(), person_of(expert), make_user_with(Role.PROVIDER, "diagnostic", "99900000000001")):
        client = Client()
        sign_in(client, person)
        for address in (LIST, f"{LIST}ajouter/", entry):
            assert client.get(address).status_code == 404
    assert expert.agreements.standing().count() == 1


def test_the_list_costs_the_same_at_1_and_30_experts(client: Client, agent: User) -> None:
    costs = []
    for count in (1, 29):
        for _ in range(count):
            make_expert(agrees=("asked", "listed"))
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(LIST).content.decode()
        costs.append(len(queries))
    assert shown.count('<tr role="row"><th scope="row"') == 30
    assert costs[0] == costs[1] <= 10, costs
