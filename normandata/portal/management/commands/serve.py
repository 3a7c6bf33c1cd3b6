"""`manage.py serve`: the embedded portal, three processes kept alive until Ctrl-C."""

import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

STOP_WITHIN = 20
"""Seconds left to the processes to finish what they do."""
RESTART_AFTER = 2
"""Seconds before a process that died is started again."""


def port(text: str) -> int:
    """Read a TCP port."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"« {text} » n’est pas un port")
    return int(text)


class Command(BaseCommand):
    help = "Sert le portail sur cette machine : serveur web, worker et beat. Ctrl-C arrête tout."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        refuse_taken(port)
        self.is_stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        self.commands = commands(port)
        self.running = {name: start(command) for name, command in self.commands.items()}
        while not self.is_stopping:
            time.sleep(0.2)
            self.restart_the_dead()
        self.finish()

    def stop(self, number: int, frame: Any) -> None:
        self.is_stopping = True

    def restart_the_dead(self) -> None:
        for name, process in self.running.items():
            if process.poll() is None or self.is_stopping:
                continue
            self.stderr.write(f"{name} s’est arrêté (code {process.returncode}), redémarrage.")
            time.sleep(RESTART_AFTER)
            if not self.is_stopping:
                self.running[name] = start(self.commands[name])

    def finish(self) -> None:
        """Ask each process, not its children, to finish; kill those that do not."""
        self.stdout.write("\nArrêt en cours.")
        self.stdout.flush()
        for process in self.running.values():
            process.terminate()
        end = time.monotonic() + STOP_WITHIN
        for name, process in self.running.items():
            try:
                process.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.stderr.write(f"{name} ne s’arrête pas, il est interrompu.")
                process.kill()
                process.wait()
        self.stdout.write("Le portail est arrêté.")


def refuse_taken(port: int) -> None:
    """Raise CommandError when another program answers on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"Le port {port} est déjà pris. Essayez : make run PORT={port % 65535 + 1}") from error


def commands(port: int) -> dict[str, list[str]]:
    """Return the three commands, taken from the environment of the running Python."""
    tools = Path(sys.executable).parent
    celery = [sys.executable, "-W", "ignore", str(tools / "celery"), "--quiet", "--app", "normandata.celery"]
    return {
        "web": [
            *(str(tools / "gunicorn"), "normandata.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
            *(
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "4",
                "--no-control-socket",
                "--limit-request-line",
                "8190",
            ),
        ],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "warning"],
        "beat": [*celery, "beat", "--loglevel", "warning"],
    }


def start(command: list[str]) -> "subprocess.Popen[bytes]":
    # Sessions of their own: a Ctrl-C reaches this command alone, which then stops them in good order.
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603 – our own commands
