"""The open data through the API: the published files, row by row, one publication from the first page to the last."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import IO, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.opendata import publications, registry
from normandata.opendata.definitions import DataSet
from normandata.opendata.models import Publication
from normandata.portal.api import datasets
from tests.normandata.opendata.samples import line, make_set

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]
AT = datetime(2027, 3, 31, 9, tzinfo=UTC)
SITE = "http://localhost:8000"
ROWS = "datasets/essai/rows"


def amount(number: int) -> Decimal:
    return Decimal(number) + Decimal("0.10")


def numbered(count: int) -> DataSet:
    return make_set("essai", [line(f"é « {number} »\n", amount(number)) for number in range(count)])


@pytest.fixture
def essai(monkeypatch: pytest.MonkeyPatch) -> DataSet:
    """Register one set of seven rows, and publish it."""
    found = numbered(7)
    monkeypatch.setattr(registry, "_registry", {"essai": (found,)})
    publications.publish(found, AT)
    return found


def follow(client: Client, page: Any) -> list[Any]:
    """Read the rows of the pages after this one."""
    rows = []
    while page["next"]:
        page = client.get(page["next"].removeprefix(SITE)).json()
        rows += page["data"]
    return rows


def test_a_set_is_told_with_its_files(get: Any, essai: DataSet) -> None:
    (said,) = get("datasets")["data"]
    found = Publication.objects.get()
    assert (said["code"], said["rows"], said["changed_at"]) == ("essai", 7, "2027-03-31T09:00:00+00:00")
    assert said["files"] == [
        {
            "format": format,
            "url": f"{SITE}/donnees-ouvertes/essai.{format}",
            "bytes": found.file(format).stat().st_size,
            "sha256": found.sha256(format),
        }
        for format in ("csv", "json")
    ]
    assert [one["name"] for one in get("datasets/essai")["table_schema"]["fields"]] == ["code", "montant"]


@pytest.mark.parametrize("limit", ["1", "2", "3", "6", "7", "500"])
def test_the_pages_add_up_to_the_file(get: Any, client: Client, essai: DataSet, limit: str) -> None:
    page = get(ROWS, limit=limit)
    whole = json.loads(Publication.objects.get().file("json").read_text(encoding="utf-8"))
    assert len(page["data"]) == min(int(limit), 7)
    assert page["data"] + follow(client, page) == whole
    assert whole[3] == {"code": "é « 3 »\n", "montant": 3.1}


def test_a_reader_stays_in_one_publication_until_it_is_swept(get: Any, client: Client, essai: DataSet) -> None:
    now = timezone.now()
    publications.publish(numbered(7), now)
    page = get(ROWS, limit="3")
    publications.publish(numbered(2), now + timedelta(hours=1))
    assert [one["montant"] for one in follow(client, page)] == [3.1, 4.1, 5.1, 6.1]
    assert len(get(ROWS)["data"]) == 2
    after = page["next"].partition("after=")[2]
    old = datasets.path_of("essai", page["publication"], "json")
    old.unlink()
    assert get(ROWS, 410, after=after)["type"].endswith("#erreur-perimee")


@pytest.mark.parametrize("place", ["0", "1", "3", "20", "999999999999"])
def test_a_place_that_is_no_row_is_refused(get: Any, essai: DataSet, place: str) -> None:
    digest = Publication.objects.get().json_sha256
    said = get(ROWS, 400, after=f"{digest}.{place}")
    assert said["parameter"] == "after"


def test_no_other_file_is_reached(get: Any, essai: DataSet) -> None:
    assert get(ROWS, 410, after=f"{'0' * 64}.2")["status"] == 410
    assert get(ROWS, 400, after="../../secret_key.2")["parameter"] == "after"


def test_a_set_without_a_row_is_an_empty_page(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = numbered(0)
    monkeypatch.setattr(registry, "_registry", {"essai": (found,)})
    publications.publish(found, AT)
    assert (get(ROWS)["data"], get(ROWS)["next"]) == ([], None)


@pytest.mark.parametrize("path", ["datasets", "datasets/essai", ROWS])
def test_queries_do_not_grow_with_the_rows(get: Any, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    counts = []
    for count in (1, 30):
        found = numbered(count)
        monkeypatch.setattr(registry, "_registry", {"essai": (found,)})
        publications.publish(found, AT)
        with CaptureQueriesContext(connection) as captured:
            get(path)
        counts.append(len(captured))
    assert counts == [1, 1]


class Counting:
    """A file that counts the bytes that are read in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.count = file, 0

    def seek(self, place: int) -> None:
        self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()

    def read(self, size: int) -> bytes:
        return self._counted(self.file.read(size))

    def readline(self) -> bytes:
        return self._counted(self.file.readline())

    def _counted(self, content: bytes) -> bytes:
        self.count += len(content)
        return content


def test_a_page_far_away_reads_no_more_than_the_first(essai: DataSet) -> None:
    found = publications.publish(numbered(3000), AT)
    content = found.file("json").read_bytes()
    places = [at + 1 for at in range(len(content) - 1) if content[at : at + 2] == b"\n{"]
    assert len(places) == 3000
    costs = []
    for place in (places[0], places[-11]):
        with found.file("json").open("rb") as file:
            counting: Any = Counting(file)
            lines, _ = datasets._lines(counting, place, 10)
        costs.append((len(lines), counting.count // 100))
    assert costs[0][0] == costs[1][0] == 10
    assert costs[0][1] <= costs[1][1] <= costs[0][1] + 1
