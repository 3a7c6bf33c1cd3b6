"""A map of Normandie: its five departments, their steps, what is beside it, and the drawing in a page and in a PDF."""

import re
from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from normandata.documents.pdf import write
from normandata.ui import maps
from normandata.ui.maps import normandie

DONNEES_ET_TERRITOIRES = {"50": 6, "14": 9, "61": 2, "27": 3, "76": 17}
TITLE = "La Seine-Maritime porte 17 projets sur 43"


def drawn(values: dict[str, maps.Value], **options) -> maps.Map:
    return normandie(values, **{"key": "ami", "title": TITLE, "unit": "Projets", **options})


def fills(shown: maps.Map) -> dict[str, str]:
    return {land.code: land.fill.code for land in shown.lands}


def test_departments_come_from_the_most_to_the_least_with_their_steps() -> None:
    shown = drawn(DONNEES_ET_TERRITOIRES, outside=6)
    assert [(land.name, land.written, land.fill.code) for land in shown.lands] == [
        ("Seine-Maritime", "17", "solid"),
        ("Calvados", "9", "hatched"),
        ("Manche", "6", "dotted"),
        ("Eure", "3", "pale"),
        ("Orne", "2", "pale"),
    ]
    assert [(step.label, step.fill.code) for step in shown.steps] == [
        ("2 à 3", "pale"),
        ("6", "dotted"),
        ("9", "hatched"),
        ("17", "solid"),
    ]
    assert (shown.outside, shown.total) == ("6", "43")
    assert shown.rows[-1] == ("Hors Normandie", "6")
    assert shown.spoken == (
        "La Seine-Maritime porte 17 projets sur 43\u00a0: Seine-Maritime, 17\u00a0; Calvados, 9\u00a0; "
        "Manche, 6\u00a0; Eure, 3\u00a0; Orne, 2\u00a0; Hors Normandie, 6"
    )


def test_a_department_left_out_counts_for_nothing_and_nothing_is_no_step() -> None:
    shown = drawn({"76": 1})
    assert fills(shown) == {"76": "solid", "14": "nothing", "27": "nothing", "50": "nothing", "61": "nothing"}
    assert [step.label for step in shown.steps] == ["0", "1"]
    assert (shown.outside, shown.total) == ("", "1")
    empty = drawn({})
    assert set(fills(empty).values()) == {"nothing"}
    assert [step.label for step in empty.steps] == ["0"]
    assert empty.total == "0"


def test_zero_is_never_put_with_what_counts() -> None:
    shown = drawn({"50": 0, "14": 1, "61": 10, "27": 30, "76": 60})
    assert fills(shown) == {"76": "solid", "27": "hatched", "61": "dotted", "14": "pale", "50": "nothing"}


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"50": 5, "14": 5, "61": 5, "27": 5, "76": 5}, ["5"]),
        ({"50": 1, "14": 2, "61": 10, "27": 11, "76": 12}, ["1 à 2", "10", "11", "12"]),
        ({"50": 1, "14": 4, "61": 9, "27": 20, "76": 22}, ["1", "4", "9", "20 à 22"]),
    ],
)
def test_the_nearest_values_share_a_step(values: dict[str, maps.Value], labels: list[str]) -> None:
    assert [step.label for step in drawn(values).steps] == labels


def test_what_nobody_knows_is_not_zero() -> None:
    shown = drawn({"50": None, "14": Decimal("62.5")}, written=lambda value: f"{value} %", adds_up=False)
    assert [(land.code, land.written) for land in shown.lands][-1] == ("50", "non connu")
    assert [(step.label, step.fill.code) for step in shown.steps] == [
        ("Non connu", "unknown"),
        ("0 %", "nothing"),
        ("62.5 %", "solid"),
    ]
    assert shown.total == ""
    assert drawn(dict.fromkeys(maps.outlines())).total == ""


def test_an_unknown_department_and_a_negative_value_are_refused() -> None:
    with pytest.raises(ValueError, match="75"):
        drawn({"75": 1})
    with pytest.raises(ValueError, match="negative"):
        drawn({"76": -1})
    with pytest.raises(ValueError, match="negative"):
        drawn({"76": 1}, outside=-1)


def test_the_drawing_holds_no_text_and_says_everything_beside() -> None:
    page = render_to_string("components/map.html", {"map": drawn(DONNEES_ET_TERRITOIRES, outside=6)})
    assert page.count('role="img"') == 1
    drawing = page[page.index("<svg") : page.index("</svg>")]
    assert "<text" not in drawing
    assert re.findall(r'fill="url\(#(.*?)\)"', drawing) == ["map-ami-hatched", "map-ami-dotted"]
    ids = re.findall(r'id="(.*?)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#(.*?)\)", page)) == set(ids)
    table = re.sub(r"<[^>]+>", " ", page[page.index("<tbody") : page.index("</table>")])
    assert " ".join(table.split()) == "Seine-Maritime 17 Calvados 9 Manche 6 Eure 3 Orne 2 Hors Normandie 6 Ensemble 43"
    assert "Victor Cazanave, CC-BY-4.0" in page
    assert "style=" not in page


def test_what_is_beside_the_map_keeps_its_name() -> None:
    shown = drawn({"76": 1}, outside=2, outside_name="Hors de Normandie ou non connu")
    assert shown.rows[-1] == ("Hors de Normandie ou non connu", "2")
    assert "Hors de Normandie ou non connu&nbsp;: <strong>2</strong>" in render_to_string(
        "components/map.html", {"map": shown}
    )


def test_the_table_may_be_the_pages_own() -> None:
    context = {"map": drawn({"76": 1}), "no_table": True}
    assert "<table" not in render_to_string("components/map.html", context)


def test_it_is_drawn_in_a_pdf() -> None:
    page = render_to_string("components/map.html", {"map": drawn(DONNEES_ET_TERRITOIRES, outside=6)})
    made = write(f'<html lang="fr"><title>Carte</title><body>{page}</body></html>')
    assert made.startswith(b"%PDF")
    assert len(made) > len(write('<html lang="fr"><title>Carte</title><body></body></html>')) + 5000
