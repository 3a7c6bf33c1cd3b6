"""A call in a real browser: opened by its pilot, answered by an applicant, examined, assessed; and the past one."""

from datetime import date

import pytest
from playwright.sync_api import expect

from normandata.dossiers.models import Dossier
from roadmap import catalogue
from roadmap.calls import clock
from roadmap.calls.models import Call, CallProposal
from roadmap.models import Action
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.dossiers import PEOPLE
from tests.factories.organisations import MembershipFactory, OrganisationFactory
from tests.factories.roadmap import make_pilot

from . import keyboard
from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain
from .test_accounts import fill
from .test_application import pick
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
TITLE, SLUG = "Données de mobilité", "donnees-de-mobilite"


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


def opened(visit: Visit) -> Window:
    """Write a call and open it; what is missing is told first."""
    pilot = make_pilot(Action.objects.get(slug="foncier"), name="Jeanne Pilote")
    window = open_as(visit, pilot, "/pilotage/appels/", width=1280)
    assert window.check() == "Mes appels"
    follow(window.page.locator("main").get_by_role("link", name="Ouvrir un appel"))
    assert window.check() == "Ouvrir un appel"
    window.choose("Annexe 1, Chantier N°2")
    fill(window, title=TITLE)
    window.press_on("Commencer l’appel")
    assert window.check() == "Modifier l’appel"
    fill(window, summary="Proposez un projet autour des données de mobilité.", email="appel@exemple.invalid")
    window.press_on("Enregistrer l’appel")
    window.follow("Ouvrir l’appel")
    window.refused_by_design.add(422)
    window.press_on("Ouvrir l’appel")
    expect(window.page.get_by_role("alert")).to_contain_text("Listez au moins deux thématiques.")
    window.check()
    window.follow("Revenir sans rien changer")
    window.follow("Modifier l’appel")
    fill(window, text="Qui peut répondre :\n- les communes\n- les entreprises", opens_on="23/11/2026")
    fill(window, closes_on="23/11/2026", themes="Vélo\nTransports en commun")
    window.press_on("Enregistrer l’appel")
    window.follow("Ouvrir l’appel")
    window.press_on("Ouvrir l’appel")
    assert window.check() == TITLE
    return window


def answered(visit: Visit) -> Window:
    """Find the call, answer it on a telephone, the project by keyboard alone, and deposit."""
    town = OrganisationFactory.create(name="Commune d’essai", legal_category="7210")
    member = MembershipFactory.create(user=UserFactory.create(), organisation=town).user
    window = signed_in(visit, member, "/appels/", width=375)
    assert window.check() == "Appels à manifestation d’intérêt"
    keyboard.leave(window, TITLE)
    assert at_each_width(window) == TITLE
    keyboard.leave(window, "Proposer un projet")
    assert window.check() == "Quelle structure fait la demande ?"
    window.choose("Commune d’essai")
    window.press_on("Continuer")
    assert window.check() == "Votre structure"
    banner = plain(window.page.get_by_role("region", name="État du dossier").inner_text())
    assert "Date limite : lundi 23 novembre 2026, 23 h 59" in banner
    pick(window, publique="oui")
    window.press_on("L’appel")
    assert window.check() == "L’appel"
    assert window.page.locator(f"[name=appel][value={SLUG}]").is_checked()
    window.press_on("Votre projet")
    assert at_each_width(window) == "Votre projet"
    by_keyboard(window)
    assert window.check() == "Les personnes"
    fill(window, **PEOPLE)
    window.press_on("Pièces")
    follow(window.page.locator(".nd-actionbar").get_by_role("link", name="Relire et déposer"))
    assert at_each_width(window) == "Relire et déposer"
    window.choose("Moi")
    window.page.locator("label[for=id_accepte_exact]").click()
    window.press_on("Déposer la demande")
    assert window.check() == "Dossier AMI-2026-0001 déposé"
    return window


def at_each_width(window: Window) -> str:
    """Check the page as it stands at the three widths, and leave it on the telephone's; returns its title."""
    for width in (320, 1280, 375):
        window.widen(width)
        title = window.check()
    return title


def by_keyboard(window: Window) -> None:
    call = Call.objects.whole().get(slug=SLUG)
    keyboard.tab_to(window, "name", "titre")
    window.page.keyboard.type("Compteurs ouverts")
    keyboard.choose(window, "echelle", str(call.scales[0].pk))
    keyboard.choose(window, "theme", str(call.themes[1].pk))
    keyboard.tab_to(window, "value", "14")
    keyboard.press(window, "Space")
    for name, text in (("resume", "Compter, puis publier."), ("climat", "Moins de déplacements.")):
        keyboard.tab_to(window, "name", name)
        window.page.keyboard.type(text)
    keyboard.leave(window, "Les personnes")


def test_a_call_from_its_opening_to_its_assessment(visit: Visit) -> None:
    catalogue.load()
    pilot = opened(visit)
    applicant = answered(visit)
    dossier = Dossier.objects.get()
    agent = open_as(visit, make_agent("roadmap"), f"/instruction/{dossier.key}/", width=1280)
    expect(agent.page.locator("main")).to_contain_text("Compteurs ouverts")
    agent.check()
    agent.follow("Prendre en instruction")
    agent.press_on("Prendre en instruction")
    agent.follow("Répondre au porteur")
    assert agent.check() == "Répondre au porteur"
    agent.choose("Orientée vers un dispositif")
    fill(agent, answer="Booster IA peut aider votre commune.")
    agent.press_on("Lire le courriel avant")
    expect(agent.page.locator("main")).to_contain_text("Le courriel qui partira")
    agent.check()
    agent.press_on("Envoyer la réponse")
    agent.check()
    applicant.go(f"/dossiers/{dossier.key}/")
    expect(applicant.page.locator("main")).to_contain_text("Booster IA peut aider votre commune.")
    applicant.check()
    Call.objects.update(opens_on=date(2026, 11, 1), closes_on=date(2026, 11, 22))
    assert clock.close_due(dossier.turn_since) == 1
    pilot.go(f"/pilotage/appels/{SLUG}/")
    assert pilot.check() == TITLE
    pilot.follow("Publier le bilan")
    pilot.press_on("Publier le bilan")
    pilot.check()
    assert CallProposal.objects.get().outcome == "oriented"
    for width in (320, 375, 1280):
        citizen = visit(f"/appels/{SLUG}/bilan/", width=width)
        assert citizen.check() == "Le bilan de l’appel"
        assert citizen.context.cookies() == []
    expect(citizen.page.locator("main")).to_contain_text("1 proposition")


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (375, False), (1280, True)])
def test_a_citizen_reads_the_past_call(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/appels/", width=width, javascript=javascript)
    window.check()
    window.follow("Données et Territoires")
    assert window.check() == "Données et Territoires"
    expect(window.page.locator(".nd-lead")).to_contain_text("43 projets")
    for summary in window.page.locator("summary").all():
        summary.click()
    expect(window.page.locator("main")).to_contain_text("Non ventilé par la source")
    window.check()
    assert window.context.cookies() == []
