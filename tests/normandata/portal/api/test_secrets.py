"""What is confidential never leaves by the API: every text of the private tables is looked for in every answer."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone

from booster_ia.waves import Wave
from datathon.editions import Edition
from normandata.documents.models import Document
from normandata.dossiers import schemes
from normandata.indicators import registry as indicators
from normandata.indicators.models import Statement
from normandata.indicators.paper import SHEET
from normandata.opendata import catalogue, publications, registry
from normandata.portal import presentation
from normandata.portal.api import simulations
from normandata.portal.api.definitions import Call
from roadmap import catalogue as roadmap
from roadmap.calls.models import CallProposal
from roadmap.models import Action
from tests.world import World

PRIVATE = (
    "accounts", "dossiers", "diagnostic", "booster_ia", "datathon", "notifications", "experts", "scoring", "committee",
    "documents", "outbox", "procedure", "deminimis", "budgets", "organisations", "account", "mfa",
)  # fmt: skip
SITE = "http://localhost:8000"
WORDS = re.compile(r"\S+@\S+|\S{4,}\s+\S{3,}|\d{9,}|[0-9a-f]{8}-[0-9a-f-]{27}")
"""What a leak looks like: an address, two words, a SIRET, a key."""
DAY = re.compile(r"\d{1,2}(er)?\s\w+\s\d{4}")
"""A day written in full tells nothing alone, and today's stands wherever the roadmap has moved."""


def texts(value: Any) -> Iterator[str]:
    """Yield the texts of a value, however deep in JSON."""
    if isinstance(value, dict):
        for held in value.values():
            yield from texts(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from texts(held)
    elif isinstance(value, str) and WORDS.search(value) and not DAY.fullmatch(value.strip()):
        yield value.strip()


def held() -> dict[str, str]:
    """Return each text of the private tables, with where it is."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in PRIVATE and model is not CallProposal:
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
    paths += [f"schemes/{one.slug}" for one in schemes.aids()]
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


def voted() -> str:
    """Return what was voted and what the portal itself says of it: the same words stand in private tables too."""
    parts = [text for one in schemes.every() for text in texts(asdict(one.sheet))]
    for reglement in presentation.reglements():
        parts += [reglement.title, *(one.label for one in (*reglement.parameters.values(), *reglement.rules.values()))]
        values = [value for one in reglement.parameters.values() for value in one.values]
        parts += [f"{value.value} {value.note}" for value in values]
        parts += [str(found) for one in reglement.rules.values() for found in one.citations]
    parts += [*presentation.NORMAN_PLACES.values(), *map(str, Wave.objects.all())]
    parts += [one.title for one in roadmap.read()] + list(roadmap.texts().values())
    for one in simulations.OPERATIONS:
        parts += texts(one.answer(Call({}, {}, one.sample)))
    return plain("\n".join(parts))


def published() -> str:
    """Return what the law and the règlement make public: grants, projects shown, and all that pilots write."""
    parts = [catalogue.LICENCE, *Edition.objects.public().values_list("title", flat=True)]
    for slug in ("subventions", "projets-datathon"):
        data_set = registry.find(slug)
        assert data_set is not None
        tally = publications.Tally()
        parts += publications.stream(data_set, "json", timezone.now(), tally)
    for model in set(apps.get_app_config("roadmap").get_models()) - {CallProposal}:
        for row in model._base_manager.values():
            parts += [value for value in row.values() if isinstance(value, str)]
    # Sheets are made of public pages and asked for without an account; statements are signed figures, shown as typed.
    for record in Document.objects.filter(kind=SHEET).values_list("record", flat=True):
        parts += texts(record)
    parts += Statement.objects.values_list("label", flat=True)
    return plain("\n".join(parts))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def leaks(client: Client) -> set[str]:
    """List the private texts that an answer holds."""
    known, secrets = voted() + published(), {plain(text): where for text, where in held().items()}
    secrets = {text: where for text, where in secrets.items() if text not in known}
    return {
        f"{where}: {text[:80]!r} in {address}"
        for address, content in answers(client)
        for text, where in secrets.items()
        if text in plain(content.replace('\\"', '"').replace("\\n", "\n"))
    }


def test_nothing_private_is_answered(world: World) -> None:
    assert len(held()) > 500, "the world holds enough to be found out"
    assert leaks(Client()) == set()


def test_a_text_that_leaks_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = next(text for text, where in held().items() if where == "accounts.User.email")
    monkeypatch.setattr(presentation, "status", lambda scheme, on: presentation.Status("", "", f"Écrivez à {secret}"))
    assert any(secret in one for one in leaks(Client()))
