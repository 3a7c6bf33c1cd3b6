"""Aid schemes in the columns of « dispositif d'aide » 0.2.0, whose list values are set apart by pipes. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from .definitions import Field, Schema, Type

SCHEMA = Schema(
    "dispositif-aide",
    "Dispositif d’aide",
    "0.2.0",
    "https://github.com/etalab/schema-dispositif-aide/raw/v0.2.0/build/dispositif-aide/schema.json",
)
PARIS = ZoneInfo("Europe/Paris")
PROFESSIONALS, PEOPLE, ASSOCIATIONS, PUBLIC = "professionnels", "particuliers", "associations", "secteur public"
TARGETS = (PROFESSIONALS, PEOPLE, ASSOCIATIONS, PUBLIC)
NORMANDIE = "REG-28"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PLACES = r"[A-Z]+-\d+(\|[A-Z]+-\d+)*"
_TARGETS = f"({'|'.join(TARGETS)})"
FIELDS = (
    Field(name="id", title="Identifiant", required=True, unique=True, pattern=_UUID, format="uuid"),
    Field(name="titre", title="Titre", required=True),
    Field(name="promesse", title="Promesse", longest=180),
    Field(name="description", title="Description", required=True, longest=5000),
    Field(name="eligibilite", title="Critères d’éligibilité", required=True),
    Field(name="types_aides", title="Types d’aides", required=True),
    Field(name="porteurs", title="Porteurs", required=True),
    Field(name="programmes_parents", title="Programmes parents et régimes d’aides"),
    Field(name="url_source", title="Page du dispositif", pattern="https?://.+", format="uri"),
    Field(name="cibles", title="Bénéficiaires", required=True, pattern=rf"{_TARGETS}(\|{_TARGETS})*"),
    Field(name="eligibilite_geographique", title="Couverture géographique", required=True, pattern=_PLACES),
    Field(name="eligibilite_geographique_exclusions", title="Couverture géographique : exclusions", pattern=_PLACES),
    Field(name="date_ouverture", title="Date d’ouverture", type=Type.DATETIME),
    Field(name="date_cloture", title="Date de fin", type=Type.DATETIME),
    Field(name="date_mise_a_jour", title="Dernière mise à jour", type=Type.DATETIME, required=True),
)


def bullets(texts: Iterable[str]) -> str:
    """Write a list, one criterion a line, as the schema asks."""
    return "\n".join(f"• {text.strip().rstrip(';').strip()}" for text in texts)


def joined(values: Iterable[str]) -> str:
    """Write a list of values, each once."""
    return "|".join(dict.fromkeys(values))


def carrier(name: str, siren: str, roles: Iterable[str]) -> str:
    """Write who carries an aid scheme, in the notation that the schema gives as its example."""
    said = ", ".join(f"'{role}'" for role in roles)
    return f"[{{ nom: '{name}', siren: '{siren}', roles: [ {said} ]}}]"


def first_instant(day: date) -> datetime:
    """Return the beginning of a civil day in Paris."""
    return datetime.combine(day, time.min, PARIS)
