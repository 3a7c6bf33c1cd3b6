"""The winners as everybody reads them: after the embargo, by rank, within the prizes; flat in editions."""

from datetime import datetime
from decimal import Decimal

import pytest
import time_machine

from datathon import results
from normandata.bulletin.results import Asked, Part
from tests.datathon.test_opendata import DUE, make_published
from tests.factories.datathon import PARIS

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 11, 15, 12, tzinfo=PARIS)


def read(at: datetime = NOW, *words: str, year: int | None = None) -> Part:
    with time_machine.travel(at, tick=False):
        return results.read(Asked(at.date(), year=year, words=words))


def test_the_winners_by_rank_and_nobody_beyond_the_prizes() -> None:
    edition = make_published()
    part = read()
    assert part.finding.replace("\u00a0", " ") == "2 équipes lauréates, 3 000,00 € de prix"
    assert [one.cells for one in part.table.lines] == [
        ("Les Huîtres", "Projet de Les Huîtres", "Datathon 2027", 1, Decimal(2000)),
        ("Les Bulots", "Projet de Les Bulots", "Datathon 2027", 2, Decimal(1000)),
    ]
    assert {one.url for one in part.table.lines} == {f"/datathon/{edition.slug}/projets/"}
    assert len(read(NOW, "bulots").table.lines) == 1
    assert len(read(NOW, year=2026).table.lines) == 0


def test_nothing_before_the_embargo_ends() -> None:
    make_published(embargo_until=DUE)
    assert read(DUE.replace(hour=8, minute=59)).finding == "Aucun lauréat publié pour le moment"
    assert len(read(DUE).table.lines) == 2


def test_it_costs_the_same_for_one_edition_and_for_four(django_assert_num_queries) -> None:
    for number in (1, 3):
        for _ in range(number):
            make_published()
        with django_assert_num_queries(2):
            read()
