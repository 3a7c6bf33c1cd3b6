"""What is typed is never lost: offline, session over, two tabs, server away. Each promise has its witness."""

import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import drafts
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.dossiers import FIRM, make_deposit, make_draft
from tests.factories.organisations import MembershipFactory

from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
LINES = "Une première ligne.\nUne deuxième, « avec des guillemets ».\n\nLa dernière."
MOST_LOST = 1_500
"""Milliseconds of typing that may be lost."""
STATIC = Path(__file__).resolve().parents[2] / "static" / "js" / "autosave.js"


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def draft() -> Dossier:
    membership = MembershipFactory(user=UserFactory())
    return make_draft(by=membership.user, organisation=membership.organisation)


def path(dossier: Dossier, slug: str = "motivations") -> str:
    return f"/dossiers/{dossier.key}/sections/{slug}/"


def opened(visit: Visit, dossier: Dossier, **options: object) -> Window:
    member: User = dossier.created_by
    return signed_in(visit, member, path(dossier), **options)


def kept(dossier: Dossier, name: str = "projet", slug: str = "motivations") -> str:
    return str(dossier.sections.get(slug=slug).answers.get(name, ""))


def state(page: Page) -> str:
    return plain(page.locator("[data-save-state]").inner_text())


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state].nd-save--failed, [data-save-state].nd-save--busy")).to_have_count(0)
    expect(page.locator("[data-save-state]")).to_have_text(re.compile("Enregistré à"))


