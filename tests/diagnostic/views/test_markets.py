"""« Marché et enveloppe » over HTTP: read by many, changed by few, nothing typed lost, in how many queries."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic.market import Company, Conflict, Holder, Market, MarketAct
from normandata.accounts.models import Role, StaffInvitation, User
from normandata.budgets.models import Entry, Envelope
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import make_company, make_market, make_notified, make_order, make_provider
from tests.factories.organisations import siret
from tests.normandata.dossiers.views.test_examine import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet_day")]


@pytest.fixture
def lead(client: Client) -> User:
    return sign_in(client, make_user_with(Role.LEAD_AGENT, "diagnostic", name="Alix Martin"))


def url(name: str, *args: Any) -> str:
    return reverse(f"diagnostic:{name}", args=args)


def said(response: Any) -> str:
    return " ".join(response.content.decode().replace("&nbsp;", " ").replace("\xa0", " ").split())


def typed(budget: Envelope, **more: str) -> dict[str, Any]:
    return {
        "reference": "2026-DATA-01",
        "label": "Diagnostics",
        "envelope": budget.pk,
        "sharing": "rotation",
        "day_rate": "900,00 €",
        "vat_rate": "20 %",
        "days_max": "200,5",
        "starts_on": "01/01/2026",
        "ends_on": "31 décembre 2027",
    } | more


# ------------------------------------------------------------------------------------------------------------- reading
def test_a_market_says_what_is_left(client: Client) -> None:
    sign_in(client, make_agent())
    market = make_market(make_company("Alpha"), make_company("Bêta"), max_half_days=15)
    order = make_order(market)
    page = text(client, url("market", market.pk))
    assert "Maximum 7,5 jours Commandés ou réservés 5 jours Reste 2,5 jours" in page
    assert "1. Alpha 5 jours commandés" in page
    assert "2. Bêta Aucun jour commandé" in page
    assert str(order.dossier.number) in page
    assert "Modifier" not in page
    listing = text(client, url("markets"))
    assert "2,5 jours" in listing
    assert "44 600,00 € libres sur 50 000,00 € TTC" in listing
    assert "Nouveau marché" not in listing


def test_the_menu_leads_there_for_those_who_read_the_diagnostic(client: Client) -> None:
    sign_in(client, make_agent())
    assert url("markets") in client.get(reverse("dossiers:queue")).content.decode()
    other = Client()
    sign_in(other, make_agent("booster_ia"))
    assert url("markets") not in other.get(reverse("dossiers:queue")).content.decode()


def test_a_provider_reads_no_market(client: Client) -> None:
    market = make_market()
    sign_in(client, make_provider(Company.objects.get()))
    assert {client.get(url(name, *args)).status_code for name, *args in (("markets",), ("market", market.pk))} == {404}


@pytest.mark.parametrize("orders", [1, 30])
def test_the_pages_cost_the_same_at_one_and_thirty(client: Client, lead: User, orders: int) -> None:
    market = make_market(envelope=make_envelope("500000.00"))
    for _ in range(orders):
        make_order(market)
    counted = {}
    for name, pk in (("market", market.pk), ("envelope", market.envelope_id)):
        client.get(url(name, pk))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(name, pk)).status_code == 200
        counted[name] = len(captured)
    assert counted["market"] <= 14
    assert counted["envelope"] <= 10
    with CaptureQueriesContext(connection) as captured:
        client.get(url("markets"))
    assert len(captured) <= 12


# ------------------------------------------------------------------------------------------------------------- markets
def test_a_market_is_written_and_changed(client: Client, lead: User) -> None:
    envelope = make_envelope()
    assert client.get(url("market_new")).status_code == 200
    done = client.post(url("market_new"), typed(envelope))
    assert (done.status_code, done.headers["Location"]) == (302, url("markets"))
    market = Market.objects.get()
    assert (market.max_half_days, market.day_rate, market.vat_rate) == (401, Decimal("900.00"), Decimal("20.00"))
    page = said(client.get(url("market_edit", market.pk)))
    for value in ("900,00", "200,5", "01/01/2026", "31/12/2027"):
        assert f'value="{value}"' in page
    done = client.post(url("market_edit", market.pk), typed(envelope, day_rate="950"))
    assert done.status_code == 302
    assert Market.objects.get().day_rate == Decimal("950.00")
    page = said(client.get(url("market", market.pk)))
    assert "Marché modifié (prix d’une journée, HT) <span" in page
    assert "Marché enregistré <span" in page


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"day_rate": "-1"}, "Le prix d’une journée est supérieur à zéro."),
        ({"day_rate": "0"}, "Le prix d’une journée est supérieur à zéro."),
        ({"day_rate": "9000000"}, "chiffres"),
        ({"vat_rate": "100"}, "La TVA est un pourcentage, de 0 à moins de 100."),
        ({"days_max": "12,3"}, "Écrivez un nombre de jours, par demi-journée"),
        ({"days_max": "0"}, "Écrivez un nombre de jours, par demi-journée"),
        ({"days_max": "10 000,5"}, "10000 jours au plus"),
        ({"ends_on": "31/12/2025"}, "Le marché finit après avoir commencé."),
        ({"starts_on": "hier"}, "Écrivez le jour, le mois et l’année"),
        ({"envelope": "999"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_market_that_cannot_be_keeps_what_was_typed(
    client: Client, lead: User, more: dict[str, str], message: str
) -> None:
    refused = client.post(url("market_new"), typed(make_envelope(), **more, label="Objet gardé"))
    assert refused.status_code == 422
    assert message in said(refused)
    assert 'value="Objet gardé"' in said(refused)
    assert Market.objects.count() == 0


def test_a_reference_is_taken_once(client: Client, lead: User) -> None:
    market = make_market()
    refused = client.post(url("market_new"), typed(market.envelope, reference=market.reference))
    assert refused.status_code == 422
    assert "id_reference_error" in said(refused)


def test_a_maximum_below_what_is_held_is_said(client: Client, lead: User) -> None:
    market = make_market()
    make_order(market)
    refused = client.post(url("market_edit", market.pk), typed(market.envelope, days_max="4,5"))
    assert refused.status_code == 422
    assert "Les commandes tiennent déjà 5 jours" in refused.context["form"].errors["days_max"][0]
    assert "id_days_max_error" in said(refused)


# ------------------------------------------------------------------------------------- members, acts, companies
def test_members_acts_and_companies_are_written(client: Client, lead: User) -> None:
    market = make_market(make_company("Alpha"))
    valid = siret(901)
    wrong = f"{valid[:13]}{(int(valid[13]) + 1) % 10}"
    refused = client.post(url("company_new"), {"siret": wrong, "name": "Bêta"})
    assert refused.status_code == 422
    assert f'value="{wrong}"' in said(refused)
    assert client.post(url("company_new"), {"siret": valid, "name": "Bêta"}).status_code == 302
    company = Company.objects.get(siret=valid)
    assert client.post(url("company_new"), {"siret": valid, "name": "Double"}).status_code == 422
    done = client.post(url("company_edit", company.pk), {"name": "Bêta SARL", "email": "beta@exemple.invalid"})
    assert done.status_code == 302
    added = client.post(
        url("holder_new", market.pk), {"company": company.pk, "rank": "2", "competences": ["enterprise"], "skills": ""}
    )
    assert added.status_code == 302
    holder = Holder.objects.get(company=company)
    assert (holder.rank, holder.competences) == (2, ["enterprise"])
    taken = client.post(url("holder_edit", holder.pk), {"rank": "1", "competences": ["enterprise"], "skills": ""})
    assert taken.status_code == 422
    assert "Ce rang est déjà pris dans le marché." in said(taken)
    unknown = client.post(url("holder_edit", holder.pk), {"rank": "2", "competences": ["planet"], "skills": ""})
    assert unknown.status_code == 422
    assert client.post(url("holder_edit", holder.pk), {"rank": "3", "skills": "Données"}).status_code == 302
    assert client.post(url("holder_remove", holder.pk), {"reason": ""}).status_code == 422
    assert client.post(url("holder_remove", holder.pk), {"reason": "Départ"}).status_code == 302
    assert client.post(url("market_act", market.pk), {"label": "Avenant", "day": "31/02/2026"}).status_code == 422
    assert client.post(url("market_act", market.pk), {"label": "Avenant", "day": "1er mars 2026"}).status_code == 302
    assert MarketAct.objects.get().day.isoformat() == "2026-03-01"
    page = text(client, url("market", market.pk))
    assert "1er mars 2026 : Avenant" in page
    assert "Membre retiré, Bêta SARL par Alix Martin le 13 octobre 2026 : Départ" in page
    assert "Acte ajouté, Avenant par Alix Martin le 13 octobre 2026" in page


def test_a_conflict_is_declared_and_lifted(client: Client, lead: User) -> None:
    company = make_company("Alpha")
    make_market(company)
    for siren, reason in (("12", "x"), ("999000011", ""), ("99900001A", "x")):
        refused = client.post(url("conflict_new", company.pk), {"siren": siren, "reason": reason})
        assert refused.status_code == 422
        assert f'value="{siren}"' in said(refused)
    done = client.post(url("conflict_new", company.pk), {"siren": "999 000 011", "reason": "Filiale"})
    assert done.status_code == 302
    conflict = Conflict.objects.get()
    assert (conflict.siren, conflict.by) == ("999000011", lead)
    assert "SIREN 999000011 : Filiale" in text(client, url("company_edit", company.pk))
    twice = client.post(url("conflict_new", company.pk), {"siren": "999000011", "reason": "Encore"})
    assert twice.status_code == 422
    assert "Ce conflit est déjà déclaré." in said(twice)
    assert client.post(url("conflict_end", conflict.pk), {"reason": ""}).status_code == 422
    assert client.post(url("conflict_end", conflict.pk), {"reason": "Vendu"}).status_code == 302
    again = client.post(url("conflict_end", conflict.pk), {"reason": "Vendu"})
    assert again.status_code == 422
    assert "Ce conflit est déjà levé." in said(again)


def test_the_people_of_a_company_are_listed_with_how_to_invite_more(client: Client) -> None:
    sign_in(client, make_user_with(Role.ADMINISTRATOR))
    company = make_company("Alpha")
    page = text(client, url("company_edit", company.pk))
    assert f"Inviter quelqu’un de {company.name}" in page
    sent = {
        "role": "provider",
        "scheme": "diagnostic",
        "scope": company.siret,
        "email": "camille@exemple.invalid",
    }
    drawn = client.get(url("company_edit", company.pk)).content.decode()
    for name in ("role", "scheme", "scope"):
        assert f'<input type="hidden" name="{name}" value="{sent[name]}">' in drawn
    wrong = client.post(reverse("accounts:people"), sent | {"email": "camille"})
    assert (wrong.context["form"]["scope"].value(), list(wrong.context["form"].errors)) == (company.siret, ["email"])
    assert client.post(reverse("accounts:people"), sent).status_code == 302
    invited = StaffInvitation.objects.get()
    assert (invited.role, invited.scheme, invited.scope) == (Role.PROVIDER, "diagnostic", company.siret)
    provider = make_provider(company)
    assert str(provider) in text(client, url("company_edit", company.pk))


# ------------------------------------------------------------------------------------------------------------ envelope
def test_the_ledger_is_read_newest_first_with_balances(client: Client) -> None:
    sign_in(client, make_agent())
    market = make_market()
    order = make_notified(market)
    page = text(client, url("envelope", market.envelope_id))
    commit, reserve, vote = (page.index(word) for word in ("Engagement", "Réservation", "Vote"))
    assert commit < reserve < vote
    assert f"{order.dossier.number} , {order.organisation.label} Bon de commande BC-2026-0001 5 400,00 €" in page
    assert "5 400,00 € 0,00 € 5 400,00 € 0,00 € 44 600,00 €" in page
    assert "Voter des crédits" not in page


def test_the_ledger_is_in_pages(client: Client, lead: User) -> None:
    market = make_market(envelope=make_envelope("500000.00"))
    for _ in range(21):
        make_order(market)
    assert "Page 1 sur 2" in text(client, url("envelope", market.envelope_id))
    assert "Vote" in text(client, url("envelope", market.envelope_id) + "?page=2")


def test_credits_are_voted_once_for_a_form(client: Client, lead: User) -> None:
    envelope = make_envelope("100.00")
    address = url("envelope_vote", envelope.pk)
    key = client.get(address).context["form"]["key"].value()
    vote = {"key": key, "amount": "50 000,50 €", "act": "CP D 26-01-12", "day": "12/01/2026"}
    assert client.post(address, vote).status_code == 302
    assert client.post(address, vote).status_code == 302
    envelope.refresh_from_db()
    assert (envelope.voted, Entry.objects.filter(kind="vote").count()) == (Decimal("50100.50"), 2)
    other = client.post(address, vote | {"amount": "1"})
    assert other.status_code == 422
    assert said(other).count("a déjà été passée avec un autre contenu") == 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"amount": "0"}, "Un vote ajoute ou retire un montant."),
        ({"amount": "-100,01"}, "Il reste 100,00 €"),
        ({"amount": "12,345"}, "Deux décimales au plus"),
        ({"amount": "9999999999999"}, "dépasse ce que le portail peut lire"),
        ({"amount": "9999999999"}, "dépasse ce qu’une enveloppe peut tenir"),
        ({"act": " "}, "Indiquez la délibération"),
        ({"day": ""}, "Indiquez une date."),
        ({"day": "14/10/2026"}, "Une délibération à venir n’a encore rien voté"),
    ],
)
def test_a_vote_that_cannot_be_is_refused(client: Client, lead: User, more: dict[str, str], message: str) -> None:
    envelope = make_envelope("100.00")
    vote = {"key": "vote:essai", "amount": "50", "act": "CP D 26-01-12", "day": "12/01/2026"} | more
    refused = client.post(url("envelope_vote", envelope.pk), vote)
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == list(more)
    assert "alert-danger" not in said(refused)
    assert message in said(refused)
    envelope.refresh_from_db()
    assert envelope.voted == Decimal("100.00")


def test_credits_still_free_are_withdrawn(client: Client, lead: User) -> None:
    envelope = make_envelope("100.00")
    vote = {"key": "vote:essai", "amount": "-100", "act": "CP D 26-01-12", "day": "12/01/2026"}
    assert client.post(url("envelope_vote", envelope.pk), vote).status_code == 302
    envelope.refresh_from_db()
    assert envelope.voted == Decimal("0.00")


def test_an_envelope_is_opened_once(client: Client, lead: User) -> None:
    assert client.post(url("envelope_new"), {"label": "Diagnostic", "year": "2027"}).status_code == 302
    assert client.post(url("envelope_new"), {"label": "Diagnostic", "year": "2027"}).status_code == 422
    assert client.post(url("envelope_new"), {"label": "Diagnostic", "year": "1999"}).status_code == 422
    opened = Envelope.objects.get()
    assert (opened.scheme, opened.basis, opened.voted) == ("diagnostic", "TTC", Decimal(0))


def test_an_envelope_of_another_scheme_is_not_here(client: Client, lead: User) -> None:
    other = make_envelope(scheme="booster_ia")
    assert client.get(url("envelope", other.pk)).status_code == 404
    assert client.get(url("envelope_vote", other.pk)).status_code == 404
