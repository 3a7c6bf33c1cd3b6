"""The simulator of the Diagnostic: from the address to the facts, then to words."""

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from diagnostic.rules import Facts
from diagnostic.simulator import QUESTIONNAIRE, SIMULATOR, TerritoryForm, facts_from
from normandata.dossiers.schemes import Recap, Result
from normandata.organisations.models import SUGGESTIONS, Territory
from normandata.regulation.formats import NBSP
from normandata.regulation.territory import OUTSIDE

ON = date(2026, 4, 1)
LISIEUX, MAINE_SAOSNOIS, DREUX = "211403662", "200072676", "200040277"
FIRM = {
    "structure": "enterprise",
    "departement": "61",
    "etp": "45,5 ETP",
    "creation": "12 mai 2009",
    "activite": "trade",
}
TOWN = {"structure": "local_authority", "recherche": "lisieux", "territoire": LISIEUX}
SYNDICATE = {
    "structure": "local_authority",
    "territoire": "autre",
    "departement": "50",
    "population": f"12{NBSP}000 habitants",
}
BOOSTER = (
    "Booster IA n’a pas de seuil de taille ni d’âge : il finance une preuve de concept en IA, "
    "menée avec une autre structure normande."
)
EXPERTS = "Les experts du DataLab Normandie peuvent étudier votre besoin avec vous."

pytestmark = pytest.mark.usefixtures("territories")


def data(answers: dict[str, str]) -> QueryDict:
    return QueryDict(urlencode(answers))


def facts(answers: dict[str, str]) -> Facts:
    progress = QUESTIONNAIRE.read(data(answers))
    assert progress.pending is None
    return facts_from(progress.answers, ON)


def path(answers: dict[str, str]) -> list[str]:
    return [step.slug for step in QUESTIONNAIRE.read(data(answers)).path]


def conclude(answers: dict[str, str], on: date = ON) -> Result:
    progress = QUESTIONNAIRE.read(data(answers))
    assert progress.pending is None
    return SIMULATOR.conclude(progress.answers, on)


def outcomes(result: Result) -> dict[str, str]:
    return {finding.rule.removeprefix("diagnostic."): finding.outcome.value for finding in result.verdict.findings}


def ways(result: Result) -> list[tuple[str, str, str]]:
    return [(way.text, way.scheme, way.anchor) for way in result.ways]


WAYS = [(BOOSTER, "booster_ia", ""), (EXPERTS, "", "coeur-expert")]


# ------------------------------------------------------------------------------------------------- facts


def test_a_listed_authority_brings_its_department_and_population() -> None:
    assert facts(TOWN) == Facts(
        on=ON,
        structure_type="local_authority",
        department="14",
        population=Decimal(19_645),
        has_norman_communes=True,
    )


def test_a_group_seated_elsewhere_brings_its_whole_population_and_its_norman_communes() -> None:
    assert facts(TOWN | {"territoire": MAINE_SAOSNOIS}) == Facts(
        on=ON,
        structure_type="local_authority",
        department="72",
        population=Decimal(27_375),
        has_norman_communes=True,
    )


def test_an_unlisted_authority_declares_its_department_and_population() -> None:
    assert facts(SYNDICATE) == Facts(
        on=ON,
        structure_type="local_authority",
        department="50",
        population=Decimal(12_000),
        has_norman_communes=True,
    )


def test_an_enterprise_declares_size_age_and_activity() -> None:
    assert facts(FIRM) == Facts(
        on=ON,
        structure_type="enterprise",
        department="61",
        fte=Decimal("45.5"),
        created_on=date(2009, 5, 12),
        activity="trade",
    )


def test_a_health_facility_declares_its_department_only() -> None:
    assert facts({"structure": "health_facility", "departement": OUTSIDE}) == Facts(
        on=ON, structure_type="health_facility", department=OUTSIDE
    )


@pytest.mark.parametrize("structure", ["association", "other"])
def test_a_structure_that_cannot_apply_is_asked_nothing_more(structure: str) -> None:
    assert facts({"structure": structure}) == Facts(on=ON, structure_type=structure)


def test_answers_of_another_path_are_no_facts() -> None:
    stale = {"etp": "3", "creation": "01/01/2025", "activite": "trade", "departement": "75", "population": "5"}
    assert facts(stale | TOWN) == facts(TOWN)
    assert facts(TOWN | FIRM) == facts(FIRM)


