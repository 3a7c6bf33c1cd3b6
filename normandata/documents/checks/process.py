"""Runs one piece of work on a file nobody trusts, in a process with its own bounds: `python -m …checks.process`.

It reads a request on its standard input and answers on its standard output, both JSON.
"""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .inspect import inspect
from .refusal import Refused
from .rendering import render

MEMORY = 1_500_000_000
CPU = 20
MOST_WRITTEN = 100_000_000


def bound() -> None:
    """Bound what this process may take: bytes of memory, seconds of processor, bytes written to a file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked: `inspect` a file, or `render` one page of it."""
    if request["work"] == "render":
        return {"pixels": render(Path(request["path"]), request["format"], request["page"], Path(request["target"]))}
    try:
        found = inspect(Path(request["path"]), request["name"], frozenset(request["formats"]))
    except Refused as refusal:
        return {"refused": refusal.message}
    return {"found": asdict(found)}


if __name__ == "__main__":
    bound()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
