"""The database that the migrations make: made once, copied by every process and every run until a migration changes.

Migrating an empty database costs some ten seconds of computing, which three processes paid each time.
"""

import fcntl
import hashlib
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

FOLDER = settings.VAR_DIR.parent / "migrated"
FILE = "normandata.sqlite3"
# What a migration of ours runs besides its own text: the guards of rows, the functions that draw a default.
IMPORTED = re.compile(rb"^(?:import|from) ((?:normandata|diagnostic|booster_ia|datathon|roadmap)[\w.]*)", re.MULTILINE)


def sqlite(to: Path) -> None:
    """Put a migrated SQLite database at this path, in the place of what is there."""
    for old in (to.with_name(f"{to.name}{suffix}") for suffix in ("", "-wal", "-shm")):
        old.unlink(missing_ok=True)
    made = FOLDER / digest()
    with _alone():
        if not made.exists():
            for stale in FOLDER.glob("[0-9a-f]*"):
                shutil.rmtree(stale)
            begun = FOLDER / "begun"
            shutil.rmtree(begun, ignore_errors=True)
            _migrate(NORMANDATA_VAR_DIR=str(begun))
            begun.rename(made)
    shutil.copyfile(made / FILE, to)


def postgresql() -> str:
    """Return the name of a migrated database of the server, to copy."""
    prefix = f"migrated_{settings.DATABASES['default']['NAME']}_"
    made = f"{prefix}{digest()}"
    with _alone(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE left(datname, %s) = %s", [len(prefix), prefix])
        found = {name for (name,) in cursor.fetchall()}
        if made not in found:
            for stale in found:
                cursor.execute(f'DROP DATABASE "{stale}"')
            begun = f"{prefix}begun"
            cursor.execute(f"CREATE DATABASE \"{begun}\" ENCODING 'UTF8' TEMPLATE template0")
            address = os.environ["NORMANDATA_DATABASE_URL"].rpartition("/")[0]
            _migrate(NORMANDATA_DATABASE_URL=f"{address}/{begun}")
            cursor.execute(f'ALTER DATABASE "{begun}" RENAME TO "{made}"')
    return made


def digest() -> str:
    """Sum up all that a migrated database comes from."""
    files = [file for app in apps.get_app_configs() for file in sorted(Path(app.path, "migrations").glob("*.py"))]
    texts = [file.read_bytes() for file in files]
    imported = {name.decode() for text in texts for name in IMPORTED.findall(text)}
    texts += [inspect.getsource(import_module(name)).encode() for name in sorted(imported)]
    texts += [django.__version__.encode(), "\n".join(settings.INSTALLED_APPS).encode()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make a database."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(**environment: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NORMANDATA_")}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"]
    known = {"DJANGO_SETTINGS_MODULE": "normandata.settings", "NORMANDATA_VAR_DIR": str(FOLDER / "begun")}
    subprocess.run(command, env=kept | known | environment, check=True)
