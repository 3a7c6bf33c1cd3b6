"""Files are published whole, keep their date while nothing changes, and leave a wrong row to an operator."""

import json
import os
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from normandata.opendata import publications, registry
from normandata.opendata.definitions import DataSet, Line, Withheld
from normandata.opendata.models import Publication, Refusal
from normandata.opendata.publications import Tally
from tests.normandata.opendata.samples import CSV, FIELDS, ONCE, SHARED, STAGED, D, line, make_set, subsidies_set

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 31, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "opendata"


def test_both_files_are_those_worked_out_by_hand() -> None:
    found = publications.publish(subsidies_set(STAGED, ONCE, SHARED), AT)
    assert found.file("csv").read_bytes() == CSV.encode()
    said = json.loads(found.file("json").read_text(encoding="utf-8"))
    assert [(one["nomBeneficiaire"], one["montant"], one["notificationUE"]) for one in said] == [
        ("ATELIERS FICTIFS DE LA SEINE", 12500.0, True),
        ("ASSOCIATION FICTIVE DATA BOCAGE", 8437.5, False),
        ("COMMUNE FICTIVE DE PONT-DONNEES", 10000.0, False),
        ("LABORATOIRE FICTIF ASSOCIE", 10000.0, False),
    ]
    assert (found.rows, found.refused, found.withheld, found.changed_at) == (4, 0, 0, AT)
    assert found.csv_bytes == len(CSV.encode())


def test_an_empty_set_is_a_header_and_an_empty_list() -> None:
    found = publications.publish(make_set("vide", []), AT)
    assert (found.file("csv").read_bytes(), json.loads(found.file("json").read_text())) == (b"code,montant\r\n", [])


def test_what_did_not_change_keeps_its_date_and_its_files() -> None:
    first = publications.publish(make_set("essai", [line("A", D(1))]), AT)
    again = publications.publish(make_set("essai", [line("A", D("1.00"))]), LATER)
    assert (again.changed_at, again.checked_at, again.csv_sha256) == (AT, LATER, first.csv_sha256)
    other = publications.publish(make_set("essai", [line("A", D(2))]), LATER)
    assert other.changed_at == LATER
    assert other.csv_sha256 != first.csv_sha256


def test_a_wrong_row_is_refused_with_its_reasons_and_the_others_are_published() -> None:
    rows = [line("A"), line(""), line("A", D(3)), Line(("B", None), "dossier B", ("Faux.",)), Withheld("C", "Loi.")]
    found = publications.publish(make_set("essai", rows), AT)
    assert (found.rows, found.refused, found.withheld) == (1, 3, 1)
    assert found.file("csv").read_bytes() == b"code,montant\r\nA,\r\n"
    assert [(one.place, one.reason.replace("\u00a0", " "), one.row) for one in found.refusals.all()] == [
        ("", "code : la valeur manque.", {"code": "", "montant": ""}),
        ("A", "code : déjà pris par une autre ligne.", {"code": "A", "montant": "3"}),
        ("dossier B", "Faux.", {"code": "B", "montant": ""}),
    ]
    publications.publish(make_set("essai", [line("A")]), LATER)
    assert not Refusal.objects.exists()


def test_refusals_are_all_counted_and_the_first_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "MOST_REFUSALS", 2)
    found = publications.publish(make_set("essai", [line("")] * 5), AT)
    assert (found.refused, found.refusals.count()) == (5, 2)


def broken(rows: list[Line]) -> Iterator[Line]:
    yield from rows
    raise LookupError("essai")


def test_a_set_that_fails_keeps_its_files_says_why_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    good = publications.publish(make_set("essai", [line("A")]), AT)
    sets = [make_set("essai", broken([line("B")])), make_set("zautre", [line("C")])]
    monkeypatch.setattr(registry, "_registry", {"essai": tuple(sets)})
    failed, other = publications.publish_all(LATER)
    assert (failed.problem, failed.csv_sha256) == ("LookupError\u00a0: essai", good.csv_sha256)
    assert (other.rows, other.problem) == (1, "")
    assert sorted(path.name[:6] for path in (folder / "essai").iterdir()) == sorted(
        [good.csv_sha256[:6], good.json_sha256[:6]]
    )
    assert publications.publish(make_set("essai", [line("B")]), LATER).problem == ""


def test_a_set_that_never_could_be_written_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    one = make_set("essai", broken([]))
    monkeypatch.setattr(registry, "_registry", {"essai": (one,)})
    assert publications.current() == []
    assert publications.current_of(one) is None


def test_a_set_never_published_is_by_whoever_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    one = make_set("essai", [line("A")])
    monkeypatch.setattr(registry, "_registry", {"essai": (one,)})
    ((_, found),) = publications.current()
    assert found.file("csv").exists()


def test_files_lost_are_written_again(folder: Path) -> None:
    one = make_set("essai", [line("A")])
    found = publications.publish(one, AT)
    found.file("json").unlink()
    again = publications.current_of(one)
    assert again is not None
    assert again.file("json").exists()
    assert again.changed_at == AT


def test_a_file_replaced_stays_a_day_for_whoever_reads_it(folder: Path) -> None:
    old = publications.publish(make_set("essai", [line("A")]), AT)
    os.utime(old.file("csv"), (AT.timestamp(), AT.timestamp()))
    publications.publish(make_set("essai", [line("B")]), AT + timedelta(hours=23))
    assert old.file("csv").exists()
    publications.publish(make_set("essai", [line("B")]), AT + timedelta(hours=25))
    assert not old.file("csv").exists()


def many(count: int) -> DataSet:
    code, amount = FIELDS
    rows = (line(f"L{number}", D(number)) for number in range(count))
    return make_set("essai", rows, fields=(replace(code, unique=False), amount))


def test_a_hundred_thousand_rows_take_the_memory_of_a_thousand() -> None:
    peaks = []
    for count in (1_000, 100_000):
        tracemalloc.start()
        found = publications.publish(many(count), AT)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.rows == count
    assert peaks[1] < 1.5 * peaks[0] + 200_000, peaks


def test_the_stream_of_a_command_is_the_file_published() -> None:
    for format in ("csv", "json"):
        found = publications.publish(subsidies_set(STAGED, ONCE), AT)
        text = "".join(publications.stream(subsidies_set(STAGED, ONCE), format, AT, Tally()))
        assert text.encode() == found.file(format).read_bytes()


def test_a_publication_has_both_files_or_none() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(slug="essai", changed_at=AT, csv_sha256="a")
