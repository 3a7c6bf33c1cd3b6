"""One organisation as one person of the Region may read it: who it is, its dossiers by scheme, its de minimis account.

All of it starts from the dossiers that `for_region` gives: an establishment of which nothing may be read is not named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.deminimis import account
from normandata.deminimis.shown import Standing, stand
from normandata.dossiers import schemes
from normandata.dossiers.filters import scheme_label
from normandata.dossiers.models import Dossier, DossierQuerySet
from normandata.dossiers.rows import amount_label, person_label
from normandata.dossiers.states import OPEN, STATES, Turn
from normandata.organisations.models import Membership, Organisation, UndertakingMember
from normandata.organisations.siret import written, written_siren
from normandata.regulation.formats import plural
from normandata.workflow.table import State

_FIELDS = (
    "pk", "key", "scheme", "number", "state", "turn", "turn_since", "amount", "amount_basis", "submitted_at",
    "complete_on", "organisation", "organisation__siret", "organisation__name", "organisation__city",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A dossier of the organisation, already in words; `days` counts the wait of one that is open."""

    pk: int
    key: Any
    scheme: str
    number: str
    state: State
    turn: str
    days: int | None
    amount: str
    row: Mapping[str, Any]

    @property
    def siret(self) -> str:
        return written(self.row["organisation__siret"])

    @property
    def submitted_at(self) -> datetime:
        at: datetime = self.row["submitted_at"]
        return at

    @property
    def complete_on(self) -> date | None:
        on: date | None = self.row["complete_on"]
        return on

    @property
    def waits(self) -> str:
        """Say whom the dossier waits for, and for how long."""
        if self.days is None:
            return "–"
        return f"{self.turn}, {plural(self.days, 'jour')}"


@dataclass(frozen=True, slots=True)
class Establishment:
    siret: str
    name: str
    city: str
    dossiers: int


@dataclass(frozen=True, slots=True)
class Person:
    """An active member, and of which establishment."""

    name: str
    role: str
    since: datetime | None
    siret: str


@dataclass(frozen=True, slots=True)
class Relative:
    """Another SIREN of the undertaking; its name is given to whoever reads one of its dossiers."""

    siren: str
    name: str = ""

    @property
    def written(self) -> str:
        return written_siren(self.siren)


def dossiers_of(user: User, siren: str) -> DossierQuerySet:
    """Keep the dossiers of a SIREN that this person may read: no draft, no other scheme, nothing closed."""
    return Dossier.objects.for_region(user).filter(organisation__siren=siren)


def held(dossiers: DossierQuerySet) -> list[Held]:
    """Read the dossiers by scheme, the newest first, in one query; no model instance."""
    ranks = {scheme.slug: scheme.rank for scheme in schemes.every()}
    today = timezone.localdate()
    found = dossiers.order_by("-submitted_at", "-pk").values(*_FIELDS)
    return [_held(one, today) for one in sorted(found, key=lambda one: ranks.get(one["scheme"], len(ranks)))]


def _held(one: Mapping[str, Any], today: date) -> Held:
    basis = f" {one['amount_basis']}" if one["amount"] is not None else ""
    return Held(
        pk=one["pk"],
        key=one["key"],
        scheme=one["scheme"],
        number=one["number"],
        state=STATES[one["state"]],
        turn=Turn(one["turn"]).label,
        days=(today - timezone.localdate(one["turn_since"])).days if one["state"] in OPEN else None,
        amount=f"{amount_label(one)}{basis}",
        row=one,
    )


def by_scheme(found: Sequence[Held]) -> list[tuple[str, list[Held]]]:
    """Group the dossiers under the name of their scheme, in the order they come."""
    groups: dict[str, list[Held]] = {}
    for one in found:
        groups.setdefault(one.scheme, []).append(one)
    return [(scheme_label(slug), some) for slug, some in groups.items()]


def establishments(found: Sequence[Held]) -> list[Establishment]:
    """List the establishments that hold these dossiers, by SIRET."""
    counts: dict[str, int] = {}
    rows: dict[str, Mapping[str, Any]] = {}
    for one in found:
        siret = one.row["organisation__siret"]
        counts[siret] = counts.get(siret, 0) + 1
        rows[siret] = one.row
    return [
        Establishment(written(siret), rows[siret]["organisation__name"], rows[siret]["organisation__city"], count)
        for siret, count in sorted(counts.items())
    ]


def main(found: Sequence[Held]) -> Organisation:
    """Read the establishment that names the organisation: its seat, or the one that deposited last; one query."""
    latest = max(found, key=lambda one: (one.submitted_at, one.pk)).row["organisation"]
    is_latest = ExpressionWrapper(Q(pk=latest), output_field=BooleanField())
    rows = Organisation.objects.filter(pk__in={one.row["organisation"] for one in found}).select_related("declared_by")
    return rows.order_by(F("is_seat").desc(nulls_last=True), is_latest.desc(), "pk")[0]


def people(found: Sequence[Held]) -> list[Person]:
    """List the active members of the establishments that hold these dossiers; one query."""
    keys = {one.row["organisation"] for one in found}
    rows = Membership.objects.active().filter(organisation__in=keys).order_by("organisation__siret", "joined_at", "pk")
    return [
        Person(person_label(name, email), str(Membership.Role(role).label), since, written(siret))
        for name, email, role, since, siret in rows.values_list(
            "user__name", "user__email", "role", "joined_at", "organisation__siret"
        )
    ]


def relatives(user: User, siren: str) -> list[Relative]:
    """List the other SIRENs of the undertaking; two queries."""
    same = UndertakingMember.objects.filter(undertaking__members__siren=siren).exclude(siren=siren)
    sirens = list(same.order_by("siren").values_list("siren", flat=True))
    mine = Dossier.objects.for_region(user).filter(organisation__siren__in=sirens).order_by()
    names = dict(mine.values_list("organisation__siren", "organisation__name").distinct())
    return [Relative(one, names.get(one, "")) for one in sirens]


def minimis(siren: str) -> tuple[Standing, tuple[int, ...]]:
    """Read the de minimis account of the undertaking today, and the dossiers that declare its aids; three queries.

    It is whole whoever reads: a ceiling bears on all the aids, and none of its lines names a dossier.
    """
    found = account.assess_for(siren, on=timezone.localdate(), amount=None)
    return stand(found), tuple(said.dossier for said in found.account.declared)
