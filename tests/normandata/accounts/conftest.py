"""Every test starts with no try counted."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_try_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
