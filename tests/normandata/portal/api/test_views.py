"""The HTTP of the API: caches, other sites, how often, and each way of asking wrongly."""

import json
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.portal.api import operations, problems, schemes, views

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet", "media")]
SIMULATE = "/api/v1/simulate/diagnostic"
CASE = {"on": "2026-04-01", "structure_type": "local_authority", "department": "14", "population": 19645}


def post(client: Client, body: bytes | str, kind: str = "application/json", **headers: Any) -> Any:
    return client.post(SIMULATE, body, content_type=kind, **headers)


def told(response: Any) -> tuple[int, str, str]:
    """Read a problem: its status, its kind and its sentence, plain spaces for the others."""
    said = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert said["status"] == response.status_code
    return said["status"], said["type"].partition("#")[2], said["detail"].replace("\u00a0", " ").replace("\u202f", " ")


def test_an_answer_is_public_cacheable_and_without_a_cookie(client: Client) -> None:
    response = client.get("/api/v1/schemes")
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies


def test_an_answer_that_did_not_change_is_not_sent_again(client: Client) -> None:
    first = client.get("/api/v1/rules?on=2026-04-01")
    same = client.get("/api/v1/rules?on=2026-04-01", headers={"if-none-match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]
    other = client.get("/api/v1/rules?on=2026-04-02", headers={"if-none-match": first.headers["ETag"]})
    assert other.status_code == 200


def test_a_head_says_what_a_get_says_without_its_body(client: Client) -> None:
    head, got = client.head("/api/v1/schemes"), client.get("/api/v1/schemes")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]


def test_a_problem_is_told_as_the_rfc_has_it(client: Client) -> None:
    response = client.get("/api/v1/schemes?on=demain")
    assert response.json() == {
        "type": "http://localhost:8000/api/v1/#erreur-parametre",
        "title": "Paramètre illisible",
        "status": 400,
        "detail": "on\u00a0: «\u00a0demain\u00a0» ne se lit pas, une date AAAA-MM-JJ est attendue.",
        "instance": "/api/v1/schemes",
        "parameter": "on",
    }


def test_what_does_not_exist_is_told_and_leads_to_the_list(client: Client) -> None:
    assert told(client.get("/api/v1/schemes/aucun")) == (
        404, "erreur-introuvable", "Aucun dispositif n’a le code aucun."
    )  # fmt: skip
    assert told(client.get("/api/v2/"))[:2] == (404, "erreur-introuvable")


def test_a_slash_too_many_leads_to_the_address(client: Client) -> None:
    response = client.get("/api/v1/schemes/?on=2026-04-01")
    assert (response.status_code, response.headers["Location"]) == (301, "/api/v1/schemes?on=2026-04-01")
    for beginning in ("/api/", "/api/v1"):
        assert client.get(beginning).headers["Location"] == "/api/v1/"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_is_written_to_what_is_read(client: Client, method: str) -> None:
    response = client.generic(method, "/api/v1/schemes")
    assert told(response)[:2] == (405, "erreur-methode")
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_script_of_another_site_may_simulate(client: Client) -> None:
    asked = client.options(SIMULATE, headers={"origin": "https://autre.example"})
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert asked.headers["Access-Control-Allow-Methods"] == "POST"
    assert asked.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in asked.headers
    strict = Client(enforce_csrf_checks=True)
    answered = post(strict, json.dumps(CASE), headers={"origin": "https://autre.example"})
    assert (answered.status_code, answered.json()["verdict"]) == (200, "eligible")
    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    assert not answered.cookies


@pytest.mark.parametrize(
    ("body", "kind", "status", "problem", "detail"),
    [
        (b"a=1", "application/x-www-form-urlencoded", 415, "erreur-format", "application/json."),
        (b"{}", "text/plain", 415, "erreur-format", "« text/plain » n’est pas admis : application/json."),
        (b"", "application/json", 415, "erreur-format", "application/json."),
        (b" ", "application/json", 400, "erreur-corps", "JSON illisible."),
        (b"{", "application/json", 400, "erreur-corps", "JSON illisible."),
        (b"\xff", "application/json", 400, "erreur-corps", "JSON illisible."),
        (b'{"on": 1, "on": 2}', "application/json", 400, "erreur-corps", "un champ est écrit deux fois."),
        (b'{"fte": NaN}', "application/json", 400, "erreur-corps", "NaN n’est pas un nombre admis."),
        (b"[" * 100_000, "application/json", 400, "erreur-corps", "JSON hors des limites admises."),
        (b"{}", "application/json", 422, "erreur-cas", "on : champ obligatoire."),
        (b"null", "application/json", 422, "erreur-cas", "la ligne : un objet JSON est attendu."),
        (b'{"on": "2026-04-01", "x": 1}', "application/json", 422, "erreur-cas", "champ inconnu : x."),
        (b"[]", "application/json", 422, "erreur-cas", "La liste contient 0 cas ; de 1 à 100 sont admis."),
        (b"[" + b"{}," * 100 + b"{}]", "application/json", 422, "erreur-cas", "La liste contient 101 cas"),
        (b" " * (views.MOST_BYTES + 1), "application/json", 413, "erreur-poids", "L’envoi pèse plus de 256 Kio."),
    ],
)
def test_what_is_posted_wrongly_is_told(
    client: Client, body: bytes, kind: str, status: int, problem: str, detail: str
) -> None:
    found = told(post(client, body, kind))
    assert found[:2] == (status, problem)
    assert detail in found[2]


def test_a_visitor_who_asks_too_often_is_told_how_long_to_wait(client: Client, settings: Any) -> None:
    settings.API_PER_MINUTE = 2
    with time_machine.travel("2026-09-01T10:00:20+00:00", tick=False):
        assert [client.get("/api/v1/schemes").status_code for _ in range(2)] == [200, 200]
        refused = client.get("/api/v1/rules")
        assert told(refused) == (
            429, "erreur-frequence", "Vous avez fait plus de 2 demandes en une minute. Attendez 40 s, puis reprenez."
        )  # fmt: skip
        assert refused.headers["Retry-After"] == "40"
        assert client.get("/api/v1/schemes", REMOTE_ADDR="192.0.2.7").status_code == 200
        assert client.get("/api/v1/").status_code == 200  # the page itself is not counted
    with time_machine.travel("2026-09-01T10:01:00+00:00", tick=False):
        assert client.get("/api/v1/schemes").status_code == 200


def test_a_failure_is_ours_and_is_told_without_its_trace(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(schemes, "_summary", failing)
    client.raise_request_exception = False
    response = client.get("/api/v1/schemes")
    assert told(response)[:2] == (500, "erreur-panne")
    assert b"secret" not in response.content


def test_every_kind_of_problem_has_its_place_on_the_page(client: Client) -> None:
    page = client.get("/api/v1/").content.decode()
    assert [kind.anchor for kind in problems.KINDS if f'id="{kind.anchor}"' not in page] == []
    assert [one.name for one in operations.EVERY if f'id="{one.name.replace("_", "-")}"' not in page] == []


def test_the_page_asks_the_database_nothing_and_the_document_neither(client: Client) -> None:
    for address in ("/api/v1/", "/api/v1/openapi.json"):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        assert (response.status_code, len(captured), len(response.cookies)) == (200, 0, 0)


@pytest.mark.django_db
def test_an_odd_address_and_an_odd_name_are_answered(client: Client) -> None:
    moved = client.get("/api//")
    assert (moved.status_code, moved["Location"]) == (301, "/api/v1/")
    body = '{"on": "2026-04-01", "\\ud800": 1}'
    refused = client.post("/api/v1/simulate/diagnostic", body, content_type="application/json")
    assert refused.status_code in (400, 422)
    assert "?" in refused.json()["detail"]
