"""People and roles, invitations, one's account."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from normandata.accounts import conf, services
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from normandata.dossiers import schemes
from tests.factories.accounts import UserFactory, make_agent, make_user_with, sign_in

from .steps import last_code, location, mails, sign_up

pytestmark = pytest.mark.django_db
GUEST = "invitee@exemple.invalid"
PEOPLE = "/compte/personnes/"


@pytest.fixture
def administrator(client: Client) -> User:
    return sign_in(client, make_user_with(Role.ADMINISTRATOR, name="Alix Martin"))


@pytest.mark.usefixtures("administrator")
def test_the_list_costs_the_same_at_one_and_thirty_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    admin = User.objects.get(name="Alix Martin")

    def cost() -> int:
        with django_assert_max_num_queries(15) as seen:
            assert client.get(PEOPLE).status_code == 200
        return len(seen.captured_queries)

    client.get(PEOPLE)
    make_agent()
    services.invite("a0@exemple.invalid", Role.AGENT, by=admin)
    few = cost()
    for number in range(1, 30):
        make_agent()
        services.invite(f"a{number}@exemple.invalid", Role.AGENT, by=admin)
    assert cost() == few
    assert "31 personnes" in client.get(PEOPLE).content.decode()


def test_who_sees_the_list() -> None:
    seen = {}
    for role in Role:
        browser = Client()
        sign_in(browser, make_user_with(role, "diagnostic" if role != Role.ADMINISTRATOR else ""))
        seen[role] = browser.get(PEOPLE).status_code
    assert {role for role, status in seen.items() if status == 200} == {Role.ADMINISTRATOR, Role.LEAD_AGENT}
    assert set(seen.values()) == {200, 404}
    browser = Client()
    sign_in(browser, UserFactory())
    assert browser.get(PEOPLE).status_code == 404
    assert Client().get(PEOPLE).status_code == 302


def test_a_lead_agent_sees_and_invites_the_agents_of_their_scheme(client: Client) -> None:
    sign_in(client, make_user_with(Role.LEAD_AGENT, "diagnostic"))
    mine, other = make_agent("diagnostic"), make_agent("booster_ia")
    page = client.get(PEOPLE).content.decode()
    assert (mine.email in page, other.email in page) == (True, False)
    assert 'value="administrator"' not in page
    for asked in (
        {"role": "agent", "scheme": "booster_ia"},
        {"role": "agent", "scheme": ""},
        {"role": "administrator"},
    ):
        assert client.post(PEOPLE, {"email": GUEST, **asked}).status_code == 200
    assert not StaffInvitation.objects.exists()
    sent = client.post(PEOPLE, {"email": GUEST, "role": "agent", "scheme": "diagnostic"})
    assert location(sent) == f"{PEOPLE}?fait=invitation"
    theirs = RoleAssignment.objects.get(user=other)
    assert client.get(f"{PEOPLE}roles/{theirs.pk}/retirer/").status_code == 404
    assert client.post(f"{PEOPLE}roles/{theirs.pk}/retirer/", {"reason": "x"}).status_code == 404
    lead = RoleAssignment.objects.get(role=Role.LEAD_AGENT)
    assert client.post(f"{PEOPLE}roles/{lead.pk}/retirer/", {"reason": "x"}).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_a_role_is_withdrawn_with_a_reason(client: Client) -> None:
    held = RoleAssignment.objects.get(user=make_agent())
    page = f"{PEOPLE}roles/{held.pk}/retirer/"
    assert "Indiquez le motif" in client.post(page, {"reason": ""}).content.decode()
    assert location(client.post(page, {"reason": "Fin de mission"})) == f"{PEOPLE}?fait=retrait"
    held.refresh_from_db()
    assert (held.ended_reason, held.ended_at is None) == ("Fin de mission", False)
    assert client.post(page, {"reason": "Encore"}).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_an_invitation_is_cancelled_by_post_only(client: Client) -> None:
    client.post(PEOPLE, {"email": GUEST, "role": "juror", "scheme": "datathon", "scope": "edition:1"})
    waiting = StaffInvitation.objects.get()
    assert "valable jusqu’au" in client.get(PEOPLE).content.decode()
    StaffInvitation.objects.update(expires_at=timezone.now())
    assert "expirée le" in client.get(PEOPLE).content.decode()
    page = f"{PEOPLE}invitations/{waiting.pk}/annuler/"
    assert client.get(page).status_code == 405
    assert location(client.post(page)) == f"{PEOPLE}?fait=annulation"
    assert client.post(page).status_code == 404


def test_somebody_without_an_account_is_invited_signs_up_and_accepts(administrator: User, client: Client) -> None:
    services.invite(GUEST, Role.AGENT, "diagnostic", by=administrator)
    path = "/invitation/" + mails(GUEST)[-1].split("/invitation/")[1].split("/")[0] + "/"
    guest = Client()
    page = guest.get(path).content.decode()
    assert f"/inscription/?next={path}" in page
    assert GUEST not in page
    assert guest.post(path).status_code == 200
    assert not RoleAssignment.objects.filter(role=Role.AGENT).exists()
    sign_up(guest, GUEST, next=path)
    assert location(guest.post("/inscription/code/", {"action": "verify", "code": last_code(GUEST)})) == path
    assert "Accepter ce rôle" in guest.get(path).content.decode()
    assert location(guest.post(path)) == "/compte/?fait=role"
    assert User.objects.get(email=GUEST).holds(Role.AGENT, scheme="diagnostic")
    assert location(guest.get("/compte/")).startswith("/compte/second-facteur/activer/")
    over = Client().get(path)
    assert (over.status_code, "n’est plus valable" in over.content.decode()) == (404, True)
    other = client.get(path)
    assert over.status_code == other.status_code


def test_another_account_cannot_take_an_invitation(administrator: User, client: Client) -> None:
    services.invite(GUEST, Role.ADMINISTRATOR, by=administrator)
    path = "/invitation/" + mails(GUEST)[-1].split("/invitation/")[1].split("/")[0] + "/"
    thief = sign_in(Client(), UserFactory())
    browser = Client()
    sign_in(browser, thief)
    assert "adressée à une autre adresse" in browser.post(path).content.decode()
    assert not User.objects.get(pk=thief.pk).holds(Role.ADMINISTRATOR)


def test_the_names_of_the_schemes_are_theirs() -> None:
    assert set(conf.SCHEMES) >= {scheme.slug for scheme in schemes.every()}


def test_what_a_person_posts_beyond_the_form_changes_nothing(client: Client) -> None:
    user = sign_in(client, UserFactory())
    extra = {"is_staff": "1", "is_superuser": "1", "email": GUEST, "is_active": "", "password": "x", "role": "agent"}
    client.post("/compte/", {"name": "Nouveau nom", **extra})
    again = User.objects.get(pk=user.pk)
    assert (again.name, again.email, again.is_staff, again.is_superuser) == ("Nouveau nom", user.email, False, False)
    guest = Client()
    guest.post("/inscription/", {"name": "N", "password1": "une phrase assez longue", **extra, "email": GUEST})
    made = User.objects.get(email=GUEST)
    assert (made.is_staff, made.is_superuser, made.is_active, made.assignments) == (False, False, True, ())
