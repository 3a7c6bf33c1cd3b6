"""Subsidies against rows worked out by hand, the public schema, and a witness for each refusal."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from normandata.opendata import catalogue, checks, subsidies, writing
from normandata.opendata.definitions import Line, Withheld
from normandata.opendata.rules import Policy, policy
from normandata.opendata.subsidies import FIELDS, Beneficiary, Subsidy
from tests.normandata.opendata.samples import (
    ALL,
    BOCAGE,
    CSV,
    DUE,
    LABORATORY,
    ONCE,
    REGION,
    SHARED,
    STAGED,
    TOWN,
    WORKSHOPS,
    D,
    subsidies_set,
    written,
)
from tests.normandata.opendata.table_schema import errors, schema


def text(*given: Subsidy) -> str:
    rows = [one for one in written(*given) if isinstance(one, Line)]
    return writing.csv_head(FIELDS) + "".join(writing.csv_line(FIELDS, one.cells) for one in rows)


def faults(subsidy: Subsidy, **others: Any) -> list[str]:
    """List the faults of every row of a subsidy, those of its columns included."""
    found = []
    for one in written(subsidy, **others):
        assert isinstance(one, Line)
        found += [*one.faults, *checks.faults(FIELDS, one.cells)]
    return [fault.replace("\u00a0", " ") for fault in found]


def test_three_subsidies_make_the_file_worked_out_by_hand() -> None:
    assert text(STAGED, ONCE, SHARED) == CSV
    assert [fault for one in (STAGED, ONCE, SHARED) for fault in faults(one)] == []


def test_the_file_follows_the_public_schema() -> None:
    assert errors(CSV, schema("subventions-2.1.1")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("2026-07-10,FICTIF-CP-26-06-01", "10/07,FICTIF-CP-26-06-01", "line 2, dateConvention: not a date: 10/07"),
        ("12500.00", '"12500,00"', "line 2, montant: not a number: 12500,00"),
        ("aide en numéraire,échelonné", "subvention,échelonné", "line 2, nature: enum"),
        ("2026-07-15/2027-06-30,,oui", "2026-07-15_2027-06-30,,oui", "line 2, datesPeriodeVersement: pattern"),
        (",,oui,1.00", ",,Oui,1.00", "line 2, notificationUE: not a boolean: Oui"),
        (",,oui,1.00", ",,oui,100", "line 2, pourcentageSubvention: maximum"),
        ("W142000000", "142000000", "line 3, rnaBeneficiaire: pattern"),
    ],
)  # fmt: skip
def test_the_validator_of_the_tests_sees_what_is_wrong(right: str, wrong: str, said: str) -> None:
    assert errors(CSV.replace(right, wrong, 1), schema("subventions-2.1.1")) == [said]


LOOSER = {"idBeneficiaire": {"pattern": r"^\d{14}$"}}
"""What we ask more than the schema does: it leaves the form of a beneficiary's SIRET to a check of its own."""


def test_our_columns_are_those_of_the_public_schema() -> None:
    """The descriptor of the catalogue says the same names, types, words and limits."""

    def said(one: dict[str, Any]) -> tuple[Any, ...]:
        limits = {name: limit for name, limit in one.get("constraints", {}).items() if name != "enum"}
        if "pattern" in limits:
            limits["pattern"] = limits["pattern"].replace("\\-", "-").replace("\\/", "/")
        enum = sorted(one.get("constraints", {}).get("enum", []))
        return one["name"], one["type"], one.get("trueValues"), one.get("falseValues"), limits, enum

    ours = catalogue.table_schema(subsidies_set())["fields"]
    theirs = schema("subventions-2.1.1")["fields"]
    for one in theirs:
        one["constraints"] = one.get("constraints", {}) | LOOSER.get(one["name"], {})
    assert [said(one) for one in ours] == [said(one) for one in theirs]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            replace(STAGED, beneficiaries=(replace(WORKSHOPS, siret="99900001100019"),)),
            ["idBeneficiaire : la clé du SIRET 99900001100019 n’est pas juste."],
        ),
        (
            replace(STAGED, beneficiaries=(replace(WORKSHOPS, siret="999000011"),)),
            [
                "idBeneficiaire : la clé du SIRET 999000011 n’est pas juste.",
                "idBeneficiaire : « 999000011 » n’a pas la forme attendue.",
            ],
        ),
        (
            replace(STAGED, beneficiaries=(replace(WORKSHOPS, siret=""),)),
            ["idBeneficiaire, rnaBeneficiaire : l’un des deux est attendu."],
        ),
        (
            replace(STAGED, beneficiaries=(replace(BOCAGE, rna="142000000"),)),
            ["rnaBeneficiaire : « 142000000 » n’a pas la forme attendue."],
        ),
        (
            replace(STAGED, beneficiaries=(replace(WORKSHOPS, name=""),)),
            ["nomBeneficiaire : la valeur manque."],
        ),
        (
            replace(STAGED, beneficiaries=(replace(WORKSHOPS, is_person=None),)),
            ["nomBeneficiaire : l’annuaire n’a pas dit si c’est une personne morale."],
        ),
        (
            replace(STAGED, beneficiaries=(replace(TOWN, share=D("0.70")), LABORATORY)),
            ["pourcentageSubvention : les parts font 1.10, et non 1."] * 2,
        ),
        (
            replace(STAGED, beneficiaries=(TOWN, replace(TOWN, share=D("0.40")))),
            ["idBeneficiaire : 99900003700013 est nommé deux fois."] * 2,
        ),
        (replace(STAGED, amount=D("-12500.00")), ["montant : -12 500,00 €, un montant positif est attendu."]),
        (replace(STAGED, amount=D("0.00")), ["montant : 0,00 €, un montant positif est attendu."]),
        (
            replace(STAGED, signed_on=date(2026, 6, 29)),
            ["dateConvention : la convention (29 juin 2026) précède la décision (30 juin 2026)."],
        ),
        (
            replace(STAGED, signed_on=date(2027, 4, 1), paid_first=date(2027, 4, 2)),
            ["dateConvention : 1er avril 2027 est à venir."],
        ),
        (
            replace(STAGED, paid_first=date(2026, 7, 9)),
            ["datesPeriodeVersement : le versement précède la convention."],
        ),
        (replace(STAGED, paid_last=date(2026, 7, 14)), ["datesPeriodeVersement : la fin précède le début."]),
    ],
)
def test_a_wrong_subsidy_is_refused_with_its_reason(wrong: Subsidy, said: list[str]) -> None:
    assert faults(wrong) == said


