"""The rules are read and run in a process where Django, Celery and the database cannot be imported."""

import subprocess
import sys

import pytest

GUARD = """
import sys
FORBIDDEN = ("django", "celery", "kombu", "psycopg2", "sqlite3", "redis", "weasyprint")
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in FORBIDDEN:
            raise ImportError(f"{name} is behind the wall")
sys.meta_path.insert(0, Wall())
"""
ROOMS = [
    "normandata.regulation.reglement",
    "normandata.regulation.judgment",
    "normandata.regulation.contract",
    "normandata.workflow",
    "normandata.deminimis.simulation",
    "diagnostic.simulation",
    "booster_ia.simulation",
    "datathon.simulation",
    "normandata.opendata.subsidies",
    "normandata.opendata.aids",
]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", GUARD + code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("room", ROOMS)
def test_a_pure_room_is_imported_without_django(room: str) -> None:
    assert run(f"import {room}").stderr == ""


def test_a_case_is_judged_without_django() -> None:
    code = """
from diagnostic.simulation import simulate
print(simulate({"on": "2026-04-01", "department": "14", "structure_type": "health_facility"})["verdict"])
"""
    assert run(code).stdout == "eligible\n"


def test_the_wall_stands() -> None:
    assert "django is behind the wall" in run("import normandata.ui.forms").stderr