# -------------------------------------------------------------------------------------------------- path


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (TOWN, ["structure", "collectivite"]),
        (SYNDICATE, ["structure", "collectivite", "departement", "population"]),
        (FIRM, ["structure", "departement", "effectif", "creation", "activite"]),
        ({"structure": "health_facility"}, ["structure", "departement"]),
        ({"structure": "association"}, ["structure"]),
        ({"structure": "other"}, ["structure"]),
    ],
)
def test_each_structure_answers_its_own_questions_seven_at_most(answers: dict[str, str], expected: list[str]) -> None:
    assert path(answers) == expected
    assert len(expected) <= 7


# ------------------------------------------------------------------------------------------------- words


def test_a_town_of_the_right_size_can_apply() -> None:
    result = conclude(TOWN)
    assert (result.title, result.summary) == ("Vous pouvez demander un diagnostic", "")
    assert (ways(result), result.amounts, result.refused_lines) == ([], (), ())
    assert result.recap == (
        Recap("Structure", "Une collectivité", "structure"),
        Recap("Collectivité", "Lisieux", "collectivite"),
        Recap(
            "Population",
            f"19{NBSP}645 habitants (INSEE, population municipale 2023 (en vigueur 2026-01-01))",
            "collectivite",
        ),
    )


def test_a_group_seated_elsewhere_can_apply_and_will_be_looked_at() -> None:
    result = conclude(TOWN | {"territoire": MAINE_SAOSNOIS})
    assert result.title == "Vous pouvez demander un diagnostic"
    assert result.summary == "Un point sera examiné par un agent. Cela ne vous empêche pas de déposer."
    assert (outcomes(result)["normandy"], outcomes(result)["population"]) == ("to_review", "met")


def test_a_group_too_big_is_refused_on_its_whole_population() -> None:
    result = conclude(TOWN | {"territoire": DREUX})
    assert result.title == "Vous ne pouvez pas demander un diagnostic"
    assert result.summary == "La règle qui s’y oppose est citée ci-dessous, avec son article."
    assert (outcomes(result)["normandy"], outcomes(result)["population"]) == ("to_review", "unmet")
    assert ways(result) == WAYS


@pytest.mark.parametrize(("population", "expected"), [("9 999", "unmet"), ("10 000", "met"), ("100 001", "unmet")])
def test_an_unlisted_authority_is_judged_on_what_it_declares(population: str, expected: str) -> None:
    result = conclude(SYNDICATE | {"population": population})
    assert outcomes(result)["population"] == expected
    assert result.recap == (
        Recap("Structure", "Une collectivité", "structure"),
        Recap("Établissement", "Manche (50)", "departement"),
        Recap("Population", f"{population.replace(' ', NBSP)} habitants déclarés", "population"),
    )


def test_a_population_of_zero_is_an_answer() -> None:
    result = conclude(SYNDICATE | {"population": "0"})
    assert result.recap[-1] == Recap("Population", "0 habitants déclarés", "population")
    assert outcomes(result)["population"] == "unmet"


def test_a_trading_enterprise_can_apply_and_will_be_looked_at() -> None:
    result = conclude(FIRM)
    assert result.title == "Vous pouvez demander un diagnostic"
    assert result.summary == "Un point sera examiné par un agent. Cela ne vous empêche pas de déposer."
    assert result.recap == (
        Recap("Structure", "Une entreprise", "structure"),
        Recap("Établissement", "Orne (61)", "departement"),
        Recap("Effectif", "45,5 ETP", "effectif"),
        Recap("Création", f"12{NBSP}mai{NBSP}2009", "creation"),
        Recap("Activité", "Commerce", "activite"),
    )


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"etp": "9,99"}, "fte"),
        ({"etp": "250,01"}, "fte"),
        ({"creation": "02/04/2021"}, "age"),
    ],
)
def test_an_enterprise_too_small_too_big_or_too_young_is_shown_another_way(change: dict[str, str], rule: str) -> None:
    result = conclude(FIRM | {"activite": "services"} | change)
    assert result.title == "Vous ne pouvez pas demander un diagnostic"
    assert [name for name, outcome in outcomes(result).items() if outcome == "unmet"] == [rule]
    assert ways(result) == WAYS


def test_an_unlisted_group_seated_elsewhere_is_looked_at() -> None:
    result = conclude(SYNDICATE | {"departement": OUTSIDE})
    assert result.title == "Vous pouvez demander un diagnostic"
    assert outcomes(result)["normandy"] == "to_review"


