"""The page of the Booster IA's indicators says the same numbers as its files; the wave's file and the register's."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booster_ia.indicators import INDICATORS
from normandata.accounts.models import Role
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from tests.access import finish
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in
from tests.factories.booster_after import at, make_award, make_entry, make_reply, make_told
from tests.factories.waves import make_application, make_wave
from tests.spreadsheets import comparable, get, read_csv, read_xlsx, shown

pytestmark = pytest.mark.django_db
PAGE = "/instruction/indicateurs/booster-ia/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(at(date(2027, 9, 10)), tick=True):
        yield


@pytest.fixture
def client(db: None) -> Client:
    browser = Client()
    sign_in(browser, make_agent("booster_ia"))
    return browser


@pytest.fixture
def lives(db: None) -> None:
    make_wave(year=2027, number=1, **{name: day.replace(year=2027) for name, day in _days().items()})
    first, second = make_award(), make_award("association", amount="4321.09")
    make_told(first, on=date(2027, 6, 2), finished_on=date(2027, 5, 25))
    make_reply(first, "feedback", True, on=date(2027, 6, 10))
    make_entry(second, "999000001", date(2027, 2, 1), on=date(2027, 2, 2))


def _days() -> dict[str, date]:
    names = ("opens_on", "closing_on", "instruction_from", "scoring_closes_on", "instruction_to", "committee_on")
    return {name: date(2026, 3, 1 + rank) for rank, name in enumerate(names)}


def test_the_page_says_the_findings(client: Client, lives: None) -> None:
    page = get(client, f"{PAGE}?annee=2027")
    assert '<h1 class="nd-flint">Indicateurs du Booster IA, 2027</h1>' in page
    for finding in (
        "1 projet mené à son terme en 2027",
        "1 projet sur 2 a donné lieu à un retour d’expérience en 2027",
        "1 structure nouvelle au réseau du DataLab en 2027",
        "0,00 € accordés en 2027",
        "0 dossier dans les vagues closes en 2027",
    ):
        assert finding in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    "query", ["annee=2027", "annee=2026", "annee=2027&arrete=2027-06-01", "du=2026-06-01&au=2027-09-01"]
)
def test_files_say_the_same_as_the_screen(client: Client, lives: None, query: str) -> None:
    tables = shown(get(client, f"{PAGE}?{query}"))
    assert len(tables) == len(INDICATORS)
    for one, table in zip(INDICATORS, tables, strict=True):
        on_screen = [[comparable(cell) for cell in row] for row in table if len(row) > 1]
        written = [[cell if cell != "–" else "" for cell in row] for row in on_screen]
        in_csv = [[comparable(cell) for cell in row] for row in read_csv(client, f"{PAGE}{one.slug}.csv?{query}")]
        in_xlsx = [[comparable(cell) for cell in row] for row in read_xlsx(client, f"{PAGE}{one.slug}.xlsx?{query}")]
        assert in_csv == written
        assert in_xlsx == [[cell for cell in row if cell] for row in written]


def test_the_export_counts_what_the_screen_counts(client: Client, lives: None) -> None:
    head, *rows = read_csv(client, f"{PAGE}dossiers.csv")
    done = [row for row in rows if row[head.index("Mené à son terme")] == "Oui"]
    assert f"{len(done)} projet mené à son terme en 2027" in get(client, f"{PAGE}?annee=2027")
    assert sorted(row[head.index("Subvention (euros)")] for row in rows) == ["10000,00", "4321,09"]


def test_cells_are_inert(client: Client) -> None:
    dossier = make_application(wave=make_wave())
    Organisation.objects.filter(pk=dossier.organisation_id).update(name="=HYPERLINK(0)")
    wave = Dossier.objects.get().booster.wave.pk  # type: ignore[attr-defined]
    for address in (f"{PAGE}dossiers.csv", f"/vagues/{wave}/dossiers.csv"):
        assert read_csv(client, address)[1][0] == "'=HYPERLINK(0)"
    for address in (f"{PAGE}dossiers.xlsx", f"/vagues/{wave}/dossiers.xlsx"):
        assert read_xlsx(client, address)[1][0] == "=HYPERLINK(0)"


def test_the_readers_of_the_scheme_and_nobody_else() -> None:
    wave = make_wave()
    addresses = [
        PAGE,
        f"{PAGE}montants.csv",
        f"{PAGE}dossiers.xlsx",
        f"{PAGE}de-minimis.csv",
        f"/vagues/{wave.pk}/dossiers.csv",
    ]
    readers = [make_agent("booster_ia"), *(make_user_with(role) for role in (Role.AUDITOR, Role.ADMINISTRATOR))]
    others = [UserFactory(), make_agent("diagnostic"), make_user_with(Role.EXPERT)]
    for user, status in [(one, 200) for one in readers] + [(one, 404) for one in others]:
        browser = Client()
        sign_in(browser, user)
        for address in addresses:
            answer = browser.get(address)
            assert answer.status_code == status, address
            finish(answer)


@pytest.mark.parametrize(
    "address", [f"{PAGE}rien.csv", f"{PAGE}montants.ods", f"{PAGE}de-minimis.ods", "/vagues/999/dossiers.csv"]
)
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_register_file_has_the_registers_columns(client: Client) -> None:
    answer: Any = client.get(f"{PAGE}de-minimis.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (head,) = csv.reader(io.StringIO(text), delimiter=";")
    assert head[:4] == ["regime", "nom_beneficiaire", "identifiant_beneficiaire", "montant_esb"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="booster-ia-de-minimis-2027-09-10.csv"'


def test_the_page_asks_the_same_whatever_it_counts(client: Client, lives: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(client, f"{PAGE}?annee=2027")
        return len(captured)

    queries()
    few = queries()
    for _ in range(5):
        make_told(make_award(), on=date(2027, 6, 2))
    assert queries() == few
    assert few <= 25
