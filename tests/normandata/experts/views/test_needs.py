"""The pages of a cœur expert request: the requester's, the Region's, the expert's; lists counted, words checked."""

import html
import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import Role, User
from normandata.experts.models import Introduction, Need
from normandata.experts.services import needs
from normandata.procedure import services as procedure
from normandata.regulation.formats import spaced
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import (
    again,
    make_accepted,
    make_exchanged,
    make_listing,
    make_meeting,
    make_need,
    make_scheduled,
)
from tests.factories.organisations import MembershipFactory
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db
MINE, DESK = "/coeur-expert/", "/instruction/coeur-expert/"
TYPED = {"title": "Prévoir", "need": "Ouvrir les bons bassins.", "contact_name": "Camille"}


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    content = response.content.decode()
    assert badly_spaced(content) == [], address
    return content.replace("\u00a0", " ").replace("&nbsp;", " ")


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent())


def test_a_person_asks_and_nothing_typed_is_lost(client: Client) -> None:
    person = sign_in(client, UserFactory(name="Paule"))
    assert "Aucune demande." in read(client, MINE)
    form = read(client, f"{MINE}demander/")
    assert 'value="Paule"' in form
    assert "Au nom de qui" not in form
    wrong = client.post(f"{MINE}demander/", {**TYPED, "need": "", "costs": "Cinq mille", "key": str(uuid.uuid4())})
    assert wrong.status_code == 422
    assert wrong.content.decode().count("Racontez votre besoin\u00a0: l’échange part de là.") == 1
    assert "Cinq mille" in wrong.content.decode()
    phone = client.post(f"{MINE}demander/", {**TYPED, "contact_phone": "oui", "key": str(uuid.uuid4())})
    assert phone.status_code == 422
    key = str(uuid.uuid4())
    for _ in range(2):
        done = client.post(f"{MINE}demander/", {**TYPED, "datasets": "Cinq ans.", "key": key})
        assert done.headers["Location"] == f"{MINE}{key}/"
    need = Need.objects.get()
    assert (need.asked_by, need.organisation, need.data) == (person, None, "Cinq ans.")
    assert "La Région a votre demande." in read(client, f"{MINE}{key}/")
    assert need.reference in read(client, MINE)


def test_a_member_asks_for_their_organisation_and_no_other(client: Client) -> None:
    member = MembershipFactory(user=sign_in(client, UserFactory()))
    other = MembershipFactory().organisation
    key = str(uuid.uuid4())
    for siret, status in (("", 422), (other.siret, 422), (member.organisation.siret, 302)):
        sent = client.post(f"{MINE}demander/", {**TYPED, "organisation": siret, "key": key})
        assert sent.status_code == status
    assert Need.objects.get().organisation == member.organisation


def test_the_expert_wished_for_comes_from_the_public_directory(client: Client) -> None:
    sign_in(client, UserFactory())
    listing = make_listing(make_expert(name="Delphine"))
    address = f"{MINE}demander/?expert={listing.key}"
    assert "Vous souhaitez rencontrer <strong>Delphine</strong>" in read(client, address)
    client.post(address, {**TYPED, "key": str(uuid.uuid4())})
    assert Need.objects.get().wished == listing.agreement.expert
    for gone in (uuid.uuid4(), "n’importe quoi"):
        assert "L’expert choisi n’est plus dans l’annuaire." in read(client, f"{MINE}demander/?expert={gone}")


def test_each_state_is_said_to_its_requester(client: Client) -> None:
    person = sign_in(client, UserFactory())
    said = {
        make_need(by=person).key: "La Région a votre demande.",
        make_scheduled(by=person).key: "Le premier échange est prévu le 4 octobre 2026 à 12 h 00.",
        make_exchanged(by=person).key: "La Région cherche des experts",
        make_meeting(by=person).need.key: "Des experts sont sollicités.",
        make_accepted(by=person).need.key: "c’est à vous de le joindre",
    }
    for key, words in said.items():
        assert words in read(client, f"{MINE}{key}/")
    offer = make_accepted(by=person)
    assert offer.expert.email in read(client, f"{MINE}{offer.need.key}/")
    needs.withdraw(offer.need, reason="", by=person)
    closed = read(client, f"{MINE}{offer.need.key}/")
    assert "Retirée le 1er octobre 2026." in closed
    assert offer.expert.email not in closed
    assert client.get(f"{MINE}{offer.need.key}/suite/").status_code == 302
    assert client.get(f"{MINE}{offer.need.key}/retirer/").status_code == 302


