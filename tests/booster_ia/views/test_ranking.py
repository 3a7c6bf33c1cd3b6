"""The ranking and its files, with marks worked out by hand: ties, 49.995, spread, who may read; flat at any size."""

import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booster_ia.services import scoring
from normandata.accounts.models import Role, User
from normandata.organisations.models import Organisation
from normandata.scoring.models import Panel, Subject
from normandata.scoring.services import conflicts, panels
from tests.factories.accounts import make_user_with, sign_in
from tests.factories.booster_scoring import (
    deposit_again,
    dossier_of,
    make_dossiers,
    make_lead,
    make_scorer,
    open_wave,
    score,
    subjects,
)
from tests.factories.waves import make_next_wave
from tests.normandata.ui.test_tables import cells

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def lead(client: Client) -> User:
    return sign_in(client, make_lead())


@pytest.fixture
def scorers() -> list[User]:
    return [make_scorer(name="Ange Petit"), make_scorer(name="Sacha Grand")]


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def number(subject: Subject) -> str:
    return str(dossier_of(subject).number)


def both(subject: Subject, scorers: list[User], *marks: str) -> None:
    for one in scorers:
        score(subject, one, *marks)


def table(client: Client, panel: Panel, name: str, *args: str) -> list[list[str]]:
    response = client.get(reverse(f"booster_ia:{name}", args=[int(panel.key), *args, "csv"]))
    assert response.status_code == 200
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    return [line.split(";") for line in lines]


def ranked(lead: User, scorers: list[User]) -> tuple[Panel, list[Subject]]:
    """Six dossiers: 80; 60 by feasibility; 60 by quality; 60 by completeness; 49.995; one sheet only.

    A: 20+30+10+10+5+5 = 80 twice. B: 10+24+10+6+5+5 = 60. C: 14+20+10+6+5+5 = 60. D: 12+20+12+6+5+5 = 60, complete
    after E, the same. F: 49.99 and 50.00, whose mean is 49.995. G: one sheet of 100.
    """
    panel = open_wave(scorers, 7, lead=lead)
    a, b, c, e, d, f, g = subjects(panel)
    both(d, scorers, "12", "20", "12", "6", "5", "5")
    both(e, scorers, "12", "20", "12", "6", "5", "5")
    both(c, scorers, "14", "20", "10", "6", "5", "5")
    both(b, scorers, "10", "24", "10", "6", "5", "5")
    both(a, scorers, "20", "30", "10", "10", "5", "5")
    score(f, scorers[0], "10", "20", "10", "5", "4,99", "0")
    score(f, scorers[1], "10", "20", "10", "5", "5", "0")
    score(g, scorers[0], "20", "30", "20", "10", "10", "10")
    panels.close_panel(panel, by=lead)
    return panel, [a, b, c, e, d, f, g]


def test_each_place_has_its_reason(client: Client, lead: User, scorers: list[User]) -> None:
    panel, (a, b, c, e, d, f, g) = ranked(lead, scorers)
    head, *rows = table(client, panel, "ranking_file")
    assert head[:3] == ["Situation", "Place", "Dossier"]
    short = [[row[0], row[1], row[2], row[5], row[9].replace("\u00a0", " ")] for row in rows]
    feasible = "« La faisabilité de la preuve de concept »"
    quality = "« La qualité globale de la proposition : éléments descriptifs et support de présentation »"
    assert short == [
        ["Classé", "1", number(a), "80,00", "Note de 80,00 sur 100."],
        [
            "Classé", "2", number(b), "60,00",
            f"Note de 60,00 sur 100. Même note que le rang 3, devant : {feasible}, 24,00 contre 20,00.",
        ],
        [
            "Classé", "3", number(c), "60,00",
            f"Note de 60,00 sur 100. Même note que le rang 2, derrière : {feasible}, 20,00 contre 24,00. "
            f"Même note que le rang 4, devant : {quality}, 14,00 contre 12,00.",
        ],
        [
            "Classé", "4", number(e), "60,00",
            f"Note de 60,00 sur 100. Même note que le rang 3, derrière : {quality}, 12,00 contre 14,00. "
            "Même note que le rang 5, devant : « Date de complétude », 4 août 2026 contre 5 août 2026.",
        ],
        [
            "Classé", "5", number(d), "60,00",
            "Note de 60,00 sur 100. Même note que le rang 4, derrière : « Date de complétude », "
            "5 août 2026 contre 4 août 2026.",
        ],
        ["Sous le plancher", "", number(f), "49,99", "Sous le plancher de 50."],
        ["En attente de fiches", "", number(g), "100,00", "1 fiche remise sur 2 attendues."],
    ]  # fmt: skip


