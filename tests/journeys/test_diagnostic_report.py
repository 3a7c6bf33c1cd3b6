"""The provider's journey in a real browser: commitment, start, days, report saved as it is typed, files, delivery."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from diagnostic.orders import Order
from diagnostic.reports import PARTS, Report
from diagnostic.services import reports
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.procedure import services as procedure
from tests.diagnostic import writings
from tests.factories.accounts import make_agent
from tests.factories.diagnostic import fresh, make_market, make_notified, make_provider, make_started
from tests.factories.organisations import MembershipFactory

from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def path(order: Order, rest: str = "") -> str:
    return f"/prestataire/{order.dossier.key}/{rest}"


def text(order: Order, slug: str) -> str:
    return str(Report.objects.get(order=order).parts.get(slug=slug).text)


def saved(window: Window) -> None:
    expect(window.page.locator("[data-save-state]")).to_have_text(re.compile("Enregistré à"))
    expect(window.page.locator("[data-save-state].nd-save--failed, [data-save-state].nd-save--busy")).to_have_count(0)


def accepted(order: Order) -> None:
    """Accept the report, as an agent, and make its PDF."""
    procedure.fire(fresh(order).dossier, "accept_report", by=make_agent())
    version = reports.latest(order)
    assert version is not None
    assert version.document is not None
    documents.make(version.document.pk)


@pytest.mark.parametrize("width", [375, 1280])
def test_from_the_order_to_the_delivered_report(visit: Visit, width: int, tmp_path: Path) -> None:
    order = make_notified(make_market())
    provider = make_provider(order.company)
    window = signed_in(visit, provider, "/prestataire/", width=width)
    page = window.page
    assert window.check() == "Mes diagnostics"
    follow(page.locator(".nd-card a.btn"))
    window.check()
    window.press_on("Je m’engage")
    page.locator("[name=on]").fill("31/02/2026")
    window.refused_by_design.add(422)
    window.press_on("Démarrer le diagnostic")
    assert "Cette date n’existe pas" in plain(page.locator("#debut_on_error").inner_text())
    window.check()
    page.locator("[name=on]").fill("23/11/2026")
    window.press_on("Démarrer le diagnostic")
    page.locator("#journee_on").fill("23/11/2026")
    window.choose("Une journée")
    window.press_on("Noter")
    assert "1 jour noté sur 5" in plain(page.locator("main").inner_text())
    window.check()
    write(window, order)
    join(window, tmp_path)
    follow(page.get_by_role("link", name="Voir le rapport entier"))
    window.check()
    page.go_back()
    window.choose("Ce rapport ne comporte aucune donnée")
    window.press_on("Envoyer le rapport")
    window.check()
    accepted(order)
    page.reload()
    window.check()
    page.locator("[name=presented_on]").fill("23/11/2026")
    window.press_on("Remettre le rapport à la structure")
    window.check()
    assert fresh(order).dossier.state == "delivered"


def write(window: Window, order: Order) -> None:
    """Type the five parts one after the other: each is there without a button."""
    page = window.page
    follow(page.get_by_role("link", name="Écrire le rapport"))
    window.check()
    with page.expect_navigation():
        page.locator(".nd-tasks a").first.click()
    for slug in PARTS:
        page.locator("[name=text]").fill(writings.SHORT[slug])
        saved(window)
        if slug == "donnees":
            window.check()
        assert text(order, slug) == writings.SHORT[slug]
        window.press_on("Revenir au rapport" if slug == "suites" else "Partie suivante")
    expect(page.locator(".nd-tasks .nd-tag--done")).to_have_count(5)


def join(window: Window, folder: Path) -> None:
    """Send two files at once, one that is refused, and place the other in a part."""
    picture, wrong = folder / "pannes.png", folder / "faux.pdf"
    picture.write_bytes(writings.picture())
    wrong.write_bytes(b"not a PDF")
    page = window.page
    window.refused_by_design.add(422)
    page.locator("input[type=file]").set_input_files([picture, wrong])
    expect(page.locator(".nd-file--failed")).to_have_count(1)
    expect(page.locator(".nd-file:not(.nd-file--failed) a")).to_have_text("pannes.png")
    window.check()
    page.reload()
    follow(page.get_by_role("link", name=re.compile("Légende, place et confidentialité")))
    window.check()
    page.locator("[name=caption]").fill("Pannes par four")
    page.locator("[name=part]").select_option("donnees")
    window.press_on("Enregistrer")
    assert "Légende : Pannes par four" in plain(page.locator("#fichiers").locator("..").inner_text())


def test_without_a_script_two_tabs_and_a_keyboard(visit: Visit) -> None:
    order = make_started(make_market())
    provider = make_provider(order.company)
    window = signed_in(visit, provider, path(order, "rapport/parties/ia/"), javascript=False)
    reports.save_part(order, "ia", "Écrit ailleurs.", version=0, by=provider)
    window.page.locator("[name=text]").fill("Écrit ici.")
    window.refused_by_design.add(409)
    window.press_on("Enregistrer")
    assert window.title() == "Deux versions de cette partie"
    shown = plain(window.page.locator("main").inner_text())
    assert "Écrit ailleurs." in shown
    assert "Écrit ici." in shown
    window.press_on("Garder ma version")
    assert text(order, "ia") == "Écrit ici."


@pytest.mark.parametrize("width", [375, 1280])
def test_an_agent_says_what_for_and_the_structure_waits_for_a_redacted_pdf(visit: Visit, width: int) -> None:
    order = make_started(make_market())
    provider = make_provider(order.company)
    writings.write(order, writings.SHORT, by=provider)
    reports.submit(order.dossier, by=provider)
    accepted(order)
    reports.deliver(order.dossier, presented_on=order.started_on or order.selected_at.date(), by=provider)
    member: User = MembershipFactory(organisation=order.dossier.organisation).user
    window = signed_in(visit, member, "/dossiers/", width=width)
    redacted = reports.redact(fresh(order), by=member)
    window.go(f"/diagnostics/{order.dossier.key}/rapport/expurge/")
    assert "Le PDF se prépare" in plain(window.page.locator("[role=status]").inner_text())
    window.check()
    documents.make(redacted.pk)
    expect(window.page.get_by_role("link", name="Ouvrir le rapport")).to_be_visible()
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name="Ouvrir le rapport").click()
    assert download.value.suggested_filename.endswith("-expurge.pdf")
