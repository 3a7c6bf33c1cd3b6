"""The gestures on markets: fields, members, acts, companies, conflicts of interest. Each is in the journal.

Lead agents of the Diagnostic and administrators make them. What the model refuses comes as ValidationError.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from ..market import Company, Conflict, Holder, Market, MarketAct
from ..orders import Order, Proposal
from ..sharing import days

ACTS = {
    "open_market": "Marché enregistré",
    "change_market": "Marché modifié",
    "add_holder": "Membre ajouté",
    "change_holder": "Membre modifié",
    "remove_holder": "Membre retiré",
    "add_act": "Acte ajouté",
}
"""What the journal of a market holds, in words."""
NAMED = {field.attname: str(field.verbose_name) for model in (Market, Holder) for field in model._meta.concrete_fields}
"""The columns of markets and of their members, in words."""


def said(event: Event) -> str:
    """Write what an event of a market did, with the fields that it changed: « Marché modifié (objet ; finit le) »."""
    act = ACTS.get(event.name, event.name)
    changed = [NAMED[name] for name in event.data.get("changed", ()) if name in NAMED]
    return spaced(f"{act} ({' ; '.join(changed)})") if changed else act


def may_manage(user: User) -> bool:
    """Tell whether somebody looks after the markets and the envelope of the Diagnostic."""
    return user.holds(Role.ADMINISTRATOR) or user.holds(Role.LEAD_AGENT, scheme="diagnostic")


def open_market(*, by: User, **fields: Any) -> Market:
    """Write a new market; raises NotAllowed, ValidationError."""
    market = Market(**fields)
    _write(market, "open_market", by=by)
    return market


@transaction.atomic
def change_market(market: Market, *, by: User, **fields: Any) -> Event | None:
    """Change a market's fields; what was ordered keeps its own rate.

    Raises NotAllowed, ValidationError (a maximum below what orders hold, another envelope once there are orders, dates
    that leave an order outside). Nothing is written when nothing changed.
    """
    held = Market.objects.select_for_update().get(pk=market.pk)
    if (least := held.half_days_held) > fields.get("max_half_days", least):
        said = f"Les commandes tiennent déjà {days(least)} : le maximum ne peut pas être plus bas."
        raise ValidationError({"max_half_days": spaced(said)})
    moved = "envelope" in fields and fields["envelope"].pk != held.envelope_id
    if moved and Order.objects.filter(market=held).exists():
        said = "Des commandes sont déjà inscrites sur l’enveloppe de ce marché : elle ne change plus."
        raise ValidationError({"envelope": spaced(said)})
    _check_dates(held, fields)
    return _change(held, "change_market", fields, by=by)


def _check_dates(held: Market, fields: Mapping[str, Any]) -> None:
    """Refuse dates that would leave outside an order made while the market was in force."""
    made = [
        (timezone.localdate(order.selected_at), order.ordered_on, order)
        for order in Order.objects.active().filter(market=held).select_related("dossier")
    ]
    known = sorted(
        ((day, order) for selected, ordered, order in made for day in (selected, ordered) if day),
        key=lambda one: (one[0], one[1].pk),
    )
    if not known:
        return
    (first, oldest), (last, newest) = known[0], known[-1]
    start, end = fields.get("starts_on", held.starts_on), fields.get("ends_on", held.ends_on)
    if start > held.starts_on and start > first:
        raise ValidationError({"starts_on": _outside(oldest, first)})
    if end < held.ends_on and end < last:
        raise ValidationError({"ends_on": _outside(newest, last)})


def _outside(order: Order, day: date) -> str:
    called = f"La commande {order.number}" if order.number else f"La commande du dossier {order.dossier.number}"
    return spaced(f"{called}, du {written_day(day)}, sortirait du marché : ses dates la gardent.")


@transaction.atomic
def add_holder(market: Market, *, by: User, **fields: Any) -> Holder:
    """Add a company to a market; raises NotAllowed, ValidationError (already there, rank taken)."""
    holder = Holder(market=market, **fields)
    _write(holder, "add_holder", by=by, about=market, said=holder.company.name)
    return holder


@transaction.atomic
def change_holder(holder: Holder, *, by: User, **fields: Any) -> Event | None:
    """Change a member's rank and competences; raises NotAllowed, ValidationError."""
    held = Holder.objects.select_for_update().select_related("market", "company").get(pk=holder.pk)
    return _change(held, "change_holder", fields, by=by, about=held.market, said=held.company.name)


