"""The portal's own grants on their way to the public register: what is due and when, the file, what was entered.

Each grant is entered within twenty working days (règlement 2023/2831, article 6).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.exports import AT_ONCE, lines
from normandata.organisations.undertakings import may_regroup
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone

from . import rules
from .models import Aid, AidQuerySet, Registration
from .regimes import REGIMES
from .register import COLUMNS
from .working_days import add_working_days, working_days_between

HEADERS = (
    *COLUMNS, "identifiant_aide", "echeance_declaration", "jours_ouvrables_restants", "jours_ouvrables_de_retard",
    "etat",
)  # fmt: skip
COUNTRY = "France"
_FIELDS = (
    "key", "regime", "amount", "instrument", "sector", "on", "authority", "operator", "organisation__name",
    "organisation__city", "registration__on", "reversal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to enter a grant; working days left, or late, on a day."""

    due_on: date
    left: int
    late: int


def deadline(granted_on: date, today: date) -> Deadline:
    """Count down to the last day of the period."""
    days = int(rules.REGLEMENT.on(granted_on).number("registration_days"))
    due = add_working_days(granted_on, days)
    left = working_days_between(today, due)
    return Deadline(due, max(0, left), max(0, -left))


def export(aids: AidQuerySet | None = None) -> Iterator[str]:
    """Write the portal's grants as a CSV file in the register's columns, then deadline and state, line by line.

    A grant that was reversed before it was entered is not in it.
    """
    return lines(_rows(Aid.objects.granted_here() if aids is None else aids), HEADERS)


@transaction.atomic
def mark_registered(aids: Iterable[Aid], *, on: date, by: User) -> list[Registration]:
    """Note that grants were entered in the public register on a day; one noted already keeps its first day.

    Raises NotAllowed, NotDone for a day to come or before the grant, and for what is not a grant of the portal.
    """
    if not may_regroup(by):
        raise NotAllowed("Votre compte ne permet pas ce geste.")
    if on > timezone.localdate():
        raise NotDone("La date de déclaration est à venir.")
    done = []
    for aid in sorted(aids, key=lambda aid: aid.pk):
        if not Aid.objects.granted_here().filter(pk=aid.pk).exists():
            raise NotDone("Seul un octroi du portail se déclare au registre.")
        if on < aid.on:
            raise NotDone("La date de déclaration précède l’octroi.")
        row, is_new = Registration.objects.get_or_create(aid=aid, defaults={"on": on, "by": by})
        if is_new:
            procedure.record(aid, "de_minimis_registered", by=by, data={"key": aid.key, "on": on.isoformat()})
        done.append(row)
    return done


def _rows(aids: AidQuerySet) -> Iterator[list[object]]:
    today = timezone.localdate()
    found = aids.exclude(reversal__isnull=False, registration=None).order_by("on", "pk")
    for one in found.values(*_FIELDS, siren=F("member__siren")).iterator(chunk_size=AT_ONCE):
        yield _cells(one, today)


def _cells(one: dict[str, Any], today: date) -> list[object]:
    entered = one["registration__on"]
    due = deadline(one["on"], today)
    return [
        REGIMES[one["regime"]].regulation,
        one["organisation__name"],
        one["siren"],
        f"{one['amount']:.2f}".replace(".", ","),
        one["instrument"],
        one["sector"],
        one["organisation__city"],
        COUNTRY,
        one["on"].isoformat(),
        entered.isoformat() if entered else "",
        "",
        one["authority"],
        one["operator"],
        one["key"],
        due.due_on.isoformat(),
        "" if entered else due.left,
        "" if entered else due.late,
        _state(one, due),
    ]


def _state(one: dict[str, Any], due: Deadline) -> str:
    if one["reversal"]:
        return "à retirer du registre"
    if one["registration__on"]:
        return "déclarée"
    return "en retard" if due.late else "à déclarer"
