"""The `booster_ia` ruleset of `manage.py simulate`: from a JSON case to an answer. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from normandata.deminimis import simulation as deminimis
from normandata.regulation.contract import amount, answer
from normandata.regulation.money import ZERO, truncated
from normandata.regulation.reading import Reader
from normandata.regulation.reglement import Figures

from . import grid, money
from .rules import APPLICANTS, REGLEMENT, Facts, evaluate


def simulate(case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one case; raises Malformed when it cannot be read."""
    reader = Reader(case)
    on = reader.required_day("on")
    figures = REGLEMENT.on(on)
    applicant = reader.block("applicant") or Reader({})
    recovers_vat = applicant.flag("recovers_vat") is not False
    de_minimis = reader.block("de_minimis")
    facts = Facts(
        on=on,
        applicant_type=applicant.code("type", APPLICANTS),
        department=applicant.department("department"),
        recovers_vat=recovers_vat,
        partner_departments=_partners(reader),
        uses_ai=reader.flag("uses_ai"),
        start=reader.day("start"),
        end=reader.day("end"),
        expenses=_expenses(reader, recovers_vat),
        other_public_aid=reader.number("other_public_aid", least=0) or ZERO,
        sheets=_sheets(reader, figures),
        de_minimis=None if de_minimis is None else deminimis.read(de_minimis, on=on, new_aid=None),
    )
    is_justified = bool(reader.flag("advance_justified"))
    paid = reader.number("advance_paid", least=0) or ZERO
    justified = reader.number("justified_expenses", least=0)
    for block in (reader, applicant, de_minimis):
        if block is not None:
            block.close()
    return _answer(facts, figures, is_justified=is_justified, paid=paid, justified=justified)


def _answer(
    facts: Facts, figures: Figures, *, is_justified: bool, paid: Decimal, justified: Decimal | None
) -> dict[str, Any]:
    evaluation = evaluate(facts)
    sums = evaluation.sums
    outputs: dict[str, str | None] = {
        "eligible_expenses": None,
        "grant": None,
        "grantable_max": amount(sums.grantable_max),
        "advance_max": None,
        "score": None if sums.score is None else amount(truncated(sums.score)),
    }
    if sums.expenses is not None and sums.grant is not None:
        outputs |= {
            "eligible_expenses": amount(sums.expenses),
            "grant": amount(sums.grant),
            "advance_max": amount(
                money.advance_max(sums.expenses, sums.grant, is_justified=is_justified, figures=figures)
            ),
        }
    if justified is not None:
        settled = None
        if sums.grant is not None:
            settled = money.settle(sums.grant, justified, facts.other_public_aid, paid, figures)
        outputs |= {
            "final_grant": amount(settled.final_grant if settled else None),
            "balance": amount(settled.balance if settled else None),
            "overpayment": amount(settled.overpayment if settled else None),
        }
    return answer(evaluation.verdict, **outputs)


def _partners(reader: Reader) -> tuple[str | None, ...] | None:
    blocks = reader.blocks("partners")
    if blocks is None:
        return None
    departments = tuple(block.department("department") for block in blocks)
    for block in blocks:
        block.close()
    return departments


def _expenses(reader: Reader, recovers_vat: bool) -> tuple[money.Expense, ...] | None:
    blocks = reader.blocks("expenses")
    return None if blocks is None else tuple(_expense(block, recovers_vat) for block in blocks)


def _expense(reader: Reader, recovers_vat: bool) -> money.Expense:
    expense = money.Expense(
        category=reader.code("category", money.CATEGORIES),
        amount=reader.number("amount", least=0),
        basis=reader.code("basis", (money.HT, money.TTC)) or money.HT,
        vat_rate=reader.number("vat_rate", least=0),
        is_permanent_public_staff=bool(reader.flag("permanent_public_staff")),
    )
    reader.close()
    if expense.basis == money.TTC and recovers_vat and expense.vat_rate is None:
        raise reader.refuse("vat_rate", "un montant TTC demande le taux de TVA d’un porteur qui la récupère")
    return expense


def _sheets(reader: Reader, figures: Figures) -> tuple[grid.Sheet, ...] | None:
    blocks = reader.blocks("sheets")
    return None if blocks is None else tuple(_sheet(block, figures) for block in blocks)


def _sheet(reader: Reader, figures: Figures) -> grid.Sheet:
    sheet = {}
    for criterion in grid.CRITERIA:
        mark = reader.number(criterion, least=0)
        if mark is None:
            continue
        highest = grid.maximum(criterion, figures)
        if mark > highest:
            raise reader.refuse(criterion, f"la note ne peut pas dépasser {highest}")
        sheet[criterion] = mark
    reader.close()
    return sheet
