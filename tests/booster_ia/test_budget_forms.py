"""The budget line by line: what is eligible, the grant to the cent, and what is said of what cannot be read."""

from datetime import date
from typing import Any

import pytest

from booster_ia.budget_forms import BudgetForm
from normandata.dossiers.forms import Context, as_data
from normandata.organisations.models import DirectoryState, Organisation
from tests.factories.booster import expenses, staff

FIRM = Organisation(siret="99900001100018", siren="999000011", department="14", directory_state=DirectoryState.FOUND)
DAY = date(2026, 10, 1)


def budget(*rows: dict[str, str], kind: str = "enterprise", vat: str = "oui", **typed: str) -> BudgetForm:
    context = Context(FIRM, {"structure": {"type": kind, "tva": vat}}, DAY)
    form = BudgetForm(as_data({**expenses(*rows), "autres": "non", **typed}), context=context)
    form.is_valid()
    return form


def errors(form: BudgetForm) -> dict[str, list[str]]:
    return {name: [str(one).replace("\u00a0", " ") for one in said] for name, said in form.errors.items()}


def said(form: BudgetForm) -> list[str]:
    return [status.sentence.replace("\u00a0", " ") for _, status in form.statuses if status]


def aided(amount: str) -> dict[str, str]:
    return {"autres": "oui", "aidepub1_financeur": "ADEME", "aidepub1_montant": amount}


@pytest.mark.parametrize(
    ("typed", "grant"),
    [
        ("24 999,97", "12499.99"),  # 12 499.985, half up
        ("24999.97", "12499.99"),
        ("24\u202f999,97\u00a0€", "12499.99"),
        ("24 999,96", "12499.98"),
        ("25 000", "12500.00"),
        ("25 000,01", "12500.00"),
        ("1 000 000", "12500.00"),
        ("0,01", "0.01"),  # half a cent, half up
    ],
)
def test_half_of_what_is_eligible_to_the_cent_up_to_the_cap(typed: str, grant: str) -> None:
    form = budget({"montant": typed})
    assert errors(form) == {}
    assert str(form.estimate.grant) == grant


def test_amounts_with_tax_are_brought_back_without_it() -> None:
    """12 000 € TTC at 20 % and 1 055 € TTC at 5,5 % are 10 000 € and 1 000 € HT."""
    form = budget({"montant": "12 000", "base": "TTC", "tva": "20"}, {"montant": "1 055", "base": "TTC", "tva": "5,5"})
    assert said(form) == ["Éligible : 10 000,00 € HT.", "Éligible : 1 000,00 € HT."]
    assert str(form.estimate.grant) == "5500.00"


def test_a_sum_is_rounded_once() -> None:
    """Three lines of 0,10 € TTC at 20 %: 0,25 € HT in all, shown 0,08 € each, never 0,24 €."""
    form = budget(*[{"montant": "0,10", "base": "TTC", "tva": "20"}] * 3)
    assert said(form) == ["Éligible : 0,08 € HT."] * 3
    assert form.estimate.steps[0].value.replace("\u00a0", " ") == "0,25 €"
    assert str(form.estimate.grant) == "0.13"


def test_a_carrier_that_does_not_recover_vat_counts_it() -> None:
    form = budget({"montant": "12 000", "base": "TTC"}, vat="non")
    assert errors(form) == {}
    assert said(form) == ["Éligible : 12 000,00 € TTC."]
    assert (form.estimate.steps[0].label, str(form.estimate.grant)) == ("Dépenses éligibles TTC", "6000.00")


def test_an_amount_without_tax_is_refused_where_tax_is_not_recovered() -> None:
    form = budget({"montant": "10 000"}, vat="non")
    wanted = "Votre structure ne récupère pas la TVA : donnez le montant TTC et choisissez « TTC »."
    assert errors(form) == {"depense1_base": [wanted]}
    assert [status for _, status in form.statuses] == [None, None, None]


