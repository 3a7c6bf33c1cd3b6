"""The guide of the demonstration names every scenario and every account that has something of its own to show."""

import re
from pathlib import Path

from normandata.portal.demonstration import script

GUIDE = (Path(__file__).parents[4] / "docs/guides/demonstration.md").read_text(encoding="utf-8")
ALIKE = {"absent", *(f"jure-{number}" for number in range(2, 8))}
"""Who does what a colleague of the table does."""


def test_every_scenario_is_named() -> None:
    named = re.findall(r"^\| `(demonstration\w*\.toml)` \|", GUIDE, re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in script.DATA.glob("demonstration*.toml"))


def test_every_account_with_something_to_show_is_in_the_table() -> None:
    told = GUIDE.partition("## Qui pour voir quoi")[2].partition("\n## ")[0]
    named = re.findall(r"^\| ([a-z0-9-]+) \|", told, re.MULTILINE)
    assert sorted(named) == sorted({one.slug for one in script.read().accounts if one.can} - ALIKE)


def test_nothing_of_the_tale_is_told_after_the_warning() -> None:
    assert [line for line in GUIDE.partition("## Jamais en production")[2].splitlines() if "@" in line] == []
