"""What is confidential never leaves by the API: every text of the private tables is looked for in every answer."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.test import Client

from normandata.dossiers import schemes
from normandata.indicators import registry as indicators
from normandata.opendata import publications, registry
from normandata.portal import presentation
from roadmap.models import Action
from tests.world import World

PRIVATE = (
    "accounts", "dossiers", "diagnostic", "booster_ia", "datathon", "notifications", "experts", "scoring", "committee",
    "documents", "outbox", "procedure", "deminimis", "budgets", "organisations", "account", "mfa",
)  # fmt: skip
SITE = "http://localhost:8000"
WORDS = re.compile(r"\S+@\S+|\S{4,}\s+\S{3,}|\d{9,}|[0-9a-f]{8}-[0-9a-f-]{27}")
"""What a leak looks like: an address, two words, a SIRET, a key."""


def texts(value: Any) -> Iterator[str]:
    """Yield the texts of a value, however deep in JSON."""
    if isinstance(value, dict):
        for held in value.values():
            yield from texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from texts(held)
    elif isinstance(value, str) and WORDS.search(value):
        yield value.strip()


def held() -> dict[str, str]:
    """Return each text of the private tables, with where it is."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in PRIVATE:
            continue
        kinds = (models.CharField, models.TextField, models.JSONField, models.UUIDField)
        fields = [one.attname for one in model._meta.concrete_fields if isinstance(one, kinds)]
        for row in model._base_manager.values_list(*fields) if fields else ():
            for name, value in zip(fields, row, strict=True):
                for text in texts(value if isinstance(value, dict | list) else str(value or "")):
                    found.setdefault(text, f"{model._meta.label}.{name}")
    return found


def answers(client: Client) -> Iterator[tuple[str, str]]:
    """Yield everything that can be asked: each list, each thing, each page of each set."""
    paths = ["", "openapi.json", "schemes", "rules", "roadmap", "roadmap/actions", "indicators", "datasets"]
    paths += [f"schemes/{one.slug}" for one in schemes.every()]
    paths += [f"rules/{one.slug}" for one in presentation.reglements()]
    for slug in Action.objects.values_list("slug", flat=True):
        paths += [f"roadmap/actions/{slug}", f"roadmap/actions/{slug}/news"]
    for owner in indicators.owners():
        paths += [f"indicators/{owner.slug}"]
        paths += [f"indicators/{owner.slug}/{one.slug}" for one in indicators.of(owner.slug)]
    for one in registry.every():
        paths += [f"datasets/{one.slug}", f"datasets/{one.slug}/rows?limit=500"]
    for path in paths:
        address: str | None = f"/api/v1/{path}"
        while address:
            response = client.get(address)
            assert response.status_code == 200, address
            yield address, response.content.decode()
            is_json = response.headers["Content-Type"] == "application/json"
            address = (response.json().get("next") or "").removeprefix(SITE) if is_json else None


def published() -> str:
    """Read what the law has the Region publish: the files of the open data."""
    return "".join(found.file("json").read_text(encoding="utf-8") for _, found in publications.current())


def test_nothing_private_is_answered(world: World) -> None:
    secrets, public = held(), published()
    assert len(secrets) > 500, "the world holds enough to be found out"
    voted = "".join(str(one.sheet) + str(one.reglement) for one in schemes.every())
    leaks = set()
    for address, content in answers(Client()):
        plain = content.replace("\u00a0", " ").replace("\\n", "\n")
        leaks |= {
            f"{where}: {text[:80]!r} in {address}"
            for text, where in secrets.items()
            if text in plain and text not in public and text not in voted
        }
    assert leaks == set()


def test_the_look_out_knows_what_it_looks_for(world: World) -> None:
    known = held()
    assert {known[person.email] for person in world.people.values()} <= {
        "accounts.User.email",
        "account.EmailAddress.email",
    }
