"""Simulating: the contract of `manage.py simulate`, one case or several in one request. Nothing is written."""

from functools import partial
from typing import Any

from normandata.regulation.formats import spaced
from normandata.regulation.reading import Malformed

from .. import simulation
from . import schemas as s
from .cases import CASES, ERROR, SAMPLES, verdict
from .definitions import Call, Operation
from .problems import CASE, Problem

MOST_CASES = 100
TITLES = {
    "diagnostic": ("Simuler un diagnostic", "Dit si une structure peut demander un diagnostic data/IA."),
    "booster_ia": ("Simuler un Booster IA", "Dit si un projet est admissible ; calcule assiette, subvention, solde."),
    "de_minimis": ("Simuler un plafond de minimis", "Dit ce qu’une entreprise unique peut encore recevoir."),
    "datathon_prizes": ("Vérifier les prix d’un Datathon", "Dit si des prix respectent le règlement du Datathon."),
}
SEVERAL = (
    f" Un seul cas (un objet JSON), ou une liste de {MOST_CASES} cas au plus ; un champ absent ou null est un fait "
    "manquant, que la règle qui le demande répond « à examiner ». Rien n’est enregistré."
)


def simulate(ruleset: str, call: Call) -> Any:
    """Judge a case, or each of a list; a case of a list that cannot be read takes its place as an error."""
    if not isinstance(call.body, list):
        try:
            return simulation.RULESETS[ruleset](call.body)
        except Malformed as error:
            raise Problem(CASE, spaced(f"{error}.")) from None
    if not 1 <= len(call.body) <= MOST_CASES:
        raise Problem(CASE, f"La liste contient {len(call.body)} cas ; de 1 à {MOST_CASES} sont admis.")
    return [simulation.answer_case(ruleset, one, number) for number, one in enumerate(call.body, start=1)]


def route_of(scheme: str) -> str | None:
    """Return the name of the operation that simulates a scheme, or None."""
    found = next((one for one in simulation.RULESETS if one == scheme or one.startswith(f"{scheme}_")), None)
    return f"simulate_{found}" if found else None


def _operation(ruleset: str) -> Operation:
    title, about = TITLES[ruleset]
    answer = verdict(ruleset)
    any_case = {"type": "array", "items": {}, "minItems": 1, "maxItems": MOST_CASES}
    answers = s.several({"oneOf": [answer, ERROR]}, "Autant de réponses que de cas, dans leur ordre.")
    return Operation(
        name=f"simulate_{ruleset}",
        group="Simuler",
        path=f"simulate/{ruleset}",
        title=title,
        about=about + SEVERAL,
        answer=partial(simulate, ruleset),
        schema={"oneOf": [answer, answers]},
        body={"oneOf": [CASES[ruleset], any_case]},
        sample=SAMPLES[ruleset],
    )


OPERATIONS = tuple(_operation(ruleset) for ruleset in simulation.RULESETS)
