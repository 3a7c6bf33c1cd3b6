"""The page of the indicators says the same numbers as its files, for the Region's readers only."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic.evaluation import FollowUp
from diagnostic.indicators import INDICATORS
from normandata.accounts.models import Role
from tests.access import finish
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.after import at, make_life, make_request
from tests.factories.diagnostic import make_company, make_market
from tests.spreadsheets import comparable, get, plain, read_csv, read_xlsx, shown

pytestmark = pytest.mark.django_db
PAGE = "/instruction/indicateurs/diagnostic/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(at(date(2027, 3, 10)), tick=True):
        yield


@pytest.fixture
def client(db: None) -> Client:
    browser = Client()
    sign_in(browser, make_agent())
    return browser


@pytest.fixture
def lives(db: None) -> None:
    market = make_market(make_company("=Atelier"))
    first = make_life(market=market, dossier=make_request(on=date(2026, 3, 10)), delivered_on=date(2026, 5, 20))
    make_life(
        market=market, dossier=make_request("local_authority", on=date(2026, 4, 2)), delivered_on=date(2026, 6, 30)
    )
    FollowUp.objects.create(
        order=first, number=1, has_acted=True, actions=["ai"], by=first.dossier.created_by, at=at(date(2026, 12, 1))
    )


def test_the_page_says_the_findings(client: Client, lives: None) -> None:
    page = get(client, f"{PAGE}?annee=2026")
    assert '<h1 class="nd-flint">Indicateurs du Diagnostic data et IA, 2026</h1>' in page
    for finding in (
        "2 diagnostics réalisés en 2026",
        "1 bénéficiaire sur 2 a mis en œuvre des actions nouvelles dans les six mois",
        "2 structures ont demandé un diagnostic en 2026",
        "0 questionnaire reçu sur 2 en 2026",
    ):
        assert finding in page
    assert page.count("<h1") == 1
    assert "Calculés à l’instant, le 10 mars 2027." in page


def test_a_past_day_says_what_was_known_then(client: Client, lives: None) -> None:
    page = get(client, f"{PAGE}?annee=2026&arrete=31/05/2026")
    assert "Comme ils étaient connus le 31 mai 2026 au soir." in page
    assert "1 diagnostic réalisé en 2026" in page
    assert "arrete=2026-05-31" in page


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("31/02/2027", "Cette date n’existe pas dans le calendrier."),
        ("hier", "Écrivez le jour, le mois et l’année, par exemple 12/05/2009."),
        ("11/03/2027", "Cette date est à venir : les faits sont connus jusqu’à aujourd’hui."),
    ],
)
def test_a_day_that_cannot_be_is_said_by_its_field(client: Client, lives: None, typed: str, problem: str) -> None:
    answer = client.get(f"{PAGE}?annee=2026&arrete={typed}")
    page = plain(answer.content.decode())
    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert re.search(rf'aria-describedby="arrete-erreur".*id="arrete-erreur">.*{re.escape(problem)}', page)
    assert client.get(f"{PAGE}jours.csv?annee=2026&arrete={typed}").status_code == 404
    assert client.get(f"{PAGE}?annee=2026&arrete=10/03/2027").status_code == 200


def test_each_figure_names_its_number(client: Client, lives: None) -> None:
    page = re.sub("<[^>]+>", "", get(client, f"{PAGE}?annee=2026"))
    for said in (
        "Diagnostics réalisés : 2",
        "Bénéficiaires qui ont agi : 50,0 %",
        "Structures qui ont demandé : 2",
        "Jours faits : ",
        "Payé, TTC : 0,00 €",
        "Questionnaires reçus : 0,0 %",
    ):
        assert said in page
    assert "Tous les dossiers, à ce jour, CSV" in page


@pytest.mark.parametrize(
    "query", ["annee=2026", "annee=2026&arrete=2026-12-31", "annee=2027", "du=2026-05-01&au=2027-02-01"]
)
def test_files_say_the_same_as_the_screen(client: Client, lives: None, query: str) -> None:
    tables = shown(get(client, f"{PAGE}?{query}"))
    assert len(tables) == len(INDICATORS)
    for one, table in zip(INDICATORS, tables, strict=True):
        base = f"{PAGE}{one.slug}"
        on_screen = [[comparable(cell) for cell in row] for row in table if len(row) > 1]
        in_csv = [[comparable(cell) for cell in row] for row in read_csv(client, f"{base}.csv?{query}")]
        in_xlsx = [[comparable(cell) for cell in row] for row in read_xlsx(client, f"{base}.xlsx?{query}")]
        written = [[cell if cell != "–" else "" for cell in row] for row in on_screen]
        assert in_csv == written
        assert in_xlsx == [[cell for cell in row if cell] for row in written]


def test_the_export_counts_what_the_screen_counts(client: Client, lives: None) -> None:
    rows = read_csv(client, f"{PAGE}dossiers.csv")
    assert rows[0][:2] == ["Structure", "SIRET"]
    at_ = rows[0].index("Rapport remis le")
    delivered = [row for row in rows[1:] if row[at_].endswith("2026")]
    assert f"{len(delivered)} diagnostics réalisés en 2026" in get(client, f"{PAGE}?annee=2026")
    types = [row[rows[0].index("Type de structure")] for row in rows[1:]]
    assert sorted(types) == ["Collectivités et regroupements", "Entreprises"]
    assert {row[rows[0].index("Prestataire")] for row in rows[1:]} == {"'=Atelier"}
    book = read_xlsx(client, f"{PAGE}dossiers.xlsx")
    assert (len(book), book[0]) == (len(rows), rows[0])


def test_the_readers_of_the_scheme_and_nobody_else() -> None:
    addresses = [PAGE, f"{PAGE}jours.csv", f"{PAGE}jours.xlsx", f"{PAGE}dossiers.csv", f"{PAGE}dossiers.xlsx"]
    readers = [make_user_with(role) for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER)]
    others = [UserFactory(), make_agent("booster_ia"), make_user_with(Role.PROVIDER, "diagnostic", "99900000000011")]
    for user, status in [(one, 200) for one in readers] + [(one, 404) for one in others]:
        browser = Client()
        sign_in(browser, user)
        for address in addresses:
            answer = browser.get(address)
            assert answer.status_code == status, address
            finish(answer)


@pytest.mark.parametrize("address", ["rien.csv", "jours.ods", "dossiers.ods", "jours.CSV"])
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(f"{PAGE}{address}").status_code == 404


def test_the_page_asks_the_same_whatever_it_counts(client: Client, lives: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(client, f"{PAGE}?annee=2026")
        return len(captured)

    queries()
    few = queries()
    market = make_market()
    for _ in range(5):
        make_life(market=market, dossier=make_request(on=date(2026, 4, 1)), delivered_on=date(2026, 7, 1))
    assert queries() == few
    assert few <= 22


def test_routes_have_readable_addresses() -> None:
    assert reverse("diagnostic:indicators") == PAGE
    assert reverse("diagnostic:export", args=["csv"]) == f"{PAGE}dossiers.csv"
    assert reverse("diagnostic:indicator_file", args=["jours", "xlsx"]) == f"{PAGE}jours.xlsx"
