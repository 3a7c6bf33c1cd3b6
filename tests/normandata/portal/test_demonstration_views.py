import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from normandata.accounts import services as accounts
from normandata.accounts.models import Role
from normandata.outbox import mail
from normandata.portal.demonstration import people, script
from tests.factories.accounts import enrol, make_user_with
from tests.factories.notifications import MailFactory

PAGE = "/demonstration/"


@pytest.fixture
def demo(db: None) -> None:
    """Make the demonstration's people, without their dossiers."""
    people.settle(script.read().accounts)


def written(code: str) -> str:
    return f"{code[:3]}&nbsp;{code[3:]}"


@pytest.mark.usefixtures("demo")
def test_the_page_gives_every_account_and_each_second_factor_and_sets_no_cookie(client: Client) -> None:
    response = client.get(PAGE)
    page = response.content.decode()
    assert (response.status_code, response.cookies) == (200, {})
    assert "no-store" in response["Cache-Control"]
    told = script.read()
    assert [one.email for one in told.accounts if page.count(one.email) != 1] == []
    secrets = {one.email: people.secret_of(one) for one in told.accounts if one.has_second_factor}
    assert len(set(secrets.values())) == len(secrets)
    assert [email for email, secret in secrets.items() if written(accounts.current_code(secret)) not in page] == []
    assert page.count(script.PASSWORD) == 1
    assert "Démonstration – données fictives." in page


@pytest.mark.usefixtures("demo")
def test_nobody_elses_second_factor_is_shown(client: Client) -> None:
    stranger = make_user_with(Role.AGENT, "diagnostic", name="Personne Réelle", email="reelle@exemple.invalid")
    near = make_user_with(Role.AGENT, "diagnostic", email="agent@demo.invalid.exemple.invalid")
    secrets = [enrol(one) for one in (stranger, near)]
    page = client.get(PAGE).content.decode()
    assert stranger.name not in page
    for one, secret in zip((stranger, near), secrets, strict=True):
        assert one.email not in page
        assert secret not in page
        assert written(accounts.current_code(secret)) not in page


@pytest.mark.usefixtures("demo")
def test_a_second_factor_enrolled_again_is_the_one_shown(client: Client) -> None:
    agent = next(one for one in script.read().accounts if one.slug == "agent")
    user = people.settle([agent])["agent"]
    accounts.enrol_totp(user, "JBSWY3DPEHPK3PXP")
    assert people.codes([agent]) == {agent.email: accounts.current_code("JBSWY3DPEHPK3PXP")}
    accounts.reset_second_factor(user, by=None)
    assert client.get(PAGE).content.decode().count("À activer à la connexion") == 1


@pytest.mark.usefixtures("demo")
def test_a_key_changed_since_the_load_breaks_nothing(client: Client, settings) -> None:
    settings.SECRET_KEY = "another key, of another var folder, that wrote none of these secrets"
    assert client.get(PAGE).status_code == 200
    assert people.codes(script.read().accounts) == {}


@pytest.mark.usefixtures("demo")
def test_a_code_is_readable_in_the_mails_and_what_a_mail_says_is_text(client: Client) -> None:
    mail.send("nouveau@demo.invalid", "<script>alert(1)</script>", "Votre code : QW3RTY <b>", is_secret=True)
    page = client.get(PAGE).content.decode()
    assert page.count("QW3RTY &lt;b&gt;") == 1
    assert "<script>alert" not in page


@pytest.mark.usefixtures("demo")
def test_htmx_gets_the_accounts_alone(client: Client) -> None:
    page = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<section")
    assert "agent@demo.invalid" in page
    assert "<h1" not in page


@pytest.mark.django_db
def test_before_it_is_loaded_the_page_says_how(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert "manage.py demo" in page
    assert script.PASSWORD not in page


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_in_production_the_page_does_not_exist(client: Client, settings, headers: dict[str, str]) -> None:
    settings.PRODUCTION = True
    response = client.get(PAGE, headers=headers)
    assert response.status_code == 404
    page = response.content.decode()
    assert script.PASSWORD not in page
    assert PAGE not in page


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["0", "-1", "abc", "٣", "99999999999", "9999", "../../etc/passwd"])
def test_any_page_number_is_answered(client: Client, number: str) -> None:
    assert client.get(PAGE, {"page": number}).status_code == 200


@pytest.mark.django_db
def test_the_page_is_only_read(client: Client) -> None:
    assert client.post(PAGE).status_code == 405


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_costs_the_same_with_many_mails(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        MailFactory()
        mail.send("nouveau@demo.invalid", "Code", "QW3RTY", is_secret=True)
    with django_assert_num_queries(4):
        client.get(PAGE)


def test_the_banner_leads_to_the_page(client: Client, settings) -> None:
    assert client.get("/aide/").content.decode().count(f'href="{PAGE}"') == 1
    settings.PRODUCTION = True
    assert client.get("/aide/").content.decode().count(f'href="{PAGE}"') == 0
