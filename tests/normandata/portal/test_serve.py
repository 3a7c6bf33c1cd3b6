"""`manage.py serve`: three real processes, kept alive, stopped in good order by Ctrl-C."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests import migrated

ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("NORMANDATA_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text(encoding="ascii").split()] if listed.exists() else []


def eventually(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)


def manage(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command and the environment that work in a folder."""
    environment = ENVIRONMENT | {"NORMANDATA_VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "normandata.settings"}
    return [sys.executable, str(settings.BASE_DIR / "manage.py")], environment


class Portal:
    """The command running in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command, environment = manage(folder)
        self.process = subprocess.Popen(
            [*command, "serve", "--port", str(self.port)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sante/", timeout=2) as response:
                return bool(response.read() == b"ok\n")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate and collect once; each portal works in a copy."""
    folder = tmp_path_factory.mktemp("prepared")
    migrated.sqlite(folder / migrated.FILE)
    command, environment = manage(folder)
    subprocess.run([*command, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True)
    return folder


@pytest.fixture
def portal(prepared: Path, tmp_path: Path) -> Iterator[Portal]:
    served = Portal(shutil.copytree(prepared, tmp_path / "var"))
    yield served
    for pid in children(served.process.pid):
        os.killpg(pid, signal.SIGKILL)
    served.process.kill()
    served.process.communicate()


def test_a_dead_process_is_started_again_and_ctrl_c_stops_everything(portal: Portal) -> None:
    eventually(portal.answers)
    before = children(portal.process.pid)
    assert len(before) == 3
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: before[0] not in children(portal.process.pid) and len(children(portal.process.pid)) == 3)
    eventually(portal.answers)
    running = children(portal.process.pid)
    portal.process.send_signal(signal.SIGINT)
    output, _ = portal.process.communicate(timeout=30)
    assert portal.process.returncode == 0
    assert output.rstrip().endswith("Le portail est arrêté.")
    assert "il est interrompu" not in output
    assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []


def test_a_closed_terminal_stops_everything_too(portal: Portal) -> None:
    eventually(portal.answers)
    running = children(portal.process.pid)
    portal.process.send_signal(signal.SIGHUP)
    portal.process.communicate(timeout=30)
    assert portal.process.returncode == 0
    assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []


def test_a_port_already_taken_is_said_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Le port {number} est déjà pris. Essayez : make run PORT={number + 1}"):
            call_command("serve", "--port", str(number))


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="n’est pas un port"):
        call_command("serve", f"--port={text}")
