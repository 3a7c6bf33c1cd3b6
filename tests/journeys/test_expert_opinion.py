"""An opinion in a real browser: an agent asks, the expert answers on a phone, the organisation reads what is shared."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from normandata.accounts.models import Role, User
from normandata.dossiers.models import Attachment, Dossier
from normandata.experts.models import Opinion
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.documents import UploadFactory
from tests.factories.dossiers import make_deposit, make_draft
from tests.factories.experts import TEXT, make_expert, make_opinion

from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain
from .test_examine import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
QUESTION = "Les données de capteurs suffisent-elles pour une preuve de concept en six mois ?"


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


@pytest.fixture
def dossier() -> Dossier:
    draft = make_draft()
    Attachment.objects.create(
        dossier=draft,
        piece="complement",
        upload=UploadFactory(uploaded_by=draft.created_by, name="Relevés des capteurs.pdf"),
        added_by=draft.created_by,
    )
    return make_deposit(draft).dossier


def check_both(window: Window) -> None:
    for width in (1280 if window.width == 375 else 375, window.width):
        window.widen(width)
        window.check()


def add_to_directory(window: Window, email: str) -> None:
    """Write an expert in the directory and record that they agree to be asked."""
    page = window.page
    follow(page.get_by_role("link", name="Ajouter un expert"))
    page.locator("[name=name]").fill("Camille Exemple")
    page.locator("[name=organisation]").fill("Laboratoire d’essai")
    page.locator("[name=email]").fill(email)
    page.locator("[name=skills]").fill("capteurs, séries temporelles")
    check_both(window)
    window.press_on("Ajouter")
    page.locator("#asked_given_on").fill("12/05/2026")
    page.locator("#asked_proof").fill("Courriel du 12 mai 2026, gardé par le service")
    check_both(window)
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Enregistrer l’accord : Être sollicité".replace(" ", r"\s"))).click()
    check_both(window)


def ask(visit: Visit, dossier: Dossier, email: str) -> Window:
    agent = make_user_with(Role.AGENT, "diagnostic", email="agent@exemple.invalid", name="Sacha Petit")
    window = open_as(visit, agent, "/instruction/experts/")
    page = window.page
    window.check()
    add_to_directory(window, email)
    window.go("/instruction/experts/")
    check_both(window)
    window.go(f"/instruction/{dossier.key}/avis/")
    window.check()
    follow(page.get_by_role("link", name="Demander un avis"))
    window.refused_by_design.add(422)
    window.press_on("Envoyer la question")
    check_both(window)
    page.locator("[name=expert]").select_option(label="Camille Exemple, Laboratoire d’essai")
    page.locator("[name=question]").fill(QUESTION)
    page.locator(".nd-choice label", has_text="Relevés des capteurs").click()
    page.locator(".nd-choice label", has_text="Les agents et la structure").click()
    window.press_on("Envoyer la question")
    check_both(window)
    return window


def answer(visit: Visit, person: User, dossier: Dossier) -> None:
    """Open the space, declare, read, write, read again, give: on a phone."""
    opinion = Opinion.objects.get()
    window = signed_in(visit, person, f"/expert/{opinion.key}/", width=375)
    page = window.page
    assert window.check() == "Ouvrir mon espace d’expert"
    window.press_on("Ouvrir mon espace")
    check_both(window)
    follow(page.locator(".nd-card a.btn"))
    assert window.check() == dossier.organisation.label
    window.refused_by_design.add(422)
    window.press_on("Continuer")
    window.check()
    page.locator(".nd-choice label", has_text="Non, je n’en ai pas").click()
    window.press_on("Continuer")
    check_both(window)
    assert "Relevés des capteurs.pdf" in plain(page.locator("main").inner_text())
    page.locator("[name=text]").fill(TEXT)
    expect(page.locator("[data-save-state]")).to_have_text(re.compile("Enregistré à"))
    window.press_on("Relire et rendre")
    check_both(window)
    window.press_on("Rendre mon avis")
    assert TEXT in plain(page.locator("main").inner_text())
    check_both(window)
    window.go("/expert/")
    check_both(window)


def test_asked_by_an_agent_given_by_the_expert_read_by_the_organisation(visit: Visit, dossier: Dossier) -> None:
    expert = UserFactory(email="camille@exemple.invalid", name="Camille Exemple")
    desk = ask(visit, dossier, expert.email)
    answer(visit, expert, dossier)
    assert Opinion.objects.get().state == "given"
    desk.page.reload()
    assert TEXT in plain(desk.page.locator("main").inner_text())
    check_both(desk)
    organisation = signed_in(visit, dossier.created_by, f"/dossiers/{dossier.key}/avis/", width=1280)
    assert organisation.check() == "Ce que des experts ont répondu"
    shown = plain(organisation.page.locator("main").inner_text())
    assert TEXT in shown
    assert "Camille Exemple" in shown
    check_both(organisation)


def test_two_tabs_and_no_script_lose_nothing(visit: Visit, dossier: Dossier) -> None:
    made = make_expert()
    assert made.user is not None
    opinion = make_opinion(dossier, expert=made)
    window = signed_in(visit, made.user, f"/expert/{opinion.key}/", width=375, javascript=False)
    page = window.page
    page.locator(".nd-choice label", has_text="Non, je n’en ai pas").click()
    window.press_on("Continuer")
    Opinion.objects.update(draft="Écrit ailleurs.", draft_version=1)
    page.locator("[name=text]").fill("Écrit ici.")
    window.refused_by_design.add(409)
    window.press_on("Enregistrer")
    assert window.title() == "Deux versions de votre avis"
    shown = plain(page.locator("main").inner_text())
    assert "Écrit ailleurs." in shown
    assert "Écrit ici." in shown
    window.press_on("Garder ce que j’ai écrit ici")
    assert Opinion.objects.get().draft == "Écrit ici."
    follow(page.get_by_role("link", name="Décliner cette question"))
    window.check()
    window.press_on("Décliner")
    assert "vous aviez écrit" in plain(page.locator("main").inner_text())
    window.check()
