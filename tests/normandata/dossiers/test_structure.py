"""The section of who asks: whose address, what the directory gave, what is left to say."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict

from booster_ia.forms import StructureForm as Carrier
from diagnostic.forms import StructureForm as Applicant
from normandata.dossiers.forms import Context
from normandata.dossiers.structure import StructureForm
from normandata.organisations.models import DirectoryState, Organisation
from normandata.regulation.formats import NBSP


def made(form: type[StructureForm] = StructureForm, query: str | None = None, **fields: Any) -> StructureForm:
    context = Context(Organisation(siret="99950001200019", siren="999500012", **fields))
    return form(QueryDict(query) if query is not None else None, context=context)


def test_what_the_directory_gave_is_not_asked_and_is_dated() -> None:
    found = made(
        directory_state=DirectoryState.FOUND, department="14", fetched_at=datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
    )
    assert list(found.fields) == ["nom", "adresse"]
    day = str(found.fields["nom"].help_text).replace(NBSP, " ")
    assert day == "D’après l’annuaire des entreprises, le 2 septembre 2026."


@pytest.mark.parametrize("fields", [{}, {"directory_state": DirectoryState.FOUND}])
def test_the_department_is_asked_where_the_directory_gave_none(fields: dict[str, Any]) -> None:
    found = made(**fields)
    assert list(found.fields) == ["nom", "adresse", "departement"]
    assert found.fields["nom"].help_text == ""


def test_each_scheme_says_whose_address_it_asks_for() -> None:
    said = [
        str(made(one).fields["adresse"].help_text).replace(NBSP, " ") for one in (StructureForm, Applicant, Carrier)
    ]
    assert said == [
        "L’adresse de l’établissement demandeur, pas celle du siège.",
        "L’adresse de l’établissement demandeur, pas celle du siège.",
        "L’adresse de l’établissement qui porte le projet, pas celle du siège.",
    ]


def test_the_siret_is_read_back_first() -> None:
    found = made(query="nom=Fonderie&adresse=1 rue de l’Essai&departement=14")
    assert found.is_valid()
    assert [line.name for line in found.lines()] == ["siret", "nom", "adresse", "departement"]
    wrong = made(query="nom=&adresse=")
    assert {name: list(errors) for name, errors in wrong.errors.items()}["nom"] == ["Indiquez le nom de la structure."]
