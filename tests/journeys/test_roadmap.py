"""The roadmap in a real browser: a citizen from the list to the timeline and its file, a pilot holding a milestone."""

from datetime import date

import pytest
from playwright.sync_api import expect

from roadmap import catalogue, services
from roadmap.models import Action, Milestone
from tests.factories.roadmap import make_pilot

from .browser import Window
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
SHEET = {
    "pilot_direction": "Direction de l’économie",
    "partners": "Établissement foncier\nCoordination géographique",
    "objectives": "Un référentiel commun.",
    "starts_on": date(2026, 4, 15),
    "ends_on": date(2027, 12, 26),
    "risks": "Des données en retard.",
    "climate": "Moins de terres prises.",
}
TITLE = "#Cartographier le foncier."


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


@pytest.fixture
def action() -> Action:
    """Load the roadmap, with one action that goes on: one milestone held, one late, one to come."""
    catalogue.load()
    action = Action.objects.get(slug="foncier")
    pilot = make_pilot(name="Un autre pilote")
    services.describe(action, SHEET, by=pilot)
    steps = ((date(2026, 8, 3), 1, date(2026, 8, 5)), (date(2026, 10, 30), 2, None), (date(2027, 7, 29), 2, None))
    for rank, (due_on, weight, done_on) in enumerate(steps, start=1):
        services.add_milestone(action, title=f"Étape {rank}", due_on=due_on, weight=weight, done_on=done_on, by=pilot)
    services.fire(action, "start", by=pilot)
    services.tell(action, text="Les sources sont recensées.", on=date(2026, 8, 5), by=pilot)
    return action


def fill(window: Window, name: str, text: str) -> None:
    window.page.locator(f"[name={name}]").fill(text)


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (375, False), (1280, True)])
@pytest.mark.usefixtures("action")
def test_a_citizen_reads_the_list_an_action_and_the_timeline(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/feuille-de-route/", width=width, javascript=javascript)
    assert window.check() == "La feuille de route 2026-2028"
    expect(window.page.locator(".nd-lead")).to_contain_text("1 action sur 21 a commencé")
    assert window.page.locator("main th a").count() >= 21
    window.follow(TITLE)
    assert window.check() == TITLE
    expect(window.page.locator("main")).to_contain_text("En retard de 24 jours")
    window.follow("Les actions du chantier")
    assert window.page.url.endswith("/feuille-de-route/#annexe-1-chantier-2")
    window.follow("Frise")
    window.check()
    window.page.locator("summary", has_text="Voir le tableau").click()
    window.check()
    window.page.locator("select[name=axe]").select_option("2")
    window.press_on("Filtrer")
    assert window.page.locator(".nd-timeline__row a").first.is_visible()
    expect(window.page.locator(".nd-active")).to_contain_text("9 actions sur 21.")
    window.check()
    window.follow("Par état")
    expect(window.page.locator(".nd-active")).to_contain_text("9 actions sur 21.")
    window.check()
    assert window.context.cookies() == []
    window.follow("État d’avancement pour l’assemblée (PDF)")
    window.check()
    window.press_on("Préparer le PDF")
    window.check()


@pytest.mark.parametrize("width", [375, 1280])
def test_a_pilot_holds_a_milestone(visit: Visit, action: Action, width: int) -> None:
    pilot = make_pilot(action, name="Jeanne Pilote")
    window = open_as(visit, pilot, "/pilotage/", width=width)
    assert window.check() == "Mes actions"
    window.follow("Étape 2")
    assert window.check() == "Modifier un jalon"
    window.refused_by_design.add(422)
    fill(window, "done_on", "31/12/2026")
    window.press_on("Enregistrer le jalon")
    expect(window.page.get_by_role("alert")).to_contain_text("n’est pas tenu dans l’avenir")
    assert window.page.locator("[name=done_on]").input_value() == "31/12/2026", "what was typed stays"
    window.check()
    fill(window, "done_on", "20/11/2026")
    window.press_on("Enregistrer le jalon")
    expect(window.page.get_by_role("status")).to_contain_text("Le jalon est enregistré.")
    assert window.check() == TITLE
    expect(window.page.locator("main")).to_contain_text("2 jalons sur 3, 60 %")
    window.follow("Modifier la fiche")
    window.check()
    # Somebody else writes in the meantime: nothing is overwritten, both versions are shown.
    services.describe(Action.objects.get(pk=action.pk), SHEET | {"partners": "Ceux d’avant"}, by=make_pilot())
    fill(window, "partners", "Les miens")
    window.press_on("Enregistrer la fiche")
    expect(window.page.locator("main")).to_contain_text("Ceux d’avant")
    assert window.page.locator("[name=partners]").input_value() == "Les miens"
    window.check()
    window.press_on("Enregistrer la fiche")
    window.check()
    window.follow("Suspendre l’action")
    window.check()
    fill(window, "reason", "Le marché est infructueux.")
    window.press_on("Suspendre l’action")
    window.check()
    window.follow("La page que tous lisent")
    expect(window.page.locator("main")).to_contain_text("Le marché est infructueux.")
    assert window.check() == TITLE
    found = Action.objects.whole().get(pk=action.pk)
    assert (found.progress, found.partners, found.state) == (60, "Les miens", "suspended")
    assert Milestone.objects.get(title="Étape 2").done_on == date(2026, 11, 20)
