"""What the API documents is what it answers: Schemathesis asks it everything, by a fixed seed, in this process.

`NORMANDATA_API_EXAMPLES=200 pytest tests/normandata/portal/api/test_contract.py` asks much more.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import URLPattern
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from schemathesis.config import SchemathesisConfig

from normandata.portal.api import document, operations, urls
from normandata.portal.api.definitions import Operation
from roadmap import catalogue

EXAMPLES = int(os.environ.get("NORMANDATA_API_EXAMPLES", "4"))
"""Requests drawn for each operation, besides those at the limits of each of its fields."""


def described() -> Any:
    """Load the document as a client does; this process answers."""
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            # A case that is well formed may be refused for what it says; a key that is well formed may name nothing.
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )
    schema = schemathesis.openapi.from_dict(document.build("http://localhost/api/v1"), config=config)
    schema.app = get_wsgi_application()
    return schema


@pytest.fixture
def _published(db: None, media: Any, quiet: None) -> Iterator[None]:
    """Give the API its roadmap, and leave the test its connection."""
    catalogue.load()
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@described().parametrize()
@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@pytest.mark.usefixtures("_published")
def test_nothing_undocumented_is_answered(case: Any) -> None:
    case.call_and_validate()


@pytest.mark.parametrize("one", operations.EVERY, ids=lambda one: one.name)
def test_each_schema_is_one_and_each_sample_follows_it(one: Operation) -> None:
    Draft202012Validator.check_schema(one.schema)
    if one.body is not None:
        Draft202012Validator.check_schema(one.body)
        Draft202012Validator(one.body).validate(one.sample)


def test_every_address_is_described() -> None:
    named = {one.name for one in urls.urlpatterns if isinstance(one, URLPattern)}
    assert named - {"page", "openapi", "nowhere"} == {one.name for one in operations.EVERY}
    paths = document.build("http://localhost/api/v1")["paths"]
    assert set(paths) == {f"/{one.path}" for one in operations.EVERY}
    assert {method for said in paths.values() for method in said} == {"get", "post", "options"}


def test_only_simulating_is_posted() -> None:
    posted = [one.path for one in operations.EVERY if one.method == "POST"]
    assert posted == [f"simulate/{one}" for one in ("diagnostic", "booster_ia", "de_minimis", "datathon_prizes")]
