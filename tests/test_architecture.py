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
        if path.name.endswith("views.py") or path.parent.name == "views"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 30
    ]
    assert long_views == []


# --------------------------------------------------------------------------------------------------- states and views
# Rows whose state only says how far a piece of work has come, with no workflow: by file, what is written to.
WITHOUT_WORKFLOW = {
    "booster_ia/payments/services/bank.py": {"details"},  # declared, then checked: each change is a row of its own
    "diagnostic/services/reports.py": {"report"},  # how far the writing is, moved by effects of the dossier alone
    "normandata/documents/services.py": {"locked", "document"},  # a document made again, or emptied
    "normandata/documents/uploads.py": {"upload", "Upload.objects.unscanned()"},
    "normandata/dossiers/services/bulk.py": {"outcome"},
    "normandata/dossiers/services/corrections.py": {"correction"},
    "normandata/dossiers/signing.py": {"self"},  # a form's reading of a draft, not a column
    "normandata/organisations/membership.py": {"membership"},
    "normandata/outbox/services.py": {"back", "Message.objects.claimable(now).filter(pk=pk)"},
}
QUERIES = ("update", "bulk_update", "update_or_create")


def state_written(node: ast.AST) -> list[str]:
    """List what a node writes a `state` of: assigned, set by name, or updated in one query."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = [each for target in node.targets for each in getattr(target, "elts", [target])]
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    elif isinstance(node, ast.Call):
        is_set = ast.unparse(node.func) == "setattr" and ast.unparse(node.args[1]) in ("'state'", '"state"')
        if is_set:
            return [ast.unparse(node.args[0])]
        if isinstance(node.func, ast.Attribute) and node.func.attr in QUERIES:
            return [ast.unparse(node.func.value)] if "state" in {word.arg for word in node.keywords} else []
    return [ast.unparse(one.value) for one in targets if isinstance(one, ast.Attribute) and one.attr == "state"]


def enters(tree: ast.AST) -> list[ast.FunctionDef]:
    """List the `enter` of the models that declare a procedure: the door calls them."""
    methods = [
        [one for one in found.body if isinstance(one, ast.FunctionDef)]
        for found in ast.walk(tree)
        if isinstance(found, ast.ClassDef)
    ]
    return [one for own in methods if "procedure" in {each.name for each in own} for one in own if one.name == "enter"]


def states_written(source: str) -> list[str]:
    """List what a module writes a `state` of, but for the `enter` of its models."""
    tree = ast.parse(source)
    doors = {id(node) for method in enters(tree) for node in ast.walk(method)}
    return [target for node in ast.walk(tree) if id(node) not in doors for target in state_written(node)]


def test_nobody_but_the_door_writes_the_state_of_a_thing() -> None:
    found: dict[str, set[str]] = {}
    for path in ROOMS:
        name = path.relative_to(ROOT).as_posix()
        if written := states_written(path.read_text(encoding="utf-8")):
            found[name] = set(written)
    assert found == WITHOUT_WORKFLOW


def test_a_state_written_elsewhere_is_seen() -> None:
    model = "class Dossier:\n    def procedure(self): ...\n    def {}(self, state):\n        self.state = state\n"
    assert states_written(model.format("enter")) == []
    assert states_written(model.format("close")) == ["self"]
    assert states_written("def close(dossier):\n    dossier.state, dossier.turn = 'closed', 'nobody'") == ["dossier"]
    assert states_written("setattr(dossier, 'state', 'closed')") == ["dossier"]
    assert states_written("Dossier.objects.filter(pk=1).update(state='closed')") == ["Dossier.objects.filter(pk=1)"]
    assert states_written("state = dossier.state") == []


VIEWS = ROOT / "normandata/dossiers/views"
FINDERS = {"own", "readable", "attachment", "readable_by_region", "person", "reader", "instructor"}
"""What a view on dossiers begins with: each raises 404. They are in `access.py`, `desk_access.py` and `queue.py`."""
GUARDS = {"readers", "instructors"}
"""Decorators that give a view a dossier that its reader may open."""
FILTERS = {"visible_to", "applied_by", "for_region"}
# Read again after `own`, once saved.
READ_AGAIN = {"draft.py: Dossier.objects.select_related('organisation').get(pk=dossier.pk)"}


def is_view(node: ast.AST) -> bool:
    """Tell whether this is a view: it says which methods it takes."""
    decorators = {ast.unparse(one).partition("(")[0] for one in getattr(node, "decorator_list", [])}
    return isinstance(node, ast.FunctionDef) and bool(
        decorators & {"require_http_methods", "require_POST", "require_safe"}
    )


def unguarded_views(source: str) -> list[str]:
    """List the views that look a row up, or do anything with their arguments, before they find what is the reader's."""
    found = []
    for view in ast.walk(ast.parse(source)):
        if not isinstance(view, ast.FunctionDef) or not is_view(view):
            continue
        if GUARDS & {ast.unparse(one) for one in view.decorator_list}:
            continue
        arguments = {one.arg for one in view.args.args} - {"request"}
        first_find = first_use = len(source)
        for statement in view.body[1:]:
            for node in ast.walk(statement):
                at = getattr(node, "lineno", 0)
                if isinstance(node, ast.Call) and ast.unparse(node.func) in FINDERS:
                    first_find = min(first_find, at)
                is_argument = isinstance(node, ast.Name) and node.id in arguments
                if is_argument or (isinstance(node, ast.Attribute) and node.attr == "objects"):
                    first_use = min(first_use, at)
        if first_find > first_use or first_find == len(source):
            found.append(view.name)
    return found


def unfiltered_dossiers(source: str) -> list[str]:
    """List the queries on dossiers that do not begin with what their reader may open."""
    tree = ast.parse(source)
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "Dossier.objects":
            after = parents[id(node)]
            if not (isinstance(after, ast.Attribute) and after.attr in FILTERS):
                whole: ast.AST = node
                while isinstance(above := parents[id(whole)], ast.Attribute | ast.Call) and whole not in getattr(
                    above, "args", ()
                ):
                    whole = above
                found.append(ast.unparse(whole))
    return found


def test_every_view_on_dossiers_starts_from_what_its_reader_may_open() -> None:
    guilty, views = [], 0
    for path in sorted(VIEWS.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        views += sum(is_view(node) for node in ast.walk(ast.parse(source)))
        guilty += [f"{path.name}: {name}" for name in unguarded_views(source)]
    assert guilty == []
    assert views >= 40


def test_every_query_on_dossiers_in_a_view_is_filtered() -> None:
    found = {
        f"{path.name}: {query}"
        for path in sorted(VIEWS.glob("*.py"))
        for query in unfiltered_dossiers(path.read_text(encoding="utf-8"))
    }
    assert found - READ_AGAIN == set()


def test_a_view_that_starts_elsewhere_is_seen() -> None:
    view = "@require_safe\ndef page(request, key):\n    'Show.'\n    {}\n    {}\n"
    assert unguarded_views(view.format("found = own(request, key)", "return found")) == []
    assert unguarded_views(view.format("found = Dossier.objects.get(key=key)", "own(request, key)")) == ["page"]
    assert unguarded_views(view.format("found = look(key)", "person(request)")) == ["page"]
    assert unguarded_views(view.format("pass", "return found")) == ["page"]
    assert unguarded_views("@readers\n" + view.format("pass", "return found")) == []
    assert unfiltered_dossiers("x = Dossier.objects.filter(key=key).first()") == [
        "Dossier.objects.filter(key=key).first()"
    ]
    assert unfiltered_dossiers("x = Dossier.objects.visible_to(user).first()") == []
