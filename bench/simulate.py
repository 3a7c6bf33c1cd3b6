"""Cost of judging, as a ratio: every commune and EPCI of Normandie, against decoding their JSON lines alone.

Run: python -m bench.simulate
"""

import json
import time
from collections.abc import Callable

import django

django.setup()

from normandata.organisations import territories
from normandata.portal.simulation import answer_line, written


def lines() -> list[bytes]:
    """One case a territory."""
    rows = territories.reference_rows()
    case = {"on": "2026-04-01", "structure_type": "local_authority"}
    return [json.dumps(case | {"department": row.department, "population": row.population}).encode() for row in rows]


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of the best of three runs."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    cases = lines()
    judged = cpu(lambda: [written(answer_line("diagnostic", line, 1)) for line in cases])
    decoded = cpu(lambda: [json.dumps(json.loads(line)) for line in cases])
    print(f"{len(cases)} territories: {judged:.2f} s CPU, {judged / decoded:.0f} times their JSON alone")


main()
