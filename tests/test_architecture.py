"""The one rule, and what keeps it true."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
PACKAGES = ("normandata", "diagnostic", "booster_ia", "datathon", "roadmap")
ROOMS = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts
]
FORBIDDEN_NAMES = {"signals.py", "utils.py", "helpers.py", "managers.py"}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--config",
        str(root / "pyproject.toml"),
        "--no-cache",
    ]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contracts_are_kept() -> None:
    result = lint_imports(ROOT)
    assert "Contracts: 2 kept, 0 broken." in result.stdout, result.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("normandata/regulation/money.py", "from django.db import models"),
        ("diagnostic/rules.py", "import booster_ia.rules"),
        ("normandata/outbox/models.py", "import normandata.portal.views"),
        ("datathon/rules.py", "from django.utils import timezone"),
        ("normandata/ui/forms.py", "import normandata.dossiers.schemes"),
    ],
)
def test_a_planted_import_breaks_the_contracts(copy: Path, module: str, line: str) -> None:
    planted = copy / module
    planted.write_text(f"{planted.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1
    assert "broken" in result.stdout


def test_every_package_has_one_sentence_and_no_code() -> None:
    for path in ROOMS:
        if path.name != "__init__.py":
            continue
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, path
        assert isinstance(body[0], ast.Expr), path
        assert isinstance(body[0].value, ast.Constant), path
        assert body[0].value.value.endswith("."), path


def test_no_room_is_a_drawer() -> None:
    assert [path for path in ROOMS if path.name in FORBIDDEN_NAMES] == []


def test_only_ready_imports_inside_a_function() -> None:
    guilty = []
    for path in ROOMS:
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef) or (path.name == "apps.py" and function.name == "ready"):
                continue
            if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function)):
                guilty.append(f"{path}:{function.lineno}")
    assert guilty == []


def test_files_and_functions_stay_readable() -> None:
    long_files = [str(path) for path in ROOMS if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    long_functions = [
        f"{path}:{node.lineno}"
        for path in ROOMS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert (long_files, long_functions) == ([], [])


OUTSIDE_THE_FLOORS = {"normandata.celery", "normandata.safety", "normandata.settings", "normandata.wsgi"}
"""Entry points: they join the house from outside."""


def test_every_room_stands_on_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    floors = {room.strip() for layer in contracts[0]["layers"] for room in re.split(r"[|:]", layer)}
    rooms = {f"normandata.{path.stem}" for path in (ROOT / "normandata").iterdir() if not path.name.startswith("__")}
    schemes = {
        path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in ("normandata", "tests")
    }
    assert floors == (rooms - OUTSIDE_THE_FLOORS) | schemes


def test_views_stay_short() -> None:
    long_views = [
        f"{path}:{node.lineno}"
        for path in ROOMS
        if path.name.endswith("views.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 30
    ]
    assert long_views == []
