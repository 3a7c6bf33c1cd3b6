"""A request from the home page to its receipt: on a telephone, by keyboard alone, in the last hour."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from normandata.dossiers.models import Counter, Deposit, Dossier, FilingPeriod
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.dossiers import FIRM, make_draft
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.normandata.documents import ordinary

from . import keyboard
from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain
from .test_accounts import fill, last_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
NEW = "camille@exemple.invalid"
SIRET = "99900001100018"
MOST_CLICKS = 12


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def check_drafted() -> Dossier:
    """Check that the draft holds the simulator's answers and the directory's, word for word."""
    dossier = Dossier.objects.select_related("organisation").get()
    found = dossier.organisation
    typed = {section.slug: section.answers for section in dossier.sections.all()}
    assert found.created_on is not None
    assert typed == {
        "structure": {
            "nom": found.name,
            "adresse": f"{found.street}, {found.postal_code} {found.city}",
            "type": "enterprise",
            "etp": "45,5",
        },
        "situation": {"creation": found.created_on.strftime("%d/%m/%Y"), "activite": "production"},
    }
    return dossier


@pytest.mark.parametrize(("width", "javascript"), [(375, True), (1280, True), (375, False)])
def test_from_the_simulator_to_a_draft_in_twelve_clicks(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/aides/diagnostic/", width=width, javascript=javascript)
    page = window.page
    window.follow("Suis-je éligible")
    window.choose("Une entreprise")
    window.press_on("Continuer")
    window.choose("Calvados (14)")
    window.press_on("Continuer")
    fill(window, etp="45,5")
    window.press_on("Continuer")
    fill(window, creation="12/05/2009")
    window.press_on("Continuer")
    window.choose("Production")
    window.press_on("Continuer")
    window.follow("Commencer ma demande")
    window.check()
    fill(window, name="Camille Martin", email=NEW, password1=PASSWORD)
    window.press_on("Créer mon compte")
    fill(window, code=last_code(NEW))
    window.press_on("Vérifier")
    assert window.check() == "Quelle structure fait la demande ?"
    fill(window, siret="999 000 011 00018")
    window.press_on("Continuer")
    assert window.check() == "Votre structure"
    assert window.clicks <= MOST_CLICKS, window.clicks
    dossier = check_drafted()
    assert page.locator("[name=etp]").input_value() == "45,5"
    assert page.locator("[name=nom]").input_value() == dossier.organisation.name
    assert page.get_by_role("region", name="État du dossier").is_visible()


def test_from_the_simulator_to_a_filled_section_by_keyboard_alone(visit: Visit) -> None:
    """J1 whole, without a mouse: simulator, account, structure, draft."""
    window = visit("/aides/diagnostic/", width=375)
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Suis-je éligible ?")
    keyboard.choose(window, "structure", "enterprise")
    keyboard.leave(window, "Continuer")
    keyboard.choose(window, "departement", "14")
    keyboard.leave(window, "Continuer")
    for name, value in (("etp", "45,5"), ("creation", "12/05/2009")):
        type_in(window, name, value)
        keyboard.leave(window, "Continuer")
    keyboard.choose(window, "activite", "production")
    keyboard.leave(window, "Continuer")
    keyboard.leave(window, "Commencer ma demande")
    for name, value in (("name", "Camille Martin"), ("email", NEW), ("password1", PASSWORD)):
        type_in(window, name, value)
    keyboard.leave(window, "Créer mon compte")
    type_in(window, "code", last_code(NEW))
    keyboard.leave(window, "Vérifier")
    assert window.check() == "Quelle structure fait la demande ?"
    type_in(window, "siret", SIRET)
    keyboard.leave(window, "Continuer")
    assert window.check() == "Votre structure"
    check_drafted()
    keyboard.tab_to(window, "name", "etp")
    window.page.keyboard.press("End")
    window.page.keyboard.type("5")
    expect(window.page.locator("[data-save-state]")).to_contain_text("Enregistré à")
    keyboard.leave(window, "Votre situation")
    assert window.check() == "Votre situation"
    keyboard.leave(window, "Aides déjà reçues")
    assert window.check() == "Aides déjà reçues"
    assert Dossier.objects.get().sections.get(slug="structure").answers["etp"] == "45,55"


def type_in(window: Window, name: str, value: str) -> None:
    keyboard.tab_to(window, "name", name)
    window.page.keyboard.type(value)


def test_the_keyboard_alone_signs_and_deposits(visit: Visit) -> None:
    membership = MembershipFactory(user=UserFactory())
    draft = make_draft(by=membership.user, organisation=membership.organisation)
    window = signed_in(visit, membership.user, f"/dossiers/{draft.key}/relire/", width=1280)
    keyboard.skip_to_content(window)
    keyboard.choose(window, "qui", "moi")
    for name in ("accepte_questionnaire", "accepte_exact"):
        keyboard.tab_to(window, "name", name)
        keyboard.press(window, "Space")
    keyboard.leave(window, "Déposer la demande")
    assert window.check() == "Dossier DIA-2026-0001 déposé"
    assert keyboard.active(window, "tabindex") == "-1", "the confirmation's title has not the focus"


@pytest.mark.parametrize(("width", "javascript"), [(375, True), (1280, True), (375, False)])
def test_a_whole_request_is_filled_page_by_page(visit: Visit, width: int, javascript: bool) -> None:
    organisation = OrganisationFactory(name="Fonderie d’essai")
    membership = MembershipFactory(user=UserFactory(), organisation=organisation)
    window = signed_in(visit, membership.user, "/dossiers/nouveau/diagnostic/", width=width, javascript=javascript)
    window.choose("Fonderie d’essai")
    window.press_on("Continuer")
    assert window.check() == "Votre structure"
    window.press_on("Votre situation")
    assert window.check() == "Votre structure"  # the type and the staff are missing: said, and nothing lost
    assert window.page.title().startswith("Erreur")
    window.choose("Une entreprise")
    fill(window, etp="45,5")
    window.press_on("Votre situation")
    assert window.check() == "Votre situation"
    window.choose("Production")
    window.press_on("Aides déjà reçues")
    assert window.check() == "Aides déjà reçues"
    pick(window, recues="oui", fret="non", autre_regime="non")
    fill(window, aide1_jour="12/03/2025", aide1_montant="12 500", aide1_origine="Bpifrance")
    window.press_on("Ajouter une ligne")
    window.check_shape()
    window.press_on("Les personnes")
    assert window.check() == "Les personnes"
    fill(window, **FIRM["personnes"])
    window.press_on("Vos motivations")
    assert window.check() == "Vos motivations"
    fill(window, **FIRM["motivations"])
    window.press_on("Pièces")
    assert window.check() == "Pièces"
    follow(window.page.locator(".nd-actionbar").get_by_role("link", name="Relire et déposer"))
    assert window.check() == "Relire et déposer"
    assert "12 500,00 € le 12 mars 2025, Bpifrance" in plain(window.page.locator("main").inner_text())
    window.press_on("Déposer la demande")
    window.check()
    assert window.page.title().startswith("Erreur")
    window.choose("Moi")
    for name in ("accepte_questionnaire", "accepte_exact"):
        window.page.locator(f"label[for=id_{name}]").click()
    window.press_on("Déposer la demande")
    assert window.check() == "Dossier DIA-2026-0001 déposé"
    assert Deposit.objects.get().recap[2]["lines"][-1][2].startswith("12\u00a0500,00\u00a0€")


def pick(window: Window, **answers: str) -> None:
    """Choose radio buttons by their names and values."""
    for name, value in answers.items():
        control = window.page.locator(f"[name={name}][value={value}]")
        window.page.locator(f"label[for={control.get_attribute('id')}]").click()


@pytest.mark.parametrize("width", [375, 1280])
def test_the_last_hour_several_files_a_double_click_the_back_button(visit: Visit, tmp_path: Path, width: int) -> None:
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 1, 1), closes_on=date(2026, 11, 23))
    membership = MembershipFactory(user=UserFactory())
    draft = make_draft(by=membership.user, organisation=membership.organisation)
    window = signed_in(visit, membership.user, f"/dossiers/{draft.key}/pieces/", width=width)
    banner = plain(window.page.get_by_role("region", name="État du dossier").inner_text())
    assert "Date limite : lundi 23 novembre 2026, 23 h 59" in banner
    assert "heures)" in banner
    files = []
    for number in range(4):
        files.append(tmp_path / f"devis {number}.pdf")
        files[-1].write_bytes(ordinary.pdf())
    window.page.get_by_label("Ajouter : Documents utiles").set_input_files(files)
    for file in files:
        expect(window.page.get_by_role("link", name=file.name)).to_be_visible()
    window.check()
    follow(window.page.locator(".nd-actionbar").get_by_role("link", name="Relire et déposer"))
    window.choose("Moi")
    for name in ("accepte_questionnaire", "accepte_exact"):
        window.page.locator(f"label[for=id_{name}]").click()
    window.page.get_by_role("button", name="Déposer la demande").dblclick()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Dossier DIA-2026-0001 déposé")
    window.check()
    confirmation = window.page.url
    window.page.reload()
    window.page.go_back()
    window.page.wait_for_load_state()
    if button := window.page.get_by_role("button", name="Déposer").all():
        button[0].click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Dossier DIA-2026-0001 déposé")
    assert window.page.url == confirmation
    assert (Deposit.objects.count(), Counter.objects.get().last, Dossier.objects.count()) == (1, 1, 1)
    assert len(Deposit.objects.get().pieces) == 4
