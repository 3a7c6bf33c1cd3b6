"""Sections that hold tables: which rows are shown, which are filled, what their cells are called."""

from collections.abc import Mapping

import pytest
from django import forms

from normandata.dossiers.forms import Context, as_data, as_typed
from normandata.dossiers.tables import Table, TableForm
from normandata.organisations.models import Organisation


def _row() -> Mapping[str, forms.Field]:
    return {"nom": forms.CharField(label="Nom", max_length=5), "base": forms.CharField(label="Base")}


class SomeTable(TableForm):
    tables = (
        Table("ligne", "Ligne", _row, shortest=2, longest=5, quiet=frozenset({"base"})),
        Table("autre", "Autre", _row, shortest=1, longest=3),
    )
    seul = forms.CharField(required=False)


def table(**typed: str) -> SomeTable:
    form = SomeTable(as_data(typed), context=Context(Organisation(siret="99900001100018")))
    form.full_clean()
    return form


@pytest.mark.parametrize(
    ("typed", "shown", "filled"),
    [
        ({}, 2, []),
        ({"ligne2_nom": "a"}, 3, [2]),
        ({"ligne1_base": "HT", "ligne3_base": "HT"}, 2, []),
        ({"ligne1_nom": "  ", "ligne4_nom": "b"}, 5, [4]),
        ({"ligne5_nom": "c"}, 5, [5]),
        ({"ligne99_nom": "d", "ligne0_nom": "e", "lignex_nom": "f", "ligne_nom": "g"}, 5, []),
    ],
)
def test_an_empty_row_follows_the_last_filled_one(typed: dict[str, str], shown: int, filled: list[int]) -> None:
    form = table(**typed)
    assert len(form.rows("ligne")) == shown
    assert [row.number for row in form.filled("ligne")] == filled
    assert len(form.rows("autre")) == 1


def test_a_cell_is_named_with_its_row() -> None:
    form = table(ligne1_nom="trop long")
    row = form.rows("ligne")[0]
    assert (row.name, row["nom"].label.replace("\u00a0", " ")) == ("Ligne 1", "Ligne 1 : nom")
    assert form.fields["ligne1_nom"].short_label == "Nom"  # type: ignore[attr-defined]
    assert form.problems[0][0] == "id_ligne1_nom"
    assert (form.typed(row, "nom"), form.of(row, "nom")) == ("trop long", None)


def test_the_other_fields_are_apart_and_a_button_leads_back_to_each_table() -> None:
    form = table()
    assert [field.name for field in form.single_fields] == ["seul"]
    assert list(form.anchors) == ["lignes", "ligne", "autre"]


def test_rows_are_kept_as_typed() -> None:
    typed = {"ligne1_nom": "a", "ligne1_base": "HT", "ligne2_nom": "trop long"}
    assert as_typed(as_data({**typed, "inconnu": "x"}), table(**typed)) == typed
