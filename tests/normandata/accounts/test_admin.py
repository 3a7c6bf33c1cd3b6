"""The administration: for administrators only, nothing secret shown, nothing deleted."""

import pytest
from django.contrib import admin
from django.test import Client

from normandata.accounts.models import Role, RoleAssignment, User
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in

from .steps import location

pytestmark = pytest.mark.django_db
HOME = "/administration/"


@pytest.fixture
def administrator(client: Client) -> User:
    return sign_in(client, make_user_with(Role.ADMINISTRATOR))


def test_only_administrators_enter() -> None:
    entered = set()
    for role in Role:
        browser = Client()
        sign_in(browser, make_user_with(role))
        if browser.get(HOME).status_code == 200:
            entered.add(role)
    assert entered == {Role.ADMINISTRATOR}
    for scheme_only in (
        make_user_with(Role.ADMINISTRATOR, "diagnostic"),
        UserFactory(is_staff=True, is_superuser=True),
    ):
        browser = Client()
        sign_in(browser, scheme_only)
        assert browser.get(HOME).status_code == 404
        assert browser.get("/administration/accounts/user/").status_code == 404
        assert browser.get("/administration/login/").status_code == 404
    assert location(Client().get(HOME)).startswith("/administration/login/?next=")


@pytest.mark.usefixtures("administrator")
def test_no_library_shows_its_secrets_and_nothing_can_be_deleted(client: Client) -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert registered >= {"accounts.User", "accounts.RoleAssignment", "accounts.StaffInvitation"}
    assert not {
        label for label in registered if label.split(".")[0] in ("account", "mfa", "axes", "usersessions", "auth")
    }
    person = make_agent()
    for model, pk in (("user", person.pk), ("roleassignment", RoleAssignment.objects.get(user=person).pk)):
        page = client.get(f"/administration/accounts/{model}/").content.decode()
        assert "delete_selected" not in page
        assert client.post(f"/administration/accounts/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
    change = client.get(f"/administration/accounts/user/{person.pk}/change/").content.decode()
    assert person.email in change
    assert person.password not in change
    assert 'name="is_superuser"' not in change
    assert client.get("/administration/accounts/user/add/").status_code == 403


def test_a_role_is_given_and_ended_there(client: Client, administrator: User) -> None:
    person = UserFactory()
    data = {"user": person.pk, "role": "agent", "scheme": "diagnostic", "scope": ""}
    assert client.post("/administration/accounts/roleassignment/add/", data).status_code == 302
    held = RoleAssignment.objects.get(user=person)
    assert held.granted_by == administrator
    assert client.post(f"/administration/accounts/roleassignment/{held.pk}/change/", data).status_code == 403
    client.post("/administration/accounts/roleassignment/", {"action": "end", "_selected_action": [held.pk]})
    held.refresh_from_db()
    assert held.ended_by == administrator
    last = RoleAssignment.objects.get(user=administrator)
    answer = client.post(
        "/administration/accounts/roleassignment/", {"action": "end", "_selected_action": [last.pk]}, follow=True
    )
    assert "au moins un administrateur" in answer.content.decode()


@pytest.mark.usefixtures("administrator")
def test_accounts_are_closed_and_reopened_there(client: Client) -> None:
    person = UserFactory()
    for action, expected in (("close", False), ("reopen", True)):
        client.post("/administration/accounts/user/", {"action": action, "_selected_action": [person.pk]})
        person.refresh_from_db()
        assert person.is_active is expected
    client.post("/administration/accounts/user/", {"action": "forget_second_factor", "_selected_action": [person.pk]})


@pytest.mark.usefixtures("administrator")
def test_signing_out_and_changing_the_password_are_the_portals(client: Client) -> None:
    assert location(client.get("/administration/password_change/")) == "/compte/mot-de-passe/"
    assert location(client.get("/administration/logout/")) == "/deconnexion/"
    assert client.get(HOME).status_code == 200
    assert location(client.post("/administration/logout/")) == "/"
    assert client.get(HOME).status_code == 302


@pytest.mark.usefixtures("administrator")
def test_its_pages_have_nothing_inline(client: Client) -> None:
    for page in (HOME, "/administration/accounts/user/", "/administration/accounts/roleassignment/add/"):
        text = client.get(page).content.decode()
        assert ("<style" in text, " style=" in text, "onclick=" in text, "<script>" in text) == (False,) * 4, page
