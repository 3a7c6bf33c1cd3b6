"""The entries of several things, across envelopes, told as the money of the dossiers they are for."""

from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from operator import or_

from django.db.models import Q

from normandata.dossiers.applications import MoneyLine

from .ledger import Thing
from .models import Basis, Entry, Kind

_FIELDS = (
    "about_kind", "about_key", "day", "kind", "amount", "envelope__label", "envelope__year", "envelope__basis",
    "reserved", "committed", "paid", "act", "reason",
)  # fmt: skip


def lines(things: Mapping[Thing, int]) -> list[MoneyLine]:
    """Read the entries of these things in one query, the oldest first; each is of the dossier that its thing is for."""
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in things:
        keys[kind].append(key)
    if not keys:
        return []
    named = reduce(or_, (Q(about_kind=kind, about_key__in=some) for kind, some in keys.items()))
    rows = Entry.objects.filter(named).order_by("day", "pk")
    return [
        MoneyLine(
            dossier=things[row["about_kind"], row["about_key"]],
            on=row["day"],
            what=str(Kind(row["kind"]).label),
            amount=row["amount"],
            envelope=f"{row['envelope__label']} {row['envelope__year'] or ''}".rstrip(),
            basis=str(Basis(row["envelope__basis"]).label),
            reserved=row["reserved"],
            committed=row["committed"],
            paid=row["paid"],
            act=row["act"] or row["reason"],
        )
        for row in rows.values(*_FIELDS)
    ]
