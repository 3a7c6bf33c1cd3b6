"""Quotation marks of the templates, those of pages that no test opens included."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
ORDINARY = re.compile("« | »")


@pytest.mark.parametrize(
    "folder", sorted(one.name for one in TEMPLATES.iterdir() if one.is_dir() and one.name != "email")
)
def test_no_quotation_mark_stands_by_an_ordinary_space(folder: str) -> None:
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {found}"
        for path in sorted((TEMPLATES / folder).rglob("*.html"))
        for found in ORDINARY.findall(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
