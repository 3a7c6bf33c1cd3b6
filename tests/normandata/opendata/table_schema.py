"""Validates a file against a public schema, from its facts kept here: written apart from the portal's own checks."""

import csv
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

FACTS = Path(__file__).with_name("facts")


def schema(name: str) -> dict[str, Any]:
    """Read the facts of a public schema."""
    found: dict[str, Any] = json.loads((FACTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def errors(text: str, facts: dict[str, Any]) -> list[str]:
    """List what is wrong in a CSV text: its headers, then each cell by line and column."""
    head, *rows = csv.reader(io.StringIO(text))
    fields = facts["fields"]
    if head != [one["name"] for one in fields]:
        return [f"headers: {head}"]
    return [
        f"line {number}, {one['name']}: {fault}"
        for number, row in enumerate(rows, start=2)
        for one, cell in zip(fields, row, strict=True)
        for fault in [_fault(one, cell)]
        if fault
    ]


def _fault(one: dict[str, Any], cell: str) -> str:
    limits = one.get("constraints", {})
    if cell == "":
        return "required" if limits.get("required") else ""
    try:
        value = _read(one, cell)
    except (ValueError, KeyError):
        return f"not a {one['type']}: {cell}"
    pattern = limits.get("pattern") or one.get("pattern")
    wrong = {
        "pattern": pattern and not re.search(pattern, cell),
        "enum": "enum" in limits and cell not in limits["enum"],
        "maxLength": len(cell) > limits.get("maxLength", 10**9),
        "minimum": "minimum" in limits and value < limits["minimum"],
        "maximum": "maximum" in limits and value > limits["maximum"],
    }
    return next((name for name, is_wrong in wrong.items() if is_wrong), "")


def _read(one: dict[str, Any], cell: str) -> Any:
    match one["type"]:
        case "number":
            return float(cell)
        case "date":
            return date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else int("")
        case "datetime":
            return datetime.fromisoformat(cell) if "T" in cell else int("")
        case "boolean":
            return {one["trueValues"][0]: True, one["falseValues"][0]: False}[cell]
    return cell
