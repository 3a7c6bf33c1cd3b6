"""The page of the documentation is what the registries say: every indicator, every set, every column."""

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from normandata.indicators import registry as indicators
from normandata.opendata import dictionary, registry
from normandata.opendata.definitions import Field, Type

PAGE = Path(__file__).parents[3] / "docs" / "dictionnaire-des-donnees.md"


def test_the_page_of_the_documentation_is_what_the_command_writes() -> None:
    written = StringIO()
    call_command("opendata", "--dictionary", stdout=written)
    assert PAGE.read_text(encoding="utf-8") == written.getvalue(), "manage.py opendata --dictionary"


def test_every_indicator_every_set_and_every_column_are_there_once() -> None:
    counted, _, published = dictionary.page().partition(dictionary.HEAD)
    titles = [line.removeprefix("### ") for line in counted.splitlines() if line.startswith("### ")]
    assert titles == [one.title for owner in indicators.owners() for one in indicators.of(owner.slug)]
    assert [line.removeprefix("## ") for line in published.splitlines() if line.startswith("## ")] == [
        one.title for one in registry.every()
    ]
    named = [line.split("`")[1] for line in published.splitlines() if line.startswith("| `")]
    assert named == [field.name for one in registry.every() for field in one.fields]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (Field(name="a", title="A"), []),
        (Field(name="a", title="A", required=True, unique=True), ["obligatoire", "unique"]),
        (Field(name="a", title="A", one_of=("x", "y")), ["l’une de ces valeurs : « x », « y »"]),
        (Field(name="a", title="A", pattern="[a-z]+", longest=12), ["motif `[a-z]+`", "12 caractères au plus"]),
        (
            Field(name="a", title="A", type=Type.NUMBER, minimum=Decimal("0.01"), maximum=Decimal(1)),
            ["au moins 0,01", "au plus 1", "2 décimales"],
        ),
        (Field(name="a", title="A", type=Type.BOOLEAN, words=("true", "false")), ["en CSV, true ou false"]),
    ],
)
def test_what_a_column_asks_is_said(field: Field, said: list[str]) -> None:
    assert list(dictionary.constraints(field)) == said


def test_a_bar_in_a_cell_is_no_new_cell() -> None:
    lines = dictionary.page().partition(dictionary.HEAD)[2].splitlines()
    rows = [line.replace("\\|", "") for line in lines if line.startswith("| `")]
    assert {line.count("|") for line in rows} == {5}
