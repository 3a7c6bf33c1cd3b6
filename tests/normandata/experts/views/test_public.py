"""The public directory: who agreed, what they chose to show, gone at once, for anybody and without a cookie."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.experts.models import Agreement, Expert, Listing
from normandata.experts.services import directory
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent, sign_in
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import make_listing
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db
PAGE = "/accompagnement/experts/"
SHOWN = {"shows_name": True, "shows_organisation": False, "domains": ["sante"], "presentation": ""}


def titles(client: Client, query: str = "") -> list[str]:
    response = client.get(f"{PAGE}{query}")
    assert badly_spaced(response.content.decode()) == []
    return [one.title for one in response.context["page"]]


def test_only_experts_who_agreed_and_chose_are_listed_with_what_they_chose(client: Client) -> None:
    make_expert(agrees=("asked", "listed", "introduced"))  # agreed on paper: nothing is shown before it is chosen
    make_expert()
    whole = make_expert(name="Barnabé", organisation="Atelier", skills="forge navale")
    make_listing(whole, domains=["sante", "droit"], presentation="Bonjour à tous.")
    make_listing(make_expert(name="Aline", organisation="Cabinet"), shows_name=False, domains=["droit"])
    assert titles(client) == ["Barnabé", "Cabinet"]
    text = client.get(PAGE).content.decode()
    assert text.count("Bonjour à tous.") == 1
    for hidden in ("Aline", "forge navale", *Expert.objects.values_list("email", flat=True), "mailto:"):
        assert hidden not in text
    assert titles(client, "?domaine=sante") == ["Barnabé"]
    assert titles(client, "?domaine=droit") == ["Barnabé", "Cabinet"]
    assert titles(client, "?domaine=vision") == []
    assert titles(client, "?domaine=aucun") == ["Barnabé", "Cabinet"]


def test_a_withdrawal_bites_at_once_even_in_a_cache_and_erases_the_words(client: Client) -> None:
    expert = make_expert(name="Barnabé")
    make_listing(expert)
    first = client.get(PAGE)
    assert first.cookies == {}
    assert first["Cache-Control"] == "public, no-cache"
    assert client.get(PAGE, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    directory.withdraw_agreement(expert, Agreement.Kind.LISTED, by=person_of(expert))
    again = client.get(PAGE, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, "Barnabé" in again.content.decode()) == (200, False)
    assert not Listing.objects.exists()
    assert "Bonjour." not in str(list(Event.objects.values_list("data", "reason")))


def test_the_public_page_costs_the_same_at_one_and_at_thirty(client: Client) -> None:
    make_listing(make_expert())
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    for _ in range(31):
        make_listing(make_expert(), domains=["sante", "droit", "vision"])
    with CaptureQueriesContext(connection) as many:
        assert len(titles(client)) == 30
    assert len(many) == len(one) == 3
    assert len(titles(client, "?page=2&domaine=sante")) == 2


def test_an_expert_agrees_and_chooses_in_their_space_and_an_agent_after_their_agreement(client: Client) -> None:
    expert, agent = make_expert(agrees=("asked",)), make_agent()
    with pytest.raises(NotNow, match="Enregistrez d’abord l’accord"):
        directory.list_publicly(expert, **SHOWN, by=agent)
    for person in (UserFactory(), person_of(make_expert())):
        with pytest.raises(NotAllowed):
            directory.list_publicly(expert, **SHOWN, by=person)
        with pytest.raises(NotAllowed):
            directory.agree_oneself(expert, Agreement.Kind.INTRODUCED, by=person)
    for wrong in ({"domains": []}, {"shows_name": False}):
        with pytest.raises(NotDone):
            directory.list_publicly(expert, **{**SHOWN, **wrong}, by=person_of(expert))
    assert not Agreement.objects.filter(kind="listed").exists()
    directory.list_publicly(expert, **SHOWN, by=person_of(expert))
    given = Agreement.objects.get(kind="listed")
    assert (given.given_on.isoformat(), given.proof) == ("2026-10-01", "Donné par l’expert dans son espace.")
    directory.list_publicly(expert, **{**SHOWN, "domains": ["droit"]}, by=agent)
    assert [one.domain for one in Listing.objects.get().domains.all()] == ["droit"]
    directory.agree_oneself(expert, Agreement.Kind.INTRODUCED, by=person_of(expert))
    with pytest.raises(NotNow):
        directory.agree_oneself(expert, Agreement.Kind.INTRODUCED, by=person_of(expert))


def test_the_forms_keep_what_is_typed_and_refuse_an_address(client: Client) -> None:
    expert = make_expert(agrees=("asked",))
    sign_in(client, person_of(expert))
    typed = {"shown": ["nom"], "domains": ["sante"], "presentation": "Écrivez à moi@exemple.fr"}
    wrong = client.post("/expert/fiche/", typed)
    assert wrong.status_code == 422
    assert "Retirez l’adresse électronique" in wrong.content.decode()
    assert "Écrivez à moi@exemple.fr" in wrong.content.decode()
    assert client.post("/expert/fiche/", {**typed, "presentation": "Bonjour."}).status_code == 302
    assert "Changer ma fiche" in client.get("/expert/").content.decode()
    assert client.post("/expert/accords/introduced/donner/").status_code == 302
    assert client.post("/expert/accords/listed/donner/").status_code == 404
    sign_in(client, make_agent())
    entry = f"/instruction/experts/{expert.pk}/"
    assert "Bonjour." in client.get(entry).content.decode()
    client.post(f"{entry}fiche/", {**typed, "presentation": "Autre."})
    assert Listing.objects.get().presentation == "Autre."
