"""The catalogue in both notations: what a harvester needs, and hashes and sizes equal to those of the files."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from normandata.opendata import catalogue, publications
from normandata.opendata.catalogue import Place
from tests.normandata.opendata.samples import ONCE, STAGED, line, make_set, subsidies_set

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 31, 9, tzinfo=UTC)
PLACE = Place(
    page="https://exemple.invalid/donnees-ouvertes/",
    contact="https://exemple.invalid/contact/",
    publisher="Région Normandie",
    siren="200053403",
)


@pytest.fixture
def listed(settings: Any, tmp_path: Path) -> list[Any]:
    settings.MEDIA_ROOT = tmp_path
    sets = [subsidies_set(STAGED, ONCE), make_set("essai", [line("A")], left_out="Rien d’autre.")]
    return [(one, publications.publish(one, AT)) for one in sets]


def test_the_data_package_describes_each_file(listed: list[Any]) -> None:
    said = json.loads(json.dumps(catalogue.datapackage(listed, PLACE)))
    assert said["licenses"] == [
        {"name": "etalab-2.0", "title": "Licence Ouverte 2.0", "path": "https://spdx.org/licenses/etalab-2.0.html"}
    ]
    assert said["created"] == "2027-03-31T09:00:00+00:00"
    assert [one["name"] for one in said["resources"]] == [
        "subventions-essai",
        "subventions-essai-json",
        "essai",
        "essai-json",
    ]
    first = said["resources"][0]
    assert first["path"] == "https://exemple.invalid/donnees-ouvertes/subventions-essai.csv"
    assert (first["schema"]["name"], first["schema"]["version"]) == ("subventions", "2.1.1")
    assert said["resources"][2]["schema"] == {
        "fields": [
            {"name": "code", "title": "Code", "type": "string", "constraints": {"required": True, "unique": True}},
            {"name": "montant", "title": "Montant", "type": "number"},
        ],
        "primaryKey": ["code"],
    }


def test_hashes_and_sizes_are_those_of_the_files(listed: list[Any]) -> None:
    resources = {one["path"]: one for one in catalogue.datapackage(listed, PLACE)["resources"]}
    for one in catalogue.dcat(listed, PLACE)["dcat:dataset"]:
        found = next(published for data_set, published in listed if data_set.slug == one["dct:identifier"])
        for part, format in zip(one["dcat:distribution"], ("csv", "json"), strict=True):
            content = found.file(format).read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            resource = resources[part["dcat:downloadURL"]["@id"]]
            assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{digest}")
            assert part["dcat:byteSize"]["@value"] == str(len(content))
            assert part["spdx:checksum"]["spdx:checksumValue"]["@value"] == digest


def test_the_dcat_catalogue_has_what_a_harvester_asks(listed: list[Any]) -> None:
    said = json.loads(json.dumps(catalogue.dcat(listed, PLACE)))
    assert (said["@type"], said["@id"]) == ("dcat:Catalog", PLACE.page)
    subsidies, other = said["dcat:dataset"]
    asked = ("dct:title", "dct:description", "dct:publisher", "dct:license", "dct:modified", "dcat:contactPoint")
    assert [name for one in (subsidies, other) for name in asked if not one.get(name)] == []
    assert subsidies["dct:conformsTo"]["@id"].endswith("/v2.1.1/schema.json")
    assert "dct:conformsTo" not in other
    assert other["dct:description"] == {"@value": "Des lignes d’essai. Rien d’autre.", "@language": "fr"}
    assert subsidies["dct:publisher"]["dct:identifier"] == "200053403"
    prefixes = {key.split(":")[0] for key in _keys(said) if not key.startswith("@")}
    assert prefixes - set(catalogue.CONTEXT) == set()


def _keys(said: Any) -> list[str]:
    """List the keys of a tree, the context excepted."""
    if isinstance(said, list):
        return [key for one in said for key in _keys(one)]
    if not isinstance(said, dict):
        return []
    return [key for name, one in said.items() if name != "@context" for key in (name, *_keys(one))]


def test_an_empty_catalogue_is_one() -> None:
    assert catalogue.datapackage([], PLACE)["resources"] == []
    assert catalogue.dcat([], PLACE)["dcat:dataset"] == []