def test_a_requester_never_reads_who_declined(client: Client) -> None:
    person = sign_in(client, UserFactory())
    offer = make_meeting(by=person)
    assert offer.expert.name not in read(client, f"{MINE}{offer.need.key}/")
    needs.decline(offer, reason="Pas le temps.", by=person_of(offer.expert))
    shown = read(client, f"{MINE}{offer.need.key}/")
    assert offer.expert.name not in shown
    assert "Pas le temps." not in shown


def test_the_expert_reads_the_need_and_gets_a_contact_only_once_they_accept(client: Client) -> None:
    offer = make_meeting(contact_phone="02 00 00 00 00")
    sign_in(client, person_of(offer.expert))
    address = f"/expert/mises-en-relation/{offer.key}/"
    before = read(client, address)
    assert "Ouvrir les bons bassins." in before
    for secret in (offer.need.asked_by.email, "02 00 00 00 00"):
        assert secret not in before
    client.post(f"{address}accepter/")
    after = read(client, address)
    assert offer.need.asked_by.email in after
    assert client.get(f"{address}decliner/").status_code == 302
    needs.withdraw(again(offer.need), reason="", by=offer.need.asked_by)
    assert offer.need.asked_by.email not in read(client, address)
    other = make_meeting(offer.expert)
    client.post(f"/expert/mises-en-relation/{other.key}/decliner/", {"reason": "Pas le temps."})
    assert "Ouvrir les bons bassins." not in read(client, f"/expert/mises-en-relation/{other.key}/")
    assert Introduction.objects.get(pk=other.pk).state == "declined"


def test_the_desk_lists_what_waits_for_the_region_first(client: Client, agent: User) -> None:
    met, heard, closed = make_accepted(title="Une"), make_exchanged(title="Deux"), make_need(title="Trois")
    needs.withdraw(closed, reason="", by=closed.asked_by)
    page = client.get(DESK)
    assert [row.need.title for row in page.context["rows"]] == ["Deux", "Une"]
    assert page.context["rows"][1].experts == met.expert.name
    assert [row.need.title for row in client.get(f"{DESK}?voir=closes").context["rows"]] == ["Trois"]
    assert [row.need.title for row in client.get(f"{DESK}?voir=toutes&tour=agent").context["rows"]] == ["Deux"]
    assert [row.need.title for row in client.get(f"{DESK}?q=deux").context["rows"]] == ["Deux"]
    assert "Aucune demande ne répond" in read(client, f"{DESK}?q=rien")
    assert heard.reference in read(client, DESK)
    assert "depuis aujourd’hui" in read(client, DESK)


@pytest.mark.parametrize("side", ["desk", "mine", "expert"])
def test_lists_cost_the_same_at_one_and_at_thirty(client: Client, side: str) -> None:
    expert = make_expert(agrees=("introduced",))
    person = {"desk": make_agent(), "mine": UserFactory(), "expert": person_of(expert)}[side]
    address = {"desk": DESK, "mine": MINE, "expert": "/expert/"}[side]
    asker = person if side == "mine" else UserFactory()
    led = person if side == "desk" else make_agent()
    sign_in(client, person)
    make_meeting(expert, agent=led, by=asker)
    client.get(address)
    one = queries(client, address)
    for number in range(29):
        asker = asker if side == "mine" else UserFactory()
        offer = make_meeting(expert, agent=led, by=asker)
        if side == "mine" or number % 3 == 0:
            needs.withdraw(offer.need, reason="", by=asker)
    assert queries(client, address) == one
    assert one <= 16