def test_49_995_shows_49_99_and_stays_under(client: Client, lead: User, scorers: list[User]) -> None:
    panel, (*_, f, _g) = ranked(lead, scorers)
    shown = text(client.get(reverse("booster_ia:ranking", args=[int(panel.key)])))
    reserve = shown.split("Sous le plancher de 50 sur 100 : inéligibles")[1].split("Sans assez de fiches</caption>")[0]
    assert number(f) in reserve
    assert "<strong>49,99</strong>" in reserve
    assert "49,995" not in shown
    assert "50,00" not in shown
    assert "5 dossiers classés, 1 sous le plancher, 1 sans assez de fiches." in shown


def test_a_spread_of_fifteen_is_an_alert(client: Client, lead: User, scorers: list[User]) -> None:
    panel = open_wave(scorers, 2, lead=lead)
    wide, narrow = subjects(panel)
    score(wide, scorers[0], "20", "30", "10", "5", "5", "5")
    score(wide, scorers[1], "20", "20", "10", "5", "5", "0")
    score(narrow, scorers[0], "20", "30", "10", "5", "5", "4,99")
    score(narrow, scorers[1], "20", "20", "10", "5", "5", "0")
    panels.close_panel(panel, by=lead)
    shown = text(client.get(reverse("booster_ia:ranking", args=[int(panel.key)])))
    assert shown.count("À examiner") == 1
    assert "1 dossier a un écart de 15 points ou plus" in shown
    rows = {row[2]: (row[7], row[8]) for row in table(client, panel, "ranking_file")[1:]}
    assert rows == {number(wide): ("15,00", "Oui"), number(narrow): ("14,99", "Non")}


def test_the_ranking_opens_when_the_panel_closes(client: Client, lead: User, scorers: list[User]) -> None:
    panel = open_wave(scorers, 1, lead=lead)
    both(subjects(panel)[0], scorers, "12", "20", "12", "6", "5", "5")
    address = reverse("booster_ia:ranking", args=[int(panel.key)])
    before = client.get(address)
    assert before.status_code == 403
    assert "Le classement s’ouvre quand la notation est close" in text(before)
    assert "60,00" not in text(before)
    panels.close_panel(panel, by=lead)
    assert "60,00" in text(client.get(address))


def test_others_than_lead_agents_have_no_ranking_nor_files(client: Client, scorers: list[User]) -> None:
    panel, _ = ranked(make_lead(), scorers)
    pk = int(panel.key)
    addresses = [
        reverse("booster_ia:ranking", args=[pk]),
        reverse("booster_ia:ranking_file", args=[pk, "csv"]),
        reverse("booster_ia:sheets_file", args=[pk, "nominatives", "xlsx"]),
    ]
    for user in (scorers[0], make_user_with(Role.LEAD_AGENT, "diagnostic"), make_user_with(Role.ADMINISTRATOR)):
        sign_in(client, user)
        assert [client.get(address).status_code for address in addresses] == [404] * 3


def test_a_lead_in_conflict_ranks_without_that_dossier(client: Client, lead: User, scorers: list[User]) -> None:
    panel, (a, b, *_) = ranked(lead, scorers)
    conflicts.declare(lead, a, by=lead, reason="Mon employeur d’avant.")
    rows = table(client, panel, "ranking_file")
    assert (rows[1][1], rows[1][2]) == ("1", number(b))
    assert number(a) not in str(rows)
    assert number(a) not in str(table(client, panel, "sheets_file", "nominatives"))
    assert "1 dossier vous est fermé" in text(client.get(reverse("booster_ia:ranking", args=[int(panel.key)])))


def test_sheets_named_and_anonymous(client: Client, lead: User, scorers: list[User]) -> None:
    panel = open_wave(scorers, 2, lead=lead)
    first, second = subjects(panel)
    score(first, scorers[0], "10", "20", "10", "5", "5", "0")
    score(first, scorers[1], "12,5", "20", "12", "6", "5", "5")
    score(second, scorers[0], "20", "30", "10", "10", "5", "5")
    panels.close_panel(panel, by=lead)
    _, *rows = table(client, panel, "sheets_file", "nominatives")
    assert [row[3:11] for row in rows] == [
        ["Sacha Grand", "60,50", "12,5", "20", "12", "6", "5", "5"],
        ["Ange Petit", "50,00", "10", "20", "10", "5", "5", "0"],
        ["Ange Petit", "80,00", "20", "30", "10", "10", "5", "5"],
    ]
    assert rows[0][11] == "Parce que quality."
    _, *rows = table(client, panel, "sheets_file", "anonymes")
    assert [row[3:] for row in rows] == [
        ["Fiche 1", "60,50", "12,5", "20", "12", "6", "5", "5", ""],
        ["Fiche 2", "50,00", "10", "20", "10", "5", "5", "0", ""],
        ["Fiche 1", "80,00", "20", "30", "10", "10", "5", "5", ""],
    ]
    response = client.get(reverse("booster_ia:sheets_file", args=[int(panel.key), "anonymes", "csv"]))
    whole = b"".join(response).decode() + str(dict(response.items()))
    assert [word for word in ("Ange", "Sacha", "Parce que") if word in whole] == []


