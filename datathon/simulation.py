"""The `datathon_prizes` ruleset of `manage.py simulate`. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from normandata.regulation.contract import amount, answer
from normandata.regulation.reading import Reader

from .rules import Facts, evaluate


def simulate(case: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """Answer one case by the règlement of `today` (the case has no day); raises Malformed when it cannot be read."""
    reader = Reader(case)
    prizes = reader.numbers("prizes")
    reader.close()
    facts = Facts(today, None if prizes is None else tuple(prizes))
    return answer(evaluate(facts), total=amount(facts.total))
