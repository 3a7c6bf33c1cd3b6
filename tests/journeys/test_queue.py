"""J5 and J6: the agent's queue, dossier after dossier, then forty at once, with axe at each step."""

from datetime import UTC, datetime

import pytest

from normandata.accounts.models import User
from normandata.dossiers.models import Absence, BulkOutcome, Dossier
from normandata.dossiers.services import bulk
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from tests.factories.accounts import PASSWORD, make_agent, totp_code
from tests.factories.dossiers import make_dossier
from tests.factories.organisations import OrganisationFactory
from tests.factories.queue import make_row

from .browser import Window
from .conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
SINCE = datetime(2026, 11, 12, 8, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


@pytest.fixture
def agent() -> User:
    return make_agent(email="agent@exemple.invalid", name="Sacha Petit")


def open_as(visit: Visit, person: User, path: str, *, width: int, javascript: bool = True) -> Window:
    """Sign in with the second factor and arrive on a page; what follows is counted."""
    code = totp_code(person)
    window = visit(f"/connexion/?next={path}", width=width, javascript=javascript)
    window.page.locator("[name=login]").fill(person.email)
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Se connecter")
    window.page.locator("[name=code]").fill(code)
    window.press_on("Se connecter")
    assert window.path == path
    window.clicks = 0
    return window


@pytest.mark.parametrize("width", [375, 1280])
def test_j5_dossiers_are_taken_one_after_the_other_in_three_clicks_each(visit: Visit, agent: User, width: int) -> None:
    rows = [make_dossier() for _ in range(3)]
    for day, row in enumerate(rows):
        Dossier.objects.filter(pk=row.pk).update(owner=agent, turn_since=SINCE.replace(day=12 + day))
    window = open_as(visit, agent, "/instruction/", width=width)
    assert window.check() == "File d’instruction"
    window.follow("Ouvrir le plus ancien à mon tour")
    for number, row in enumerate(rows, start=1):
        assert window.path == f"/instruction/{row.key}/"
        assert f"{number} sur 3" in window.page.get_by_role("navigation", name="Dossiers de la vue").inner_text()
        if number == 1:
            window.check()
        window.follow("Prendre en instruction")
        window.press_on("Prendre en instruction")
        if number < 3:
            window.follow("Suivant")
    assert window.clicks <= 3 * len(rows)
    assert set(Dossier.objects.values_list("state", flat=True)) == {"review"}


@pytest.mark.parametrize("width", [375, 1280])
def test_j6_forty_dossiers_are_assigned_at_once_with_forty_outcomes(visit: Visit, agent: User, width: int) -> None:
    colleague = make_agent(name="Morgan Lefèvre")
    for number in range(40):
        make_row(owner=agent, organisation=OrganisationFactory(name=f"Atelier {number}"), since=SINCE)
    window = open_as(visit, agent, "/instruction/", width=width)
    page = window.page
    assert page.locator(".nd-bulk").is_hidden()
    if width == 1280:
        page.get_by_role("checkbox", name="Choisir les 40 dossiers affichés").check()
        window.clicks += 1
    else:
        page.get_by_role("link", name="Choisir les 40 dossiers affichés").click()
        window.clicks += 1
    assert page.locator("[data-count]").inner_text() == "40 dossiers choisis"
    window.check()
    window.press_on("Affecter à")
    assert window.check() == "Affecter 40 dossiers"
    page.get_by_label("Affecter à").select_option("Morgan Lefèvre")
    window.clicks += 2
    window.press_on("Affecter 40 dossiers")
    assert window.check() == "Affecter à : 40 dossiers"
    assert page.locator("progress").get_attribute("value") == "0"
    assert outbox.work(Message.objects.get(handler=bulk.HANDLER).pk)
    page.get_by_text("Fait : 40.").wait_for()
    assert page.locator("tbody .nd-tag--done").count() == 40
    window.check()
    assert window.clicks <= 8
    assert BulkOutcome.objects.filter(state="done").count() == 40
    assert Dossier.objects.filter(owner=colleague).count() == 40


def test_j6_without_javascript(visit: Visit, agent: User) -> None:
    for _ in range(40):
        make_row(owner=agent, since=SINCE)
    window = open_as(visit, agent, "/instruction/", width=1280, javascript=False)
    window.check_shape()
    window.follow("Choisir les 40 dossiers affichés")
    assert window.page.locator("input[name=choix]:checked").count() == 40
    window.press_on("Prendre en instruction")
    window.check_shape()
    window.press_on("Prendre en instruction")
    assert outbox.work(Message.objects.get(handler=bulk.HANDLER).pk)
    window.follow("Actualiser")
    window.check_shape()
    assert window.page.locator("tbody .nd-tag--done").count() == 40
    assert window.clicks <= 8


@pytest.mark.parametrize("width", [375, 1280])
def test_views_columns_and_absences(visit: Visit, agent: User, width: int) -> None:
    away = make_agent(name="Nadège Vauclin")
    Absence.objects.create(agent=away, since=SINCE.date(), backup=agent, declared_by=away)
    for owner in (agent, away, None):
        make_row(owner=owner, since=SINCE)
    window = open_as(visit, agent, "/instruction/", width=width)
    page = window.page
    assert "Absent : Nadège Vauclin" in page.locator("main table").inner_text().replace("\u00a0", " ")
    window.follow("Plus de 10 jours")
    window.check()
    window.follow("Choisir les colonnes et l’ordre")
    window.check()
    window.choose("Commune")
    window.press_on("Appliquer")
    assert "Caen" in page.locator("main table").inner_text()
    window.check()
    window.follow("Enregistrer cette vue")
    page.get_by_label("Nom de la vue").fill("Les longs")
    window.check()
    window.press_on("Enregistrer la vue")
    assert page.locator(".nd-views [aria-current]").last.inner_text().startswith("Les longs")
    window.go("/instruction/?q=introuvable")
    window.check()
    window.go("/instruction/absences/")
    window.check()
    window.press_on("Déclarer l’absence")
    assert window.check() == "Absences"
    window.press_on("Je suis de retour")
    window.widen(320)
    window.check()
