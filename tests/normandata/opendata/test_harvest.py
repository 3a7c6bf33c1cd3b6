"""A harvester knows the catalogue's address alone: it reads it, follows each file, and finds what was said."""

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rdflib import DCTERMS, RDF, Graph, Namespace, URIRef

from normandata.committee.models import Session
from normandata.opendata import publications, registry
from roadmap import catalogue as roadmap
from roadmap import services
from roadmap.models import Action
from tests.access import finish
from tests.factories.booster_after import make_award
from tests.factories.roadmap import make_pilot
from tests.normandata.opendata import official

pytestmark = [
    pytest.mark.django_db,
    # rdflib's own reader of JSON-LD uses what rdflib deprecates.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]
DCAT, SPDX = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://spdx.org/rdf/terms#")
SITE = "http://localhost:8000"
MEDIA = "https://www.iana.org/assignments/media-types/"
AT = datetime(2027, 6, 30, 9, tzinfo=UTC)


@pytest.fixture
def harvested(client: Client, media: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Publish every set, with a grant, the roadmap and one milestone in them."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    make_award()
    Session.objects.update(executory_on=date(2026, 12, 16))
    roadmap.load()
    pilot = make_pilot()
    action = Action.objects.get(slug="foncier")
    services.add_milestone(action, title="Référentiel", due_on=date(2026, 2, 2), weight=2, by=pilot)
    publications.publish_all(AT)
    return client


def fetched(client: Client, address: str) -> tuple[str, bytes]:
    """Fetch an address of ours; return its media type and its content."""
    assert address.startswith(SITE)
    response: Any = client.get(address.removeprefix(SITE))
    assert response.status_code == 200, address
    content = b"".join(response.streaming_content) if response.streaming else response.content
    finish(response)
    return response.headers["Content-Type"].partition(";")[0], content


def graph(client: Client) -> Graph:
    kind, content = fetched(client, f"{SITE}/donnees-ouvertes/catalogue.jsonld")
    assert kind == "application/ld+json"
    return Graph().parse(data=content, format="json-ld")


def test_the_catalogue_is_rdf_and_lists_every_set(harvested: Client) -> None:
    found = graph(harvested)
    (listed,) = found.subjects(RDF.type, DCAT.Catalog)
    sets = list(found.objects(listed, DCAT.dataset))
    assert {str(found.value(one, DCTERMS.identifier)) for one in sets} == {one.slug for one in registry.every()}
    for one in sets:
        for wanted in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.license, DCAT.contactPoint):
            assert found.value(one, wanted) is not None, (one, wanted)
        assert len(list(found.objects(one, DCAT.distribution))) == 2
        assert str(found.value(one, DCTERMS.license)) == "https://spdx.org/licenses/etalab-2.0.html"


def test_each_file_is_of_the_type_the_size_and_the_hash_that_were_said(harvested: Client) -> None:
    found = graph(harvested)
    files = list(found.subjects(RDF.type, DCAT.Distribution))
    assert len(files) == 2 * len(registry.every())
    for one in files:
        kind, content = fetched(harvested, str(found.value(one, DCAT.downloadURL)))
        assert found.value(one, DCAT.mediaType) == URIRef(MEDIA + kind)
        assert found.value(one, DCAT.byteSize).toPython() == len(content)
        checksum = found.value(found.value(one, SPDX.checksum), SPDX.checksumValue)
        assert str(checksum).lower() == hashlib.sha256(content).hexdigest()


def test_each_file_has_the_columns_and_the_values_that_the_package_says(harvested: Client, tmp_path: Path) -> None:
    package = json.loads(fetched(harvested, f"{SITE}/donnees-ouvertes/datapackage.json")[1])
    rows: dict[str, int] = {}
    for one in package["resources"]:
        kind, content = fetched(harvested, one["path"])
        assert (kind, len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") == (
            one["mediatype"], one["bytes"], one["hash"]
        )  # fmt: skip
        names = [field["name"] for field in one["schema"]["fields"]]
        if one["format"] == "json":
            assert all(list(row) == names for row in json.loads(content)), one["name"]
            continue
        text = content.decode("utf-8")
        head, *lines = csv.reader(io.StringIO(text))
        assert head == names
        rows[one["name"]] = len(lines)
        assert official.errors(text, one["schema"], tmp_path) == [], one["name"]
    assert rows["subventions"] == 1
    assert (rows["feuille-de-route"], rows["feuille-de-route-jalons"]) == (21, 1)
    assert rows["dispositifs"] == 3
    assert rows["indicateurs"] > 100


def test_the_package_is_one_for_frictionless(harvested: Client) -> None:
    content = fetched(harvested, f"{SITE}/donnees-ouvertes/datapackage.json")[1]
    assert official.package_errors(content) == []


def test_the_command_writes_the_file_that_is_published(harvested: Client, capsys: Any) -> None:
    for format in ("csv", "json"):
        call_command("opendata", "feuille-de-route", "--format", format)
        written = capsys.readouterr().out
        assert written.encode() == fetched(harvested, f"{SITE}/donnees-ouvertes/feuille-de-route.{format}")[1]
