"""Each indicator against a figure worked out by hand, and the same figure wherever the portal says it."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext

from normandata.documents import services as documents
from normandata.indicators import asking, conf, figures, overview, paper, registry
from normandata.indicators.definitions import Reading, Split
from normandata.indicators.figures import Told
from normandata.opendata import figures as opendata
from normandata.regulation.formats import spaced
from tests.factories.figures import EVENING, YEAR, make_year
from tests.spreadsheets import comparable, plain, read_csv, read_xlsx

pytestmark = pytest.mark.django_db
D = Decimal
# Value, and the two terms of a rate, counted by hand from the year that `make_year` tells.
BY_HAND: Mapping[tuple[str, str], tuple[Decimal | int | None, int | None, int | None]] = {
    ("diagnostic", "diagnostics-realises"): (3, None, None),
    ("diagnostic", "actions-a-six-mois"): (D("50.0"), 1, 2),
    ("diagnostic", "structures-par-type"): (4, None, None),
    ("diagnostic", "structures-des-reseaux"): (200, None, None),
    ("diagnostic", "jours"): (D("3.5"), None, None),
    ("diagnostic", "montants"): (D("4860.00"), None, None),
    ("diagnostic", "avis"): (D("66.7"), 2, 3),
    ("diagnostic", "autres-suivis"): (1, None, None),
    ("booster_ia", "projets-menes-a-terme"): (1, None, None),
    ("booster_ia", "retours-d-experience"): (D("33.3"), 1, 3),
    ("booster_ia", "structures-nouvelles"): (2, None, None),
    ("booster_ia", "projets-subventionnes"): (2, None, None),
    ("booster_ia", "montants"): (D("16000.50"), None, None),
    ("booster_ia", "dossiers-par-vague"): (1, None, None),
    ("booster_ia", "autres-suivis"): (1, None, None),
    ("datathon", "solutions-presentees"): (6, None, None),
    ("datathon", "editions-annuelles"): (1, None, None),
    ("datathon", "valorisation"): (D("16.7"), 1, 6),
    ("datathon", "audience"): (1, None, None),
    ("datathon", "participants"): (8, None, None),
    ("datathon", "autres-suivis"): (1, None, None),
    ("roadmap", "actions-engagees"): (D("50.0"), 1, 2),
    ("roadmap", "jalons-tenus"): (D("66.7"), 2, 3),
    ("roadmap", "avancement-par-axe"): (D("50.0"), 2, 4),
    ("roadmap", "avancement-par-chantier"): (D("50.0"), 2, 4),
    ("roadmap", "avancement-par-action"): (D("50.0"), 2, 4),
    ("roadmap", "deliberations-ulterieures"): (1, None, None),
    ("roadmap", "appels-ouverts"): (1, None, None),
    ("roadmap", "propositions-recues"): (2, None, None),
    ("roadmap", "autres-suivis"): (1, None, None),
}
# Answers of two and of three structures: the public reads neither.
HIDDEN = {("diagnostic", "actions-a-six-mois"), ("diagnostic", "avis")}
MOST = 12


@pytest.fixture(autouse=True)
def _year(db: None, media: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(EVENING, tick=False):
        make_year()
        yield


def key(one: Told) -> tuple[str, str]:
    return one.owner.slug, one.indicator.slug


def expected(one: Told) -> Decimal | int | None:
    return None if is_hidden(one) else BY_HAND[key(one)][0]


def is_hidden(one: Told) -> bool:
    return key(one) in HIDDEN and conf.threshold() > 3


def number(value: Decimal | int | None) -> str:
    return "" if value is None else f"{float(value):.4f}"


def read(pk: Any) -> str:
    """Make a PDF and read its words, in one line."""
    documents.make(pk)
    document = documents.Document.objects.get(pk=pk)
    with document.file.open("rb") as file:
        pdf = pypdfium2.PdfDocument(bytes(file.read()))
    words = []
    for page in pdf:
        text = page.get_textpage()
        words.append(text.get_text_bounded())
        text.close()
        page.close()
    pdf.close()
    return re.sub(r"\s+", " ", " ".join(words))


def test_every_indicator_is_the_figure_worked_out_by_hand() -> None:
    found = figures.every(YEAR, public=False)
    counted = {key(one): one.figure for one in found}
    assert {name: (one.value, one.numerator, one.denominator) for name, one in counted.items() if one} == BY_HAND


def test_the_parts_of_every_split_add_up_to_the_whole() -> None:
    count = 0
    for one in figures.every(YEAR, public=False):
        assert set(one.splits) == set(one.indicator.splits)
        for split in one.splits.values():
            figure, rows = one.figure, split.rows
            assert figure
            if figure.denominator is None:
                assert sum(row[1] for row in rows) == figure.value  # type: ignore[misc]
            else:
                terms = [(row[1], row[2]) for row in rows]
                assert tuple(map(sum, zip(*terms, strict=True))) == (figure.numerator, figure.denominator)
            count += 1
    assert count == 26


def test_departments_and_kinds_are_those_of_the_structures() -> None:
    found = {key(one): one for one in figures.every(YEAR, public=False)}
    realised = found["diagnostic", "diagnostics-realises"].splits
    assert realised[Split.DEPARTMENT].rows == (
        ("Calvados", 1),
        ("Eure", 0),
        ("Manche", 1),
        ("Orne", 0),
        ("Seine-Maritime", 0),
        ("Hors de Normandie", 1),
    )
    assert realised[Split.STRUCTURE].rows == (
        ("Collectivités et regroupements", 1),
        ("Entreprises", 1),
        ("Établissements de santé", 1),
    )
    assert found["diagnostic", "structures-des-reseaux"].splits[Split.DEPARTMENT].rows[-1] == ("Non connu", 130)
    granted = found["booster_ia", "montants"].splits[Split.DEPARTMENT].rows
    assert {name: value for name, value in granted if value} == {"Calvados": D("10000.00"), "Eure": D("6000.50")}
    ended = found["booster_ia", "retours-d-experience"].splits[Split.DEPARTMENT].rows
    assert ended[:2] == (("Calvados", 1, 2, D("50.0")), ("Eure", 0, 1, D("0.0")))


def test_a_figure_restricted_is_the_part_of_its_split() -> None:
    for one in figures.every(YEAR, public=False):
        for split, figure in one.splits.items():
            for row in figure.rows:
                code = next(code for code, name in figures.dimensions.LABELS[split].items() if name == row[0])
                scope = figures.Scope(**{"department" if split is Split.DEPARTMENT else "structure": code})
                part = figures.told(one.owner, one.indicator, YEAR, scope).figure
                assert part
                assert part.value == row[-1 if figure.denominator is not None else 1]


def test_what_cannot_be_split_is_said_and_not_guessed() -> None:
    owner, indicator = registry.owner("roadmap"), registry.find("roadmap", "jalons-tenus")
    assert owner
    assert indicator
    one = figures.told(owner, indicator, YEAR, figures.Scope(department="14"))
    assert one.figure is None
    assert one.withheld == "Cet indicateur n’a pas de département\u00a0: il est donné pour toute la Normandie."


@pytest.mark.parametrize("threshold", [5, 2])
def test_the_same_figure_is_on_the_page_in_the_files_in_the_command_the_api_the_open_data_and_in_the_pdf(
    settings: Any, threshold: int
) -> None:
    """Under a threshold of two, answers of two and of three structures are read: no figure is compared blank."""
    settings.INDICATORS_THRESHOLD = threshold
    client = Client()
    listed = figures.every(YEAR, public=True)
    assert {key(one) for one in listed} == set(BY_HAND)
    choice = asking.public({"annee": "2027"}, today=YEAR.as_of, first_year=2026)
    paged = read(paper.ask(choice, None).pk)
    told = {(one["owner"], one["slug"]): one for one in json.loads(said("--public", "--format", "json"))}
    lines = list(csv.DictReader(io.StringIO(said("--public", "--format", "csv").removeprefix("\ufeff")), delimiter=";"))
    opened = {(one.cells[0], one.cells[1]): one.cells[8] for one in opendata.rows(YEAR.as_of) if is_whole(one.cells)}
    for one in listed:
        value, figure, indicator = expected(one), one.figure, one.indicator
        assert figure
        address = f"/indicateurs/{one.owner.url}/{indicator.slug}"
        page = plain(re.sub("<[^>]+>", "", client.get(f"{address}/?annee=2027").content.decode()))
        written = "non publié" if is_hidden(one) else plain(figure.written)
        spoken = f"{plain(spaced(figure.counted))} : {written}"
        assert spoken in page
        assert spoken in paged
        assert number(value) == comparable(read_csv(client, f"{address}.csv?annee=2027")[1][10])
        assert number(value) == number_of(read_xlsx(client, f"{address}.xlsx?annee=2027"), value)
        (record,) = json.loads(client.get(f"{address}.json?annee=2027").content)
        assert (record["value"], record["title"]) == (figures.plain(value), spaced(indicator.title))
        assert told[key(one)] == record
        answer = client.get(f"/api/v1/indicators/{one.owner.slug}/{indicator.slug}?from=2027-01-01&to=2027-12-31")
        assert json.loads(answer.content) == record
        (line,) = [
            row
            for row in lines
            if row["Indicateur"] == record["title"] and row["Dispositif"] == one.owner.label and not row["Partagé par"]
        ]
        assert comparable(line["Valeur"]) == number(value)
        assert opened[one.owner.label, indicator.slug] == value


def said(*options: str) -> str:
    out = io.StringIO()
    call_command("indicators", "--on", "2027-12-31", *options, stdout=out)
    return out.getvalue()


def is_whole(cells: tuple[Any, ...]) -> bool:
    return bool(cells[4] == 2027 and cells[6] == "")


def number_of(sheet: list[list[str]], value: Decimal | int | None) -> str:
    """Read the value of the whole, on the second row; an empty cell is not written, the next one comes up."""
    cells = [cell for cell in sheet[1] if comparable(cell) == number(value)]
    return comparable(cells[0]) if cells else ""


def test_small_groups_are_kept_from_the_public_and_shown_to_the_region() -> None:
    public = {key(one): one for one in figures.every(YEAR, public=True)}
    for name in HIDDEN:
        figure = public[name].figure
        assert figure
        assert (figure.value, figure.numerator, figure.denominator, figure.rows) == (None, None, None, ())
        assert public[name].splits == {}
    people = public["datathon", "participants"].figure
    # Two students, and six of no profile: alone, the two would be what is left of eight.
    assert people
    assert {row[0]: row[1] for row in people.rows if row[1]} == {
        "Étudiant": "non publié",
        "Non renseigné ou effacé": "non publié",
    }
    days = public["diagnostic", "jours"].figure
    assert days
    assert (days.value, days.rows) == (D("3.5"), ())
    whole = {key(one): one.figure for one in figures.every(YEAR, public=False)}["diagnostic", "jours"]
    assert whole
    assert whole.rows == (("Atelier A", 3, D("15"), D("3.5")),)


def test_the_map_adds_up_the_diagnostics_and_the_grants() -> None:
    aids = overview.aids(figures.every(YEAR, public=True, only=overview.slugs()))
    assert aids.finding == "Le Calvados, l’Eure et la Manche réunissent 4 des 5 aides accordées"
    assert aids.rows == [
        ("Calvados", 1, 1, 2),
        ("Eure", 0, 1, 1),
        ("Manche", 1, 0, 1),
        ("Orne", 0, 0, 0),
        ("Seine-Maritime", 0, 0, 0),
        ("Hors de Normandie", 1, 0, 1),
        ("Ensemble", 3, 2, 5),
    ]
    assert (aids.map.outside, aids.map.total) == ("1", "5")


@pytest.mark.parametrize("path", ["", "diagnostic/", "booster-ia/", "datathon/", "feuille-de-route/"])
def test_a_public_page_asks_few_queries_and_leaves_no_cookie(path: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(f"/indicateurs/{path}?annee=2027")
    assert answer.status_code == 200
    assert len(queries) <= MOST
    assert set(answer.headers["Cache-Control"].split(", ")) == {"public", "max-age=300"}
    assert not answer.cookies


def test_counting_makes_no_object_whatever_the_rows() -> None:
    made: list[type[Model]] = []

    def see(sender: type[Model], **kwargs: Any) -> None:
        made.append(sender)

    post_init.connect(see)
    try:
        for owner in registry.owners():
            reading = Reading(YEAR)
            for indicator in registry.of(owner.slug):
                figures.told(owner, indicator, YEAR, reading=reading)
    finally:
        post_init.disconnect(see)
    assert {one.__name__ for one in made} <= {
        "Order",
        "Award",
        "Action",
        "Call",
        "Edition",
        "Dossier",
        "Recovery",
        "Wave",
    }
    assert len(made) < 20
