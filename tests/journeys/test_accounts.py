"""An account on a telephone, then the second factor of the Region, in a real browser with axe at each page."""

import re

import pytest

from normandata.accounts import services
from normandata.accounts.models import Role, User
from normandata.outbox.mail import SEND_SECRET
from normandata.outbox.models import Message
from tests.factories.accounts import PASSWORD, make_agent, make_user_with, totp_code

from .browser import Window, follow
from .conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "camille@exemple.invalid"
CODE = re.compile(r"^ {4}([A-Z0-9]{6})$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def last_code(to: str) -> str:
    row = Message.objects.filter(handler=SEND_SECRET, payload__to=to).order_by("created_at").last()
    assert row is not None
    found = CODE.search(row.payload["text"])
    assert found is not None
    return found[1]


def fill(window: Window, **fields: str) -> None:
    for name, value in fields.items():
        window.page.locator(f"[name={name}]").fill(value)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_person_signs_up_out_in_and_forgets_the_password_on_a_telephone(visit: Visit, javascript: bool) -> None:
    window = visit("/connexion/?next=/aides/diagnostic/", width=375, javascript=javascript)
    assert window.check_shape() == "Connexion"
    window.check_axe()
    follow(window.page.get_by_role("link", name="Créer un compte"))
    assert window.check_shape() == "Créer un compte"
    window.press_on("Créer mon compte")
    assert window.check_shape() == "Créer un compte"
    assert window.page.title().startswith("Erreur")
    if javascript:
        window.check_axe()
    fill(window, name="Camille Martin", email=NEW, password1=PASSWORD)
    window.press_on("Afficher le mot de passe")
    assert window.page.locator("[name=password1]").get_attribute("type") == "text"
    assert window.page.locator("[name=password1]").input_value() == PASSWORD
    window.page.locator("[name=password1]").press("Enter")
    window.page.wait_for_url("**/inscription/code/")
    assert window.check_shape() == "Vérifier votre adresse"
    if javascript:
        window.check_axe()
    window.widen(320)
    window.check_width()
    fill(window, code=last_code(NEW))
    window.press_on("Vérifier")
    assert window.path == "/aides/diagnostic/"

    window.go("/compte/")
    assert window.check_shape() == "Mon compte"
    if javascript:
        window.check_axe()
    for path in ("/compte/adresse/", "/compte/mot-de-passe/", "/compte/second-facteur/", "/compte/sessions/"):
        window.go(path)
        window.check_shape()
        if javascript:
            window.check_axe()
    window.go("/compte/")
    window.press_on("Se déconnecter")
    assert window.path == "/"
    window.go("/connexion/")
    fill(window, login=NEW, password="pas celui-là")
    window.press_on("Se connecter")
    assert "ne vont pas ensemble" in window.page.locator("[role=alert]").inner_text()
    assert window.page.locator("[name=login]").input_value() == NEW
    window.check_shape()
    follow(window.page.get_by_role("link", name="Mot de passe oublié"))
    assert window.check_shape() == "Mot de passe oublié"
    fill(window, email=NEW)
    window.press_on("Recevoir un code")
    assert window.check_shape() == "Recopier le code"
    fill(window, code=last_code(NEW))
    window.press_on("Continuer")
    assert window.check_shape() == "Choisir un mot de passe"
    fill(window, password1="une autre phrase assez longue")
    window.press_on("Enregistrer et me connecter")
    assert window.path == "/dossiers/"


def test_an_agent_enrols_a_second_factor_and_signs_in_with_it(visit: Visit) -> None:
    agent = make_agent(email="agent@exemple.invalid", name="Sacha Petit")
    window = visit("/connexion/?next=/compte/sessions/", width=1280)
    fill(window, login=agent.email, password=PASSWORD)
    window.press_on("Se connecter")
    assert window.check() == "Activer le second facteur"
    assert window.page.locator("img").evaluate("image => image.naturalWidth") > 0
    window.widen(320)
    window.check()
    secret = window.page.locator("li .font-monospace").inner_text().replace(" ", "")
    fill(window, code=services.current_code(secret))
    window.press_on("Activer")
    assert window.check() == "Vos codes de secours"
    codes = window.page.locator("main li .font-monospace").all_inner_texts()
    assert len(set(codes)) == 10
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name="Enregistrer dans un fichier").click()
    assert download.value.path().read_text().split() == codes
    follow(window.page.get_by_role("link", name="Je les ai gardés, continuer"))
    assert window.check() == "Mes sessions ouvertes"
    window.go("/deconnexion/")
    window.check()
    window.press_on("Se déconnecter")
    window.go("/connexion/")
    fill(window, login=agent.email, password=PASSWORD)
    window.press_on("Se connecter")
    assert window.check() == "Second facteur"
    fill(window, code=codes[0])
    window.press_on("Se connecter")
    assert window.path == "/instruction/"


def test_an_administrator_invites_withdraws_and_reads_the_administration(visit: Visit) -> None:
    person = make_user_with(Role.ADMINISTRATOR, email="admin@exemple.invalid", name="Alix Martin")
    make_agent(name="Sacha Petit")
    window = visit("/connexion/?next=/compte/personnes/", width=1280)
    secret_code = totp_code(person)
    fill(window, login=person.email, password=PASSWORD)
    window.press_on("Se connecter")
    fill(window, code=secret_code)
    window.press_on("Se connecter")
    assert window.check() == "Personnes et rôles"
    fill(window, email="nouveau@exemple.invalid")
    window.press_on("Envoyer l’invitation")
    assert "nouveau@exemple.invalid" in window.page.locator("main").inner_text()
    for width in (1280, 375, 320):
        window.widen(width)
        window.check()
    follow(window.page.get_by_role("link", name=re.compile("Retirer Agent instructeur")))
    assert window.check() == "Retirer un rôle"
    fill(window, reason="Départ du service")
    window.press_on("Retirer ce rôle")
    assert not User.objects.get(name="Sacha Petit").assignments
    window.widen(1280)
    for path in ("", "accounts/user/", f"accounts/user/{person.pk}/change/", "accounts/roleassignment/add/"):
        window.go(f"/administration/{path}")
        window.check_quiet()
