"""What a finding rests on, in words: its facts, and where the portal has them from."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils import timezone

from normandata.organisations.models import Organisation, Territory
from normandata.organisations.presentation import ACTIVITIES, STRUCTURES
from normandata.regulation.findings import Fact, Finding
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, number
from normandata.regulation.territory import NORMAN_NAMES

LABELS = {
    "on": "jour de la demande",
    "opening": "ouverture",
    "structure_type": "type de structure",
    "department": "département",
    "departments": "départements admis",
    "population": "population",
    "fte": "effectif (ETP)",
    "minimum": "minimum",
    "maximum": "maximum",
    "created_on": "date de création",
    "years": "ancienneté demandée (ans)",
    "eligible_from": "possible à partir du",
    "activity": "activité",
    "is_economic": "activité économique",
    "aids": "aides déclarées",
    "used": "déjà reçu",
    "remaining": "reste sous le plafond",
    "ceiling": "plafond",
    "from": "du",
    "to": "au",
    "amount": "montant de l’aide",
    "most": "prix le plus élevé",
}
AMOUNTS = frozenset({"used", "remaining", "ceiling", "amount", "most"})
CODES = {**STRUCTURES, **ACTIVITIES, "other": "autre"}
DECLARED, DIRECTORY, CENSUS = "déclaration de la structure", "annuaire des entreprises", "INSEE"
ABOUT_THE_APPLICANT = frozenset(
    {"structure_type", "department", "population", "fte", "created_on", "activity", "is_economic", "aids", "used"}
)
"""Facts that come from somebody; the others are figures of the règlement, or days."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def used(finding: Finding) -> list[tuple[str, str]]:
    """List the facts of a finding as (label, value), in one order; what has no name for a reader is left out."""
    # PostgreSQL does not keep the order of a record's keys.
    return [(label, written(name, finding.facts[name])) for name, label in LABELS.items() if name in finding.facts]


def written(name: str, value: Fact) -> str:
    """Write one fact as a reader says it."""
    if value is None:
        return "non indiqué"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name == "department":
        return f"{NORMAN_NAMES[value]} ({value})" if value in NORMAN_NAMES else value
    if name in AMOUNTS and _NUMBER.fullmatch(value):
        return euros(Decimal(value))
    if _DAY.fullmatch(value):
        return written_day(date.fromisoformat(value))
    if _NUMBER.fullmatch(value):
        return number(Decimal(value))
    return CODES.get(value, value)


def known(organisation: Organisation) -> dict[str, str]:
    """Return what third parties say of an organisation, by fact, as facts are written."""
    if not organisation.is_confirmed:
        return {}
    said = {
        "department": organisation.department,
        "created_on": organisation.created_on.isoformat() if organisation.created_on else "",
        "activity": organisation.activity,
    }
    return {name: value for name, value in said.items() if value}


def directory_answer(organisation: Organisation) -> str:
    """Name the directory and the day of its answer, or nothing."""
    if not (organisation.is_confirmed and organisation.fetched_at):
        return ""
    return f"{DIRECTORY}, réponse du {written_day(timezone.localdate(organisation.fetched_at))}"


def directory_values(organisation: Organisation) -> frozenset[str]:
    """Return what the directory says of an organisation, as answers are written; nothing while it is silent."""
    if not organisation.is_confirmed:
        return frozenset()
    place = f"{organisation.postal_code} {organisation.city}".strip()
    said = (
        organisation.name,
        ", ".join(filter(None, (organisation.street, place))),
        written_day(organisation.created_on) if organisation.created_on else "",
    )
    return frozenset(filter(None, said))


def source(finding: Finding, organisation: Organisation, population: int | None = None) -> str:
    """Say where the facts of a finding come from: a third party that says the same, or the applicant's word.

    `population` is the census's figure for this territory, in inhabitants, when there is one.
    """
    given = {name: value for name, value in finding.facts.items() if name in ABOUT_THE_APPLICANT and value is not None}
    if not given:
        return ""
    directory = known(organisation)
    sources = dict.fromkeys(
        _source_of(name, value, directory, organisation, population) for name, value in given.items()
    )
    return ", ".join(sources)


def population_of(organisation: Organisation, findings: Mapping[str, Finding]) -> int | None:
    """Return the census's population of a territory when a finding uses one; one query then, none otherwise."""
    if not any(finding.facts.get("population") for finding in findings.values()):
        return None
    return Territory.objects.filter(siren=organisation.siren).values_list("population", flat=True).first()


def _source_of(
    name: str, value: Fact, directory: Mapping[str, str], organisation: Organisation, population: int | None
) -> str:
    if name == "population" and population is not None and value == str(population):
        return CENSUS
    return directory_answer(organisation) if directory.get(name) == value else DECLARED
