"""What the pages of an organisation say: each value with its source and its date."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from normandata.regulation.formats import day as written_day
from normandata.regulation.territory import NORMAN_NAMES

from . import classify, directory, services
from .directory import DirectoryDown, NotListed, Record
from .models import Organisation
from .siret import written

STRUCTURES = {
    "local_authority": "collectivité ou groupement de collectivités",
    "enterprise": "entreprise",
    "health_facility": "établissement de santé",
    "association": "association",
    "other": "autre structure",
}
ACTIVITIES = {
    "production": "production",
    "services": "services",
    "trade": "commerce",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of an identity, and where it comes from when that is not the block's own source."""

    label: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    establishment: list[Fact]
    unit: list[Fact]
    source: str
    kind: str
    kind_reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up gave: a record, « down », « unknown », or « known » when the organisation is here already."""

    state: str
    siret: str
    record: Record | None = None
    facts: list[Fact] = field(default_factory=list)
    label: str = ""

    @property
    def asks_by_hand(self) -> bool:
        """Whether somebody has to type the identity."""
        return self.state in ("down", "unknown", "hidden")

    @property
    def written_siret(self) -> str:
        return written(self.siret)

    @property
    def other_seat(self) -> str:
        """The seat's SIRET, when this closed establishment is another one."""
        return self.record.seat_siret if self.record and not self.record.is_seat else ""

    @property
    def closed_on(self) -> date | None:
        return self.record.closed_on if self.record else None

    @property
    def initial(self) -> dict[str, str]:
        return {name: getattr(self.record, name) for name in services.DECLARABLE} if self.record else {}


def look(siret: str) -> Found:
    """Look a SIRET up for the page that adds it; never raises."""
    known = Organisation.objects.filter(siret=siret).first()
    if known:
        place = f"{known.postal_code} {known.city}".strip()
        facts = [Fact("Nom", known.label), *_facts(("Commune", place))]
        return Found("known", siret, facts=facts, label=known.label)
    try:
        record = directory.find(siret)
    except NotListed:
        return Found("unknown", siret)
    except DirectoryDown:
        return Found("down", siret)
    state = "closed" if record.is_closed else "found" if record.is_diffusible else "hidden"
    return Found(state, siret, record, _summary(record), record.name)


def _summary(record: Record) -> list[Fact]:
    address = ", ".join(part for part in (record.street, f"{record.postal_code} {record.city}".strip()) if part)
    return _facts(
        ("Nom", record.name),
        ("Adresse de l’établissement", address),
        ("Département", _department(record.department)),
        ("Siège", "cet établissement" if record.is_seat else _seat(record.seat_siret, record.seat_department)),
        ("Forme juridique", classify.legal_label(record.legal_category)),
        ("Activité", _activity(record.activity_code, record.activity_nomenclature)),
        ("Création", _day(record.created_on)),
    )


def identity(organisation: Organisation) -> Identity:
    """Write the identity in two blocks: the establishment, and the legal unit with its seat."""
    by_hand = _by_hand(organisation)
    marks = dict.fromkeys(organisation.declared, by_hand if organisation.is_confirmed else "")
    name = Fact("Nom", organisation.name, marks.get("name", ""))
    street = Fact("Adresse", organisation.street, marks.get("street", ""))
    place = Fact("Commune", f"{organisation.postal_code} {organisation.city}".strip(), marks.get("city", ""))
    kind = organisation.structure_type
    closed = f"fermé le {written_day(organisation.closed_on)}" if organisation.closed_on else "fermé"
    establishment = [
        *_facts(("SIRET", organisation.written_siret)),
        *(fact for fact in (street, place) if fact.value),
        *_facts(
            ("Département", _department(organisation.department)),
            ("État", closed if organisation.is_closed else ""),
            ("Activité", _activity(organisation.activity_code, organisation.activity_nomenclature)),
            ("Effectif", organisation.staff_range),
            ("Création de l’établissement", _day(organisation.established_on)),
            ("Numéros FINESS", ", ".join(organisation.finess_numbers)),
        ),
    ]
    seat = "cet établissement" if organisation.is_seat else _seat(organisation.seat_siret, organisation.seat_department)
    unit = [
        *([name] if name.value else []),
        *_facts(
            ("Sigle", organisation.sigle),
            ("SIREN", organisation.written_siren),
            ("Siège", seat),
            ("Forme juridique", organisation.legal_label),
            ("Création", _day(organisation.created_on)),
            ("Numéro RNA", organisation.association_number),
        ),
    ]
    is_known = bool(organisation.legal_category)
    return Identity(
        establishment,
        unit,
        _source(organisation),
        STRUCTURES[kind.structure_type] if is_known else "",
        "" if kind.is_certain else kind.reason,
    )


def _source(organisation: Organisation) -> str:
    if organisation.is_confirmed and organisation.fetched_at:
        return f"{organisation.source}, réponse du {_moment(organisation.fetched_at)}"
    return _by_hand(organisation) if organisation.declared_at else ""


def _by_hand(organisation: Organisation) -> str:
    if not organisation.declared_at:
        return ""
    return f"Saisi par {organisation.declared_by} le {_moment(organisation.declared_at)}"


def _moment(at: datetime) -> str:
    return written_day(timezone.localtime(at).date())


def _facts(*pairs: tuple[str, str]) -> list[Fact]:
    return [Fact(label, value) for label, value in pairs if value]


def _day(day: date | None) -> str:
    return written_day(day) if day else ""


def _department(code: str) -> str:
    if not code:
        return ""
    return f"{NORMAN_NAMES[code]} ({code})" if code in NORMAN_NAMES else f"{code}, hors de Normandie"


def _seat(siret: str, department: str) -> str:
    return f"{written(siret)}, {_department(department)}" if siret else ""


def _activity(code: str, nomenclature: str) -> str:
    if not code:
        return ""
    kind = ACTIVITIES.get(classify.activity(code))
    return f"{kind}, code {code} ({nomenclature})" if kind else f"code {code} ({nomenclature})"
