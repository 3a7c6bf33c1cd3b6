import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from normandata.celery import configuration
from normandata.outbox import carrier
from tests.normandata.outbox import storm


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "_silent_until", 0.0)


def use(monkeypatch: pytest.MonkeyPatch, broker_url: str, folder: Path) -> Celery:
    app = Celery("elsewhere", set_as_current=False, fixups=[])
    app.conf.update(configuration(broker_url=broker_url, broker_dir=folder / "broker", var_dir=folder))
    monkeypatch.setattr(carrier, "current_app", app)
    return app


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_redis_that_is_stopped_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, closed_port: int
) -> None:
    app = use(monkeypatch, f"redis://127.0.0.1:{closed_port}/0", tmp_path)
    began = time.monotonic()
    assert carrier.offer([uuid.uuid4() for _ in range(20)]) == 0
    assert time.monotonic() - began < 1
    app.close()


def test_a_redis_that_is_silent_costs_its_timeout_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, silent_port: int
) -> None:
    app = use(monkeypatch, f"redis://127.0.0.1:{silent_port}/0", tmp_path)
    began = time.monotonic()
    assert [carrier.offer([uuid.uuid4()]) for _ in range(20)] == [0] * 20
    assert time.monotonic() - began < 4
    app.close()


def test_a_folder_that_is_gone_is_a_broker_that_is_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = use(monkeypatch, "filesystem://", tmp_path)
    (tmp_path / "broker/queue").rmdir()
    assert carrier.offer([uuid.uuid4()]) == 0
    app.close()


@pytest.mark.xdist_group("outbox-storm")
def test_what_waits_is_counted_on_the_configured_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with storm.alone():
        app = use(monkeypatch, storm.broker_url(), tmp_path)
        assert carrier.waiting() == 0
        assert carrier.offer([uuid.uuid4() for _ in range(3)]) == 3
        assert carrier.waiting() == 3
        app.close()
