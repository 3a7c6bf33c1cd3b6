"""Sign-up with a code, sign-in, reset, session: what a person does, and what an attacker tries."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from normandata.accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory, sign_in

from .steps import is_signed_in, last_code, location, mails, sign_in_by_form, sign_up

pytestmark = pytest.mark.django_db
NEW = "nouvelle@exemple.invalid"
BACK = "/aides/diagnostic/?reprise=1"


def test_a_person_signs_up_with_a_code_and_goes_back_where_they_came_from(client: Client) -> None:
    page = client.get(f"/connexion/?next={quote(BACK)}").content.decode()
    assert f"/inscription/?next={quote(BACK)}" in page
    asked = sign_up(client, NEW.upper(), next=quote(BACK))
    assert location(asked) == "/inscription/code/"
    assert not is_signed_in(client)
    done = client.post("/inscription/code/", {"action": "verify", "code": last_code(NEW).lower()})
    assert location(done) == BACK
    user = User.objects.get()
    assert (user.email, user.name, user.is_region) == (NEW, "Camille Martin", False)
    assert EmailAddress.objects.filter(user=user, verified=True, primary=True).exists()
    assert is_signed_in(client)


def test_without_the_code_nobody_is_signed_in(client: Client) -> None:
    sign_up(client, NEW)
    for _ in range(2):
        refused = client.post("/inscription/code/", {"action": "verify", "code": "BBBBBB"})
        assert "Ce code n’est pas le bon" in refused.content.decode()
    assert location(client.post("/inscription/code/", {"action": "verify", "code": "BBBBBB"})) == "/connexion/"
    assert "Trop d’essais" in client.get("/connexion/").content.decode()
    assert not is_signed_in(client)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_an_address_not_verified_yet_gets_another_code_at_sign_in(client: Client) -> None:
    sign_up(client, NEW)
    other = Client()
    assert location(sign_in_by_form(other, NEW)) == "/inscription/code/"
    client.get("/inscription/code/")
    assert location(other.post("/inscription/code/", {"action": "verify", "code": last_code(NEW)})) == "/espace/"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_next_never_leads_elsewhere(client: Client, evil: str) -> None:
    user = UserFactory()
    done = client.post(f"/connexion/?next={quote(evil)}", {"login": user.email, "password": PASSWORD, "next": evil})
    assert location(done) == "/espace/"
    client.logout()
    sign_up(client, NEW, next=quote(evil))
    assert location(client.post("/inscription/code/", {"action": "verify", "code": last_code(NEW)})) == "/espace/"


def test_a_short_password_is_refused_and_what_was_typed_comes_back(client: Client) -> None:
    page = sign_up(client, NEW, password="peu long").content.decode()
    assert "12 caractères" in page
    assert 'value="Camille Martin"' in page
    assert f'value="{NEW}"' in page
    assert "peu long" not in page
    assert not User.objects.exists()


def test_a_password_shows_on_demand_without_a_script(client: Client) -> None:
    data = {"name": "Camille", "email": NEW, "password1": PASSWORD, "afficher": "1"}
    shown = client.post("/inscription/", data).content.decode()
    assert re.search(rf'<input type="text" name="password1" value="{PASSWORD}"', shown)
    del data["afficher"]
    hidden = client.post("/inscription/", data | {"masquer": "1"}).content.decode()
    assert '<input type="password" name="password1"' in hidden
    assert "Erreur" not in shown + hidden
    assert not User.objects.exists()
    assert mails(NEW) == []


def test_a_forgotten_password_is_changed_with_a_code(client: Client) -> None:
    user = UserFactory()
    old = Client()
    sign_in_by_form(old, user.email)
    assert old.get("/compte/").status_code == 200
    assert location(client.post("/mot-de-passe/", {"email": user.email})) == "/mot-de-passe/code/"
    assert location(client.post("/mot-de-passe/code/", {"code": last_code(user.email)})) == "/mot-de-passe/nouveau/"
    another = "une autre phrase assez longue"
    assert location(client.post("/mot-de-passe/nouveau/", {"password1": another})) == "/espace/"
    user.refresh_from_db()
    assert user.check_password(another)
    assert old.get("/compte/").status_code == 302, "the session opened with the old password lives on"
    assert "mot de passe a changé" in mails(user.email)[-1]


def test_a_password_is_changed_with_the_old_one_which_ends_other_sessions(client: Client) -> None:
    user = UserFactory()
    other = Client()
    sign_in_by_form(client, user.email)
    sign_in_by_form(other, user.email)
    another = "une autre phrase assez longue"
    wrong = client.post("/compte/mot-de-passe/", {"oldpassword": "pas le bon", "password1": another})
    assert "Ce n’est pas votre mot de passe actuel" in wrong.content.decode()
    done = client.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": another})
    assert location(done) == "/compte/?fait=mot-de-passe"
    assert client.get("/compte/").status_code == 200
    assert other.get("/compte/").status_code == 302


def test_an_address_changes_once_the_new_one_is_verified(client: Client) -> None:
    user = UserFactory()
    sign_in_by_form(client, user.email)
    assert location(client.post("/compte/adresse/", {"email": NEW, "action_add": "1"})) == "/inscription/code/"
    user.refresh_from_db()
    assert user.email != NEW
    done = client.post("/inscription/code/", {"action": "verify", "code": last_code(NEW)})
    assert location(done) == "/compte/?fait=adresse"
    old = user.email
    user.refresh_from_db()
    assert user.email == NEW
    assert f"pour {NEW}" in mails(old)[-1]


def test_a_sensitive_change_asks_for_the_password_again(client: Client) -> None:
    user = UserFactory()
    sign_in_by_form(client, user.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post("/compte/adresse/", {"email": NEW, "action_add": "1"})
        assert location(asked).startswith("/compte/confirmer/?next=")
        assert mails(NEW) == []
        assert location(client.get("/compte/second-facteur/activer/")).startswith("/compte/confirmer/?next=")


def test_the_key_of_a_session_changes_at_sign_in(client: Client) -> None:
    user = UserFactory()
    session = client.session
    session["planted"] = True
    session.save()
    fixed = session.session_key
    client.cookies["sessionid"] = fixed
    sign_in_by_form(client, user.email)
    assert client.session.session_key != fixed
    attacker = Client()
    attacker.cookies["sessionid"] = fixed
    assert attacker.get("/compte/").status_code == 302


def test_a_session_signed_out_cannot_be_replayed(client: Client) -> None:
    user = UserFactory()
    sign_in_by_form(client, user.email)
    stolen = client.cookies["sessionid"].value
    assert client.get("/deconnexion/").status_code == 200
    assert client.get("/compte/").status_code == 200, "a link signed the person out"
    assert location(client.post("/deconnexion/")) == "/"
    replay = Client()
    replay.cookies["sessionid"] = stolen
    assert location(replay.get("/compte/")) == "/connexion/?next=/compte/"


def test_signing_out_leaves_no_session_to_public_pages(client: Client) -> None:
    user = UserFactory()
    sign_in_by_form(client, user.email)
    assert client.post("/deconnexion/").cookies["sessionid"]["max-age"] == 0
    del client.cookies["sessionid"]
    home = client.get("/")
    assert home.cookies == {}
    assert "public" in home.headers["Cache-Control"]


def test_a_signed_in_session_gets_no_cookie_from_public_pages(client: Client) -> None:
    sign_in(client, UserFactory())
    home = client.get("/")
    assert home.cookies == {}
    assert "public" in home.headers["Cache-Control"]


def test_a_closed_account_is_told_so_to_its_owner_only(client: Client) -> None:
    user = UserFactory(is_active=False)
    assert location(sign_in_by_form(client, user.email)) == "/connexion/compte-ferme/"
    assert "ne vont pas ensemble" in sign_in_by_form(client, user.email, "pas le bon").content.decode()
    assert not is_signed_in(client)


def test_sessions_are_listed_and_the_others_are_closed(client: Client) -> None:
    user = UserFactory()
    other = Client()
    sign_in_by_form(other, user.email)
    sign_in_by_form(client, user.email)
    page = client.get("/compte/sessions/").content.decode()
    assert (page.count("Cet appareil"), page.count("Un autre appareil")) == (1, 1)
    client.post("/compte/sessions/")
    assert (client.get("/compte/").status_code, other.get("/compte/").status_code) == (200, 302)


def test_no_page_of_a_library_is_open(client: Client) -> None:
    for address in ("/accounts/login/", "/login/", "/password/set/", "/3rdparty/", "/phone/change/", "/compte/x/"):
        assert client.get(address).status_code == 404
    for address in ("/connexion/", "/inscription/", "/mot-de-passe/"):
        assert [client.generic(method, address).status_code for method in ("PUT", "DELETE", "OPTIONS")] == [405] * 3
