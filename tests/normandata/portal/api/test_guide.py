"""The guide's commands are typed as they are written, and answered."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from normandata.portal.api import operations, page, problems

GUIDE = (Path(__file__).parents[4] / "docs/guides/api.md").read_text(encoding="utf-8")
SITE = "http://localhost:8000"
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
REFUSED = {"schemes?on=demain": 400}


def typed(client: Client, command: str) -> Any:
    """Do what curl does with a command."""
    program, *words = shlex.split(command)
    assert program == "curl"
    headers, body, address = {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        else:
            address = word
    assert address.startswith(f"{SITE}/api/v1/")
    path = address.removeprefix(SITE)
    if body is None:
        return client.get(path, headers=headers)
    return client.post(path, body, content_type=headers.pop("Content-Type"), headers=headers)


@pytest.mark.django_db
@pytest.mark.usefixtures("roadmap", "media", "quiet")
def test_every_command_of_the_guide_is_answered(client: Client) -> None:
    assert len(COMMANDS) > 15
    for command in COMMANDS:
        path = command.rsplit("/api/v1/", 1)[1].strip("'")
        response = typed(client, command)
        assert response.status_code == REFUSED.get(path, 200), command
    several = typed(client, next(one for one in COMMANDS if "-d '[" in one)).json()
    assert several[1] == {"error": "on : champ obligatoire", "line": 2}


@pytest.mark.django_db
@pytest.mark.usefixtures("roadmap", "media", "quiet")
def test_every_command_of_the_page_is_answered(client: Client) -> None:
    for one in operations.EVERY:
        assert typed(client, page.shown(one).command).status_code == 200, one.name


def test_the_guide_tells_each_status() -> None:
    told = set(map(int, re.findall(r"\b\d{3}\b", GUIDE.split("## Quand ça ne va pas")[1].split("## Ménager")[0])))
    assert {kind.status for kind in problems.KINDS} - {500} <= told