@pytest.mark.parametrize("answers", [FIRM, {"structure": "health_facility"}])
def test_outside_normandie_no_aid_is_promised(answers: dict[str, str]) -> None:
    result = conclude(answers | {"departement": OUTSIDE})
    assert result.title == "Vous ne pouvez pas demander un diagnostic"
    assert outcomes(result)["normandy"] == "unmet"
    assert Recap("Établissement", "Ailleurs, hors de Normandie", "departement") in result.recap
    assert ways(result) == []


@pytest.mark.parametrize(
    ("structure", "title", "label"),
    [
        ("association", "Une association ne peut pas demander un diagnostic", "Une association"),
        ("other", "Votre structure ne peut pas demander un diagnostic", "Une autre structure"),
    ],
)
def test_a_structure_that_cannot_apply_is_told_so_first(structure: str, title: str, label: str) -> None:
    result = conclude({"structure": structure})
    assert (result.title, ways(result)) == (title, WAYS)
    assert result.recap == (Recap("Structure", label, "structure"),)


def test_the_day_before_the_opening_is_too_early() -> None:
    assert conclude(TOWN, date(2026, 2, 28)).title == "Le diagnostic n’est pas encore ouvert"
    assert conclude(TOWN, date(2026, 3, 1)).title == "Vous pouvez demander un diagnostic"


def test_before_the_opening_an_authority_seated_outside_hears_of_the_opening_first() -> None:
    result = conclude(FIRM | {"departement": OUTSIDE}, date(2026, 2, 28))
    assert result.title == "Le diagnostic n’est pas encore ouvert"


# --------------------------------------------------------------------------------------------- territory


def problems(**typed: str) -> list[tuple[str, str]]:
    return TerritoryForm(QueryDict(urlencode(typed))).problems


def test_a_territory_is_searched_then_chosen() -> None:
    assert problems() == [
        (
            "id_recherche",
            "Écrivez le nom de votre collectivité, puis choisissez-la dans la liste.",
        )
    ]
    assert problems(recherche="lisieux") == [
        (
            "id_territoire",
            "Choisissez votre collectivité dans la liste.",
        )
    ]
    assert problems(territoire="999999999") == [
        (
            "id_recherche",
            f"Cette collectivité n’est pas dans la liste{NBSP}: cherchez-la par son nom.",
        )
    ]
    assert problems(recherche="lisieux", territoire=LISIEUX) == []
    assert problems(territoire="autre") == []


def test_the_choices_are_those_searched_for_or_the_one_already_chosen() -> None:
    def shown(**typed: str) -> list[str]:
        return [territory.name for territory in TerritoryForm(QueryDict(urlencode(typed))).choices]

    assert shown(recherche="14100")[0] == "Lisieux"
    assert len(shown(recherche="saint")) == SUGGESTIONS == 8
    assert shown(territoire=LISIEUX) == ["Lisieux"]
    assert shown(territoire="autre") == []
    assert shown() == []


def test_the_choices_cost_one_query(django_assert_num_queries) -> None:
    form = TerritoryForm(QueryDict("recherche=saint"))
    with django_assert_num_queries(1):
        [territory.epci and territory.epci.name for territory in form.choices]


@pytest.mark.parametrize("typed", ["%00", "a%00b", "%F0%9F%8F%96", "x" * 500])
def test_a_strange_territory_breaks_nothing(typed: str) -> None:
    form = TerritoryForm(QueryDict(f"territoire={typed}"))
    assert not form.is_valid()
    assert form.choices == []


def test_a_very_long_search_breaks_nothing() -> None:
    form = TerritoryForm(QueryDict("recherche=" + "a+" * 2_000))
    assert not form.is_valid()
    assert len(form.choices) <= SUGGESTIONS


def test_a_territory_withdrawn_from_the_tables_is_asked_again() -> None:
    Territory.objects.filter(siren=LISIEUX).delete()
    pending = QUESTIONNAIRE.read(data(TOWN)).pending
    assert pending is not None
    assert pending.slug == "collectivite"


def test_searching_again_loses_nothing_of_what_was_typed_after() -> None:
    step = QUESTIONNAIRE.step("collectivite")
    sent = {"structure": "local_authority", "recherche": "siroe", "departement": "50", "population": "12 000"}
    kept = QUESTIONNAIRE.kept(data(sent), besides=step)
    assert kept.dict() == {"structure": "local_authority", "departement": "50", "population": "12 000"}
