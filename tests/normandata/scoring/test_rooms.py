"""Nothing outside the room reads sheets but through `reading`, and conditions of procedures through `results`."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
PACKAGES = ("normandata", "diagnostic", "booster_ia", "datathon", "roadmap")
HIDDEN = {"Sheet", "Mark"}
UNBLIND = {"results", "ranking", "filling", "sheets"}
"""Modules that know no reader; `Tie`, a rule, may be taken from `ranking`."""
DECIDING = ("services", "workflow", "conditions", "procedures")
"""Rooms of a scheme that may ask for a score to decide by."""


def taken(source: str) -> set[str]:
    """List what a module takes from scoring that knows no blindness."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("normandata.scoring"):
            continue
        names = {alias.name for alias in node.names}
        module = (node.module or "").removeprefix("normandata.scoring").removeprefix(".")
        if module == "":
            found |= names & UNBLIND
        elif module in ("models", "sheets"):
            found |= names & HIDDEN
        elif module in UNBLIND:
            found |= {f"{module}.{name}" for name in names - {"Tie", "Place", "Ranking"}}
    return found


def test_nobody_else_reads_sheets() -> None:
    guilty = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name.startswith("normandata/scoring/") or any(
                part.removesuffix(".py") in DECIDING for part in path.parts
            ):
                continue
            if found := taken(path.read_text(encoding="utf-8")):
                guilty[name] = found
    assert guilty == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from normandata.scoring import results", {"results"}),
        ("from normandata.scoring.models import Mark, Panel", {"Mark"}),
        ("from normandata.scoring.ranking import Tie, rank", {"ranking.rank"}),
        ("from normandata.scoring.ranking import Tie", set()),
        ("from normandata.scoring import reading", set()),
        ("from normandata.scoring.services import sheets", set()),
    ],
)
def test_what_is_taken_is_seen(line: str, found: set[str]) -> None:
    assert taken(line) == found
