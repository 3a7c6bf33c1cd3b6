"""Validates a file with frictionless against an official schema, kept word for word in `official/`.

`scdl_subventions_2.1.1` is in the public domain (Unlicense, OpenDataFrance); `etalab_dispositif_aide_0.2.0` is under
Licence Ouverte 2.0 (Etalab). Frictionless is asked in a process of its own: its imports warn.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("official")
SUBSIDIES, AIDS = "scdl_subventions_2.1.1", "etalab_dispositif_aide_0.2.0"
ASKED = """
import json, sys
from frictionless import Resource, Schema, system
schema, name, folder = sys.argv[1:4]
with system.use_context(trusted=True):
    report = Resource(path=name, basepath=folder, schema=Schema.from_descriptor(json.loads(schema))).validate()
    print(json.dumps(report.flatten(["rowNumber", "fieldName", "type"])))
"""

OF_PACKAGE = """
import json, sys
from frictionless import FrictionlessException, Package, system
try:
    with system.use_context(trusted=True):
        Package.from_descriptor(json.loads(sys.stdin.read()))
    print("[]")
except FrictionlessException as error:
    print(json.dumps([str(one.note) for one in (error.reasons or [error.error])]))
"""


def errors(text: str, schema: dict[str, Any], folder: Path) -> list[list[Any]]:
    """List (row, column, type of the error) of a CSV text; nothing when it is valid."""
    path = folder / "fichier.csv"
    path.write_bytes(text.encode())
    command = [sys.executable, "-W", "ignore", "-c", ASKED, json.dumps(schema), path.name, str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[list[Any]] = json.loads(said.stdout)
    return found


def schema(name: str) -> dict[str, Any]:
    """Read an official schema."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def package_errors(content: bytes) -> list[str]:
    """List what frictionless says against the description of a package."""
    command = [sys.executable, "-W", "ignore", "-c", OF_PACKAGE]
    said = subprocess.run(command, check=True, capture_output=True, text=True, input=content.decode())
    found: list[str] = json.loads(said.stdout)
    return found
