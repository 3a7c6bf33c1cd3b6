"""The `de_minimis` ruleset of `manage.py simulate`, and the block that other rulesets share. Pure."""

import calendar
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from normandata.regulation.contract import amount, answer
from normandata.regulation.reading import Reader

from .rules import Aid, Assessment, Facts, assess

_YEAR_END = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
LEAP_YEAR = 2024


def simulate(case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one case; raises Malformed when it cannot be read."""
    reader = Reader(case)
    on = reader.required_day("on")
    facts = read(reader, on=on, new_aid=reader.number("amount", least=0))
    reader.close()
    assessment = assess(facts)
    return answer(assessment.verdict, regimes=regimes(assessment), alert=assessment.alert)


def read(reader: Reader, *, on: date, new_aid: Decimal | None) -> Facts:
    """Read the undertaking's side of a case: activity, fiscal year, road freight, aids already held."""
    is_economic = reader.flag("economic")
    aids = reader.blocks("aids")
    return Facts(
        on=on,
        amount=new_aid,
        is_economic=True if is_economic is None else is_economic,
        fiscal_year_end=_fiscal_year_end(reader),
        is_road_freight=bool(reader.flag("road_freight")),
        aids=None if aids is None else tuple(_aid(item) for item in aids),
    )


def regimes(assessment: Assessment) -> dict[str, dict[str, str | None]]:
    """Write both readings as the contract shows them."""
    return {
        regime: {
            "from": reading.start.isoformat(),
            "to": reading.end.isoformat(),
            "used": amount(reading.used),
            "remaining": amount(reading.remaining),
            "outcome": reading.outcome.value,
        }
        for regime, reading in assessment.readings.items()
    }


def _aid(reader: Reader) -> Aid:
    on, granted = reader.required_day("on"), reader.number("amount", least=0)
    reader.close()
    if granted is None:
        raise reader.refuse("amount", "champ obligatoire")
    return Aid(on, granted)


def _fiscal_year_end(reader: Reader) -> tuple[int, int]:
    raw = reader.text("fiscal_year_end")
    if raw is None:
        return 12, 31
    if match := _YEAR_END.fullmatch(raw):
        month, day = int(match[1]), int(match[2])
        if day <= calendar.monthrange(LEAP_YEAR, month)[1]:
            return month, day
    raise reader.refuse("fiscal_year_end", "un jour MM-JJ est attendu")
