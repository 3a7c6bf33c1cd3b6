"""What the Diagnostic needs once: told once, and left alone afterwards."""

from datetime import date
from decimal import Decimal

import pytest

from diagnostic.market import Company, Conflict, Holder, Market, MarketAct
from diagnostic.services import markets
from normandata.accounts.models import RoleAssignment, User
from normandata.budgets.models import Entry, Envelope
from normandata.dossiers.models import Signatory
from normandata.portal.demonstration import market, people, script
from normandata.procedure.models import Event

pytestmark = pytest.mark.django_db
ROWS = (Signatory, Envelope, Entry, Company, Market, Holder, MarketAct, Conflict, Event, RoleAssignment)


@pytest.fixture
def persons() -> dict[str, User]:
    return people.settle(script.read().accounts)


def counts() -> list[int]:
    return [model._default_manager.count() for model in ROWS]


def test_the_envelope_is_voted_and_the_market_says_all_it_must(persons: dict[str, User]) -> None:
    market.settle(script.read().settings, persons)
    vote = Entry.objects.get()
    assert (vote.amount, vote.act, vote.day) == (Decimal(50_000), "CP D 25-07-67", date(2025, 7, 15))
    opened = Market.objects.get()
    assert (opened.sharing, opened.day_rate, opened.vat_rate) == ("rotation", Decimal(900), Decimal(20))
    # 50 days at the signature, 60 since the amendment
    assert opened.max_half_days == 120
    change = Event.objects.about(opened).get(name="change_market")
    assert change.data["changed"] == {"max_half_days": [100, 120]}
    assert [one.label.split()[0] for one in opened.acts.all()] == ["Délibération", "Signature", "Avenant"]
    assert list(opened.holders.values_list("rank", "company__siret")) == [(1, "99920001700013"), (2, "99920002500016")]
    signs = Signatory.objects.on("diagnostic", opened.starts_on).get()
    assert signs.name == "Solange Exemple"
    assert opened.price(10).ttc == Decimal(5_400)


def test_what_is_there_is_left_as_people_made_it(persons: dict[str, User]) -> None:
    Signatory.objects.create(name="Autre Exemple", quality="Le directeur d’essai", since=date(2026, 1, 1))
    told = script.read().settings
    market.settle(told, persons)
    markets.end_conflict(Conflict.objects.get(), reason="Il a quitté l’entreprise.", by=persons["responsable"])
    markets.change_market(Market.objects.get(), by=persons["responsable"], day_rate=Decimal(920))
    before = counts()
    market.settle(told, persons)
    assert counts() == before
    assert Market.objects.get().day_rate == Decimal(920)
    assert Signatory.objects.get().name == "Autre Exemple"
    assert not Conflict.objects.filter(ended_at=None).exists()


def test_each_company_has_its_own_person_and_nobody_works_for_both(persons: dict[str, User]) -> None:
    held = RoleAssignment.objects.current().filter(role="provider")
    sirets = {one["siret"] for one in script.read().settings["company"]}
    assert {one.scope: one.user.email for one in held} == {
        "99920001700013": "prestataire@demo.invalid",
        "99920002500016": "prestataire-2@demo.invalid",
    }
    assert {one.scope for one in held} == sirets


def test_a_role_told_since_is_given_and_one_taken_away_is_not_given_back(persons: dict[str, User]) -> None:
    accounts = script.read().accounts
    provider = persons["prestataire"]
    RoleAssignment.objects.filter(user=provider).update(scope="")
    people.settle(accounts)
    assert sorted(provider.role_assignments.values_list("scope", flat=True)) == ["", "99920001700013"]
    RoleAssignment.objects.filter(user=provider).update(ended_at=provider.date_joined)
    people.settle(accounts)
    assert provider.role_assignments.count() == 2
