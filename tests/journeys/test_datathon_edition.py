"""J10: a new edition cloned from the last one, tried as a participant would, opened to the public; axe at each step."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from datathon import phases
from datathon.models import Edition, HelpRequest, Mentor, Registration, Team
from normandata.accounts.models import Role, User
from normandata.notifications.models import Mail
from tests.factories.accounts import PASSWORD, UserFactory, make_user_with
from tests.factories.datathon import SCHEME, make_edition, make_registration, make_team
from tests.factories.datathon_mentors import make_mentor

from . import keyboard
from .browser import Window
from .conftest import Visit
from .errors import plain
from .test_examine import open_as

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("media"),
]
HOME = "/instruction/datathon/"


@pytest.fixture(autouse=True)
def _work_stays_in_its_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)
    return


@pytest.fixture
def organiser(_work_stays_in_its_rows: None) -> User:
    return make_user_with(Role.ORGANISER, SCHEME, name="Camille Datathon")


def fill(window: Window, name: str, text: str) -> None:
    window.page.locator(f"[name={name}]").fill(text)


def enter(visit: Visit, person: User, path: str, *, width: int = 1280) -> Window:
    """Sign in somebody who is not of the Region, and arrive on a page."""
    window = visit(f"/connexion/?next={path}", width=width)
    window.page.locator("[name=login]").fill(person.email)
    window.page.locator("[name=password]").fill(PASSWORD)
    window.press_on("Se connecter")
    assert window.path == path
    window.clicks = 0
    return window


@pytest.mark.parametrize("width", [375, 1280])
def test_an_edition_is_cloned_tried_and_opened(visit: Visit, organiser: User, width: int) -> None:
    source = make_edition(phases.CANCELLED, title="Datathon 2027", slug="datathon-2027", created_by=organiser)
    window = open_as(visit, organiser, HOME, width=width)
    page = window.page
    expect(page.locator("main")).to_contain_text("Aucune édition en 2026")
    window.check()
    window.follow(source.title)
    window.check()
    window.follow("Reprendre cette édition pour une autre")
    fill(window, "title", "Datathon 2028")
    window.check()
    window.press_on("Créer l’édition")
    assert window.path == f"{HOME}datathon-2028/"
    window.check()
    expect(page.locator("main")).to_contain_text("30 août 2028".replace(" ", "\u00a0"))

    # An hour that the clock skips is refused beside its field, and what was typed stays.
    window.follow("Réglages")
    window.check()
    window.refused_by_design.add(422)
    fill(window, "closing_at", "26/03/2028 à 2 h 30")
    window.press_on("Enregistrer")
    said = plain(page.locator("#id_closing_at_error").inner_text())
    assert said.startswith("Cette heure n’existe pas")
    assert page.locator("[name=closing_at]").input_value() == "26/03/2028 à 2 h 30"
    window.check()
    fill(window, "closing_at", "21/10/2028 à 14 h")
    window.press_on("Enregistrer")
    window.check()

    # Prizes that the règlement refuses, then those it admits.
    window.follow("Contenu", exact=True)
    window.check()
    window.follow("Fixer les prix")
    fill(window, "prizes", "2500\n1500\n1000,01")
    window.press_on("Fixer les prix")
    assert "il dépasse les 5 000,00 € admis" in plain(page.locator("#id_prizes_error").inner_text())
    window.check()
    fill(window, "prizes", "2500\n1500\n1000")
    window.press_on("Fixer les prix")
    window.check()

    # The trial: what organisers did as participants is gone once the edition opens.
    window.go(f"{HOME}datathon-2028/")
    window.press_on("Essayer l’édition")
    expect(page.locator("main")).to_contain_text("Vous êtes à l’essai.")
    edition = Edition.objects.get(slug="datathon-2028")
    window.follow("M’inscrire pour l’essai")
    assert window.path == "/espace/datathon/datathon-2028/inscription/"
    window.check()
    window.choose("Agent d’une collectivité")
    window.choose("J’ai 18 ans ou plus")
    page.locator("label[for=id_accepts]").click()
    window.press_on("M’inscrire")
    window.check()
    window.follow("Trouver une équipe")
    window.follow("Créer une équipe")
    fill(window, "name", "Équipe d’essai")
    window.press_on("Créer l’équipe")
    window.check()
    assert (Registration.objects.get().rehearsal, Team.objects.get().rehearsal) == (True, True)
    window.go(f"{HOME}datathon-2028/")
    window.follow("Inscriptions", exact=True)
    expect(page.get_by_role("status")).to_contain_text("1 inscription de l’essai")
    window.check()
    window.go("/datathon/datathon-2028/", status=404)
    window.go(f"{HOME}datathon-2028/")
    window.press_on("Ouvrir les inscriptions")
    window.check()
    edition.refresh_from_db()
    assert (edition.state, edition.registrations.count()) == (phases.REGISTRATION, 0)
    window.follow("Page publique")
    window.check()
    expect(page.locator("main")).to_contain_text("Lieu communiqué pendant le challenge")
    expect(page.locator("main")).to_contain_text(re.compile(r"2.500,00.€"))
    window.follow("Lire le règlement et ses versions")
    window.check()
    window.go("/datathon/")
    window.check()
    window.go("/aides/datathon/")
    window.check()
    window.follow("Voir l’édition")
    assert window.path == "/datathon/datathon-2028/"


def test_a_volunteer_offers_is_accepted_and_helps_a_team(visit: Visit, organiser: User) -> None:
    edition = make_edition(phases.CHALLENGE, slug="datathon-2027", created_by=organiser)
    team = make_team(edition, name="Les Marées")
    member = team.seats.get().registration.person
    assert member is not None
    volunteer = UserFactory(name="Alix Bénévole")
    window = enter(visit, volunteer, "/datathon/datathon-2027/mentorat/", width=375)
    window.check()
    window.choose("Cartographie")
    fill(window, "about", "Géomaticienne, dix ans de littoral")
    window.press_on("Proposer mon aide")
    window.check()
    window = open_as(visit, organiser, f"{HOME}datathon-2027/mentors/")
    window.check()
    window.press_on("Accepter Alix Bénévole")
    window.check()
    assert Mentor.objects.active().get().person == volunteer
    window = enter(visit, member, f"/espace/datathon/equipes/{team.pk}/aide/", width=375)
    window.check()
    fill(window, "question", "Comment projeter nos points ?")
    window.press_on("Envoyer la demande")
    window.check()
    window = enter(visit, volunteer, "/mentorat/", width=375)
    window.check()
    window.press_on("Aider cette équipe : Les Marées".replace(" :", "\u00a0:"))
    window.check()
    window.follow("Les Marées")
    fill(window, "text", "Voyez EPSG 2154.")
    window.choose("L’équipe la lit")
    window.press_on("Enregistrer la note")
    window.check()
    request = HelpRequest.objects.get()
    assert (request.taken_by and request.taken_by.person) == volunteer
    assert Mail.objects.filter(kind="datathon.note_shared", recipient=member).count() == 1


def test_a_registration_is_ticked_at_the_door_by_keyboard_alone(visit: Visit, organiser: User) -> None:
    edition = make_edition(phases.CHALLENGE, slug="datathon-2027", created_by=organiser)
    one = make_registration(edition)
    make_mentor(edition)
    window = open_as(visit, organiser, f"{HOME}datathon-2027/presences/presence/")
    keyboard.skip_to_content(window)
    keyboard.tab_to(window, "id", f"p{one.pk}")
    keyboard.press(window, "Space")
    keyboard.leave(window, "Enregistrer cette page")
    expect(window.page.get_by_role("status").first).to_contain_text("1 case enregistrée")
    window.check()
    one.refresh_from_db()
    assert one.present_at is not None
