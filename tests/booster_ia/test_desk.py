"""The agents' panel: wave and why, partners, budget with its reasons, money, meetings; flat in queries."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia import desk
from booster_ia.models import BoosterApplication, BudgetLine
from booster_ia.partners import Partner
from booster_ia.services import meetings, partners
from normandata.accounts.models import Role, User
from normandata.dossiers.models import Dossier
from normandata.procedure import services as procedure
from tests.factories.accounts import make_agent, make_user_with, sign_in
from tests.factories.booster import NO_AID, REGIME, expenses, make_booster
from tests.factories.deminimis import make_aid
from tests.factories.waves import make_application, make_partner, make_wave
from tests.normandata.dossiers.views.test_examine import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
NOW = datetime(2026, 9, 21, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_september(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent("booster_ia"))


def reviewed(agent: User, **fields: Any) -> Dossier:
    dossier = make_booster(**fields)
    procedure.fire(dossier, "start_review", by=agent)
    return dossier


def page(client: Client, dossier: Dossier) -> str:
    return text(client, reverse("dossiers:examine", args=[dossier.key]))


def content(dossier: Dossier, user: User) -> dict[str, Any]:
    found = desk.panel(dossier, user)
    assert found is not None
    return dict(found.content)


def test_a_reviewed_application_is_in_its_wave_and_the_page_says_why(client: Client, agent: User) -> None:
    make_wave()
    dossier = reviewed(agent)
    said = page(client, dossier)
    assert "2e vague 2026" in said
    assert "Complet le 21 septembre 2026 : c’est la première vague qui se clôt ce jour-là ou après" in said
    assert "Commission permanente 14 décembre 2026" in said
    assert BoosterApplication.objects.get().wave is not None


def test_without_a_wave_the_page_says_what_happens(client: Client, agent: User) -> None:
    said = page(client, reviewed(agent))
    assert "aucune vague ne se clôt encore ce jour-là ou après. Les agents responsables sont prévenus" in said
    assert "Fixer les dates" not in said
    sign_in(client, make_user_with(Role.LEAD_AGENT, "booster_ia"))
    assert "Fixer les dates" in page(client, Dossier.objects.get())


def test_partners_and_their_state_with_a_gesture_each(client: Client, agent: User) -> None:
    dossier = reviewed(agent)
    partner = Partner.objects.get()
    said = page(client, dossier)
    assert f"{partner.name} n’a pas confirmé sa participation : le dossier ne peut pas être proposé." in said
    assert "Le courriel part dans quelques minutes" in said
    assert f"Renvoyer : {partner.name}" in said
    partners.confirm(partner, by_name="Camille Exemple, gérante")
    said = page(client, dossier)
    assert "Confirmé par Camille Exemple, gérante le 21 septembre 2026" in said
    assert "Renvoyer" not in said
    assert "ne peut pas être proposé" not in said


def test_readers_see_the_panel_and_no_gesture(client: Client, agent: User) -> None:
    dossier = reviewed(agent)
    sign_in(client, make_user_with(Role.AUDITOR, "booster_ia"))
    said = page(client, dossier)
    assert "Partenaires" in said
    assert "Renvoyer" not in said
    assert "Fixer une rencontre" not in said


def test_each_line_of_the_budget_says_what_becomes_of_it(client: Client, agent: User) -> None:
    rows = expenses({"categorie": "services", "montant": "20000"}, {"categorie": "equipment", "libelle": "Serveur"}) | {
        "autres": "non"
    }
    said = page(client, reviewed(agent, answers={"budget": rows}))
    assert "Prestation 1 Prestations 20 000,00 € HT 20 000,00 €" in said
    assert "Serveur Équipement 1 000,00 € HT Refusée hors des catégories de dépenses éligibles" in said
    assert "50 % × 20 000,00 € HT = 10 000,00 €." in said


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"eligible_expenses": "24999.97", "grant": "12499.99"}, "50 % × 24 999,97 € HT = 12 499,99 €."),
        (
            {"eligible_expenses": "40000.00", "grant": "12500.00"},
            "50 % × 40 000,00 € HT = 20 000,00 €, ramenés au plafond : 12 500,00 €.",
        ),
        (
            {"eligible_expenses": "20000.00", "grant": "4000.00", "other_public_aid": "16000.00"},
            "50 % × 20 000,00 € HT = 10 000,00 €, ramenés à 4 000,00 € : les aides publiques ne dépassent pas les "
            "dépenses.",
        ),
        # 12 000,01 TTC at 20 %: 10 000,0083 exactly, half of which is 5 000,00.
        (
            {"eligible_expenses": "10000.01", "grant": "5000.00"},
            "50 % × 10 000,01 € HT = 5 000,00 €, l’arrondi venant en dernier.",
        ),
        (
            {"eligible_expenses": "12000.00", "grant": "6000.00", "recovers_vat": False},
            "50 % × 12 000,00 € TTC = 6 000,00 €.",
        ),
    ],
)
def test_the_grant_is_written_as_it_is_counted(agent: User, columns: dict[str, Any], sentence: str) -> None:
    dossier = make_application(**{k: Decimal(v) if isinstance(v, str) else v for k, v in columns.items()})
    assert content(dossier, agent)["money"].sentence.replace("\u00a0", " ") == sentence


def test_de_minimis_says_the_most_that_could_be_granted(client: Client, agent: User) -> None:
    regime = {"regime": REGIME | {"regime": "de_minimis", "justification": "Activité économique."}, "aides": NO_AID}
    dossier = reviewed(agent, answers=regime)
    money = content(dossier, agent)["money"]
    assert (money.grantable_max, money.is_cut) == (Decimal("12499.99"), False)
    make_aid(dossier.organisation, "2026-01-15", "295000")
    money = content(dossier, agent)["money"]
    assert (money.grant, money.grantable_max, money.is_cut) == (Decimal("12499.99"), Decimal("5000.00"), True)
    said = page(client, dossier)
    assert "Au plus, aujourd’hui 5 000,00 € Plafond de minimis" in said
    assert "Cette subvention dépasserait le plafond." in said


def test_undeclared_aids_leave_the_most_unknown(client: Client, agent: User) -> None:
    dossier = make_application(aid_regime="de_minimis")
    assert content(dossier, agent)["money"].grantable_max is None


def test_another_regime_has_no_account(agent: User) -> None:
    money = content(make_application(aid_regime="rdi"), agent)["money"]
    assert (money.minimis, money.grantable_max) == (None, Decimal("10000.00"))


def test_a_meeting_and_its_notes_are_on_the_page(client: Client, agent: User) -> None:
    dossier = reviewed(agent)
    assert "Aucune rencontre n’est fixée." in page(client, dossier)
    where = {"place": "Hôtel de Région, Caen", "who": "Camille Exemple", "notes": "Projet solide."}
    meetings.arrange(dossier, by=agent, day=date(2026, 10, 12), hour=time(14, 30), **where)
    said = page(client, dossier)
    assert "12 octobre 2026 à 14 h 30" in said
    assert "Projet solide." in said


def test_the_page_costs_the_same_at_one_and_thirty_rows(client: Client, agent: User) -> None:
    make_wave()
    regime = {"regime": REGIME | {"regime": "de_minimis", "justification": "Économique."}, "aides": NO_AID}
    dossier = reviewed(agent, answers=regime)
    application = BoosterApplication.objects.get()
    address = reverse("dossiers:examine", args=[dossier.key])
    client.get(address)
    costs = []
    for more in (0, 29):
        for rank in range(2, 2 + more):
            make_partner(dossier)
            BudgetLine.objects.create(
                application=application, rank=rank, category="services", label=f"Ligne {rank}", amount=1, basis="HT",
                kept=1,
            )  # fmt: skip
            make_aid(dossier.organisation, "2026-01-15", "1")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[0] <= 20, "\n".join(query["sql"][:150] for query in queries)
