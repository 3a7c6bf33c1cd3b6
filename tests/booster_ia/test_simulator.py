"""The simulator of Booster IA: from the address to the facts, then to words and figures."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from booster_ia.money import HT, TTC, Expense
from booster_ia.rules import Facts
from booster_ia.simulator import QUESTIONNAIRE, SIMULATOR, facts_from
from normandata.deminimis import rules as deminimis
from normandata.dossiers.schemes import Amount, Recap, Result
from normandata.regulation.formats import NBSP
from normandata.regulation.formats import day as written_day
from normandata.regulation.territory import OUTSIDE

ON = date(2026, 4, 1)
Typed = dict[str, str | list[str]]
PROJECT: Typed = {
    "porteur": "enterprise",
    "departement": "14",
    "partenaires": ["27", "50"],
    "ia": "oui",
    "debut": "1er septembre 2026",
    "fin": "28/02/2027",
    "tva": "oui",
    "personnel": "10 000",
    "permanent": "4 000 €",
    "intellectuel": "8 000,50",
    "licences": f"1{NBSP}000",
    "equipement": "3 000",
    "autres_aides": "2 000",
}


def data(typed: Typed) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in typed.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return query


def facts(typed: Typed) -> Facts:
    progress = QUESTIONNAIRE.read(data(typed))
    assert progress.pending is None, progress.pending
    return facts_from(progress.answers, ON)


def conclude(typed: Typed, on: date = ON) -> Result:
    progress = QUESTIONNAIRE.read(data(typed))
    assert progress.pending is None, progress.pending
    return SIMULATOR.conclude(progress.answers, on)


def problems(slug: str, typed: Typed) -> list[tuple[str, str]]:
    step = QUESTIONNAIRE.step(slug)
    assert step is not None
    return step.bound(data(typed)).problems


def unmet(result: Result) -> list[str]:
    return [finding.rule for finding in result.verdict.findings if finding.outcome == "unmet"]


def euros(text: str) -> str:
    return text.replace(" ", NBSP)


# ------------------------------------------------------------------------------------------------- facts


def test_every_answer_becomes_a_fact_and_permanent_staff_a_line_of_its_own() -> None:
    assert facts(PROJECT) == Facts(
        on=ON,
        applicant_type="enterprise",
        department="14",
        recovers_vat=True,
        partner_departments=("27", "50"),
        uses_ai=True,
        start=date(2026, 9, 1),
        end=date(2027, 2, 28),
        expenses=(
            Expense(category="personnel", amount=Decimal(6_000), basis=HT),
            Expense(category="intellectual_services", amount=Decimal("8000.50"), basis=HT),
            Expense(category="licences", amount=Decimal(1_000), basis=HT),
            Expense(category="equipment", amount=Decimal(3_000), basis=HT),
            Expense(category="personnel", amount=Decimal(4_000), basis=HT, is_permanent_public_staff=True),
        ),
        other_public_aid=Decimal(2_000),
        de_minimis=None,
    )


def test_an_applicant_who_does_not_recover_vat_gives_amounts_with_it() -> None:
    found = facts(PROJECT | {"tva": "non"})
    assert found.recovers_vat is False
    assert found.expenses is not None
    assert {line.basis for line in found.expenses} == {TTC}


def test_staff_wholly_permanent_is_one_line() -> None:
    found = facts(PROJECT | {"permanent": "10 000", "intellectuel": "", "licences": "0", "equipement": ""})
    assert found.expenses == (
        Expense(category="personnel", amount=Decimal(10_000), basis=HT, is_permanent_public_staff=True),
    )


@pytest.mark.parametrize(("reply", "fact"), [("oui", True), ("non", False), ("inconnu", None)])
def test_not_knowing_is_a_missing_fact(reply: str, fact: bool | None) -> None:
    assert facts(PROJECT | {"ia": reply}).uses_ai is fact


def test_no_partner_is_an_empty_list() -> None:
    assert facts(PROJECT | {"partenaires": ["aucun"]}).partner_departments == ()
    assert facts(PROJECT | {"partenaires": [OUTSIDE]}).partner_departments == (OUTSIDE,)


def test_the_rows_of_de_minimis_aids_pair_a_day_with_an_amount() -> None:
    rows: Typed = {
        "dm_date_2": "10/01/2025",
        "dm_montant_2": "299 000",
        "dm_date_4": "1er mars 2024",
        "dm_montant_4": "0",
    }
    assert facts(PROJECT | rows).de_minimis == deminimis.Facts(
        on=ON,
        aids=(
            deminimis.Aid(date(2025, 1, 10), Decimal(299_000)),
            deminimis.Aid(date(2024, 3, 1), Decimal(0)),
        ),
    )


# -------------------------------------------------------------------------------------------------- path


def test_the_path_is_the_same_for_all_seven_questions_at_most() -> None:
    path = [step.slug for step in QUESTIONNAIRE.read(data(PROJECT)).path]
    assert path == ["porteur", "departement", "partenaires", "ia", "calendrier", "budget", "aides"]
    assert [step.slug for step in QUESTIONNAIRE.read(data({})).path] == path
    assert len(path) <= 7


def test_all_that_was_typed_travels_in_the_address() -> None:
    kept = QUESTIONNAIRE.kept(data(PROJECT | {"dm_date_1": "10/01/2025", "dm_montant_1": "5 000", "envoi": "1"}))
    assert dict(kept.lists()) == {
        name: value if isinstance(value, list) else [value] for name, value in PROJECT.items()
    } | {"dm_date_1": ["10/01/2025"], "dm_montant_1": ["5 000"]}


# ------------------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    ("slug", "change", "expected"),
    [
        (
            "partenaires",
            {"partenaires": ["14", "aucun"]},
            [
                (
                    "id_partenaires_0",
                    "Décochez « Je n’ai pas de partenaire », ou décochez les départements.",
                )
            ],
        ),
        (
            "partenaires",
            {"partenaires": []},
            [("id_partenaires_0", "Cochez au moins une case, ou « Je n’ai pas de partenaire ».")],
        ),
        (
            "calendrier",
            {"fin": "31/08/2026"},
            [("id_fin", "La fin précède le début, le 1er septembre 2026.")],
        ),
        ("calendrier", {"fin": "1er septembre 2026"}, []),
        (
            "budget",
            dict.fromkeys(("personnel", "permanent", "intellectuel", "licences", "equipement"), ""),
            [("id_personnel", "Personnel employé pour le projet : indiquez au moins une dépense.")],
        ),
        (
            "budget",
            dict.fromkeys(("personnel", "permanent", "intellectuel", "licences", "equipement"), "0"),
            [("id_personnel", "Personnel employé pour le projet : indiquez au moins une dépense.")],
        ),
        (
            "budget",
            {"permanent": "10 000,01"},
            [
                (
                    "id_permanent",
                    "Dont personnel permanent : cette part ne peut pas dépasser la ligne du personnel.",
                )
            ],
        ),
        ("budget", {"permanent": "10 000"}, []),
        ("budget", {"personnel": "-1"}, [
            ("id_personnel", "Personnel employé pour le projet : ce nombre ne peut pas être inférieur à 0.")
        ]),
        ("aides", {"autres_aides": ""}, [
            ("id_autres_aides", "Indiquez un montant, ou 0 s’il n’y a pas d’autre aide.")
        ]),
        ("aides", {"dm_montant_1": "5"}, [
            ("id_dm_date_1", "Aide 1 : date d’octroi : indiquez la date de cette aide.")
        ]),
        ("aides", {"dm_date_3": "10/01/2025"}, [
            ("id_dm_montant_3", "Aide 3 : montant : indiquez le montant de cette aide.")
        ]),
        ("aides", {"dm_date_3": "hier", "dm_montant_3": ""}, [
            (
                "id_dm_date_3",
                "Aide 3 : date d’octroi : écrivez le jour, le mois et l’année, par exemple 12/05/2009.",
            )
        ]),
        ("aides", {"dm_date_4": "10/01/2025", "dm_montant_4": "0"}, []),
    ],
)  # fmt: skip
def test_each_question_says_what_is_wrong(slug: str, change: Typed, expected: list[tuple[str, str]]) -> None:
    found = [(target, message.replace(NBSP, " ")) for target, message in problems(slug, PROJECT | change)]
    assert found == expected


# ------------------------------------------------------------------------------------------------- words


def test_a_project_is_told_what_it_can_ask_for_and_how_it_is_computed() -> None:
    result = conclude(PROJECT)
    # 6 000 + 8 000,50 + 1 000 + 4 000 = 19 000,50 ; half is 9 500,25, the smallest of the three.
    assert result.title == f"Votre projet peut demander jusqu’à {euros('9 500,25 €')}"
    assert result.summary == ""
    assert result.amounts == (
        Amount("Dépenses éligibles HT", euros("19 000,50 €")),
        Amount(f"50{NBSP}% de ces dépenses", euros("9 500,25 €")),
        Amount("Plafond de la subvention", euros("12 500,00 €")),
        Amount("Dépenses moins autres aides publiques", euros("17 000,50 €")),
        Amount("Subvention possible : le plus petit des trois derniers", euros("9 500,25 €"), is_total=True),
    )
    assert result.refused_lines == (f"Équipement, {euros('3 000,00 €')} : hors des catégories de dépenses éligibles.",)
    assert (unmet(result), result.ways) == ([], ())
    assert result.recap == (
        Recap("Porteur", "Une entreprise", "porteur"),
        Recap("Établissement", "Calvados (14)", "departement"),
        Recap("Partenaires", "Eure (27) et Manche (50)", "partenaires"),
        Recap("Usage de l’IA", "Oui", "ia"),
        Recap("Calendrier", f"Du {written_day(date(2026, 9, 1))} au {written_day(date(2027, 2, 28))}", "calendrier"),
        Recap("Budget", f"{euros('22 000,50 €')} HT", "budget"),
        Recap("Autres aides", euros("2 000,00 €"), "aides"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "granted"),
    [
        ({"intellectuel": "14 000"}, "12 500,00 €"),
        ({"intellectuel": "13 999,98"}, "12 499,99 €"),
        ({"intellectuel": "900 000"}, "12 500,00 €"),
        ({"autres_aides": "15 000,50"}, "4 000,00 €"),
        ({"autres_aides": "19 000,49"}, "0,01 €"),
    ],
)
def test_the_grant_is_the_smallest_of_rate_ceiling_and_room(change: Typed, granted: str) -> None:
    result = conclude(PROJECT | change)
    assert result.title == f"Votre projet peut demander jusqu’à {euros(granted)}"
    assert result.amounts[-1].value == euros(granted)


def test_permanent_staff_of_a_public_establishment_is_left_out_of_the_sum() -> None:
    result = conclude(PROJECT | {"porteur": "public_establishment"})
    assert result.title == f"Votre projet peut demander jusqu’à {euros('7 500,25 €')}"
    assert result.refused_lines == (
        f"Équipement, {euros('3 000,00 €')} : hors des catégories de dépenses éligibles.",
        f"Frais de personnel, {euros('4 000,00 €')} : personnel permanent d’un établissement public, exclu par le "
        "texte.",
    )
    assert result.recap[0].value == "Un établissement public"


def test_amounts_with_vat_are_said_so_and_not_divided() -> None:
    result = conclude(PROJECT | {"tva": "non"})
    assert result.amounts[0] == Amount("Dépenses éligibles TTC", euros("19 000,50 €"))
    assert result.recap[5].value == f"{euros('22 000,50 €')} TTC"


def test_not_knowing_whether_it_is_ai_is_looked_at() -> None:
    result = conclude(PROJECT | {"ia": "inconnu"})
    assert result.title == f"Votre projet peut demander jusqu’à {euros('9 500,25 €')}"
    assert result.summary == "Un point sera examiné par un agent. Cela ne vous empêche pas de déposer."
    assert result.recap[3].value == "Je ne sais pas"


REFUSED = "Votre projet ne peut pas être présenté en l’état"
EXPERTS = ("", "coeur-expert")
DIAGNOSTIC = ("diagnostic", "")


@pytest.mark.parametrize(
    ("change", "rules", "ways"),
    [
        ({"partenaires": ["aucun"]}, ["partnership"], [EXPERTS]),
        ({"partenaires": [OUTSIDE]}, ["partnership"], [EXPERTS]),
        ({"ia": "non"}, ["ai"], [DIAGNOSTIC]),
        ({"ia": "non", "partenaires": ["aucun"]}, ["partnership", "ai"], [EXPERTS, DIAGNOSTIC]),
        ({"departement": OUTSIDE}, ["normandy"], []),
        ({"departement": OUTSIDE, "partenaires": ["14"]}, ["normandy", "partnership"], [EXPERTS]),
        ({"fin": "01/03/2027"}, ["duration"], []),
        ({"autres_aides": "19 000,50"}, ["public_aid"], []),
        ({"personnel": "", "permanent": "", "intellectuel": "", "licences": "", "autres_aides": "0"}, ["expenses"], []),
        ({"dm_date_1": "10/01/2025", "dm_montant_1": "290 499,76"}, ["de_minimis"], []),
    ],
)
def test_a_refusal_names_its_rules_and_the_ways_that_fit(
    change: Typed, rules: list[str], ways: list[tuple[str, str]]
) -> None:
    result = conclude(PROJECT | change)
    assert (result.title, result.summary) == (
        REFUSED,
        "La règle qui s’y oppose est citée ci-dessous, avec son article.",
    )
    assert unmet(result) == [f"booster_ia.{rule}" for rule in rules]
    assert [(way.scheme, way.anchor) for way in result.ways] == ways


def test_de_minimis_aid_up_to_the_ceiling_leaves_the_grant_whole() -> None:
    result = conclude(PROJECT | {"dm_date_1": "10/01/2025", "dm_montant_1": "290 499,75"})
    assert result.title == f"Votre projet peut demander jusqu’à {euros('9 500,25 €')}"
    assert result.recap[-1] == Recap("Aides de minimis", euros("290 499,75 €"), "aides")


def test_before_the_amended_version_an_agent_looks() -> None:
    result = conclude(PROJECT, date(2025, 12, 31))
    assert result.summary == "Un point sera examiné par un agent. Cela ne vous empêche pas de déposer."


def test_the_record_of_a_result_keeps_every_line() -> None:
    record = conclude(PROJECT).as_record()
    assert list(record) == ["title", "summary", "verdict", "recap", "amounts", "refused_lines"]
    assert record["amounts"][-1] == {
        "label": "Subvention possible : le plus petit des trois derniers",
        "value": euros("9 500,25 €"),
        "is_total": True,
    }
