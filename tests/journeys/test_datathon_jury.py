"""J7, a juror on a tablet then by keyboard; J8, the deliberation: spread, ties, departures, reopening by two."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from datathon.models import Deliberation, Edition, Outcome
from datathon.services import juries
from normandata.accounts.models import User
from normandata.scoring.models import Sheet
from tests.factories.datathon import make_organiser
from tests.factories.datathon_jury import SLUGS, cast, deliberate, make_scoring, people, teams_of

from . import keyboard
from .browser import Window
from .conftest import Visit
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
TABLET = 768
BEGIN, SUBMIT = "Je n’ai aucun intérêt : noter ce projet", "Valider et passer au suivant"


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def touch(window: Window, slug: str, word: str) -> None:
    window.clicks += 1
    window.page.locator(f"fieldset:has([name=palier-{slug}]) label", has_text=word).click()


def small_targets(window: Window) -> list[str]:
    """List what is touched on a ballot and is under 44 px."""
    return window.page.evaluate(
        """() => [...document.querySelectorAll('.nd-levels label, .nd-total .btn')]
          .filter(e => { const r = e.getBoundingClientRect(); return r.width < 44 || r.height < 44; })
          .map(e => e.innerText)"""
    )


def test_a_juror_on_a_tablet_in_eight_touches_a_project(visit: Visit) -> None:
    edition = make_scoring(["Chaleur Retrouvée", "Rail et Vous", "Marées Claires", "Soins Proches"], 3)
    juror = people(edition)[0]
    window = open_as(visit, juror, "/jury/", width=TABLET)
    window.check()
    window.follow("Les projets")
    window.check()
    window.follow("Noter le projet suivant")
    for rank in range(2):
        window.clicks = 0
        if rank == 0:
            window.check()
        window.press_on(BEGIN)
        for slug in SLUGS:
            touch(window, slug, "Solide")
        if rank == 0:
            expect(window.page.locator("#total")).to_contain_text("4,00 / 5")
            expect(window.page.locator("#total")).to_contain_text("6 critères notés sur 6")
            assert small_targets(window) == []
            window.check()
        window.press_on(SUBMIT)
        assert window.clicks <= 8
    assert Sheet.objects.filter(author=juror, state="submitted").count() == 2
    window.press_on(BEGIN)
    touch(window, SLUGS[0], "Faible")
    window.refused_by_design.add(422)
    window.press_on(SUBMIT)
    window.check()
    assert window.page.locator("#erreurs li").count() == 5
    window.page.get_by_text("Ne pas noter ce projet").click()
    window.press_on("M’abstenir")
    window.follow("J’ai un lien : me déporter")
    window.check()
    window.page.get_by_label("Ce qui vous lie au projet").fill("Mon frère y participe.")
    window.press_on("Déclarer ce lien et me déporter")
    window.check()
    shown = window.page.locator("main").inner_text().replace("\u00a0", " ")
    assert "2 bulletins validés par vous sur 4." in shown
    assert "Vous êtes déporté de 1 projet." in shown


def test_a_ballot_by_keyboard(visit: Visit) -> None:
    edition = make_scoring(1, 3)
    window = open_as(visit, people(edition)[0], f"/jury/{edition.slug}/", width=TABLET)
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Noter le projet suivant")
    keyboard.skip_to_content(window)
    keyboard.leave(window, BEGIN)
    for slug in SLUGS:
        keyboard.tab_to(window, "name", f"palier-{slug}")
        keyboard.press(window, "Space")
        keyboard.press(window, "ArrowRight")
    expect(window.page.locator("#total")).to_contain_text("1,00 / 5")
    keyboard.leave(window, SUBMIT)
    assert str(Sheet.objects.get().points) == "10.0000"


def deliberating() -> tuple[Edition, User]:
    """Rail et Vous and Marées Claires are level on everything; Bocage is under the quorum."""
    names = ["Chaleur Retrouvée", "Rail et Vous", "Marées Claires", "Soins Proches", "Bocage Ouvert"]
    edition = make_scoring(names, 4, quorum=3)
    marks = {
        "Chaleur Retrouvée": (5, 5, 4, 4), "Rail et Vous": (4, 4, 4, 4), "Marées Claires": (4, 4, 4, 4),
        "Soins Proches": (2, 4, 5, 1), "Bocage Ouvert": (3, None, None, None),
    }  # fmt: skip
    cast(edition, marks)
    organiser = make_organiser(edition, name="Camille Organise")
    deliberate(edition, organiser)
    juries.tick_presence(edition, [], by=organiser)
    return edition, organiser


def type_rank(window: Window, edition: Edition, name: str, rank: int) -> None:
    team = next(one for one in teams_of(edition) if one.name == name)
    window.page.locator(f"[name=rang-{team.pk}]").fill(str(rank))


def test_the_deliberation_to_its_minutes(visit: Visit) -> None:
    edition, organiser = deliberating()
    window = open_as(visit, organiser, f"/jury/{edition.slug}/deliberation/", width=TABLET)
    window.check()
    shown = window.page.locator("main").inner_text().replace("\u00a0", " ")
    assert "Rail et Vous (4,00) et Marées Claires (4,00) : à égalité." in shown
    assert "fort" in shown
    assert "Non classable, sous le quorum" in shown
    for name, rank in (("Chaleur Retrouvée", 2), ("Rail et Vous", 3), ("Marées Claires", 1), ("Soins Proches", 4)):
        type_rank(window, edition, name, rank)
    expect(window.page.locator("[data-save-state]")).to_contain_text("Enregistré à")
    window.press_on("Clore la délibération")
    window.check()
    said = window.page.locator("main").inner_text().replace("\u00a0", " ")
    assert "inscrivez le vote du jury" in said
    assert "Donnez le motif des écarts" in said
    window.follow("Revenir au tableau")
    window.follow("Noter la présence")
    for box in window.page.get_by_role("checkbox").all():
        box.check()
    window.check()
    window.press_on("Noter la présence")
    window.follow("Inscrire un vote")
    window.check()
    window.page.get_by_label("Objet du vote").fill("Départage")
    window.page.get_by_label("Équipe à placer devant (pour départager)").select_option(label="Marées Claires")
    window.page.get_by_label("Équipe à placer derrière").select_option(label="Rail et Vous")
    window.page.get_by_label("Pour", exact=True).first.fill("2")
    window.page.get_by_label("Contre", exact=True).first.fill("2")
    window.page.locator("label[for=id_voix_1]").click()
    window.press_on("Inscrire le vote")
    window.page.get_by_label("Motif, imprimé au procès-verbal").fill("Usage immédiat par les communes littorales.")
    window.press_on("Clore la délibération")
    window.check()
    window.press_on("Clore et faire le procès-verbal")
    window.check()
    found = Deliberation.objects.get()
    assert found.closings == 1
    assert [one.decided_rank for one in Outcome.objects.order_by("team__order")] == [2, 3, 1, 4, None]
    assert window.page.locator("[name^=rang-]").count() == 0, "closing freezes"
    window.follow("Rouvrir la délibération")
    window.page.get_by_label("Motif").fill("Un rang mal lu.")
    window.refused_by_design.add(422)
    window.press_on("Rouvrir la délibération")
    window.check()
    assert "une autre personne doit le défaire" in window.page.locator("#erreurs").inner_text()
    other = open_as(visit, make_organiser(edition), f"/jury/{edition.slug}/deliberation/rouvrir/", width=TABLET)
    other.page.get_by_label("Motif").fill("Un rang mal lu.")
    other.press_on("Rouvrir la délibération")
    other.check()
    assert Deliberation.objects.get().closed_at is None


def test_an_organiser_composes_the_jury_and_reads_progress_without_a_score(visit: Visit) -> None:
    edition = make_scoring(2, 3)
    cast(edition, {"Équipe 01": (5, 5, None), "Équipe 02": (1, None, None)})
    window = open_as(visit, make_organiser(edition), f"/instruction/datathon/{edition.slug}/jury/", width=TABLET)
    for width in (375, TABLET, 1280):
        window.widen(width)
        window.check()
    for page in ("Proposer un juré", "Ordre des présentations", "Ouvrir la délibération"):
        window.follow(page)
        window.check()
        window.page.go_back()