@pytest.mark.parametrize(
    ("amount", "grant"),
    [("5 000", "10000.00"), ("14 999,99", "5000.01"), ("19 999,99", "0.01"), ("20 000", "0.00"), ("30 000", "0.00")],
)
def test_other_public_aid_reduces_the_grant_so_that_the_whole_fits(amount: str, grant: str) -> None:
    form = budget({"montant": "20 000"}, **aided(amount))
    assert errors(form) == {}
    assert str(form.estimate.grant) == grant


def test_what_stands_against_the_grant_is_said() -> None:
    reduced = budget({"montant": "20 000"}, **aided("14 999,99")).estimate.warnings
    assert [one.replace("\u00a0", " ") for one in reduced] == [
        "Total déclaré : 14 999,99 €. Avec la subvention, le total ne dépasse pas 100 % des dépenses éligibles. La "
        "subvention est ramenée de 10 000,00 € à 5 000,01 €."
    ]
    none = budget({"montant": "20 000"}, **aided("20 000")).estimate.warnings
    assert "atteignent déjà" in none[0]
    assert budget({"categorie": "equipment"}).estimate.warnings[0].startswith("Aucune dépense n’est éligible.")
    assert budget().estimate.warnings == ()


@pytest.mark.parametrize(
    ("kind", "status", "sentence", "grant"),
    [
        ("public_establishment", "permanent",
         "Non éligible : personnel permanent d’un établissement public, exclu par le texte.", "0.00"),
        ("public_establishment", "recrute", "Éligible : 8 000,00 € HT.", "4000.00"),
        ("local_authority", "permanent",
         "Éligible : 8 000,00 € HT. Personnel permanent d’une collectivité : admis par la lettre du texte, à confirmer "
         "par un agent.", "4000.00"),
        ("enterprise", "permanent", "Éligible : 8 000,00 € HT.", "4000.00"),
        ("private_establishment", "permanent", "Éligible : 8 000,00 € HT.", "4000.00"),
    ],
)  # fmt: skip
def test_personnel_counts_by_carrier_and_by_job(kind: str, status: str, sentence: str, grant: str) -> None:
    form = budget(staff("8 000", status), kind=kind)
    assert errors(form) == {}
    assert (said(form), str(form.estimate.grant)) == ([sentence], grant)


@pytest.mark.parametrize("category", ["equipment", "overheads", "other"])
def test_what_is_out_of_the_four_categories_is_refused_line_by_line(category: str) -> None:
    form = budget({"montant": "10 000"}, {"categorie": category, "montant": "5 000"})
    assert said(form)[1] == "Non éligible : hors des catégories de dépenses éligibles."
    assert str(form.estimate.grant) == "5000.00"


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"montant": "-1"}, {"depense1_montant": ["Ce nombre ne peut pas être inférieur à 0."]}),
        ({"montant": "0"}, {"depense1_montant": ["Un montant est supérieur à zéro ; videz la ligne pour l’ôter."]}),
        ({"montant": "10 000 000,01"}, {"depense1_montant": None}),
        ({"montant": "9" * 13}, {"depense1_montant": ["Ce nombre dépasse ce que le portail peut lire."]}),
        ({"montant": "mille"}, {"depense1_montant": ["Écrivez ce nombre en chiffres, par exemple 12 500,50."]}),
        ({"montant": "1,005"}, {"depense1_montant": ["Deux décimales au plus ; les milliers se séparent par une "
                                                     "espace."]}),
        ({"montant": ""}, {"depense1_montant": ["Indiquez le montant HT, en euros."]}),
        ({"libelle": ""}, {"depense1_libelle": ["Dites ce que c’est : achat, prestation, personne."]}),
        ({"categorie": ""}, {"depense1_categorie": ["Choisissez une catégorie."]}),
        ({"categorie": "inconnue"}, {"depense1_categorie": None}),
        ({"base": "TTC"}, {"depense1_tva": ["Indiquez le taux de TVA : il sert à retrouver le montant HT."]}),
        ({"base": "TTC", "tva": "120"}, {"depense1_tva": ["Un taux de TVA s’écrit en pour cent, par exemple 20 ou "
                                                          "5,5."]}),
        ({"categorie": "personnel"}, {"depense1_fonction": None, "depense1_statut": None, "depense1_jours": None}),
        (staff("10", "recrute") | {"jours": "-3"}, {"depense1_jours": None}),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_said_beside_its_cause(row: dict[str, str], wanted: dict[str, Any]) -> None:
    form = budget(row)
    found = errors(form)
    assert list(found) == list(wanted)
    assert all(words is None or found[name] == words for name, words in wanted.items())
    assert {name: form.data[name] for name in expenses(row)} == expenses(row)


