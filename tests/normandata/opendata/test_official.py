"""The official schemas, asked by frictionless: our files are valid; what is wrong is refused by both, or by us."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from normandata.opendata import catalogue, publications, registry
from normandata.opendata.definitions import DataSet
from normandata.opendata.publications import Tally
from tests.normandata.opendata import official
from tests.normandata.opendata.samples import CSV, ONCE, SHARED, STAGED, WORKSHOPS, subsidies_set

AT = datetime(2027, 3, 31, 9, tzinfo=UTC)


def streamed(data_set: DataSet) -> tuple[str, Tally]:
    tally = Tally()
    return "".join(publications.stream(data_set, "csv", AT, tally)), tally


def changed(**cells: str) -> str:
    """Return the hand-worked file with cells of its first row changed."""
    head, *rows = csv.reader(io.StringIO(CSV))
    rows[0] = [cells.get(name, cell) for name, cell in zip(head, rows[0], strict=True)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([head, *rows])
    return out.getvalue()


def test_the_file_worked_out_by_hand_and_ours_are_valid(tmp_path: Path) -> None:
    text, tally = streamed(subsidies_set(STAGED, ONCE, SHARED))
    assert (text, tally.refused) == (CSV, 0)
    assert official.errors(text, official.schema(official.SUBSIDIES), tmp_path) == []


def test_frictionless_refuses_what_the_schema_forbids(tmp_path: Path) -> None:
    text = changed(
        idAttribuant="123",
        dateConvention="10/07/2026",
        montant="12 500,00",
        nature="don",
        datesPeriodeVersement="2026",
        notificationUE="peut-être",
        pourcentageSubvention="2",
    )
    found = official.errors(text, official.schema(official.SUBSIDIES), tmp_path)
    assert sorted((column, kind) for row, column, kind in found if row == 2) == [
        ("dateConvention", "type-error"),
        ("datesPeriodeVersement", "constraint-error"),
        ("idAttribuant", "constraint-error"),
        ("montant", "type-error"),
        ("nature", "constraint-error"),
        ("notificationUE", "type-error"),
        ("pourcentageSubvention", "constraint-error"),
    ]


@pytest.mark.parametrize(
    ("beneficiary", "reason"),
    [
        (
            replace(WORKSHOPS, siret="99900001100019"),
            "idBeneficiaire : la clé du SIRET 99900001100019 n’est pas juste.",
        ),
        (replace(WORKSHOPS, siret=""), "idBeneficiaire, rnaBeneficiaire : l’un des deux est attendu."),
    ],
)
def test_what_frictionless_lets_through_we_refuse_with_its_reason(
    tmp_path: Path, beneficiary: Any, reason: str
) -> None:
    text = changed(idBeneficiaire=beneficiary.siret)
    assert official.errors(text, official.schema(official.SUBSIDIES), tmp_path) == []  # its tools ignore these checks
    ours, tally = streamed(subsidies_set(replace(STAGED, beneficiaries=(beneficiary,)), ONCE))
    assert (tally.published, tally.refused) == (1, 1)
    assert tally.refusals[0][:2] == (STAGED.place, reason.replace(" :", "\u00a0:"))
    assert beneficiary.name not in ours


def test_a_wrong_row_is_refused_and_what_is_left_is_valid(tmp_path: Path) -> None:
    text, tally = streamed(subsidies_set(replace(STAGED, amount=Decimal(-1)), ONCE))
    assert (tally.published, tally.refused) == (1, 1)
    assert official.errors(text, official.schema(official.SUBSIDIES), tmp_path) == []


@pytest.mark.django_db
def test_the_aids_are_valid(tmp_path: Path) -> None:
    found = registry.find("dispositifs")
    assert found is not None
    text, tally = streamed(found)
    assert (tally.published, tally.refused) == (3, 0)
    assert official.errors(text, official.schema(official.AIDS), tmp_path) == []


def test_our_own_description_is_as_strict_as_the_official_schema(tmp_path: Path) -> None:
    ours = catalogue.table_schema(subsidies_set())
    theirs = {one["name"]: one for one in official.schema(official.SUBSIDIES)["fields"]}
    assert [one["name"] for one in ours["fields"]] == list(theirs)
    for one in ours["fields"]:
        expected = theirs[one["name"]]
        assert one["type"] == expected["type"]
        assert one.get("constraints", {}).get("required", False) == expected.get("constraints", {}).get(
            "required", False
        )
