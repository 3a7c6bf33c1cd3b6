"""Schemes and figures as the public reads them."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from booster_ia import rules as booster_ia
from diagnostic import rules as diagnostic
from normandata.dossiers import schemes
from normandata.dossiers.schemes import Way
from normandata.portal import presentation
from normandata.portal.presentation import Status
from normandata.regulation.findings import Verdict
from normandata.regulation.formats import NBSP
from normandata.regulation.reglement import UNITS, Reglement, Value, parse

ON = date(2026, 10, 1)

AMENDED = """
slug = "essai"
title = "Essai"
[texts.t]
title = "Texte"
[rules.opening]
label = "Ouverture"
values = [{ from = 2026-01-01, text = "t", article = "1" }]
[parameters.floor]
label = "Note : minimale"
unit = "points"
values = [
  { from = 2026-01-01, value = 50, text = "t", article = "premier", note = "Avant ; arrondi" },
  { from = 2027-01-01, value = "55.5", default = true, text = "t", article = "second" },
  { from = 2028-01-01, value = 1, text = "t", article = "troisième" },
]
"""


def page_ids(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    return re.findall(r'\bid="([^"]+)"', response.content.decode())


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (Decimal(50_000), "€ TTC", "50 000 € TTC"),
        (Decimal("12500.5"), "€ HT", "12 500,50 € HT"),
        (Decimal(300_000), "€", "300 000 €"),
        (Decimal("33.5"), "%", "33,5 %"),
        (Decimal(2), "nombre", "2"),
        (Decimal("0.5"), "jours", "0,5 jour"),
        (Decimal(1), "jours", "1 jour"),
        (Decimal(5), "jours", "5 jours"),
        (Decimal(1), "ans", "1 an"),
        (Decimal(3), "ans", "3 ans"),
        (Decimal(1), "mois", "1 mois"),
        (Decimal(6), "mois", "6 mois"),
        (Decimal("1.5"), "ETP", "1,5 ETP"),
        (Decimal(250), "ETP", "250 ETP"),
        (Decimal(10_000), "habitants", "10 000 habitants"),
        (Decimal(1), "habitants", "1 habitant"),
        (Decimal(5), "minutes", "5 minutes"),
        (Decimal(1), "exercices", "1 exercice"),
        (Decimal(20), "points", "20 points"),
        (date(2026, 3, 1), "date", "1er mars 2026"),
        (True, "oui/non", "oui"),
        (False, "oui/non", "non"),
        ("taux nominal", "texte", "taux nominal"),
        (("14", "27"), "départements", "Calvados (14) et Eure (27)"),
        (("inconnu",), "codes", "inconnu"),
    ],
)
def test_a_value_is_written_with_its_unit(value: Value, unit: str, expected: str) -> None:
    assert unit in UNITS
    assert presentation.written(value, unit).replace(NBSP, " ") == expected


def test_codes_of_a_scheme_are_written_in_its_own_words() -> None:
    figures = {figure.anchor: figure.written for figure in presentation.figures(booster_ia.REGLEMENT, ON)}
    assert figures["booster-ia-expense-categories-chiffre"] == (
        "frais de personnel, prestations intellectuelles, licences d’utilisation, prestations et consommables"
    )


def test_no_figure_shows_a_code() -> None:
    shown = [f.written for reglement in presentation.reglements() for f in presentation.figures(reglement, ON)]
    assert [text for text in shown if re.search(r"_|\bTrue\b|\bFalse\b|Decimal", text)] == []


@pytest.mark.parametrize(
    ("slug", "on", "expected"),
    [
        ("diagnostic", date(2026, 2, 28), Status("todo", "clock", f"Ouvre le 1er{NBSP}mars{NBSP}2026")),
        ("diagnostic", date(2026, 3, 1), Status("done", "met", f"Ouvert depuis le 1er{NBSP}mars{NBSP}2026")),
        ("booster_ia", date(2025, 12, 31), Status("todo", "clock", f"Ouvre le 1er{NBSP}janvier{NBSP}2026")),
        ("booster_ia", date(2026, 1, 1), Status("done", "met", f"Ouvert depuis le 1er{NBSP}janvier{NBSP}2026")),
        ("datathon", date(2025, 12, 31), Status("todo", "clock", f"Ouvre le 1er{NBSP}janvier{NBSP}2026")),
        ("datathon", date(2026, 1, 1), Status("plain", "clock", "Par éditions, à leurs dates")),
        ("diagnostic", date(2020, 1, 1), Status("todo", "clock", f"Ouvre le 1er{NBSP}mars{NBSP}2026")),
    ],
)
def test_a_scheme_says_whether_it_is_open_on_a_day(slug: str, on: date, expected: Status) -> None:
    assert presentation.status(schemes.by_slug()[slug], on) == expected


def test_a_card_leads_to_its_pages() -> None:
    assert [(card.slug, card.url, card.simulator_url, card.has_simulator) for card in presentation.cards(ON)] == [
        ("diagnostic", "/aides/diagnostic/", "/aides/diagnostic/simulateur/", True),
        ("booster_ia", "/aides/booster-ia/", "/aides/booster-ia/simulateur/", True),
        ("datathon", "/aides/datathon/", "/aides/datathon/simulateur/", False),
    ]


def test_voted_dates_come_earliest_first() -> None:
    assert presentation.voted_dates() == [
        (f"Booster IA{NBSP}: effet de la version modifiée", date(2026, 1, 1)),
        (f"Datathon Normandie{NBSP}: effet du règlement", date(2026, 1, 1)),
        (f"Diagnostic data et IA{NBSP}: ouverture du dispositif", date(2026, 3, 1)),
    ]


@pytest.mark.parametrize(
    ("on", "current", "others"),
    [
        (date(2025, 1, 1), ("50 points", date(2026, 1, 1)), [("55,5 points", 2027), ("1 point", 2028)]),
        (date(2026, 12, 31), ("50 points", date(2026, 1, 1)), [("55,5 points", 2027), ("1 point", 2028)]),
        (date(2027, 1, 1), ("55,5 points", date(2027, 1, 1)), [("50 points", 2026), ("1 point", 2028)]),
        (date(2030, 1, 1), ("1 point", date(2028, 1, 1)), [("50 points", 2026), ("55,5 points", 2027)]),
    ],
)
def test_a_figure_shows_the_value_of_the_day_and_the_others(
    on: date, current: tuple[str, date], others: list[tuple[str, int]]
) -> None:
    (figure,) = presentation.figures(parse(AMENDED), on)
    assert (figure.written.replace(NBSP, " "), figure.since) == current
    assert [(other.written.replace(NBSP, " "), other.since.year) for other in figure.others] == others


def test_a_figure_says_its_article_its_note_and_whether_it_is_a_choice() -> None:
    (figure,) = presentation.figures(parse(AMENDED), date(2026, 6, 1))
    assert (figure.anchor, figure.label) == ("essai-floor-chiffre", f"Note{NBSP}: minimale")
    assert (str(figure.citation), figure.note, figure.is_choice) == ("Texte, premier", f"Avant{NBSP}; arrondi", False)
    assert [(other.citation.article, other.is_choice) for other in figure.others] == [
        ("second", True),
        ("troisième", False),
    ]


def test_the_reglements_are_the_schemes_then_the_ceilings_and_the_delays() -> None:
    assert [reglement.slug for reglement in presentation.reglements()] == [
        "diagnostic",
        "booster_ia",
        "datathon",
        "roadmap",
        "de_minimis",
        "dossiers",
        "opendata",
        "orientation",
    ]


def anchors(reglement: Reglement) -> list[str]:
    rules = [presentation.rule_anchor(f"{reglement.slug}.{rule}") for rule in reglement.rules]
    return [*rules, *(figure.anchor for figure in presentation.figures(reglement, ON))]


def test_anchors_are_unique_over_all_the_reglements() -> None:
    found = [anchor for reglement in presentation.reglements() for anchor in anchors(reglement)]
    assert len(found) > 80
    assert sorted(found) == sorted(set(found))


@pytest.mark.django_db
def test_the_page_of_the_reglement_has_every_anchor_once(client: Client) -> None:
    ids = page_ids(client, "/reglement/")
    expected = {anchor for reglement in presentation.reglements() for anchor in anchors(reglement)}
    assert expected - set(ids) == set()
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "verdict",
    [
        diagnostic.evaluate(diagnostic.Facts(on=ON)),
        booster_ia.evaluate(booster_ia.Facts(on=ON)).verdict,
    ],
    ids=["diagnostic", "booster_ia"],
)
def test_every_finding_leads_to_its_rule(client: Client, verdict: Verdict) -> None:
    ids = set(page_ids(client, "/reglement/"))
    found = presentation.findings(verdict)
    assert len(found) == len(verdict.findings)
    for finding in found:
        page, _, anchor = finding.href.partition("#")
        assert page == "/reglement/"
        assert anchor in ids


def test_what_does_not_concern_the_applicant_comes_last_and_the_rest_in_order() -> None:
    verdict = diagnostic.evaluate(
        diagnostic.Facts(on=ON, structure_type="enterprise", department="14", fte=Decimal(9), activity="services")
    )
    assert [(f.href.partition("#diagnostic-")[2], f.outcome) for f in presentation.findings(verdict)] == [
        ("opening", "met"),
        ("beneficiary", "met"),
        ("normandy", "met"),
        ("fte", "unmet"),
        ("age", "to_review"),
        ("activity", "met"),
        ("population", "not_applicable"),
        ("de-minimis", "not_applicable"),
    ]


@pytest.mark.django_db
def test_the_ways_of_every_simulator_lead_somewhere(client: Client) -> None:
    from booster_ia import simulator as booster_simulator
    from diagnostic import simulator as diagnostic_simulator

    refused = diagnostic.evaluate(diagnostic.Facts(on=ON, structure_type="other"))
    project = booster_ia.evaluate(booster_ia.Facts(on=ON, partner_departments=(), department="14", uses_ai=False))
    ways = [*diagnostic_simulator._ways(refused), *booster_simulator._ways(project)]
    assert [presentation.link(way) for way in ways] == [
        "/aides/booster-ia/",
        "/aides/#coeur-expert",
        "/aides/#coeur-expert",
        "/aides/diagnostic/",
    ]
    for way in ways:
        page, _, anchor = presentation.link(way).partition("#")
        assert not anchor or anchor in page_ids(client, page)


def test_a_way_to_an_unknown_scheme_fails_at_once() -> None:
    with pytest.raises(KeyError):
        presentation.link(Way("Texte", "Lien", scheme="inconnu"))


def test_a_rule_s_anchor_is_made_of_its_code() -> None:
    assert presentation.rule_anchor("booster_ia.public_aid") == "booster-ia-public-aid"


def test_a_card_shows_the_figures_of_the_day() -> None:
    scheme = schemes.by_slug()["diagnostic"]
    parameters = dict(scheme.reglement.parameters)
    values = parameters["days_max"].values
    parameters["days_max"] = replace(parameters["days_max"], values=(replace(values[0], value=Decimal(7)),))
    amended = replace(scheme, reglement=replace(scheme.reglement, parameters=parameters))
    assert f"7{NBSP}jours" not in str(presentation.card(scheme, ON).sheet)
    assert f"7{NBSP}jours" in str(presentation.card(amended, ON).sheet).replace("\\xa0", NBSP)