def test_an_agent_leads_a_request_page_after_page(client: Client, agent: User) -> None:
    need, expert = make_need(title="Prévoir"), make_expert(agrees=("introduced",), name="Delphine")
    address = f"{DESK}{need.key}/"
    assert "Personne ne la suit encore." in read(client, address)
    past = client.post(f"{address}echange/", {"day": "01/09/2026 à 9 h", "place": "Caen"})
    assert past.status_code == 422
    assert past.content.decode().count("à une date à venir.") == 2  # the summary, then beside the field
    client.post(f"{address}echange/", {"day": "09/10/2026 à 14 h 30", "place": "À Caen."})
    assert "Prévu le 9 octobre 2026 à 14 h 30. À Caen." in read(client, address)
    empty = client.post(f"{address}compte-rendu/", {"held_on": "01/10/2026"})
    assert (empty.status_code, "au moins un point" in empty.content.decode()) == (422, True)
    client.post(f"{address}compte-rendu/", {"held_on": "01/10/2026", "costs": "Dix mille euros."})
    assert client.get(f"{address}echange/").status_code == 404
    searched = client.post(f"{address}experts/", {"chercher": "1", "q": "personne", "experts": str(expert.pk)})
    assert searched.status_code == 200
    ticked = re.findall(r'value="(\d+)"[^>]* checked', searched.content.decode())
    assert ticked == [str(expert.pk)]  # what is ticked is not lost by a search
    client.post(f"{address}experts/", {"experts": str(expert.pk)})
    assert "Delphine" in read(client, address)
    offer = Introduction.objects.get()
    client.post(f"{address}experts/{offer.pk}/liberer/", {})
    assert again(need).state == "exchanged"
    assert client.get(f"{address}experts/{offer.pk}/liberer/").status_code == 404
    said = {"outcome": "feder", "outcome_on": "01/10/2026", "words": "Projet présenté."}
    assert client.post(f"{address}clore/", {**said, "outcome_on": "02/10/2026"}).status_code == 422
    client.post(f"{address}clore/", said)
    shown = read(client, address)
    assert "Un projet présenté au FEDER numérique" in shown
    assert "Demande close par la Région" in shown
    assert client.get(f"{address}clore/").status_code == 404


def test_a_reader_reads_and_does_nothing_and_an_agent_of_the_house_reads_from_the_other_side(client: Client) -> None:
    sign_in(client, make_user_with(Role.AUDITOR))
    need = make_need()
    assert "Clore la demande" not in read(client, f"{DESK}{need.key}/")
    assert client.get(f"{DESK}{need.key}/clore/").status_code == 404
    insider = make_agent()
    mine = make_need(by=insider)
    sign_in(client, insider)
    assert client.get(f"{DESK}{mine.key}/").status_code == 404
    assert "La Région a votre demande." in read(client, f"{MINE}{mine.key}/")


def test_what_an_agent_sends_after_another_is_refused_with_what_was_typed(client: Client, agent: User) -> None:
    need = make_scheduled()
    address = f"{DESK}{need.key}/"
    needs.hold(need, held_on=date(2026, 10, 1), found={"costs": "Mille euros."}, by=agent)
    late = client.post(f"{address}compte-rendu/", {"held_on": "01/10/2026", "costs": "Dix mille euros."})
    assert (late.status_code, "Dix mille euros." in late.content.decode()) == (422, True)
    assert spaced(procedure.TOO_LATE) in html.unescape(late.content.decode())
    offer = make_meeting(make_expert(agrees=("introduced",)))
    needs.decline(offer, reason="Trop loin.", by=person_of(offer.expert))
    freed = client.post(f"{DESK}{offer.need.key}/experts/{offer.pk}/liberer/", {"reason": "Sans nouvelles."})
    assert (freed.status_code, "Sans nouvelles." in freed.content.decode()) == (422, True)


def test_what_a_requester_sends_after_the_region_is_refused_with_what_was_typed(client: Client) -> None:
    person = sign_in(client, UserFactory())
    need = make_exchanged(by=person)
    needs.conclude(need, outcome="feder", outcome_on=date(2026, 10, 1), words="Présenté.", by=make_agent())
    said = {"outcome": "feder", "outcome_on": "01/10/2026", "words": "Un projet est né."}
    for rest, typed, words in (("suite/", said, said["words"]), ("retirer/", {"reason": "Réglé."}, "Réglé.")):
        late = client.post(f"{MINE}{need.key}/{rest}", typed)
        assert (late.status_code, words in late.content.decode()) == (422, True)
        assert spaced(procedure.TOO_LATE) in html.unescape(late.content.decode())


@pytest.mark.parametrize("key", ["9" * 20, "999999999", "x"])
def test_an_expert_whom_nobody_knows_is_told(client: Client, agent: User, key: str) -> None:
    need, expert = make_exchanged(agent), make_expert(agrees=("introduced",))
    typed = {"experts": [str(expert.pk), key], "message": "Un beau sujet."}
    response = client.post(f"{DESK}{need.key}/experts/", typed)
    page = response.content.decode()
    wrong = "Choisissez des experts dans la liste."
    unknown = "Un expert choisi n’a pas, ou plus, donné son accord pour être mis en relation."
    assert (response.status_code, (wrong if key == "x" else unknown) in page) == (422, True)
    assert "Un beau sujet." in page
    assert f'value="{expert.pk}"' in page
    assert not Introduction.objects.exists()