def test_an_empty_budget_is_said_at_its_first_line() -> None:
    assert errors(budget()) == {"depense1_montant": ["Le budget est vide : indiquez au moins une dépense."]}


def test_other_aid_said_and_not_described_is_asked_for() -> None:
    form = budget({}, autres="oui")
    wanted = "Indiquez au moins une autre aide publique, ou répondez « Non »."
    assert errors(form) == {"aidepub1_montant": [wanted]}
    half = budget({}, autres="oui", aidepub2_montant="10")
    assert errors(half) == {"aidepub2_financeur": ["Indiquez qui accorde cette aide."]}
    refused = budget({}, **aided("-5"))
    assert errors(refused) == {"aidepub1_montant": ["Ce nombre ne peut pas être inférieur à 0."]}


def test_aid_of_a_no_is_not_counted() -> None:
    form = budget({"montant": "20 000"}, **(aided("19 000") | {"autres": "non"}))
    assert str(form.estimate.grant) == "10000.00"


def test_a_row_that_is_wrong_leaves_the_others_counted() -> None:
    form = budget({"montant": "10 000"}, {"montant": "dix"})
    assert (str(form.estimate.grant), form.counted) == ("5000.00", "1\u00a0ligne lue, 1\u00a0ligne à compléter")


def test_the_table_keeps_one_empty_row_more() -> None:
    assert [len(budget(*[{}] * rows).expense_rows) for rows in (0, 2, 3, 30, 60)] == [3, 3, 4, 31, 60]


def test_the_page_shown_again_computes_the_same() -> None:
    typed = expenses({"montant": "24 999,97"}) | {"autres": "non"}
    shown = BudgetForm(initial=typed, context=Context(FIRM, {"structure": {"tva": "oui"}}, DAY))
    assert (shown.errors, [status.tone for _, status in shown.judged_rows if status]) == ({}, ["met"])
    assert str(shown.checked.estimate.grant) == "12499.99"


def test_a_new_row_proposes_the_basis_of_the_carrier() -> None:
    for vat, basis in (("oui", "HT"), ("non", "TTC"), ("", "HT")):
        form = BudgetForm(initial={}, context=Context(FIRM, {"structure": {"tva": vat}}, DAY))
        assert form["depense1_base"].value() == basis


def test_the_lines_read_back_say_what_becomes_of_each() -> None:
    form = budget(staff("8 000", "permanent"), {"montant": "120", "base": "TTC", "tva": "20"}, **aided("500"))
    assert form.is_valid()
    lines = [line.value.replace("\u00a0", " ") for line in form.lines()]
    assert lines == [
        "Oui",
        "Frais de personnel : Ingénieure données, 8 000,00 € HT ; Ingénieure données, emploi permanent, 45,5 jours\n"
        "Éligible : 8 000,00 € HT.",
        "Prestations : Prestation 2, 120,00 € TTC, TVA 20 %\nÉligible : 100,00 € HT.",
        "ADEME : 500,00 €",
        "8 100,00 €",
        "4 050,00 €",
        "12 500,00 €",
        "7 600,00 €",
        "4 050,00 €",
    ]
