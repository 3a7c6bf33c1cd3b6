"""Who may open what: every route of the resolver, with every method, against a written table.

The portal is public so far. A route that the table does not declare fails; a view that nobody marked public asks
for an account.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, include, path, reverse
from django.utils import timezone

from normandata.documents.models import Document
from normandata.portal.handlers import SIMULATION

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD")
ENTERPRISE = {
    "structure": "enterprise",
    "departement": "14",
    "etp": "45,5",
    "creation": "12/05/2009",
    "activite": "production",
}
READY = uuid.UUID(int=1)
PENDING = uuid.UUID(int=2)


@dataclass(frozen=True, slots=True)
class Route:
    """What one route answers to anybody: the methods it takes and the status they get; all others get 405."""

    kwargs: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    status: int = 200
    methods: tuple[str, ...] = SAFE
    unknown: tuple[dict[str, Any], ...] = ()

    def address(self, name: str, kwargs: dict[str, Any] | None = None) -> str:
        found = reverse(name, kwargs=self.kwargs if kwargs is None else kwargs)
        return f"{found}?{urlencode(self.query)}" if self.query else found


NO_SCHEME = {"url_slug": "aucune-aide"}
NO_SIMULATOR = {"url_slug": "datathon"}
NOBODYS = {"pk": uuid.UUID(int=3)}
SLUG = {"url_slug": "diagnostic"}
# Public: anybody, without an account.
ROUTES = {
    "portal:home": Route(),
    "portal:schemes": Route(),
    "portal:scheme": Route(SLUG, unknown=(NO_SCHEME,)),
    "portal:simulator": Route(SLUG, status=302, unknown=(NO_SCHEME, NO_SIMULATOR)),
    "portal:simulator_result": Route(SLUG, ENTERPRISE, unknown=(NO_SCHEME, NO_SIMULATOR)),
    "portal:simulator_keep": Route(SLUG, ENTERPRISE, 302, ("POST",), (NO_SCHEME, NO_SIMULATOR)),
    "portal:simulator_question": Route(
        SLUG | {"step_slug": "structure"},
        unknown=(
            NO_SCHEME | {"step_slug": "structure"},
            NO_SIMULATOR | {"step_slug": "structure"},
            SLUG | {"step_slug": "aucune-question"},
        ),
    ),
    "portal:territories": Route(query={"recherche": "lisieux"}),
    "portal:document": Route({"pk": READY}, unknown=(NOBODYS,)),
    "portal:document_file": Route({"pk": READY}, unknown=(NOBODYS, {"pk": PENDING})),
    "portal:regulation": Route(),
    "portal:help": Route(),
    "portal:contact": Route(),
    "portal:legal": Route(),
    "portal:privacy": Route(),
    "portal:accessibility": Route(),
    "portal:site_map": Route(),
    "portal:robots": Route(),
    "portal:health": Route(),
}


def walk(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the full name of every route; one without a name is told by its pattern."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern):
            yield ":".join([*spaces, entry.name or f"unnamed {entry.pattern}"])


def undeclared() -> list[str]:
    return sorted(set(walk(get_resolver())) ^ set(ROUTES))


@pytest.fixture
def documents(media: Any, db: None) -> None:
    """Keep one document that is ready and one that is not."""
    now = timezone.now()
    common = {"kind": SIMULATION, "title": "Simulation", "filename": "simulation.pdf", "record": {}}
    asked = common | {"requested_at": now, "expires_at": now + timedelta(hours=24)}
    Document.objects.create(pk=PENDING, **asked)
    ready = Document(pk=READY, **asked, state=Document.State.READY, sha256="0" * 64, size=9, ready_at=now)
    ready.file.save("simulation.pdf", ContentFile(b"%PDF-1.7\n"), save=False)
    ready.save()


def finish(response: HttpResponseBase) -> None:
    """Close the file of an answer that was not read, and leave the test its connection."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def ask(client: Client, method: str, address: str) -> int:
    response = client.generic(method, address)
    finish(response)
    return response.status_code


def unexpected(client: Client) -> list[str]:
    """Ask every route with every method and list what is not answered as written."""
    wrong = []
    for name, route in ROUTES.items():
        for method in METHODS:
            expected = route.status if method in route.methods else 405
            got = ask(client, method, route.address(name))
            if got != expected:
                wrong.append(f"{method} {name}: {got} instead of {expected}")
    return wrong


def test_every_route_is_declared() -> None:
    assert undeclared() == []


@pytest.mark.usefixtures("documents")
def test_every_route_answers_each_method_as_written(client: Client) -> None:
    assert unexpected(client) == []


@pytest.mark.usefixtures("documents")
def test_what_does_not_exist_is_not_found(client: Client) -> None:
    asked = {
        route.address(name, kwargs): ask(client, route.methods[0], route.address(name, kwargs))
        for name, route in ROUTES.items()
        for kwargs in route.unknown
    }
    assert len(asked) == 13
    assert asked == dict.fromkeys(asked, 404)


@pytest.mark.usefixtures("documents")
def test_a_document_of_another_kind_is_not_found(client: Client) -> None:
    Document.objects.update(kind="decision_letter")
    assert ask(client, "GET", reverse("portal:document", args=[READY])) == 404
    assert ask(client, "GET", reverse("portal:document_file", args=[READY])) == 404


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


urlpatterns = [
    path("", include("normandata.portal.urls")),
    path("prive/", private, name="private"),
    path("prive/anonyme/", private),
]


def test_a_view_that_nobody_marked_public_asks_for_an_account(client: Client, settings) -> None:
    settings.ROOT_URLCONF = __name__
    response = client.get("/prive/")
    assert (response.status_code, response.headers["Location"]) == (302, "/connexion/?next=/prive/")
    assert response.content == b""


def test_the_table_sees_a_new_route(settings) -> None:
    settings.ROOT_URLCONF = __name__
    assert undeclared() == ["private", "unnamed prive/anonyme/"]


@pytest.mark.usefixtures("documents")
def test_the_table_sees_a_route_that_takes_another_method(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROUTES, "portal:help", Route(methods=("GET",)))
    monkeypatch.setitem(ROUTES, "portal:simulator", Route(SLUG, status=200))
    assert unexpected(client) == [
        "GET portal:simulator: 302 instead of 200",
        "HEAD portal:simulator: 302 instead of 200",
        "HEAD portal:help: 200 instead of 405",
    ]
