"""The continuum's page and the orientation tool: no cookie, no account, answers in the address, back works."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from normandata.regulation.territory import OUTSIDE

pytestmark = pytest.mark.django_db
TOOL = "/accompagnement/orientation/"
ANSWER = f"{TOOL}reponse/"
ENTERPRISE = {
    "profil": "enterprise",
    "stade": "savoir",
    "departement": "14",
    "etp": "45,5",
    "creation": "12/05/2009",
    "activite": "production",
}
TESTER = {"profil": "private_health", "stade": "tester", "departement": "76", "ia": "oui", "partenaires": ["14", "27"]}


@pytest.fixture(autouse=True)
def _day() -> object:
    with time_machine.travel("2026-10-01T10:00:00+00:00", tick=False):
        yield


def test_the_page_tells_the_steps_and_their_sources_without_a_query_or_a_cookie(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/accompagnement/")
    assert response.cookies == {}
    assert response["Cache-Control"] == "public, max-age=300"
    text = response.content.decode()
    assert re.findall(r"Étape (\d)&nbsp;: ([\w\s’]+)<", text) == [
        ("1", "engager"),
        ("2", "identifier des solutions"),
        ("3", "expérimenter"),
        ("4", "financer et passer à l’échelle"),
    ]
    assert text.count("Source&nbsp;: ") == 16
    assert "près de 130 acteurs" in text
    assert "n’est pas «\u00a0Booster IA\u00a0»" in text


def test_the_tool_asks_one_question_at_a_time_and_keeps_the_answers_in_the_address(client: Client) -> None:
    address, asked = TOOL, []
    for _ in range(8):
        response = client.get(address)
        assert response.status_code == 302
        address = response["Location"]
        if address.startswith(ANSWER):
            break
        step = urlsplit(address).path.removeprefix(TOOL).rstrip("/")
        asked.append(step)
        page = client.get(address)
        assert page.cookies == {}
        assert page.content.decode().count("<h1") == 1
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        name = {"lieu": "departement", "effectif": "etp"}.get(step, step)
        address = f"{TOOL}{step}/?{_query({**given, name: ENTERPRISE[name], 'envoi': '1'})}"
    assert asked == ["profil", "stade", "lieu", "effectif", "creation", "activite"]
    response = client.get(address)
    assert response.status_code == 200
    assert response.cookies == {}
    assert '<h1 class="nd-flint mb-4">Diagnostic data et IA convient à votre projet</h1>' in response.content.decode()


def _query(answers: dict[str, object]) -> str:
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(name, value if isinstance(value, list) else [str(value)])
    return data.urlencode()


@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        ({"profil": "person", "stade": "defi"}, 2),
        ({"profil": "person", "stade": "idee", "departement": "14"}, 3),
        ({"profil": "association", "stade": "deployer", "departement": "14"}, 3),
        (TESTER, 5),
        (ENTERPRISE, 6),
    ],
)
def test_only_questions_that_count_are_asked(client: Client, answers: dict[str, object], steps: int) -> None:
    response = client.get(f"{ANSWER}?{_query(answers)}")
    assert response.status_code == 200
    assert len(response.context["result"].recap) == steps
    assert response.context["result"].best is not None


def test_an_address_with_a_missing_or_a_wrong_answer_leads_to_its_question(client: Client) -> None:
    short = {name: value for name, value in ENTERPRISE.items() if name != "creation"}
    where = client.get(f"{ANSWER}?{_query(short)}")["Location"]
    assert urlsplit(where).path == f"{TOOL}creation/"
    wrong = client.get(f"{TOOL}effectif/?{_query({**short, 'etp': 'beaucoup', 'envoi': '1'})}")
    assert wrong.status_code == 200
    text = wrong.content.decode()
    assert text.count("Écrivez ce nombre en chiffres") == 2  # the summary, then beside the field
    assert 'value="beaucoup"' in text
    assert client.get(f"{TOOL}rien/").status_code == 404
    assert urlsplit(client.get(f"{TOOL}ia/?{_query(ENTERPRISE)}")["Location"]).path == ANSWER


def test_each_support_is_said_explained_and_linked_to_its_article(client: Client) -> None:
    response = client.get(f"{ANSWER}?{_query(ENTERPRISE)}")
    found = response.context["result"]
    words = {one.slug: one.word.text for one in [found.best, *found.others]}
    assert words == {
        "diagnostic": "Convient",
        "core": "À vérifier",
        "impulsion": "À vérifier",
        "bpi": "À vérifier",
        "booster_ia": "Ne convient pas",
        "feder": "Ne convient pas",
        "datathon": "Ne convient pas",
        "banque": "Ne convient pas",
    }
    regulation = client.get("/reglement/").content.decode()
    anchors = {href.partition("#")[2] for one in [found.best, *found.others] for href in [f.href for f in one.findings]}
    assert len(anchors) >= 15
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in regulation] == []


@pytest.mark.parametrize(
    ("answers", "start", "kept"),
    [
        (
            ENTERPRISE,
            "/aides/diagnostic/simulateur/",
            {"structure": "enterprise", "etp": "45,5", "activite": "production"},
        ),
        (
            TESTER,
            "/aides/booster-ia/simulateur/",
            {"porteur": "private_establishment", "departement": "76", "ia": "oui"},
        ),
    ],
)
def test_the_simulator_goes_on_with_what_was_answered(
    client: Client, answers: dict[str, object], start: str, kept: dict[str, str]
) -> None:
    best = client.get(f"{ANSWER}?{_query(answers)}").context["result"].best
    label, address = best.gestures[0]
    assert (label, urlsplit(address).path) == ("Continuer avec le simulateur", start)
    carried = parse_qs(urlsplit(address).query)
    assert {name: carried[name][0] for name in kept} == kept
    assert "profil" not in carried
    where = client.get(address)["Location"]
    if start.startswith("/aides/diagnostic"):
        assert urlsplit(where).path == "/aides/diagnostic/simulateur/resultat/"  # nothing is asked twice
    else:
        assert urlsplit(where).path == "/aides/booster-ia/simulateur/calendrier/"


def test_where_nothing_fits_the_page_says_so(client: Client) -> None:
    answers = {
        "profil": "association",
        "stade": "tester",
        "departement": OUTSIDE,
        "ia": "non",
        "partenaires": ["aucun"],
    }
    response = client.get(f"{ANSWER}?{_query(answers)}")
    assert response.context["result"].best is None
    assert "Aucun de ces accompagnements ne convient aujourd’hui" in response.content.decode()
    assert len(response.context["result"].others) == 8


def test_the_answer_is_kept_out_of_search_engines(client: Client) -> None:
    assert "Disallow: /accompagnement/orientation/reponse/" in client.get("/robots.txt").content.decode()