def until_kept(page: Page, dossier: Dossier, text: str, milliseconds: int) -> None:
    for _ in range(milliseconds // 50):
        if kept(dossier) == text:
            return
        page.wait_for_timeout(50)
    assert kept(dossier) == text


@pytest.mark.parametrize("width", [375, 1280])
def test_a_text_is_saved_by_itself_lines_and_all(visit: Visit, draft: Dossier, width: int) -> None:
    window = opened(visit, draft, width=width)
    window.page.locator("[name=projet]").fill(LINES)
    until_kept(window.page, draft, LINES, MOST_LOST)
    saved(window.page)
    window.check()
    window.page.reload()
    assert window.page.locator("[name=projet]").input_value() == LINES
    assert window.page.evaluate("localStorage.length") == 0
    assert draft.sections.get(slug="motivations").version == 2


def test_two_minutes_offline_then_a_session_over_lose_no_line(visit: Visit, draft: Dossier) -> None:
    window = opened(visit, draft, width=375)
    page = window.page
    page.clock.install()
    window.context.set_offline(True)
    page.locator("[name=projet]").fill(LINES)
    page.clock.run_for(1_100)
    expect(page.locator("[data-save-notice]")).to_contain_text("Votre texte est gardé sur cet appareil.")
    alert = page.locator("[data-save-notice] [role=alert]").element_handle()
    page.clock.run_for(60_000)
    page.locator("[name=sujets]").fill("Encore un mot, hors ligne.")
    page.clock.run_for(60_000)
    assert state(page).startswith("Non enregistré depuis ")
    assert alert is not None
    assert alert.is_visible(), "the notice was said again: it would take the focus at each try"
    assert kept(draft) == FIRM["motivations"]["projet"]
    window.complaints.clear()  # each try was refused, as it had to
    window.check_axe()

    Session.objects.all().delete()
    window.refused_by_design.update({401, 403})
    window.context.set_offline(False)
    page.clock.run_for(6_000)
    notice = page.locator("[data-save-notice]")
    expect(notice).to_contain_text("Votre session a pris fin.")
    window.check_axe()
    page.locator("[name=competences]").fill("Tapé la session terminée.")
    with window.context.expect_page() as opening:
        notice.get_by_role("link", name="Se reconnecter").click()
    other = opening.value
    other.locator("[name=login]").fill(draft.created_by.email)
    other.locator("[name=password]").fill(PASSWORD)
    other.get_by_role("button", name="Se connecter", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_have_count(1)
    other.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")  # what a browser with a screen does
    saved(page)
    expect(notice).to_be_empty()
    assert draft.sections.get(slug="motivations").answers == FIRM["motivations"] | {
        "projet": LINES,
        "sujets": "Encore un mot, hors ligne.",
        "competences": "Tapé la session terminée.",
    }
    window.complaints.clear()


COPY = "localStorage.setItem(copyKey, JSON.stringify(copy));"
LAST_SAVE = "save();\n    }\n  });"
"""The save of a page being left, which the browser carries by itself once it is back on line."""


def reopened(visit: Visit, draft: Dossier, *without: str) -> Window:
    """Type offline with a script that lacks something, close the page, and open it again on line."""
    window = opened(visit, draft)
    script = STATIC.read_text()
    for promise in without:
        assert script.count(promise) == 1
        script = script.replace(promise, promise.partition(";")[2])
    window.context.route("**/autosave.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    window.page.reload()
    window.context.set_offline(True)
    window.page.locator("[name=projet]").fill(LINES)
    window.page.close()
    window.context.set_offline(False)
    window.page = window.context.new_page()
    window.page.goto(path(draft))
    window.page.wait_for_timeout(2 * MOST_LOST)
    window.complaints.clear()
    return window


@pytest.mark.parametrize("without", [(), (LAST_SAVE,)])
def test_a_page_closed_offline_gives_its_text_back(visit: Visit, draft: Dossier, without: tuple[str, ...]) -> None:
    """The copy on the device is enough; the save that leaves with the page is a second chance, not counted on."""
    window = reopened(visit, draft, *without)
    assert window.page.locator("[name=projet]").input_value() == LINES
    assert kept(draft) == LINES


def test_the_witness_without_both_a_closed_page_loses_its_text(visit: Visit, draft: Dossier) -> None:
    window = reopened(visit, draft, COPY, LAST_SAVE)
    assert window.page.locator("[name=projet]").input_value() == kept(draft) == FIRM["motivations"]["projet"]


@pytest.mark.parametrize("button", ["Réessayer"])
def test_a_server_away_is_asked_again_and_the_text_arrives(visit: Visit, draft: Dossier, button: str) -> None:
    window = opened(visit, draft)
    page, away = window.page, [True]

    def answer(route: Route) -> None:
        if away[0] and route.request.method == "POST":
            route.abort("connectionrefused")
        else:
            route.continue_()

    page.route("**/sections/**", answer)
    page.locator("[name=projet]").fill(LINES)
    expect(page.get_by_role("button", name=button)).to_be_visible()
    away[0] = False
    page.get_by_role("button", name=button).click()
    until_kept(page, draft, LINES, 3_000)
    saved(page)
    window.complaints.clear()


def two_tabs(visit: Visit, draft: Dossier) -> Window:
    """Type in one tab, then in another that was opened before."""
    window = opened(visit, draft)
    window.refused_by_design.add(409)
    first = window.context.new_page()
    first.goto(path(draft))
    first.locator("[name=projet]").fill("Le premier onglet.")
    saved(first)
    until_kept(first, draft, "Le premier onglet.", 3_000)
    first.close()
    window.page.locator("[name=projet]").fill("Le second onglet.")
    window.page.wait_for_timeout(2_500)
    return window


@pytest.mark.parametrize("width", [375, 1280])
def test_two_tabs_never_overwrite_silently_and_one_chooses(visit: Visit, draft: Dossier, width: int) -> None:
    window = two_tabs(visit, draft)
    window.widen(width)
    page = window.page
    assert kept(draft) == "Le premier onglet."
    assert "Cette section a été modifiée ailleurs à " in plain(page.locator("[data-save-notice]").inner_text())
    window.check_axe()
    page.get_by_role("button", name="Voir les deux versions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deux versions de cette section")
    window.check()
    assert "Le premier onglet." in page.locator("main").inner_text()
    window.press_on("Garder ma version")
    assert kept(draft) == "Le second onglet."
    assert page.locator("[name=projet]").input_value() == "Le second onglet."
    page.wait_for_timeout(1_500)
    assert page.locator("[data-save-notice]").inner_text() == ""


def test_keeping_the_other_version_is_kept_to(visit: Visit, draft: Dossier) -> None:
    window = two_tabs(visit, draft)
    window.page.get_by_role("button", name="Voir les deux versions").click()
    follow(window.page.get_by_role("link", name="Garder l’autre version"))
    expect(window.page.locator("[name=projet]")).to_have_value("Le premier onglet.")
    window.page.wait_for_timeout(2_000)
    window.page.reload()
    assert window.page.locator("[name=projet]").input_value() == "Le premier onglet."
    assert window.page.locator("[data-save-notice]").inner_text() == ""
    assert kept(draft) == "Le premier onglet."


def test_the_witness_without_the_version_check_a_tab_is_lost(
    visit: Visit, draft: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = drafts.save_section

    def blind(dossier: Dossier, slug: str, typed: object, *, version: int, by: User) -> object:
        row = dossier.sections.filter(slug=slug).first()
        return save(dossier, slug, typed, version=row.version if row else 0, by=by)  # type: ignore[arg-type]

    monkeypatch.setattr(drafts, "save_section", blind)
    two_tabs(visit, draft)
    assert kept(draft) == "Le second onglet."


def test_two_tabs_of_two_sections_both_arrive(visit: Visit, draft: Dossier) -> None:
    window = opened(visit, draft)
    other = window.context.new_page()
    other.goto(path(draft, "personnes"))
    window.page.locator("[name=projet]").fill("Ici.")
    other.locator("[name=projet_nom]").fill("Là.")
    until_kept(window.page, draft, "Ici.", 3_000)
    other.wait_for_timeout(MOST_LOST)
    assert kept(draft, "projet_nom", "personnes") == "Là."


def test_text_typed_once_the_review_began_is_said_and_stays_on_the_page(visit: Visit, draft: Dossier) -> None:
    window = opened(visit, draft)
    window.refused_by_design.add(410)
    make_deposit(draft)
    Dossier.objects.update(state="review", editable="none", turn="agent", turn_since=timezone.now())
    window.page.locator("[name=projet]").fill("Trop tard.")
    expect(window.page.locator("[data-save-notice]")).to_contain_text("Ce dossier n’est plus modifiable")
    assert window.page.locator("[name=projet]").input_value() == "Trop tard."
    window.check_axe()


def test_the_count_of_signs_follows_and_nothing_pasted_is_cut(visit: Visit, draft: Dossier) -> None:
    window = opened(visit, draft, width=375)
    window.page.locator("[name=projet]").fill("é" * 3_100)
    assert plain(window.page.locator("#id_projet_compte").inner_text()) == "3 100 signes sur 3 000"
    until_kept(window.page, draft, "é" * 3_100, 3_000)
