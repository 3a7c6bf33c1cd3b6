"""The continuum in a real browser: the orientation by keyboard, and a need followed to its outcome by its people."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from normandata.accounts.models import Role, User
from normandata.experts.models import Introduction, Need
from normandata.notifications.models import Mail
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import make_listing

from . import keyboard
from .applicant import signed_in
from .browser import Window, follow
from .conftest import Visit
from .errors import plain
from .test_examine import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOOL = "/accompagnement/orientation/"


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


def check_both(window: Window, narrow: int = 375) -> None:
    for width in (1280 if window.width == narrow else narrow, window.width):
        window.widen(width)
        window.check()


def test_the_orientation_is_answered_by_keyboard_alone(visit: Visit) -> None:
    window = visit("/", width=320)
    keyboard.skip_to_content(window)
    keyboard.choose(window, "stade", "savoir")
    keyboard.leave(window, "Voir l’accompagnement qui correspond")
    for name, value in (("profil", "enterprise"), ("departement", "27")):
        keyboard.skip_to_content(window)
        check_both(window, 320)
        keyboard.choose(window, name, value)
        keyboard.leave(window, "Continuer")
    for name, text in (("etp", "45,5"), ("creation", "12/05/2009")):
        keyboard.skip_to_content(window)
        window.check()
        keyboard.tab_to(window, "name", name)
        window.page.keyboard.type(text)
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")
    keyboard.skip_to_content(window)
    keyboard.choose(window, "activite", "services")
    keyboard.leave(window, "Continuer")
    assert window.path == f"{TOOL}reponse/"
    check_both(window, 320)
    assert window.title() == "Diagnostic data et IA convient à votre projet"
    window.page.go_back()
    assert window.path == f"{TOOL}activite/"
    window.page.go_forward()
    said = {
        plain(one.locator("h3").inner_text()): plain(one.locator(".nd-tag").inner_text())
        for one in window.page.locator("article").all()
    }
    assert said["Booster IA"] == "Ne convient pas"
    assert said["Cœur expert du DataLab Normandie"] == "À vérifier"
    assert window.context.cookies() == []
    assert not (fold := window.page.locator("details p").first).is_visible()
    window.page.emulate_media(media="print")
    assert fold.is_visible()  # on paper every answer is explained, opened or not
    window.page.emulate_media(media="screen")
    keyboard.skip_to_content(window)
    keyboard.leave(window, "Continuer avec le simulateur : Diagnostic data et IA")
    assert window.path == "/aides/diagnostic/simulateur/resultat/"  # nothing is asked twice
    assert window.check() == "Vous pouvez demander un diagnostic"


def ask(visit: Visit, person: User) -> Window:
    """Find an expert in the public directory and tell a need, at first without its words."""
    window = signed_in(visit, person, "/accompagnement/experts/", width=375)
    page = window.page
    page.locator("#domaine").select_option("sante")
    follow(page.get_by_role("button", name="Afficher"))
    window.check()
    follow(page.get_by_role("link", name=re.compile("Demander une rencontre")))
    window.refused_by_design.add(422)
    check_both(window)
    page.locator("[name=title]").fill("Prévoir la fréquentation de la piscine")
    page.locator("[name=costs]").fill("Cinq mille euros.")
    page.get_by_role("button", name=re.compile("Envoyer")).click()
    expect(page.get_by_role("alert")).to_contain_text("acontez votre besoin")
    check_both(window)
    assert page.locator("[name=costs]").input_value() == "Cinq mille euros."
    page.locator("[name=need]").fill("Ouvrir les bons bassins le bon jour.")
    follow(page.get_by_role("button", name=re.compile("Envoyer")))
    check_both(window)
    return window


def hear(window: Window) -> None:
    """Fix the first exchange, then report it."""
    page = window.page
    window.refused_by_design.add(422)
    follow(page.get_by_role("link", name=re.compile("Prévoir")))
    check_both(window)
    follow(page.get_by_role("link", name="Fixer le premier échange"))
    page.locator("[name=day]").fill("20/11/2020 à 9 h")
    page.locator("[name=place]").fill("En visioconférence.")
    page.get_by_role("button", name="Fixer l’échange").click()
    expect(page.get_by_role("alert")).to_contain_text("date à venir")
    check_both(window)
    page.locator("[name=day]").fill("15/12/2026 à 9 h 30")
    window.press_on("Fixer l’échange")
    follow(page.get_by_role("link", name="Rendre compte de l’échange"))
    page.locator("[name=held_on]").fill("23/11/2026")
    page.locator("[name=technology]").fill("Faisable avec cinq ans de données.")
    check_both(window)
    window.press_on("Enregistrer le compte rendu")


def test_a_need_reaches_its_outcome_as_its_people_see_it(visit: Visit) -> None:
    expert = make_expert(agrees=("asked", "introduced"), name="Delphine Exemple")
    make_listing(expert)
    person = UserFactory(name="Paule Exemple")
    mine = ask(visit, person)
    agent = make_user_with(Role.AGENT, "diagnostic", email="agent@exemple.invalid", name="Sacha Petit")
    desk = open_as(visit, agent, "/instruction/coeur-expert/")
    check_both(desk)
    hear(desk)
    follow(desk.page.get_by_role("link", name="Solliciter des experts"))
    check_both(desk)
    assert desk.page.locator("input[name=experts]:checked").count() == 1  # the one who was wished for
    desk.page.locator("#q").fill("vision")
    desk.press_on("Chercher")
    assert desk.page.locator("input[name=experts]:checked").count() == 1
    desk.press_on("Solliciter les experts choisis")
    offer = Introduction.objects.get()
    space = signed_in(visit, person_of(expert), f"/expert/mises-en-relation/{offer.key}/", width=375)
    check_both(space)
    assert person.email not in space.page.content()
    space.press_on("Accepter la mise en relation")
    expect(space.page.get_by_role("link", name=person.email)).to_be_visible()
    check_both(space)
    mine.go(f"/coeur-expert/{Need.objects.get().key}/")
    expect(mine.page.get_by_role("link", name=expert.email)).to_be_visible()
    check_both(mine)
    follow(mine.page.get_by_role("link", name="Dire la suite donnée"))
    mine.choose("Une demande à Booster IA")
    mine.page.locator("[name=outcome_on]").fill("23/11/2026")
    mine.page.locator("[name=words]").fill("Dossier déposé avec un laboratoire.")
    check_both(mine)
    mine.press_on("Clore ma demande")
    check_both(mine)
    desk.go(f"/instruction/coeur-expert/{Need.objects.get().key}/")
    expect(desk.page.get_by_text("Suite donnée par le porteur du besoin")).to_be_visible()
    check_both(desk)
    sent = "received new scheduled exchanged asked introduced contact ended released"  # each once
    kinds = Mail.objects.filter(kind__startswith="experts.need_").values_list("kind", flat=True)
    assert sorted(kinds) == sorted(f"experts.need_{one}" for one in sent.split())


def test_an_expert_leaves_the_public_directory_at_once(visit: Visit) -> None:
    expert = make_expert(agrees=("asked",), name="Delphine Exemple")
    window = signed_in(visit, person_of(expert), "/expert/", width=375)
    page = window.page
    check_both(window)
    window.refused_by_design.add(422)
    follow(page.get_by_role("link", name="Choisir ma fiche"))
    page.get_by_role("button", name=re.compile("J’accepte")).click()
    expect(page.get_by_role("alert")).to_contain_text("hoisissez au moins un domaine")
    check_both(window)
    window.choose("Santé")
    follow(page.get_by_role("button", name=re.compile("J’accepte")))
    public = visit("/accompagnement/experts/", width=320)
    expect(public.page.get_by_role("heading", name="Delphine Exemple")).to_be_visible()
    check_both(public, 320)
    assert expert.email not in public.page.content()
    page.get_by_role("button", name=re.compile("Retirer mon accord.*annuaire")).click()
    expect(page.get_by_text("Votre accord est retiré")).to_be_visible()
    public.page.reload()
    expect(public.page.get_by_text("Aucun expert n’a encore accepté", exact=False)).to_be_visible()
