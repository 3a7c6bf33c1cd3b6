"""The projects of published editions as open data: nothing before the results, nobody's name, no prize."""

from datetime import date, datetime
from typing import Any

import pytest
import time_machine

from datathon import opendata, phases
from datathon.deliverables import CODE, PRESENTATION
from datathon.models import Deliberation, Deliverable, Edition, Outcome
from normandata.opendata import checks
from tests.factories.accounts import UserFactory
from tests.factories.datathon import PARIS, make_edition, make_team

pytestmark = pytest.mark.django_db
AS_OF = date(2027, 11, 15)
DUE = datetime(2027, 11, 1, 9, tzinfo=PARIS)


def make_published(**fields: Any) -> Edition:
    """Make an edition with two prizes: three ranked teams, one that did not present, one dissolved for trial."""
    edition = make_edition(phases.PUBLISHED, title="Datathon 2027", prize_1=2000, prize_2=1000, **fields)
    theme = edition.themes.get()
    named = {"summary": "Un trajet.", "territory": "Orne", "theme": theme, "shown_in_gallery": True}
    deliberation = Deliberation.objects.create(edition=edition, opened_at=DUE, opened_by=UserFactory())
    for rank, name in ((2, "Les Bulots"), (1, "Les Huîtres"), (3, "Les Moules")):
        team = make_team(edition, name=name, project=f"Projet de {name}", order=rank, **named)
        Outcome.objects.create(deliberation=deliberation, team=team, decided_rank=rank)
        if rank == 1:
            handed = {"team": team, "version": 1, "sha256": "a" * 64}
            Deliverable.objects.create(kind=CODE, url="https://exemple.invalid/code", **handed)
            Deliverable.objects.create(kind=PRESENTATION, text="Un fichier.", **handed)
    make_team(edition, name="Retirée", project="Hors galerie", presents=True)
    make_team(edition, name="Sans projet", project="", presents=False)
    make_team(edition, name="Essai", project="Essai", rehearsal=True)
    return edition


def rows(at: datetime = datetime(2027, 11, 15, 12, tzinfo=PARIS)) -> list[tuple[Any, ...]]:
    with time_machine.travel(at, tick=False):
        found = list(opendata.rows(at.date()))
    assert [fault for one in found for fault in checks.faults(opendata.FIELDS, one.cells)] == []
    return [one.cells for one in found]


def test_the_presented_projects_the_winners_first() -> None:
    make_published()
    links = ("https://exemple.invalid/code", "")
    same = ("Un trajet.", "Mobilité", "Orne")
    assert rows() == [
        ("Datathon 2027", 2027, "Les Huîtres", "Projet de Les Huîtres", *same, 1, *links),
        ("Datathon 2027", 2027, "Les Bulots", "Projet de Les Bulots", *same, 2, "", ""),
        ("Datathon 2027", 2027, "Les Moules", "Projet de Les Moules", *same, None, "", ""),
    ]  # fmt: skip


def test_nothing_before_the_results_are_anybodys() -> None:
    edition = make_published(embargo_until=DUE)
    assert rows(datetime(2027, 11, 1, 8, 59, tzinfo=PARIS)) == []
    assert len(rows(datetime(2027, 11, 1, 9, 0, tzinfo=PARIS))) == 3
    Edition.objects.filter(pk=edition.pk).update(state=phases.DELIBERATION, published_at=None)
    assert rows() == []


def test_queries_do_not_grow_with_the_teams(django_assert_max_num_queries: Any) -> None:
    edition = make_published()
    for _ in range(10):
        make_team(edition, project="Un projet", shown_in_gallery=True)
    with django_assert_max_num_queries(3):
        assert len(rows()) == 13


def test_the_order_tells_the_rank_of_a_laureate_and_of_nobody_else() -> None:
    edition = make_published()
    for rank, name in ((4, "Zèbres"), (5, "Étoiles"), (6, "Abers")):
        team = make_team(edition, name=name, project="Projet", shown_in_gallery=True)
        Outcome.objects.create(deliberation=edition.deliberation, team=team, decided_rank=rank)
    found = [(row[2], row[7]) for row in rows()]
    assert found == [
        ("Les Huîtres", 1), ("Les Bulots", 2), ("Abers", None), ("Les Moules", None), ("Zèbres", None),
        ("Étoiles", None),
    ]  # fmt: skip
