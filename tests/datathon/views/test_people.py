"""The participants' pages: what they say, what they keep of a refusal, and what their lists cost."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from datathon import phases
from datathon.models import Consent, Edition, Registration, Seat, Team
from datathon.services.registrations import Said
from normandata.accounts.models import User
from tests.datathon.services.test_registrations import MINOR, link
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.datathon import make_edition, make_organiser, make_registration, make_rules, make_seat, make_team
from tests.factories.organisations import MembershipFactory
from tests.factories.people import create_team, join, person_of, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
FILLED = {"profile": "student", "age": "majeur", "accepts": "on", "rules": "1", "pitch": "Bonjour", "skills": ["ai"]}


def as_(person: User) -> Client:
    client = Client()
    sign_in(client, person)
    return client


def at(name: str, edition: Edition, *args: Any) -> str:
    return reverse(f"datathon:{name}", args=[edition.slug, *args])


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ").split())


def cost(ask: Callable[[], HttpResponse]) -> tuple[int, Counter[str]]:
    """Count the queries of a page, and the objects made for it, by table."""
    made: Counter[str] = Counter()

    def count(sender: Any, **kwargs: Any) -> None:
        made[sender.__name__] += 1

    post_init.connect(count)
    try:
        with CaptureQueriesContext(connection) as queries:
            assert ask().status_code == 200
    finally:
        post_init.disconnect(count)
    return len(queries), made


# -------------------------------------------------------------------------------------------------------- registration
def test_a_newer_version_published_meanwhile_is_shown_and_nothing_is_lost() -> None:
    edition = make_edition()
    client = as_(UserFactory())
    make_rules(edition, 2, text="Le deuxième texte.", change="Le jury vote à main levée.")
    answer = client.post(at("register", edition), FILLED)
    said = text(answer)
    assert answer.status_code == 422
    assert "Le règlement a changé" in said
    assert "Le deuxième texte." in said
    assert "Le jury vote à main levée." in said
    assert 'name="rules" value="2"' in said
    assert 'value="Bonjour"' in said
    assert not Registration.objects.exists()
    form = answer.context["form"]
    assert (form["accepts"].value(), form["skills"].value(), form["profile"].value()) == (False, ["ai"], "student")
    assert client.post(at("register", edition), FILLED | {"rules": "2"}).status_code == 302
    assert Registration.objects.get().rules.version == 2


def test_a_minor_without_a_parent_is_asked_for_one_beside_the_field() -> None:
    edition, person = make_edition(), UserFactory()
    answer = as_(person).post(at("register", edition), FILLED | {"age": "mineur", "guardian_email": person.email})
    errors = answer.context["form"].errors
    assert errors == {
        "guardian_name": ["Indiquez le nom d’un parent."],
        "guardian_email": ["Indiquez l’adresse d’un parent, pas la vôtre."],
    }


@pytest.mark.parametrize(
    ("state", "fields", "sentence"),
    [
        (phases.CHALLENGE, {"registration_closes_on": None}, "Les inscriptions sont closes : le challenge a commencé."),
        (phases.REGISTRATION, {"opens_on": "2027-09-20"}, "Les inscriptions ouvrent le 20 septembre 2027."),
        (
            phases.REGISTRATION,
            {"registration_mode": "elsewhere", "registration_url": "https://exemple.invalid/"},
            "L’inscription se fait sur un autre site",
        ),
        (phases.CANCELLED, {}, "Cette édition est annulée."),
    ],
)
def test_a_shut_registration_is_a_page_that_says_why(state: str, fields: dict[str, Any], sentence: str) -> None:
    edition = make_edition(state, **fields)
    client = as_(UserFactory())
    for answer in (client.get(at("register", edition)), client.post(at("register", edition), FILLED)):
        assert answer.status_code == 200
        assert sentence in text(answer)
    assert not Registration.objects.exists()


def test_a_trial_does_not_exist_but_for_its_organisers() -> None:
    edition = make_edition(phases.REHEARSAL)
    assert as_(UserFactory()).get(at("register", edition)).status_code == 404
    client = as_(make_organiser(edition))
    assert client.post(at("register", edition), FILLED).status_code == 302
    assert Registration.objects.get().rehearsal


def test_a_parent_answers_without_an_account() -> None:
    made = register(make_edition(), UserFactory(name="Lou"), MINOR)
    token = link(made)
    address = reverse("datathon:guardian", args=[token])
    page = Client().get(address)
    assert "Lou, mineur, souhaite participer" in text(page)
    assert Client().post(address, {"reponse": "accepter"}).status_code == 422
    answer = Client().post(address, {"reponse": "accepter", "is_parent": "on", "image": "on"})
    assert "Votre accord est donné" in text(answer)
    made.refresh_from_db()
    assert (made.state, Consent.objects.get().kind) == ("registered", "image")
    assert Client().get(address).status_code == 404


def test_a_participant_lands_on_the_editions_and_a_member_keeps_the_dossiers() -> None:
    edition, person = make_edition(), UserFactory()
    assert as_(person).get(reverse("dossiers:home")).headers["Location"] == reverse("dossiers:mine")
    register(edition, person)
    client = as_(person)
    assert client.get(reverse("dossiers:home")).headers["Location"] == reverse("datathon:mine")
    page = text(client.get(reverse("datathon:mine")))
    assert "Créez une équipe ou rejoignez-en une avant la fin du 8 octobre 2027." in page
    assert "Espace du participant" in page
    MembershipFactory(user=person, manager=True)
    client = as_(person)
    assert client.get(reverse("dossiers:home")).headers["Location"] == reverse("dossiers:mine")
    assert "Mes éditions" in text(client.get(reverse("dossiers:mine")))


# ---------------------------------------------------------------------------------------------------------------- teams
def test_two_pages_of_a_team_never_overwrite_and_what_was_typed_stays() -> None:
    made = register(make_edition())
    team = create_team(made)
    client = as_(person_of(made))
    address = at("team_change", made.edition)
    assert client.post(address, {"name": "Les Haies", "revision": "1"}).status_code == 302
    answer = client.post(address, {"name": "Les Talus", "revision": "1"})
    assert answer.status_code == 422
    assert "L’équipe a changé" in text(answer)
    assert 'value="Les Talus"' in text(answer)
    team.refresh_from_db()
    assert team.name == "Les Haies"


def test_a_locked_page_says_since_when(september: Any) -> None:
    made = register(make_edition())
    Edition.objects.update(state=phases.CHALLENGE)
    september.move_to("2027-10-09 08:00 +0200")
    client = as_(person_of(made))
    for name in ("team", "team_create", "team_join"):
        said = text(client.get(at(name, made.edition)))
        assert "Les équipes sont figées" in said, name
        assert "On ne change plus d’équipe depuis le 8 octobre 2027 à minuit, heure de Paris." in said, name
    answer = client.post(at("team_create", made.edition), {"name": "Trop tard"})
    assert not Team.objects.exists()
    assert answer.status_code in (200, 422)


def test_the_loser_of_a_race_reads_a_clear_message() -> None:
    team = create_team(register(make_edition()))
    for _ in range(4):
        join(team)
    late = register(team.edition)
    answer = as_(person_of(late)).post(at("team_join", team.edition), {"code": team.code})
    assert answer.status_code == 422
    assert "L’équipe est complète depuis un instant" in text(answer)


def test_the_board_shows_no_address_and_can_be_shut() -> None:
    edition = make_edition()
    made = register(edition, UserFactory(name="Camille"))
    other = register(edition, UserFactory(name="Lou", email="lou@exemple.invalid"), Said("student", wants_team=True))
    create_team(register(edition), "Les Bocages", looks_for="Une cartographe")
    client = as_(person_of(made))
    page = text(client.get(at("search", edition)))
    assert "Lou" in page
    assert "Une cartographe" in page
    assert "lou@exemple.invalid" not in page
    assert text(client.get(at("search", edition) + "?competence=ai")).count("Lou") == 0
    edition.shut.create(phase=phases.REGISTRATION, right="board")
    shut = text(client.get(at("search", edition)))
    assert "La recherche n’est pas ouverte" in shut
    assert "Lou" not in shut
    assert client.get(at("team_ask", edition, Team.objects.get().pk)).status_code == 404
    assert other.pk


def seated(edition: Edition) -> Team:
    """Make a team that looks for somebody, whose members are already there."""
    return make_team(edition, 2, looks_for="Quelqu’un")


def test_the_search_costs_the_same_at_one_and_at_thirty() -> None:
    edition = make_edition()
    me = register(edition)

    def add() -> None:
        make_registration(edition, wants_team=True)
        seated(edition)

    add()
    client = as_(person_of(me))
    client.get(at("search", edition))
    few = cost(lambda: client.get(at("search", edition)))
    for _ in range(29):
        add()
    many = cost(lambda: client.get(at("search", edition)))
    assert many[0] == few[0] <= 15
    # A page of thirty people and thirty teams.
    most = {"Registration": 31, "Team": 30, "User": 32}
    assert {name: many[1][name] for name in most} == most


def test_my_editions_cost_the_same_at_one_and_at_thirty() -> None:
    person = UserFactory()

    def add() -> None:
        team = make_team(make_edition(phases.CHALLENGE))
        made = make_registration(team.edition, person)
        make_seat(team, made, 2)

    add()
    client = as_(person)
    client.get(reverse("datathon:mine"))
    few = cost(lambda: client.get(reverse("datathon:mine")))
    for _ in range(29):
        add()
    many = cost(lambda: client.get(reverse("datathon:mine")))
    assert many[0] == few[0] <= 15
    assert Seat.objects.filter(registration__person=person).count() == 30
    assert many[1]["Registration"] <= 31