def test_a_subsidy_without_beneficiary_is_refused_too() -> None:
    assert faults(replace(STAGED, beneficiaries=())) == [
        "pourcentageSubvention : les parts font 0, et non 1.",
        "idBeneficiaire, rnaBeneficiaire : l’un des deux est attendu.",
        "nomBeneficiaire : la valeur manque.",
    ]


def test_what_just_holds_is_published() -> None:
    same = date(2026, 6, 30)
    assert faults(replace(STAGED, signed_on=same, paid_first=same, paid_last=same)) == []
    assert faults(replace(STAGED, beneficiaries=(replace(BOCAGE, siret=""),))) == []
    assert faults(replace(STAGED, signed_on=date(2027, 3, 31), paid_first=date(2027, 3, 31))) == []


def test_a_siret_of_the_region_that_is_not_one_refuses_every_row() -> None:
    said = "idAttribuant : la clé du SIRET 20005340300017 n’est pas juste."
    assert faults(STAGED, authority=replace(REGION, siret="20005340300017")) == [said]
    assert faults(STAGED, authority=replace(REGION, siret="20005340300016")) == []


# --------------------------------------------------------------------------------------------- who is published
def test_natural_persons_and_private_identities_are_withheld_and_counted() -> None:
    person = replace(STAGED, beneficiaries=(replace(WORKSHOPS, is_person=True),))
    private = replace(STAGED, beneficiaries=(replace(WORKSHOPS, is_public=False),))
    assert written(person, private) == [
        Withheld("BIA-2026-0001", "Le bénéficiaire est une personne physique."),
        Withheld("BIA-2026-0001", "Le bénéficiaire a demandé que son identité ne soit pas publique."),
    ]
    both = replace(ALL, persons_too=True)
    assert [type(one) for one in written(person, private, policy=both)] == [Line, Line]


@pytest.mark.parametrize(("second", "kept"), [("10500.00", 0), ("10500.01", 2)])
def test_under_the_yearly_amount_nothing_is_due_when_the_region_publishes_only_what_is(second: str, kept: int) -> None:
    """12 500 + 10 500 is the amount itself, which is not enough; one cent more is. Another year counts apart."""
    more = replace(ONCE, amount=D(second), beneficiaries=(replace(WORKSHOPS, siret="99900001100026"),))
    later = replace(STAGED, decided_on=date(2027, 1, 5), signed_on=None, paid_first=date(2027, 2, 1))
    rows = written(STAGED, more, later, policy=DUE)
    assert [isinstance(one, Line) for one in rows].count(True) == kept
    if not kept:
        assert {one.reason.replace("\u00a0", " ") for one in rows if isinstance(one, Withheld)} == {
            "Le bénéficiaire n’a pas reçu plus de 23 000 € dans l’année."
        }


def test_a_share_counts_for_its_part_of_the_year() -> None:
    big = replace(SHARED, amount=D("40000.00"))
    rows = written(big, policy=DUE)
    assert [isinstance(one, Line) for one in rows] == [True, False]


def test_what_the_reglement_says_is_what_is_published() -> None:
    assert policy(date(2026, 6, 30)) == Policy(Decimal(23000), below_too=True, persons_too=False)


# ------------------------------------------------------------------------------------------------------ texts
def test_a_long_purpose_is_cut_at_a_word() -> None:
    long = "mot " * 80
    assert subsidies.cut(long) == "mot " * 62 + "mot…"
    assert subsidies.cut("a" * 256) == "a" * 256
    assert faults(replace(STAGED, purpose=long)) == []


def test_the_identifier_of_an_aid_never_changes() -> None:
    assert subsidies.aid_id("booster-ia") == "2b6b61e2-b403-5e30-8f4a-13229e12d2b5"
    assert subsidies.aid_id("diagnostic") == "6712c06e-58ef-5ce7-8736-772b60e9da2c"


def test_a_beneficiary_is_its_company_over_a_year() -> None:
    assert [one.key for one in (WORKSHOPS, Beneficiary(name="A", rna="W142000000"))] == ["999000011", "W142000000"]
