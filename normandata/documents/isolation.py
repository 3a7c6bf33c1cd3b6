"""Runs work on a file nobody trusts in a process apart, and waits for it no longer than agreed."""

import json
import subprocess
import sys
from typing import Any

from django.conf import settings

from . import conf

MODULE = "normandata.documents.checks.process"


class Failed(Exception):
    """The process apart died, or took too long, or answered nothing that can be read."""


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Hand a request to the process apart and return its answer; raises Failed."""
    try:
        done = subprocess.run(  # noqa: S603 – our own module
            [sys.executable, "-m", MODULE],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=True,
            timeout=conf.patience(),
            cwd=settings.BASE_DIR,
            # No secret of the portal's environment follows.
            env={"PYTHONPATH": str(settings.BASE_DIR), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Failed(type(error).__name__) from error
    return answer
