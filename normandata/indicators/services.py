"""Gestures on typed-in values: stating one, correcting it, withdrawing it."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, ReasonMissing

from . import permissions, registry
from .definitions import Indicator
from .models import Statement

NOT_YOURS = "Seuls les agents de ce dispositif et les administrateurs saisissent cet indicateur."
TO_COME = "Cette date est à venir."
ALREADY = "Cette valeur a déjà été corrigée : relisez la liste, puis corrigez la dernière."
WHOLE = "Écrivez un nombre entier : ce sont des structures."
WITHDRAWN = "Cette valeur est retirée."
SAME = ("owner", "indicator", "label", "structure", "department", "measured_on", "value", "unit", "source")
"""What makes of two values sent by one person a button pressed twice."""


def state(
    owner: str,
    indicator: Indicator,
    *,
    by: User,
    label: str,
    value: Decimal,
    measured_on: date,
    source: str,
    unit: str = "",
    structure: str = "",
    department: str = "",
) -> Statement:
    """Keep a value, dated, sourced and signed. The same one sent twice by the same person is one row, returned.

    Raises NotAllowed, NotDone (an indicator that the portal counts, a day to come), ValidationError.
    """
    _may(by, owner)
    if indicator.typed is None or registry.find(owner, indicator.slug) != indicator:
        raise NotDone("Cet indicateur est compté par le portail : il ne se saisit pas.")
    _is_past(measured_on)
    row = Statement(
        owner=owner,
        indicator=indicator.slug,
        label=label.strip(),
        value=value,
        measured_on=measured_on,
        source=source.strip(),
        unit=indicator.typed.unit or unit.strip(),
        structure=structure if indicator.typed.has_parts else "",
        department=department if indicator.typed.has_parts else "",
        by=by,
    )
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        known = Statement.objects.uncorrected().filter(
            **{name: getattr(row, name) for name in SAME}, corrects=None, by=by
        )
        return known.first() or _keep(row, "state", by)


def correct(
    former: Statement, *, by: User, value: Decimal | None, measured_on: date, source: str, reason: str
) -> Statement:
    """Write a value in the place of another, which is kept; without a value, the former is withdrawn.

    Raises NotAllowed, ReasonMissing, NotDone (corrected already, withdrawn, a day to come, a part of a structure),
    ValidationError.
    """
    _may(by, former.owner)
    if not reason.strip():
        raise ReasonMissing("Dites pourquoi : le motif reste avec les deux valeurs.")
    _is_past(measured_on)
    with transaction.atomic():
        known = Statement.objects.select_for_update().get(pk=former.pk)
        if Statement.objects.filter(corrects=known).exists():
            raise NotDone(ALREADY)
        if known.value is None:
            raise NotDone(WITHDRAWN)
        indicator = registry.find(known.owner, known.indicator)
        if value is not None and value % 1 and indicator and indicator.typed and indicator.typed.has_parts:
            raise NotDone(WHOLE)
        row = Statement(
            owner=known.owner,
            indicator=known.indicator,
            label=known.label,
            structure=known.structure,
            department=known.department,
            unit=known.unit,
            value=value,
            measured_on=measured_on,
            source=source.strip(),
            corrects=known,
            reason=reason.strip(),
            by=by,
        )
        return _keep(row, "correct" if value is not None else "withdraw", by)


def _keep(row: Statement, gesture: str, by: User) -> Statement:
    row.full_clean(exclude=["by", "corrects"])
    data = {"label": row.label, "value": None if row.value is None else str(row.value), "on": str(row.measured_on)}
    with transaction.atomic():
        row.save()
        procedure.record(row, gesture, by=by, reason=row.reason, data=data)
    return row


def _may(by: User, owner: str) -> None:
    if not permissions.may_type(by, owner):
        raise NotAllowed(NOT_YOURS)


def _is_past(day: date) -> None:
    if day > timezone.localdate():
        raise NotDone(TO_COME)
