"""After the report: service fait, the invoice that is paid, and the end of the order."""

from datetime import date
from decimal import Decimal

from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.dossiers.refusals import About
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from normandata.procedure.models import Event
from normandata.procedure.services import Firing
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros

from .. import letters
from ..sharing import days
from .orders import order_of, order_under, providers


def certify(dossier: Dossier, *, by: User) -> Event:
    """Certify that the service was done (« service fait »); raises what `fire` raises."""
    return procedure.fire(dossier, "certify", by=by)


def settle(dossier: Dossier, *, invoice: str, amount: Decimal, on: date, mandate: str = "", by: User) -> Event:
    """Pay the invoice of an order, in euros TTC; what is left of the commitment is free again, and the dossier closes.

    Raises NotDone for an invoice without number or beyond its order, and what `fire` raises.
    """
    if not invoice.strip():
        raise NotDone(About("invoice", "Indiquez le numéro de la facture."))
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise NotDone(About("amount", "Le montant de la facture est supérieur à zéro, au centime près."))
    journal = {"invoice": invoice.strip(), "amount": str(amount), "on": on.isoformat(), "mandate": mandate.strip()}
    return procedure.fire(
        dossier,
        "settle",
        by=by,
        journal=journal,
        amount=amount,
        on=on,
        invoice=invoice.strip(),
        mandate=mandate.strip(),
    )


# ------------------------------------------------------------------------------------------------------- conditions
def days_noted(firing: Firing) -> list[str]:
    order = order_of(firing.thing)
    return [] if order and order.half_days_done else ["Le prestataire n’a noté aucune journée d’intervention."]


def not_certified(firing: Firing) -> list[str]:
    order = order_of(firing.thing)
    return ["Le service fait est déjà constaté."] if order is None or order.service_done_on else []


def certified(firing: Firing) -> list[str]:
    order = order_of(firing.thing)
    return [] if order and order.service_done_on else ["Constatez d’abord le service fait."]


def within_order(firing: Firing) -> list[str]:
    """An invoice pays what was done: never more than the order, nor than the half-days noted."""
    order, amount = order_of(firing.thing), firing.data["amount"]
    if order is None:
        return []
    if amount > order.amount:
        said = f"La facture ({euros(amount)}) dépasse le bon de commande {order.number} ({euros(order.amount)} TTC)."
        return [About("amount", said)]
    done = order.price_of(order.half_days_done).ttc
    if amount > done:
        said = f"La facture ({euros(amount)}) dépasse {days(order.half_days_done)} d’intervention ({euros(done)} TTC)."
        return [About("amount", said)]
    if firing.data["on"] > firing.at.astimezone(PARIS).date():
        return [About("on", "La facture porte une date à venir.")]
    if order.ordered_on and firing.data["on"] < order.ordered_on:
        return [About("on", f"Le bon de commande est du {written_day(order.ordered_on)} : la facture vient après.")]
    return []


def not_invoiced(firing: Firing) -> list[str]:
    order = order_of(firing.thing)
    return ["La facture est déjà enregistrée."] if order is None or order.invoiced else []


# ----------------------------------------------------------------------------------------------------------- effects
def reopen_days(firing: Firing) -> None:
    """Send the half-days back to the provider: what was certified on them falls."""
    order = order_under(firing)
    order.service_done_on = order.service_done_by = None
    order.save(update_fields=["service_done_on", "service_done_by"])
    filled = letters.provider_values(order) | {"motif": firing.reason}
    notifications.notify("diagnostic.days_back", to=providers(order.company), values=filled, about=firing.thing)


def close_unpaid(firing: Firing) -> None:
    """Close a diagnostic that no invoice will follow: what was committed is free again."""
    order = order_under(firing)
    key = f"order:{order.pk}:release"
    budgets.release(order.market.envelope, order, key=key, by=firing.by, reason=firing.reason)


def write_service_done(firing: Firing) -> None:
    order = order_under(firing)
    order.service_done_on, order.service_done_by = firing.at.astimezone(PARIS).date(), firing.by
    order.save(update_fields=["service_done_on", "service_done_by"])


def pay(firing: Firing) -> None:
    """Pay the invoice on the envelope and free the rest of the order."""
    order = order_under(firing)
    data = firing.data
    order.invoiced, order.invoiced_on = data["amount"], data["on"]
    order.invoice, order.mandate = data["invoice"], data["mandate"]
    order.save(update_fields=["invoice", "invoiced", "invoiced_on", "mandate"])
    budgets.pay(
        order.market.envelope,
        order,
        data["amount"],
        key=f"order:{order.pk}:pay",
        by=firing.by,
        is_last=True,
        act=f"Facture {order.invoice}",
    )
    firing.thing.amount = order.invoiced
