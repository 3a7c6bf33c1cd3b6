"""J11: a citizen goes from the home page to the CSV of a chart in three clicks at most; and on to a map and a sheet."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import expect

from tests.factories.figures import EVENING, make_year

from .browser import Window
from .conftest import Visit
from .keyboard import leave, skip_to_content, tab_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]


@pytest.fixture(autouse=True)
def _year(_today: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    with time_machine.travel(EVENING, tick=True):
        make_year()
        yield


def download(window: Window, figure: str, format: str) -> tuple[str, str]:
    """Click on a file of a chart; return its name and what it holds."""
    chart = window.page.locator(f"figure[aria-labelledby='f-{figure}']")
    with window.page.expect_download() as fetched:
        chart.get_by_role("link", name=format).click()
    return fetched.value.suggested_filename, fetched.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (375, False), (1280, True)])
def test_from_the_home_page_to_a_csv_in_two_clicks_then_to_a_map(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/", width=width, javascript=javascript)
    window.page.locator("footer").get_by_role("link", name="Indicateurs", exact=True).click()  # one
    assert window.check() == "Les indicateurs de 2027"
    expect(window.page.locator("main")).to_contain_text("3 diagnostics réalisés en 2027")
    name, content = download(window, "diagnostic-diagnostics-realises", "CSV")  # two
    assert name == "indicateurs-diagnostics-realises-2027-au-2027-12-31.csv"
    assert ";Diagnostics réalisés;;;3;nombre;" in content
    window.page.get_by_label("Aide", exact=True).select_option("booster-ia")
    window.page.get_by_label("Département", exact=True).select_option("14")
    window.page.get_by_role("button", name="Afficher").click()
    assert window.check() == "Booster IA, indicateurs de 2027, Calvados"
    expect(window.page.locator("main")).to_contain_text("10 000,00 € accordés en 2027")
    window.go("/indicateurs/booster-ia/montants/?annee=2027")
    assert window.check() == "Montants accordés, payés et reversés, par nature de porteur"
    expect(window.page.locator(".nd-map")).to_contain_text("Le Calvados vient en tête, à 10 000,00 €")
    window.go("/indicateurs/feuille-de-route/?annee=2027")
    assert window.check() == "Feuille de route, indicateurs de 2027"
    window.page.get_by_role("link", name="Fiche pour l’assemblée").click()
    assert window.check() == "Fiche pour l’assemblée"
    window.page.get_by_role("button", name="Préparer le PDF").click()
    expect(window.page.locator("main")).to_contain_text("Le PDF se prépare.")


def test_from_the_home_page_to_a_csv_by_keyboard_alone(visit: Visit) -> None:
    window = visit("/")
    leave(window, "Indicateurs")
    assert window.check() == "Les indicateurs de 2027"
    skip_to_content(window)
    chart = window.page.locator("figure[aria-labelledby='f-diagnostic-diagnostics-realises']")
    tab_to(window, "href", chart.get_by_role("link", name="CSV").get_attribute("href") or "")
    with window.page.expect_download() as fetched:
        window.page.keyboard.press("Enter")
    assert ";Diagnostics réalisés;;;3;nombre;" in fetched.value.path().read_text(encoding="utf-8-sig")
