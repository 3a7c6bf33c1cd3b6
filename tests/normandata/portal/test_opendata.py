"""The aid schemes in the columns of « dispositif d'aide », against the public schema."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from normandata.dossiers import schemes
from normandata.opendata import checks, publications, registry
from normandata.portal import opendata
from tests.normandata.opendata.table_schema import errors, schema

AS_OF = date(2026, 6, 30)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SITE_URL = "https://exemple.invalid"


def by_title() -> dict[str, dict[str, Any]]:
    names = [one.name for one in opendata.SETS[0].fields]
    rows = [dict(zip(names, one.cells, strict=True)) for one in opendata.rows(AS_OF)]
    return {one["titre"]: one for one in rows}


def test_one_row_a_scheme_without_a_fault() -> None:
    assert list(by_title()) == ["Diagnostic data et IA", "Booster IA", "Datathon Normandie"]
    fields = opendata.SETS[0].fields
    assert [fault for one in opendata.rows(AS_OF) for fault in checks.faults(fields, one.cells)] == []


def test_the_row_of_booster_ia_word_for_word() -> None:
    found = by_title()["Booster IA"]
    description = found.pop("description")
    assert description.startswith("La Région finance une part d’une preuve de concept en intelligence artificielle")
    assert found.pop("eligibilite").splitlines()[:2] == ["• Les entreprises", "• Les associations"]
    assert found == {
        "id": "2b6b61e2-b403-5e30-8f4a-13229e12d2b5",
        "titre": "Booster IA",
        "promesse": "50 % des dépenses, jusqu’à 12 500 € HT",
        "types_aides": "financement",
        "porteurs": "[{ nom: 'Région Normandie', siren: '200053403', roles: [ 'financeur', 'instructeur' ]}]",
        "programmes_parents": "Feuille de route régionale de la donnée/IA",
        "url_source": "https://exemple.invalid/aides/booster-ia/",
        "cibles": "professionnels|associations|secteur public",
        "eligibilite_geographique": "REG-28",
        "eligibilite_geographique_exclusions": "",
        "date_ouverture": datetime(2026, 1, 1, tzinfo=PARIS),
        "date_cloture": None,
        "date_mise_a_jour": datetime(2026, 1, 1, tzinfo=PARIS),
    }


def test_each_scheme_is_for_those_its_reglement_admits() -> None:
    assert {title: one["cibles"] for title, one in by_title().items()} == {
        "Diagnostic data et IA": "professionnels|secteur public",
        "Booster IA": "professionnels|associations|secteur public",
        "Datathon Normandie": "professionnels|particuliers|associations|secteur public",
    }


def test_the_words_of_the_sheets_are_all_known() -> None:
    assert {one.sheet.aid_type for one in schemes.aids()} == set(opendata.KINDS)


@pytest.mark.django_db
def test_the_file_follows_the_public_schema() -> None:
    data_set = registry.find("dispositifs")
    assert data_set is not None
    found = publications.publish(data_set, datetime(2026, 6, 30, 12, tzinfo=PARIS))
    text = found.file("csv").read_bytes().decode()
    assert (found.rows, errors(text, schema("dispositif-aide-0.2.0"))) == (3, [])
    wrong = text.replace("REG-28", "Normandie", 1)
    assert errors(wrong, schema("dispositif-aide-0.2.0")) == ["line 2, eligibilite_geographique: pattern"]


@pytest.mark.django_db
def test_the_command_writes_a_set_and_publishes_them_all(capsys: Any) -> None:
    call_command("opendata", "dispositifs", "--format", "json")
    assert [one["titre"] for one in json.loads(capsys.readouterr().out)] == list(by_title())
    call_command("opendata", "--publish")
    told = capsys.readouterr().out.splitlines()
    assert told[1] == "dispositifs : 3 publiées, 0 refusées, 0 retenues"
    assert len(told) == len(registry.every())
    with pytest.raises(CommandError, match="Jeu inconnu"):
        call_command("opendata", "inconnu")
