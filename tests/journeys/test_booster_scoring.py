"""J7 for the Booster IA: ten dossiers of thirty scored on a tablet, the ranking read, one by keyboard; axe at 0."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from booster_ia.services import scoring
from normandata.accounts.models import User
from normandata.scoring.models import Panel, Sheet
from normandata.scoring.services import panels
from tests.factories.booster_scoring import (
    MARKS,
    dossier_of,
    make_dossiers,
    make_full_dossier,
    make_lead,
    make_scorer,
    score,
    subjects,
)
from tests.factories.waves import make_wave

from . import keyboard
from .browser import Window
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
LEVELS = dict(zip(MARKS, ("Correct", "Partiel", "Correct", "Partiel", "Partiel", "Faible"), strict=True))
"""12 + 12 + 12 + 4 + 4 + 2 = 46."""


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def made(dossiers: int, people: list[User], lead: User) -> Panel:
    """Open the scoring of a wave whose last day, the 27th of November, is to come."""
    wave = make_wave(scoring_closes_on=date(2026, 11, 27), instruction_to=date(2026, 11, 30))
    make_full_dossier(wave, complete_on=date(2026, 7, 1))
    make_dossiers(wave, dossiers - 1)
    return scoring.open_scoring(wave, people, by=lead)


def address(panel: Panel, end: str = "") -> str:
    return f"/vagues/{panel.key}/notation/{end}"


def level(window: Window, slug: str, word: str) -> None:
    """Touch a level, then write why without touching the screen again."""
    window.clicks += 1
    window.page.locator(f"fieldset:has([name=palier-{slug}]) label", has_text=word).click()
    for _ in range(2):
        window.page.keyboard.press("Tab")
    window.page.keyboard.insert_text(f"Parce que {slug}.")


def fill(window: Window) -> None:
    for slug, word in LEVELS.items():
        level(window, slug, word)


def begin(window: Window) -> None:
    window.press_on("Je n’ai aucun intérêt : noter ce dossier")


def score_the_rest(panel: Panel, first: User, second: User) -> None:
    """Give the second person's sheets on what was scored on the tablet, and both persons' on all that is left.

    The totals make twenty-one places, an exact tie among them, eight dossiers under the floor and one without enough
    sheets.
    """
    for rank, subject in enumerate(subjects(panel)):
        marks = (str(min(20, 8 + rank % 9)), str(10 + rank % 12), str(12 - rank % 5), "6", "5", "5")
        if rank >= 10:
            score(subject, first, *marks)
        if rank < 29:
            score(subject, second, *marks)


def test_ten_dossiers_of_thirty_on_a_tablet_in_eight_touches_each_then_the_ranking(visit: Visit) -> None:
    scorer, second, lead = make_scorer(name="Ange Petit"), make_scorer(name="Sacha Grand"), make_lead(name="Lou Chef")
    panel = made(30, [scorer, second], lead)
    window = open_as(visit, scorer, address(panel), width=768)
    window.check()
    window.follow("Noter le dossier suivant")
    for rank in range(10):
        window.clicks = 0
        if rank == 0:
            window.check()
        begin(window)
        fill(window)
        if rank == 0:
            expect(window.page.locator("#total")).to_contain_text("46 / 100")
            expect(window.page.locator("#total")).to_contain_text("Il manque 4 points pour atteindre 50")
            window.check()
        window.press_on("Remettre et passer au suivant")
        assert window.clicks <= 8
    assert Sheet.objects.filter(state="submitted", points=46).count() == 10
    window.go(address(panel))
    assert "10 fiches remises par vous sur 30." in window.page.locator("main").inner_text().replace("\u00a0", " ")
    window.check()
    score_the_rest(panel, scorer, second)
    panels.close_panel(panel, by=lead)
    window = open_as(visit, lead, address(panel, "classement/"), width=1280)
    for width in (375, 768, 1280):
        window.widen(width)
        window.check()
    rows = window.page.locator("main tbody tr")
    assert rows.count() == 30
    assert len({dossier_of(one).number for one in subjects(panel)} & set(numbers(window))) == 30


def numbers(window: Window) -> list[str]:
    """Read the numbers of the dossiers in the order of the page."""
    return [one.strip() for one in window.page.locator("main tbody a").all_inner_texts()]


def test_one_dossier_by_keyboard_on_a_phone(visit: Visit) -> None:
    scorer = make_scorer()
    panel = made(1, [scorer], make_lead())
    window = open_as(visit, scorer, address(panel), width=375)
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Noter le dossier suivant")
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Je n’ai aucun intérêt : noter ce dossier")
    for slug in MARKS:
        keyboard.tab_to(window, "name", f"palier-{slug}")
        keyboard.press(window, "Space")
        keyboard.tab_to(window, "name", f"note-{slug}")
        window.page.keyboard.press("Control+a")
        window.page.keyboard.insert_text("30" if slug == "quality" else "8,5")
        keyboard.press(window, "Tab")
        window.page.keyboard.insert_text(f"Parce que {slug}.")
    expect(window.page.locator("#erreur-quality")).to_contain_text("30 dépasse le maximum")
    expect(window.page.locator("[name=note-quality]")).to_have_attribute("aria-invalid", "true")
    expect(window.page.locator("#total")).to_contain_text("42,50 / 100")
    window.check()
    field: Any = window.page.locator("[name=note-quality]")
    assert field.input_value() == "30", "what was typed stays"
    field.focus()
    window.page.keyboard.press("Control+a")
    window.page.keyboard.insert_text("12")
    expect(window.page.locator("#total")).to_contain_text("54,50 / 100")
    expect(window.page.locator("#erreur-quality")).to_be_empty()
    assert window.page.locator("[name=palier-quality][value='12']").is_checked()
    field.focus()
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    assert Sheet.objects.get().state == "draft", "Enter saves, and neither submits nor abstains"
    assert window.page.locator("[name=note-quality]").input_value() == "12"
    keyboard.leave(window, "Remettre et passer au suivant")
    assert str(Sheet.objects.get().points) == "54.5000"
    window.go(f"/instruction/{dossier_of(subjects(panel)[0]).key}/notation/")
    window.check()


def test_the_ranking_read_by_a_lead_agent(visit: Visit) -> None:
    first, second, lead = make_scorer(name="Ange Petit"), make_scorer(name="Sacha Grand"), make_lead(name="Lou Chef")
    panel = made(4, [first, second], lead)
    one, two, three, four = subjects(panel)
    for subject, marks, others in (
        (one, ("20", "30", "20", "10", "10", "0"), ("20", "30", "20", "0", "0", "0")),
        (two, ("10", "20", "10", "5", "4.99", "0"), ("10", "20", "10", "5", "5", "0")),
        (three, ("12", "18", "12", "6", "6", "6"), ("12", "18", "12", "6", "6", "6")),
    ):
        score(subject, first, *marks)
        score(subject, second, *others)
    score(four, first, "20", "30", "20", "10", "10", "10")
    panels.close_panel(panel, by=lead)
    window = open_as(visit, lead, address(panel, "classement/"))
    for width in (375, 768, 1280):
        window.widen(width)
        window.check()
    shown = window.page.locator("main").inner_text().replace("\u00a0", " ")
    assert "49,99" in shown
    assert "Sous le plancher de 50." in shown
    assert "À examiner" in shown
    assert "1 fiche remise sur 2 attendues." in shown
    window.follow(str(dossier_of(one).number), exact=True)
    window.check()
