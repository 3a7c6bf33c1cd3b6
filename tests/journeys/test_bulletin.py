"""What the public follows, in a real browser: from the home page to a news, the calendar and the results; the desk."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from normandata.budgets import services as budgets
from normandata.bulletin.models import News
from normandata.committee.models import Session
from normandata.organisations.models import Organisation
from tests.factories.booster_after import make_award
from tests.factories.bulletin import make_news, make_writer
from tests.factories.waves import make_wave

from . import keyboard
from .browser import follow
from .conftest import Visit
from .test_examine import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
TEXT = "Le dépôt se fait depuis [les aides](/aides/).\n\n## Les pièces\n\n- un budget\n- un calendrier"


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


@pytest.fixture
def told() -> News:
    """Tell a news, open a wave, grant once."""
    make_wave()
    award = make_award(granted_on=date(2026, 6, 19), notified_on=date(2026, 6, 25), amount="9876.50")
    Session.objects.update(executory_on=date(2026, 6, 22), deliberation_number="CP D 26-06-1")
    Organisation.objects.update(legal_category="5710")
    budgets.commit(award.envelope, award, Decimal("9876.50"), key="c", by=None, act="CP")
    return make_news(title="La vague est ouverte", text=TEXT, subject="aide:booster-ia", at=_yesterday())


def _yesterday() -> datetime:
    return timezone.now() - timedelta(days=1)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("width", "javascript"), [(320, True), (375, False), (1280, True)])
def test_a_citizen_follows_the_news_the_calendar_and_the_results(visit: Visit, width: int, javascript: bool) -> None:
    window = visit("/", width=width, javascript=javascript)
    window.check()
    window.follow("La vague est ouverte")
    assert window.check() == "La vague est ouverte"
    window.follow("Toutes les actualités")
    assert window.check() == "Actualités"
    window.go("/")
    window.follow("Tout le calendrier")
    assert window.check() == "Calendrier"
    follow(window.page.locator(".nd-views a", has_text="Booster IA"))
    window.check()
    assert "Commission permanente, 2e vague 2026" in window.page.locator("main").inner_text().replace("\u00a0", " ")
    window.page.locator("details summary").click()
    window.check_width()
    window.go("/")
    window.follow("Voir les résultats")
    assert window.check() == "Résultats"
    window.page.locator("[name=recherche]").fill("crues")
    window.press_on("Chercher")
    window.check()
    assert "9 876,50 €" in window.page.locator("main").inner_text().replace("\u00a0", " ")
    assert window.context.cookies() == []


@pytest.mark.usefixtures("told")
def test_the_same_by_keyboard_alone(visit: Visit) -> None:
    window = visit("/")
    keyboard.skip_to_content(window)
    keyboard.leave(window, "La vague est ouverte")
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Booster IA")
    assert window.title() == "Booster IA"
    window.go("/resultats/")
    keyboard.skip_to_content(window)
    keyboard.tab_to(window, "name", "recherche")
    window.page.keyboard.type("crues")
    keyboard.leave(window, "Chercher")
    assert "1 subvention publiée pour « crues »" in window.page.locator("main").inner_text().replace("\u00a0", " ")


@pytest.mark.parametrize("width", [375, 1280])
def test_a_writer_publishes_corrects_and_withdraws(visit: Visit, width: int) -> None:
    window = open_as(visit, make_writer(), "/redaction/", width=width)
    window.refused_by_design.add(422)
    assert window.check() == "Rédaction"
    window.follow("Écrire une actualité")
    window.check()
    window.press_on("Enregistrer le brouillon")
    window.check()
    window.page.locator("[name=title]").fill("Une rencontre")
    window.page.locator("[name=summary]").fill("Elle a lieu à Caen.")
    window.page.locator("[name=text]").fill(TEXT)
    window.press_on("Enregistrer le brouillon")
    assert window.check() == "Une rencontre"
    window.follow("Publier", exact=True)
    window.press_on("Publier")
    window.follow("Modifier", exact=True)
    window.page.locator("[name=summary]").fill("Elle a lieu à Rouen.")
    window.press_on("Enregistrer")
    window.page.locator("details summary").click()
    window.check()
    window.follow("La page que tous lisent")
    assert window.check() == "Une rencontre"
    assert "corrigée le" in window.page.locator("main").inner_text()
    window.page.go_back()
    window.follow("Retirer", exact=True)
    window.check()
    window.press_on("Retirer")
    assert window.page.locator("[name=reason].is-invalid").count() == 1
    window.page.locator("[name=reason]").fill("Reportée.")
    window.press_on("Retirer")
    window.check()
    assert News.objects.get().state == "withdrawn"
