"""The page of the roadmap's indicators: for its pilots and the Region's readers, with the entrance to what is typed."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import Role, User
from roadmap.indicators import INDICATORS
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.calls import make_call, make_proposal
from tests.factories.roadmap import ActionFactory, make_action, make_pilot
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import get, plain, read_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet", "today")]
PAGE = "/instruction/indicateurs/feuille-de-route/"
TYPED = f"{PAGE}saisies/"
DUE = date(2026, 9, 30)


def as_(user: User) -> Client:
    browser = Client()
    sign_in(browser, user)
    return browser


@pytest.mark.parametrize(
    ("role", "scheme", "types"),
    [
        (Role.ACTION_PILOT, "roadmap", False),
        (Role.AGENT, "roadmap", True),
        (Role.LEAD_AGENT, "roadmap", True),
        (Role.AUDITOR, "", False),
        (Role.DATA_PROTECTION_OFFICER, "", False),
        (Role.ADMINISTRATOR, "", True),
    ],
)
def test_its_readers_reach_it_and_those_who_type_reach_the_values(role: Role, scheme: str, types: bool) -> None:
    client = as_(make_user_with(role, scheme, make_action().slug if role is Role.ACTION_PILOT else ""))
    page = get(client, PAGE)
    assert '<h1 class="nd-flint">Indicateurs de la feuille de route, 2026</h1>' in page
    assert f'href="{PAGE}"' in page, "the menu leads to it"
    assert (f'href="{TYPED}"' in page, "Saisir ou corriger une valeur" in page) == (types, types)
    assert client.get(TYPED).status_code == (200 if types else 404)
    assert [f'id="f-{one.slug}"' in page for one in INDICATORS] == [True] * len(INDICATORS)


@pytest.mark.parametrize("scheme", ["diagnostic", "booster_ia"])
def test_agents_of_another_scheme_do_not(scheme: str) -> None:
    client = as_(make_agent(scheme))
    assert [client.get(f"{PAGE}{end}").status_code for end in ("", "dossiers.csv", "actions-engagees.csv")] == [404] * 3


def test_it_says_the_proposals_that_the_public_does_not_read_yet() -> None:
    call = make_call("open", title="Vélos", opens_on=date(2026, 11, 1), closes_on=date(2026, 12, 1))
    make_proposal(call)
    client = as_(make_pilot())
    assert "1 proposition reçue en 2026" in plain(get(client, PAGE))
    assert read_csv(client, f"{PAGE}propositions-recues.csv")[1:] == [["Vélos", "1"]]
    assert "1 proposition reçue" not in plain(get(client, "/indicateurs/feuille-de-route/?annee=2026"))


def test_the_export_is_the_table_of_the_actions() -> None:
    make_action([(1, DUE, None)])
    client = as_(make_pilot())
    said = read_csv(client, f"{PAGE}dossiers.csv")
    assert said == read_csv(client, reverse("roadmap:table", args=["actions", "csv"]))
    assert len(said) == 2


@pytest.mark.parametrize("route", ["roadmap:desk", "roadmap:calls_desk"])
def test_the_pilots_pages_lead_to_it(route: str) -> None:
    page = get(as_(make_pilot()), reverse(route))
    assert f'<a href="{PAGE}">Les indicateurs de la feuille de route</a>' in page


def test_it_costs_the_same_at_1_and_30_actions() -> None:
    first, client = make_action([(1, DUE, None)]), as_(make_user_with(Role.ADMINISTRATOR))
    get(client, PAGE)
    one = cost(lambda: client.get(PAGE))
    for rank in range(29):
        more = ActionFactory.create(chantier=first.chantier, letter=chr(ord("b") + rank))
        more.milestones.create(title="x", due_on=DUE, weight=1)
        more.deliberations.create(number=f"CP D {rank}", title="Suite", adopted_on=DUE)
    thirty = cost(lambda: client.get(PAGE))
    assert thirty[0] == one[0] <= 22
