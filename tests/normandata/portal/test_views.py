from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from normandata.dossiers import schemes
from normandata.portal.orientation import STAGES
from normandata.regulation.formats import NBSP

PAGES = ["schemes", "continuum", "regulation", "help", "contact", "legal", "privacy", "accessibility"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_asks_the_database_nothing_sets_no_cookie_and_may_be_cached(
    client: Client, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get(reverse(f"portal:{name}"))
    assert response.status_code == 200
    assert response.cookies == {}
    assert response["Cache-Control"] == "public, max-age=300"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stage", "address"),
    [
        *((stage, f"/accompagnement/orientation/?stade={stage}") for stage in STAGES),
        ("autre", "/accompagnement/"),
    ],
)
def test_the_home_question_is_the_first_of_the_orientation(client: Client, stage: str, address: str) -> None:
    assert client.get("/", {"stade": stage, "voir": "1"})["Location"] == address
    assert client.get("/").content.decode().count(f'name="stade" id="b-{stage}" value="{stage}"') == 1


@pytest.mark.django_db
@pytest.mark.parametrize("data", [{"voir": "1"}, {"stade": "https://evil.example"}])
def test_the_home_question_without_answer_says_so(client: Client, data: dict[str, str]) -> None:
    response = client.get("/", data)
    assert response.status_code == 200
    assert response.content.decode().count("Choisissez la phrase qui ressemble le plus à votre situation.") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("url_slug", ["diagnostic", "booster-ia", "datathon"])
def test_a_scheme_page_shows_every_figure_in_force(client: Client, url_slug: str) -> None:
    content = client.get(reverse("portal:scheme", args=[url_slug])).content.decode()
    reglement = next(scheme.reglement for scheme in schemes.every() if scheme.url_slug == url_slug)
    for parameter in reglement.parameters.values():
        assert content.count(f"#{reglement.slug.replace('_', '-')}-{parameter.code.replace('_', '-')}-chiffre") == 1


@pytest.mark.django_db
def test_what_the_annex_leaves_empty_is_said_in_french(client: Client) -> None:
    content = client.get(reverse("portal:scheme", args=["datathon"])).content.decode()
    assert "<dt>Secteurs d’activité</dt><dd>Non indiqués dans l’annexe</dd>" in content


def test_an_unknown_scheme_does_not_exist(client: Client) -> None:
    assert client.get("/aides/autre/").status_code == 404
    assert client.get("/aides/datathon/simulateur/").status_code == 404


def test_the_reglement_is_shown_as_it_stood_on_a_day(client: Client) -> None:
    content = client.get("/reglement/", {"le": "28/02/2026"}).content.decode()
    assert f"<strong>28{NBSP}février{NBSP}2026</strong>" in content


def test_a_figure_not_yet_in_force_on_the_day_says_so(client: Client) -> None:
    said = "Pas encore en vigueur à cette date"
    before = client.get("/reglement/", {"le": "31/12/2025"}).content.decode()
    assert before.count(said) > 40
    assert "la version qui les précédait n’est pas dans le portail" in before
    assert client.get("/reglement/", {"le": "01/03/2026"}).content.decode().count(said) == 0


def test_a_figure_changed_from_a_date_shows_both_values(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = dict(schemes.by_slug()["diagnostic"].reglement.parameters)
    parameter = parameters["population_min"]
    first = parameter.values[0]
    later = replace(first, since=date(2027, 1, 1), value=Decimal(5_000))
    parameters["population_min"] = replace(parameter, values=(first, later))
    amended = replace(schemes.by_slug()["diagnostic"].reglement, parameters=parameters)
    monkeypatch.setattr("normandata.portal.presentation.reglements", lambda: [amended])
    shown = {
        day: client.get("/reglement/", {"le": day}).content.decode().replace(NBSP, " ")
        for day in ("31/12/2026", "01/01/2027")
    }
    assert "<strong>10 000 habitants</strong>" in shown["31/12/2026"]
    assert "5 000 habitants à partir du 1er janvier 2027" in shown["31/12/2026"]
    assert "<strong>5 000 habitants</strong>" in shown["01/01/2027"]
    assert "10 000 habitants auparavant, depuis le 1er mars 2026" in shown["01/01/2027"]


@time_machine.travel("2026-11-30T23:30:00+01:00", tick=False)
def test_the_reglement_is_todays_in_paris_by_default(client: Client) -> None:
    assert f"<strong>30{NBSP}novembre{NBSP}2026</strong>" in client.get("/reglement/").content.decode()


def test_an_unreadable_day_gets_its_message_and_is_kept(client: Client) -> None:
    content = client.get("/reglement/", {"le": '31/02/2026"<script>'}).content.decode()
    assert 'value="31/02/2026&quot;&lt;script&gt;"' in content
    assert content.count("Écrivez le jour, le mois et l’année, par exemple 12/05/2009.") == 1


def test_robots_are_kept_out_of_answers_and_documents(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /documents/",
        "Disallow: /aides/*/simulateur/resultat/",
        "Disallow: /accompagnement/orientation/reponse/",
        "",
        "Sitemap: http://localhost:8000/sitemap.xml",
    ]


def test_the_load_balancer_is_answered(client: Client) -> None:
    response = client.get("/sante/")
    assert (response.content, response["Cache-Control"]) == (b"ok\n", "no-store")


@time_machine.travel("2026-02-28T12:00:00+01:00", tick=False)
def test_a_scheme_not_open_yet_says_when_it_opens(client: Client) -> None:
    content = client.get("/aides/diagnostic/").content.decode()
    assert f"Ouvre le 1er{NBSP}mars{NBSP}2026" in content
