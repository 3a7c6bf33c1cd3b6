"""The `diagnostic` ruleset of `manage.py simulate`: from a JSON case to an answer. Pure."""

from collections.abc import Mapping
from typing import Any

from normandata.regulation.contract import answer
from normandata.regulation.reading import Reader

from .rules import ACTIVITIES, STRUCTURES, Facts, evaluate


def simulate(case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one case; raises Malformed when it cannot be read."""
    reader = Reader(case)
    facts = Facts(
        on=reader.required_day("on"),
        structure_type=reader.code("structure_type", STRUCTURES),
        department=reader.department("department"),
        population=reader.whole("population"),
        fte=reader.number("fte"),
        created_on=reader.day("created_on"),
        activity=reader.code("activity", ACTIVITIES),
    )
    reader.close()
    return answer(evaluate(facts))
