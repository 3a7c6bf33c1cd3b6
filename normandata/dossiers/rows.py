"""One line of the queue, as it is read: light rows, no model instance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode

from normandata.organisations.siret import written
from normandata.regulation.formats import NBSP, euros
from normandata.regulation.territory import NORMAN_NAMES
from normandata.workflow.table import State

from .filters import LONG_WAIT, Desk, Filters, scheme_label
from .states import OPEN, STATES, Turn

TURNS = dict(Turn.choices)


@dataclass(frozen=True, slots=True)
class Row:
    """What the table shows of a dossier, already in words."""

    number: str
    name: str
    url: str
    siret: str
    scheme: str
    state: State
    amount: str
    turn: str
    is_your_turn: bool
    days: int | None
    owner: str
    submitted: str
    department: str
    city: str

    @property
    def is_long(self) -> bool:
        return self.days is not None and self.days > LONG_WAIT


def rows(found: list[dict[str, Any]], filters: Filters) -> list[Row]:
    """Write the rows of a page; each link, told from the address of the queue, carries the queue it comes from."""
    today = timezone.localdate()
    tail = f"/?{urlencode({'file': filters.encoded})}" if filters.encoded else "/"
    names = {slug: scheme_label(slug) for slug in {one["scheme"] for one in found}}
    return [_row(one, f"{one['key']}{tail}", names, filters.desk, today) for one in found]


def person_label(name: str | None, email: str | None) -> str:
    return name or email or ""


def owner_label(one: Mapping[str, Any], desk: Desk) -> str:
    """Say who answers for a dossier."""
    pk = one["owner_id"]
    if pk is None:
        return "Personne"
    if pk == desk.user.pk:
        return "Vous"
    name = person_label(one["owner__name"], one["owner__email"])
    return f"Absent{NBSP}: {name}" if pk in desk.away else name


def amount_label(one: Mapping[str, Any]) -> str:
    if one["amount"] is not None:
        return euros(one["amount"])
    return "à calculer" if one["state"] in OPEN else "–"


def _row(one: dict[str, Any], url: str, names: Mapping[str, str], desk: Desk, today: date) -> Row:
    is_mine = desk.is_agent and desk.answers_for(one["owner_id"], one["backup_id"])
    is_your_turn = is_mine and one["turn"] == Turn.AGENT
    siret = one["organisation__siret"]
    return Row(
        number=one["number"],
        name=one["organisation__name"] or f"Structure {written(siret)}",
        url=url,
        siret=written(siret),
        scheme=names[one["scheme"]],
        state=STATES[one["state"]],
        amount=amount_label(one),
        turn="Vous" if is_your_turn else TURNS[one["turn"]],
        is_your_turn=is_your_turn,
        days=(today - timezone.localdate(one["turn_since"])).days if one["state"] in OPEN else None,
        owner=owner_label(one, desk),
        submitted=f"{timezone.localdate(one['submitted_at']):%d/%m/%Y}",
        department=NORMAN_NAMES.get(one["department"], one["department"]),
        city=one["organisation__city"],
    )
