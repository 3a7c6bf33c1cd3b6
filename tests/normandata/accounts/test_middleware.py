"""The second factor of the Region's people, sessions that end, answers to scripts."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from normandata.accounts import middleware, services
from normandata.accounts.models import Role, RoleAssignment
from tests.factories.accounts import (
    BACKEND,
    PASSWORD,
    UserFactory,
    enrol,
    make_agent,
    make_user_with,
    sign_in,
    totp_code,
)

from .steps import is_signed_in, location, sign_in_by_form

pytestmark = pytest.mark.django_db
ENROL = "/compte/second-facteur/activer/"
PROVE = "/compte/second-facteur/confirmer/"


def test_an_agent_without_a_factor_enrols_before_any_private_page(client: Client) -> None:
    agent = make_agent()
    sign_in_by_form(client, agent.email)
    for page in (
        "/compte/",
        "/compte/adresse/",
        "/compte/sessions/",
        "/compte/second-facteur/codes/",
        "/connexion/ici/",
    ):
        assert location(client.get(page)) == f"{ENROL}?next={page.replace('/', '%2F')}"
    assert location(client.post("/compte/", {"name": "Autre"})) == f"{ENROL}?next=%2Fcompte%2F"
    agent.refresh_from_db()
    assert agent.name != "Autre"
    assert client.get("/aide/").status_code == 200
    assert client.get("/deconnexion/").status_code == 200


def test_an_agent_enrols_sees_the_codes_once_and_goes_on(client: Client) -> None:
    agent = make_agent()
    sign_in_by_form(client, agent.email)
    page = client.get(f"{ENROL}?next=/connexion/ici/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    secret = client.session["mfa.totp.secret"]
    key = client.session.session_key
    assert "Ce code n’est pas le bon" in client.post(ENROL, {"code": "000000"}).content.decode()
    done = client.post(f"{ENROL}?next=/connexion/ici/", {"code": services.current_code(secret)})
    assert location(done) == "/compte/second-facteur/codes/?next=%2Fconnexion%2Fici%2F"
    assert client.session.session_key != key
    codes = client.get(location(done)).content.decode()
    assert (codes.count("font-monospace"), 'href="/connexion/ici/"' in codes) == (10, True)
    again = client.get("/compte/second-facteur/codes/").content.decode()
    assert (again.count("font-monospace"), "déjà été affichés" in again) == (0, True)
    assert client.get("/compte/").status_code == 200
    assert secret not in str(Authenticator.objects.values_list("data", flat=True)), "kept in clear"


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.AUDITOR, Role.PAYMENTS_OFFICER])
def test_signing_in_to_the_region_takes_password_and_code(client: Client, role: Role) -> None:
    person = make_user_with(role)
    enrol(person)
    asked = client.post("/connexion/?next=/connexion/ici/", {"login": person.email, "password": PASSWORD})
    assert location(asked) == "/connexion/second-facteur/"
    assert not is_signed_in(client)
    assert client.get("/compte/").status_code == 302
    done = client.post("/connexion/second-facteur/", {"code": totp_code(person)})
    assert location(done) == "/connexion/ici/"
    assert client.get("/compte/").status_code == 200


def test_a_recovery_code_serves_once(client: Client) -> None:
    agent = make_agent()
    enrol(agent)
    code = Authenticator.objects.get(user=agent, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (302, 200):
        browser = Client()
        sign_in_by_form(browser, agent.email)
        assert browser.post("/connexion/second-facteur/", {"code": code}).status_code == expected


def test_a_session_without_the_second_factor_opens_nothing(client: Client) -> None:
    agent = make_agent()
    enrol(agent)
    client.force_login(agent, backend=BACKEND)
    assert location(client.get("/compte/")) == f"{PROVE}?next=%2Fcompte%2F"
    for page in ("/compte/second-facteur/codes/", "/compte/second-facteur/codes/nouveaux/", ENROL):
        assert location(client.get(page)).startswith(PROVE), page
    assert location(client.post(f"{PROVE}?next=/compte/", {"code": totp_code(agent)})) == "/compte/"
    assert client.get("/compte/").status_code == 200


def test_without_the_middleware_a_password_would_suffice(client: Client, settings) -> None:
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith("second_factor")]
    client.force_login(make_agent(), backend=BACKEND)
    assert client.get("/compte/").status_code == 200


def test_a_role_of_the_region_asks_an_open_session_for_the_factor(client: Client) -> None:
    user = sign_in(client, UserFactory())
    assert client.get("/compte/").status_code == 200
    services.grant_role(user, Role.AGENT, "diagnostic", by=None)
    assert location(client.get("/compte/")).startswith(ENROL)


def test_others_may_have_the_factor_and_need_not(client: Client) -> None:
    juror = sign_in(client, make_user_with(Role.JUROR, "datathon"))
    assert client.get("/compte/").status_code == 200
    enrol(juror)
    client.post("/deconnexion/")
    sign_in_by_form(client, juror.email)
    assert not is_signed_in(client)


def test_the_region_keeps_its_factor_and_others_may_leave_it(client: Client) -> None:
    sign_in(client, make_agent())
    assert "La Région demande un second facteur" in client.get("/compte/second-facteur/retirer/").content.decode()
    client.post("/compte/second-facteur/retirer/")
    assert Authenticator.objects.filter(type="totp").count() == 1
    Authenticator.objects.all().delete()
    other = sign_in(Client(), UserFactory())
    enrol(other)
    browser = Client()
    sign_in(browser, other)
    browser.post("/compte/second-facteur/retirer/")
    assert not Authenticator.objects.exists()


def test_a_role_withdrawn_bites_at_the_next_request(client: Client) -> None:
    administrator = sign_in(client, make_user_with(Role.ADMINISTRATOR))
    make_user_with(Role.ADMINISTRATOR)
    assert client.get("/compte/personnes/").status_code == 200
    assert client.get("/administration/").status_code == 200
    services.end_role(RoleAssignment.objects.get(user=administrator), "Départ", by=None)
    assert client.get("/compte/personnes/").status_code == 404
    assert client.get("/administration/").status_code == 404
    assert client.get("/compte/").status_code == 200


def test_a_closed_account_bites_at_the_next_request_and_its_sessions_stay_ended(client: Client) -> None:
    user = UserFactory()
    sign_in_by_form(client, user.email)
    assert client.get("/compte/").status_code == 200
    services.close_account(user, by=None)
    assert client.get("/compte/").status_code == 302
    services.reopen_account(user, by=None)
    assert client.get("/compte/").status_code == 302


@pytest.mark.parametrize("headers", [{"X-Requested-With": "autosave"}, {"HX-Request": "true"}])
def test_a_script_whose_session_is_over_is_told_where_to_sign_in(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("/compte/", {"name": "x"}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"sign_in": "/connexion/?next=/connexion/ici/"})
    client.force_login(make_agent(), backend=BACKEND)
    answer = client.post("/compte/", {"name": "x"}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"sign_in": f"{ENROL}?next=/connexion/ici/"})
    assert client.get("/aide/", headers=headers).status_code == 200


def test_a_page_left_open_goes_on_after_signing_in_elsewhere() -> None:
    user = UserFactory()
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/connexion/")
    token = page.context["csrf_token"]
    data = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
    assert location(browser.post("/connexion/?next=/connexion/ici/", data)) == "/connexion/ici/"
    assert "votre texte n’a pas bougé" in browser.get("/connexion/ici/").content.decode()
    stale = browser.post("/compte/", {"name": "Nouveau nom"}, headers={"X-CSRFToken": str(token)})
    assert stale.status_code == 403
    fresh = browser.get("/connexion/jeton/", headers={"X-Requested-With": "autosave"}).json()["csrf_token"]
    done = browser.post("/compte/", {"name": "Nouveau nom"}, headers={"X-CSRFToken": fresh})
    assert location(done) == "/compte/?fait=nom"


def test_a_session_ends_eight_hours_after_its_last_use(client: Client) -> None:
    user = UserFactory()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in_by_form(client, user.email)
        for _ in range(3):
            clock.shift(timedelta(hours=7, minutes=59))
            assert client.get("/compte/").status_code == 200
        clock.shift(timedelta(hours=8, seconds=1))
        assert client.get("/compte/").status_code == 302


def test_a_session_is_written_now_and_then_not_at_each_page(client: Client) -> None:
    sign_in(client, UserFactory())
    client.get("/compte/")
    first = client.session[middleware.PROLONGED]
    assert "sessionid" not in client.get("/compte/").cookies
    assert client.session[middleware.PROLONGED] == first
    assert abs(first - time.time()) < 5
