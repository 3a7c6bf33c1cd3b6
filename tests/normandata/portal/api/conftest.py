"""What the API's tests share: a portal with its roadmap and its published files, and short ways to ask."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from roadmap import catalogue

Get = Callable[..., Any]


@pytest.fixture
def roadmap(db: None) -> None:
    catalogue.load()


@pytest.fixture
def get(client: Client, media: Path, quiet: None) -> Get:
    """Ask the API and return what it says; `status` is what is expected."""

    def asked(path: str, status: int = 200, **query: str) -> Any:
        response = client.get(f"/api/v1/{path}", query)
        assert response.status_code == status, response.content.decode()
        return response.json()

    return asked