def test_what_was_judged_on_an_earlier_version_is_said_everywhere(
    client: Client, lead: User, scorers: list[User]
) -> None:
    panel = open_wave(scorers, 2, lead=lead)
    changed, same = subjects(panel)
    score(changed, scorers[0], "10", "20", "10", "5", "5", "5")
    both(same, scorers, "10", "20", "10", "5", "5", "0")
    listing = reverse("booster_ia:scoring", args=[int(panel.key)])
    assert "jugée sur la version" not in text(client.get(listing)), "the witness"
    deposit_again(changed)
    score(changed, scorers[1], "10", "20", "10", "5", "5", "0")
    assert text(client.get(listing)).count("1 fiche jugée sur la version 1") == 1
    panels.close_panel(panel, by=lead)
    ranking = text(client.get(reverse("booster_ia:ranking", args=[int(panel.key)])))
    assert ranking.count("1 fiche jugée sur la version 1") == 1
    _, *rows = table(client, panel, "ranking_file")
    said = {row[2]: row[10].replace("\u00a0", " ") for row in rows}
    assert said == {number(changed): "1 fiche jugée sur la version 1", number(same): ""}
    for kind in ("nominatives", "anonymes"):
        _, *rows = table(client, panel, "sheets_file", kind)
        assert [row[-1].replace("\u00a0", " ") for row in rows] == ["Jugée sur la version 1", "", "", ""]
    results = text(client.get(reverse("booster_ia:sheet_results", args=[dossier_of(changed).key])))
    assert results.count("Jugée sur la version 1") == 1
    assert "Le dossier est à la version 2." in results


def test_cells_are_inert_and_numbers_are_numbers(client: Client, lead: User, scorers: list[User]) -> None:
    panel = open_wave(scorers, 1, lead=lead)
    subject = subjects(panel)[0]
    Organisation.objects.filter(pk=dossier_of(subject).organisation_id).update(name="=1+1")
    both(subject, scorers, "12,34", "20", "12", "6", "5", "5")
    panels.close_panel(panel, by=lead)
    for address in (
        reverse("booster_ia:ranking_file", args=[int(panel.key), "xlsx"]),
        reverse("booster_ia:sheets_file", args=[int(panel.key), "nominatives", "xlsx"]),
    ):
        book = zipfile.ZipFile(BytesIO(b"".join(client.get(address))))
        found = cells(book)
        values = [value for row in found for _, value in row]
        assert "=1+1" in values
        assert [kind for row in found for kind, value in row if value == "60.34"] == ["n"] * values.count("60.34")
        assert "60.34" in values
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert "'=1+1" in str(table(client, panel, "ranking_file"))


def test_a_file_that_does_not_exist(client: Client, lead: User, scorers: list[User]) -> None:
    panel, _ = ranked(lead, scorers)
    wrong = (("ranking_file", ["pdf"]), ("sheets_file", ["secretes", "csv"]), ("sheets_file", ["anonymes", "x"]))
    for name, args in wrong:
        assert client.get(reverse(f"booster_ia:{name}", args=[int(panel.key), *args])).status_code == 404


def cost(client: Client, address: str) -> tuple[int, int]:
    client.get(address)
    made: list[type] = []

    def count(sender: type, **_: Any) -> None:
        made.append(sender)

    post_init.connect(count, weak=False)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        if response.streaming:
            b"".join(response)
    post_init.disconnect(count)
    assert response.status_code == 200
    return len(captured), len(made)


def test_the_ranking_costs_the_same_at_one_and_thirty(client: Client, lead: User, scorers: list[User]) -> None:
    found = []
    for count in (1, 30):
        panel = open_wave(scorers, count, lead=lead) if count == 1 else _more(scorers, lead)
        for subject in subjects(panel):
            both(subject, scorers, "12", "20", "12", "6", "5", "5")
        panels.close_panel(panel, by=lead)
        pk = int(panel.key)
        found.append(
            [
                cost(client, reverse("booster_ia:ranking", args=[pk])),
                cost(client, reverse("booster_ia:ranking_file", args=[pk, "csv"])),
                cost(client, reverse("booster_ia:sheets_file", args=[pk, "anonymes", "csv"])),
            ]
        )
    assert found[0] == found[1]
    assert max(queries for queries, _ in found[0]) <= 20


def _more(scorers: list[User], lead: User) -> Panel:
    wave = make_next_wave()
    make_dossiers(wave, 30)
    return scoring.open_scoring(wave, scorers, by=lead)