@transaction.atomic
def remove_holder(holder: Holder, *, reason: str, by: User) -> Event:
    """Take a company out of a market; raises NotAllowed, ReasonMissing, NotNow while it has orders or a proposal."""
    _check(by, reason)
    Market.objects.select_for_update().get(pk=holder.market_id)
    mine = {"market": holder.market_id, "company": holder.company_id}
    if Order.objects.active().filter(**mine).exists() or Proposal.objects.filter(decided_at=None, **mine).exists():
        raise NotNow(f"{holder.company} a des commandes ou une proposition sur ce marché : son nom y reste.")
    data = {"company": holder.company.name, "rank": holder.rank}
    event = procedure.record(holder.market, "remove_holder", by=by, reason=reason, data=data)
    holder.delete()
    return event


def add_act(market: Market, *, label: str, day: date, reference: str = "", by: User) -> MarketAct:
    """Write a deliberation, a signature or an amendment; raises NotAllowed, ValidationError."""
    act = MarketAct(market=market, label=label.strip(), reference=reference.strip(), day=day)
    _write(act, "add_act", by=by, about=market, said=act.label)
    return act


def add_company(*, by: User, **fields: Any) -> Company:
    """Write a new company; raises NotAllowed, ValidationError."""
    company = Company(**fields)
    _write(company, "add_company", by=by)
    return company


@transaction.atomic
def change_company(company: Company, *, by: User, **fields: Any) -> Event | None:
    """Change how a company is called and reached, never its SIRET; raises NotAllowed, ValidationError."""
    held = Company.objects.select_for_update().get(pk=company.pk)
    fields.pop("siret", None)
    return _change(held, "change_company", fields, by=by)


@transaction.atomic
def declare_conflict(company: Company, *, siren: str, reason: str, by: User) -> Conflict:
    """Bar a company from the diagnostics of a SIREN; raises NotAllowed, ReasonMissing, ValidationError (declared)."""
    _check(by, reason)
    conflict = Conflict(company=company, siren=siren, reason=reason.strip(), by=by)
    _write(conflict, "declare_conflict", by=by, about=company, said=siren)
    return conflict


@transaction.atomic
def end_conflict(conflict: Conflict, *, reason: str, by: User) -> Event:
    """Lift a conflict with a reason; raises NotAllowed, ReasonMissing, NotNow when it is lifted already."""
    _check(by, reason)
    held = Conflict.objects.select_for_update().select_related("company").get(pk=conflict.pk)
    if held.ended_at is not None:
        raise NotNow("Ce conflit est déjà levé.")
    held.ended_at = timezone.now()
    held.save(update_fields=["ended_at"])
    return procedure.record(held.company, "end_conflict", by=by, reason=reason, data={"siren": held.siren})


# --------------------------------------------------------------------------------------------------------------------
def _check(by: User, reason: str | None = None) -> None:
    if not may_manage(by):
        raise NotAllowed(procedure.FORBIDDEN)
    if reason is not None and not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est versé au journal.")


def _write(row: models.Model, name: str, *, by: User, about: models.Model | None = None, said: str = "") -> None:
    """Write a new row once the model finds it right, and the journal with it."""
    _check(by)
    with transaction.atomic():
        row.full_clean()
        row.save()
        data = {"row": str(said or row), "fields": _values(row)}
        procedure.record(about or row, name, by=by, data=data)


def _change(
    row: models.Model,
    act: str,
    fields: Mapping[str, Any],
    *,
    by: User,
    about: models.Model | None = None,
    said: str = "",
) -> Event | None:
    """Change a row that is held, and keep in the journal each field before and after."""
    _check(by)
    before = _values(row)
    for field, value in fields.items():
        setattr(row, field, value)
    row.full_clean()
    after = _values(row)
    changed = {field: [before[field], after[field]] for field in after if before[field] != after[field]}
    if not changed:
        return None
    row.save()
    return procedure.record(about or row, act, by=by, data={"row": str(said or row), "changed": changed})


def _values(row: models.Model) -> dict[str, Any]:
    """Write a row's columns as the journal keeps them."""
    found = {}
    for field in row._meta.concrete_fields:
        value = field.value_from_object(row)
        if isinstance(field, models.DecimalField) and value is not None:
            value = f"{value:.{field.decimal_places}f}"
        found[field.attname] = value if value is None or isinstance(value, int | list) else str(value)
    return found
