"""What the API documents is what it answers: Schemathesis asks it everything, by a fixed seed, in this process.

`python -m bench.api` asks ten times as much.
"""

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from normandata.portal.api import document
from roadmap import catalogue

EXAMPLES = int(os.environ.get("NORMANDATA_API_EXAMPLES", "6"))
"""Requests drawn for each operation, besides the limits of each of its fields."""



def described() -> Any:
    """Load the document as a client does, answered by this process."""
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            # A case may be well formed and refused for what it says: its test is that of the vectors.
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )
    schema = schemathesis.openapi.from_dict(document.build("http://localhost/api/v1"), config=config)
    schema.app = get_wsgi_application()
    return schema


@pytest.fixture(autouse=True)
def _published(db: None, media: Any, quiet: None, settings: Any) -> None:
    settings.API_PER_MINUTE = 10**9
    catalogue.load()


@described().parametrize()
@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
def test_nothing_undocumented_is_answered(case: Any) -> None:
    case.call_and_validate()
