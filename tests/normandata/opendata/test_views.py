"""The public page, the files with what lets anybody fetch them, and the refused rows for an operator."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from normandata.accounts.models import Role
from normandata.opendata import catalogue, publications, registry
from tests.access import finish
from tests.factories.accounts import make_user_with, sign_in
from tests.normandata.opendata.samples import CSV, ONCE, SHARED, STAGED, D, line, make_set, subsidies_set

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 31, 9, tzinfo=UTC)
FILE = "/donnees-ouvertes/subventions-essai.csv"


@pytest.fixture(autouse=True)
def _published(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    sets = (subsidies_set(STAGED, ONCE, SHARED), make_set("essai", [line("A"), line("", D(1))], title="Un autre jeu"))
    monkeypatch.setattr(registry, "_registry", {"essai": sets})
    with time_machine.travel(AT, tick=False):
        publications.publish_all(AT)
        yield


def text(client: Client, address: str) -> str:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()


def test_the_page_says_what_each_set_holds(client: Client) -> None:
    page = text(client, "/donnees-ouvertes/").replace("&nbsp;", " ").replace("\u00a0", " ")
    for said in (
        "Un autre jeu",
        "4 lignes, 16 colonnes",
        "31 mars 2027 à 11 h 00",
        "SCDL subventions, version 2.1.1",
        "Licence Ouverte 2.0",
        "pourcentageSubvention",
        "au-delà de 23 000 € par an et par bénéficiaire",
        'href="/donnees-ouvertes/subventions-essai.json"',
        'href="/donnees-ouvertes/catalogue.jsonld"',
    ):
        assert said in page, said
    assert "refusée" not in page


def test_the_page_costs_two_queries_whatever_the_sets(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        client.get("/donnees-ouvertes/")


def test_every_footer_and_the_site_map_lead_there(client: Client) -> None:
    assert 'href="/donnees-ouvertes/"' in text(client, "/contact/")
    assert text(client, "/plan-du-site/").count('href="/donnees-ouvertes/"') == 2


def test_a_file_is_sent_as_it_was_published(client: Client) -> None:
    answer: Any = client.get(FILE)
    assert b"".join(answer.streaming_content).decode() == CSV
    finish(answer)
    assert {name: answer.headers[name] for name in ("Content-Type", "Content-Disposition", "Content-Length")} == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="subventions-essai.csv"',
        "Content-Length": str(len(CSV.encode())),
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Last-Modified"] == "Wed, 31 Mar 2027 09:00:00 GMT"
    assert "public" in answer.headers["Cache-Control"]
    assert not answer.cookies


def test_who_has_the_file_already_is_told_so(client: Client) -> None:
    answer = client.get(FILE)
    etag = answer.headers["ETag"]
    finish(answer)
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f"W/{etag}"},
        {"If-Modified-Since": "Wed, 31 Mar 2027 09:00:00 GMT"},
    ):
        same = client.get(FILE, headers=headers)
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)
        assert same.headers["Access-Control-Allow-Origin"] == "*"
    for stale in ({"If-None-Match": '"autre"'}, {"If-Modified-Since": "Wed, 31 Mar 2027 08:59:59 GMT"}):
        answer = client.get(FILE, headers=stale)
        assert answer.status_code == 200
        finish(answer)


def test_the_catalogues_are_the_ones_made_from_the_files(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://exemple.invalid"
    package = json.loads(text(client, "/donnees-ouvertes/datapackage.json"))
    assert f"https://exemple.invalid{FILE}" in [one["path"] for one in package["resources"]]
    answer = client.get("/donnees-ouvertes/catalogue.jsonld")
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert json.loads(answer.content)["@context"] == catalogue.CONTEXT
    again = client.get("/donnees-ouvertes/catalogue.jsonld", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["inconnu.csv", "essai.xlsx", "essai.xml", "../essai.csv"])
def test_another_set_or_format_does_not_exist(client: Client, name: str) -> None:
    assert client.get(f"/donnees-ouvertes/{name}").status_code == 404


def test_an_operator_reads_the_refused_rows(client: Client) -> None:
    sign_in(client, make_user_with(Role.ADMINISTRATOR))
    page = text(client, "/exploitation/donnees-ouvertes/").replace("&nbsp;", " ").replace("\u00a0", " ")
    assert "Un autre jeu" in page
    assert "1 ligne publiée, 1 ligne refusée, 0 ligne retenue par la loi" in page
    assert "code : la valeur manque." in page
    assert "SCDL" not in page


def test_nobody_else_does(client: Client) -> None:
    sign_in(client, make_user_with(Role.LEAD_AGENT, "booster_ia"))
    assert client.get("/exploitation/donnees-ouvertes/").status_code == 404
