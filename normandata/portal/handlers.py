"""Documents the portal makes: the result of a simulation."""

from typing import Any

from normandata.documents import kinds
from normandata.documents.models import Document
from normandata.regulation.findings import Verdict

SIMULATION = "simulation_result"


def simulation_context(document: Document) -> dict[str, Any]:
    """Give the template the result as it was shown, rebuilt from its record alone."""
    record = document.record
    return {
        "document": document,
        "scheme_title": record["scheme_title"],
        "filing": record["filing"],
        "result": record["result"],
        "verdict": Verdict.from_record(record["result"]["verdict"]),
        "amounts": record["result"]["amounts"],
    }


kinds.register(kinds.Kind(SIMULATION, "pdf/portal/simulation.html", simulation_context))
