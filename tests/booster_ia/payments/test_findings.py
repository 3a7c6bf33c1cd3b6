"""What the portal finds in an expense, each finding alone beside one where nothing is found."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booster_ia.payments import findings
from booster_ia.payments.findings import Claim, Project
from booster_ia.rules import REGLEMENT
from normandata.regulation.findings import Outcome

FIGURES = REGLEMENT.on(date(2026, 9, 20))
UNMET, REVIEW, MET = Outcome.UNMET, Outcome.TO_REVIEW, Outcome.MET


def claim(**fields: Any) -> Claim:
    day = date(2027, 3, 1)
    plain = {"category": "services", "amount": Decimal(1200), "first_day": day, "last_day": day, "paid_on": day}
    return Claim(**(plain | fields))


def project(**fields: Any) -> Project:
    plain = {
        "starts_on": date(2027, 1, 4),
        "ends_on": date(2027, 6, 30),
        "justify_by": date(2027, 12, 30),
        "recovers_vat": True,
        "applicant_type": "enterprise",
        "basis": "HT",
    }
    return Project(**(plain | fields))


def judged(found: Claim, about: Project | None = None) -> list[tuple[str, Outcome]]:
    return [(one.code, one.outcome) for one in findings.judge(found, about or project(), FIGURES)]


def test_nothing_is_found_in_an_invoice_of_the_project() -> None:
    assert judged(claim()) == []


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2027, 6, 30)])
def test_the_first_and_the_last_day_of_the_project_count(day: date) -> None:
    assert judged(claim(first_day=day, last_day=day, paid_on=day)) == []


@pytest.mark.parametrize("day", [date(2027, 1, 3), date(2027, 7, 1)])
def test_an_invoice_outside_the_period_is_refused_by_default(day: date) -> None:
    found = claim(first_day=day, last_day=day, paid_on=date(2027, 7, 2))
    assert judged(found) == [("period", UNMET)]
    assert findings.proposed(found, findings.judge(found, project(), FIGURES)) == 0


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"category": "equipment"}, [("category", UNMET)]),
        ({"paid_on": None}, [("unpaid", UNMET)]),
        ({"paid_on": date(2027, 12, 31)}, [("paid_late", UNMET)]),
        ({"paid_on": date(2027, 12, 30)}, []),
        ({"paid_on": date(2027, 2, 28)}, [("paid_early", REVIEW)]),
        ({"missing": ("Facture acquittée",)}, [("papers", UNMET)]),
        ({"twin": "« Prestation 1 », ligne 1"}, [("twice", UNMET)]),
        ({"elsewhere": ("BIA-2026-0007",)}, [("elsewhere", REVIEW)]),
        ({"basis": "TTC", "vat_rate": Decimal(20)}, [("basis", MET)]),
        ({"basis": "TTC"}, [("vat", UNMET)]),
        ({"category": "personnel", "paid_on": None}, []),
    ],
)
def test_each_finding_alone(fields: dict[str, Any], expected: list[tuple[str, Outcome]]) -> None:
    assert judged(claim(**fields)) == expected


@pytest.mark.parametrize(
    ("kind", "expected", "is_barred"),
    [
        ("public_establishment", [("staff", UNMET)], True),
        ("local_authority", [("staff", REVIEW)], False),
        ("enterprise", [], False),
    ],
)
def test_permanent_staff_by_the_letter_of_the_text(
    kind: str, expected: list[tuple[str, Outcome]], is_barred: bool
) -> None:
    found = findings.judge(
        claim(category="personnel", is_permanent=True, paid_on=None), project(applicant_type=kind), FIGURES
    )
    assert [(one.code, one.outcome) for one in found] == expected
    assert findings.is_barred(found) is is_barred


def test_an_invoice_twice_in_the_dossier_is_paid_by_nobody_and_one_elsewhere_is_an_alert() -> None:
    here = findings.judge(claim(twin="« Prestation 1 », ligne 1"), project(), FIGURES)
    there = findings.judge(claim(elsewhere=("BIA-2026-0007",)), project(), FIGURES)
    assert (findings.is_barred(here), findings.is_barred(there)) == (True, False)
    assert [one.is_internal for one in (*here, *there)] == [False, True], "other people's dossiers are the Region's"


def test_a_ttc_amount_is_brought_to_ht_unrounded() -> None:
    found = claim(amount=Decimal(1000), basis="TTC", vat_rate=Decimal("5.5"))
    kept = findings.on_basis(found.amount, found, project(), FIGURES)
    assert kept * 1055 == 1000 * 1000
    told = findings.judge(found, project(), FIGURES)[0].sentence.replace("\xa0", " ").replace("\u202f", " ")
    assert told == (
        "Ramenée au hors taxes : 1 000,00 € TTC ÷ 105,5 % = 947,87 € HT, arrondis ici pour l’affichage seulement."
    )


def test_a_carrier_that_does_not_recover_vat_counts_what_it_paid() -> None:
    about = project(recovers_vat=False, basis="TTC")
    found = claim(amount=Decimal(1200), basis="TTC", vat_rate=Decimal(20))
    assert findings.on_basis(found.amount, found, about, FIGURES) == 1200
    assert judged(found, about) == []
    assert judged(claim(basis="HT"), about) == [("basis", REVIEW)]


def test_every_finding_names_its_article() -> None:
    whole = claim(
        category="equipment", first_day=date(2026, 1, 1), last_day=date(2028, 1, 1), paid_on=date(2028, 2, 1),
        missing=("Facture acquittée",), twin="là", elsewhere=("BIA-1",), basis="TTC", vat_rate=Decimal(20),
    )  # fmt: skip
    found = findings.judge(whole, project(), FIGURES)
    assert [one.code for one in found] == ["category", "period", "paid_late", "twice", "papers", "elsewhere", "basis"]
    assert all(one.article.startswith("annexe 4, « ") for one in found)
