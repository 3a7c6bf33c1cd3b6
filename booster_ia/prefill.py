"""What is known before an application is begun: the directory's answer and the simulator's, never asked again."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from normandata.dossiers.forms import Typed
from normandata.organisations.classify import PUBLIC
from normandata.organisations.models import Organisation
from normandata.regulation.formats import number

from .budget_forms import AID, EXPENSE, HIRED, PERMANENT
from .forms import AIDS, BUDGET, CALENDAR, PARTNERS, PROJECT, STRUCTURE
from .money import HT, TTC
from .simulator import AID_ROWS, ALONE, CATEGORIES, QUESTIONNAIRE
from .simulator import BUDGET as LABELS

TYPES = {"enterprise": "enterprise", "association": "association", "local_authority": "local_authority"}
HOSPITAL = "7364"


def prefill(organisation: Organisation, known: QueryDict) -> Mapping[str, Typed]:
    """Return what the directory and the simulator's answers already say, as it would have been typed."""
    answers = QUESTIONNAIRE.read(known).answers
    sections = {
        STRUCTURE: _structure(organisation, answers),
        PROJECT: {"ia": answers.get("ia", "")},
        PARTNERS: _partners(answers),
        CALENDAR: {name: known.get(name, "").strip() for name in ("debut", "fin") if answers.get(name)},
        BUDGET: _budget(answers),
        AIDS: _aids(answers, known),
    }
    said = {slug: {name: value for name, value in typed.items() if value} for slug, typed in sections.items()}
    return {slug: typed for slug, typed in said.items() if typed}


def carrier_type(organisation: Organisation) -> str:
    """Return the type of carrier that the directory is sure of, or nothing."""
    if organisation.legal_category.startswith(PUBLIC) or organisation.legal_category == HOSPITAL:
        return "public_establishment"
    proposed = organisation.structure_type
    return TYPES.get(proposed.structure_type, "") if proposed.is_certain else ""


def _structure(organisation: Organisation, answers: Mapping[str, Any]) -> dict[str, str]:
    town = f"{organisation.postal_code} {organisation.city}".strip()
    typed = {
        "nom": organisation.name,
        "adresse": ", ".join(filter(None, (organisation.street, town))),
        "type": answers.get("porteur") or carrier_type(organisation),
        "tva": answers.get("tva", ""),
    }
    if not (organisation.is_confirmed and organisation.department):
        typed["departement"] = answers.get("departement") or organisation.department
    return typed


def _partners(answers: Mapping[str, Any]) -> dict[str, str]:
    places = answers.get("partenaires")
    return {} if places is None else {"avec": "non" if ALONE in places else "oui"}


def _budget(answers: Mapping[str, Any]) -> dict[str, str]:
    if "tva" not in answers:
        return {}
    basis = HT if answers["tva"] == "oui" else TTC
    permanent = answers.get("permanent") or Decimal(0)
    amounts = {name: answers.get(name) or Decimal(0) for name in CATEGORIES}
    amounts["personnel"] -= permanent
    rows = [
        (CATEGORIES[name], LABELS[name], amount, HIRED if name == "personnel" and permanent else "")
        for name, amount in amounts.items()
    ]
    rows.insert(1, ("personnel", "Personnel permanent", permanent, PERMANENT))
    typed: dict[str, str] = {}
    for rank, (category, label, amount, job) in enumerate([row for row in rows if row[2]], start=1):
        said = {"categorie": category, "libelle": label, "montant": number(amount), "base": basis, "statut": job}
        typed |= {f"{EXPENSE}{rank}_{part}": value for part, value in said.items()}
    other = answers.get("autres_aides")
    if other is not None:
        typed |= {"autres": "oui" if other else "non", f"{AID}1_montant": number(other) if other else ""}
    return typed


def _aids(answers: Mapping[str, Any], known: QueryDict) -> dict[str, str]:
    """Carry the de minimis aids: they show once that regime is chosen."""
    told = [row for row in AID_ROWS if answers.get(f"dm_date_{row}")]
    typed = {
        f"aide{rank}_{part}": known.get(f"dm_{name}_{row}", "").strip()
        for rank, row in enumerate(told, start=1)
        for part, name in (("jour", "date"), ("montant", "montant"))
    }
    return typed | {"recues": "oui"} if told else {}
