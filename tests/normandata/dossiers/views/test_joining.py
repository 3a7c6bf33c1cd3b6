"""« Toute la structure »: who asks to join, and the Region's answer where nobody else can give one."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.organisations import services as organisations
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.dossiers import make_dossier
from tests.factories.organisations import MembershipFactory
from tests.test_consistency import badly_spaced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))


@pytest.fixture
def dossier() -> Dossier:
    """Deposited by somebody who then left: no manager remains."""
    manager = MembershipFactory(manager=True)
    made = make_dossier(by=manager.user, organisation=manager.organisation)
    organisations.leave(manager.organisation, by=manager.user)
    return made


@pytest.fixture
def asks(dossier: Dossier) -> Membership:
    person = UserFactory(name="Alix Martin", email="alix@exemple.invalid")
    found: Membership = MembershipFactory(user=person, organisation=dossier.organisation, requested=True)
    return found


def url(dossier: Dossier, name: str = "organisation", *args: Any) -> str:
    return reverse(f"dossiers:{name}", args=[dossier.key, *args])


def said(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    content = response.content.decode()
    assert badly_spaced(content) == []
    main = content[content.index("<main") : content.index("</main>")]
    return re.sub(r"\s+", " ", strip_tags(re.sub(r"<(?=/?\w)", " <", main)).replace("&nbsp;", " ").replace("\xa0", " "))


def test_a_request_is_shown_with_its_person_and_its_day_and_accepted(
    client: Client, agent: User, dossier: Dossier, asks: Membership
) -> None:
    page = said(client.get(url(dossier)))
    assert "Alix Martin alix@exemple.invalid, demande du" in page
    assert "la Région répond" in page
    answer = client.post(url(dossier, "accept_member", asks.pk) + "?file=etat%3Dreview", follow=True)
    assert answer.redirect_chain == [(url(dossier) + "?file=etat%3Dreview#demandes", 302)]
    page = said(answer)
    assert "Alix Martin est maintenant le référent de la structure." in page
    assert re.search(r"Demande de Alix Martin acceptée le \d.* par Sacha Petit", page)
    assert "Alix Martin référent depuis le" in page
    assert "Accepter" not in page


def test_a_request_is_refused_with_a_reason_that_stays_written(
    client: Client, agent: User, dossier: Dossier, asks: Membership
) -> None:
    page = said(client.get(url(dossier, "refuse_member", asks.pk)))
    assert "Refuser le rattachement de Alix Martin" in page
    long = client.post(url(dossier, "refuse_member", asks.pk), {"reason": "x" * 501})
    assert "x" * 501 in said(long, 422)
    page = said(client.post(url(dossier, "refuse_member", asks.pk), {"reason": "Inconnue ici"}, follow=True))
    assert "La demande de Alix Martin est refusée." in page
    assert "refusée le" in page
    assert "Motif : Inconnue ici" in page
    asks.refresh_from_db()
    assert asks.state == "left"


def test_where_a_manager_is_left_the_page_lists_and_offers_nothing(
    client: Client, agent: User, dossier: Dossier, asks: Membership
) -> None:
    MembershipFactory(organisation=dossier.organisation, manager=True)
    page = said(client.get(url(dossier)))
    assert "Alix Martin alix@exemple.invalid, demande du" in page
    assert "Un référent de la structure répond." in page
    assert "Accepter" not in page
    for name in ("accept_member", "refuse_member"):
        late = said(client.post(url(dossier, name, asks.pk)), 409)
        assert "La structure a de nouveau un référent" in late
    assert "de nouveau un référent" in said(client.get(url(dossier, "refuse_member", asks.pk)), 409)
    asks.refresh_from_db()
    assert asks.state == "requested"


def test_an_auditor_reads_and_answers_nothing(client: Client, dossier: Dossier, asks: Membership) -> None:
    sign_in(client, make_user_with(Role.AUDITOR))
    page = said(client.get(url(dossier)))
    assert "un agent du dispositif ou un administrateur répond" in page
    assert "Accepter" not in page
    for name in ("accept_member", "refuse_member"):
        assert client.post(url(dossier, name, asks.pk)).status_code == 404


def test_one_s_own_request_has_no_button(client: Client, agent: User, dossier: Dossier) -> None:
    mine = MembershipFactory(user=agent, organisation=dossier.organisation, requested=True)
    assert "Accepter" not in said(client.get(url(dossier)))
    assert client.post(url(dossier, "accept_member", mine.pk)).status_code == 404


def test_another_organisation_s_request_does_not_exist_here(client: Client, agent: User, dossier: Dossier) -> None:
    elsewhere = MembershipFactory(requested=True)
    for name in ("accept_member", "refuse_member"):
        assert client.post(url(dossier, name, elsewhere.pk)).status_code == 404


def test_a_depositor_who_is_not_confirmed_is_said(client: Client, agent: User) -> None:
    manager = MembershipFactory(manager=True)
    asks = MembershipFactory(organisation=manager.organisation, requested=True)
    sentence = "Le déposant a demandé son rattachement ; il n’est pas confirmé."
    unconfirmed = make_dossier(by=asks.user, organisation=manager.organisation)
    assert sentence in said(client.get(url(unconfirmed)))
    organisations.accept_member(asks, by=manager.user)
    assert sentence not in said(client.get(url(unconfirmed)))


def test_who_waits_is_told_that_the_region_answers(client: Client, dossier: Dossier, asks: Membership) -> None:
    sign_in(client, asks.user)
    page = reverse("organisations:detail", args=[dossier.organisation.siret])
    assert "attend la réponse de la Région." in said(client.get(page))
    MembershipFactory(organisation=dossier.organisation, manager=True)
    assert "attend la réponse d’un référent." in said(client.get(page))


def test_the_page_costs_the_same_whatever_the_people(client: Client, agent: User, dossier: Dossier) -> None:
    costs = []
    client.get(url(dossier))
    for count in (1, 30):
        MembershipFactory.create_batch(count, organisation=dossier.organisation)
        MembershipFactory.create_batch(count, organisation=dossier.organisation, requested=True)
        for _ in range(count):
            procedure.record(dossier.organisation, "refuse_member", by=UserFactory(), data={"person": "X"})
        with CaptureQueriesContext(connection) as queries:
            client.get(url(dossier))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 20, costs
