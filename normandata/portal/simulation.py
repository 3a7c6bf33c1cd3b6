"""The rulesets that anyone can replay, and how one line of the contract is answered."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from booster_ia.simulation import simulate as booster_ia
from datathon.simulation import simulate as datathon_prizes
from diagnostic.simulation import simulate as diagnostic
from normandata.deminimis.simulation import simulate as de_minimis
from normandata.regulation.reading import Malformed

Ruleset = Callable[[Mapping[str, Any]], dict[str, Any]]


def _prizes(case: Mapping[str, Any]) -> dict[str, Any]:
    # The contract gives prizes no day: they are judged by the règlement of today.
    return datathon_prizes(case, today=timezone.localdate())


RULESETS: Mapping[str, Ruleset] = {
    "diagnostic": diagnostic,
    "booster_ia": booster_ia,
    "de_minimis": de_minimis,
    "datathon_prizes": _prizes,
}


def answer_line(ruleset: str, line: bytes, number: int) -> dict[str, Any]:
    """Answer one line, or say why it cannot be read: `{"error": …, "line": n}`, lines counted from 1."""
    try:
        return RULESETS[ruleset](decoded(line))
    except Malformed as error:
        return {"error": str(error), "line": number}


def written(answer: Mapping[str, Any]) -> str:
    """Write an answer on one line, in ASCII: any terminal and any text of the case can be written."""
    return json.dumps(answer)


def answer_case(ruleset: str, case: Any, number: int) -> dict[str, Any]:
    """Answer a case that is read already, as `answer_line` does."""
    try:
        return RULESETS[ruleset](case)
    except Malformed as error:
        return {"error": str(error), "line": number}


def decoded(line: bytes) -> Any:
    """Read JSON strictly: UTF-8, exact numbers, no field written twice; raises Malformed."""
    try:
        return json.loads(
            line.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_duplicates,
        )
    except Malformed:
        raise
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Malformed("JSON illisible") from error
    except (RecursionError, ValueError) as error:
        raise Malformed("JSON hors des limites admises") from error


def _refuse_constant(name: str) -> Any:
    raise Malformed(f"{name} n’est pas un nombre admis")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise Malformed("un champ est écrit deux fois")
    return result
