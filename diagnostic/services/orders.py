"""The life of an order: purchase order, notification, start, half-days spent, cancellation and lapse."""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.budgets import services as budgets
from normandata.deminimis import granting
from normandata.deminimis.models import Aid
from normandata.dossiers import numbers
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.dossiers.refusals import About
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event, kind_of
from normandata.procedure.services import Firing
from normandata.regulation.calendar import add_months
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from .. import letters
from ..market import Company, Conflict, Market
from ..orders import Order, Session
from ..reports import Report
from ..rules import REGLEMENT
from ..sharing import days
from . import accounts

PURCHASE_ORDERS = "BC"
"""Prefix of the series of purchase orders: BC-2026-0001."""


def order_of(dossier: Dossier) -> Order | None:
    """Return the order that stands for a request, if any."""
    found = Order.objects.active().filter(dossier=dossier)
    return found.select_related("market__envelope", "company", "organisation").first()


def providers(company: Company) -> list[User]:
    """List the people of a company: those who hold the role of provider with its SIRET."""
    held = User.objects.filter(
        is_active=True,
        role_assignments__role=Role.PROVIDER,
        role_assignments__scope=company.siret,
        role_assignments__scheme__in=("", "diagnostic"),
        role_assignments__ended_at=None,
    )
    return list(held.distinct().order_by("pk"))


def is_provider_of(user: User, order: Order) -> bool:
    """Tell whether this person works for the company of an order; a role without a company opens none."""
    return user.is_active and any(
        held.role == Role.PROVIDER and held.scheme in ("", "diagnostic") and held.scope == order.company.siret
        for held in user.assignments
    )


def place_order(dossier: Dossier, *, by: User) -> Event:
    """Make the purchase order and commit its price; raises NotNow when there is one, and what `fire` raises."""
    return procedure.fire(dossier, "order", by=by)


def notify(dossier: Dossier, *, by: User) -> Event:
    """Notify the selection with the provider's name; the three months begin (annexe 3, « Modalités d’instruction »).

    The aid of an undertaking is written in its de minimis account in the same transaction. Raises what `fire` and
    `deminimis.granting.grant` raise: nothing is notified then.
    """
    return procedure.fire(dossier, "notify", by=by)


def start(dossier: Dossier, *, on: date, by: User) -> Event:
    """Write the day of the first meeting; raises NotDone for a day to come or before the notification."""
    return procedure.fire(dossier, "start", by=by, journal={"on": on.isoformat()}, on=on)


def cancel(dossier: Dossier, *, reason: str, by: User) -> Event:
    """Cancel the order: its money and its days are free again, the request goes back under review."""
    return procedure.fire(dossier, "cancel_order", by=by, reason=reason)


def lapse(dossier: Dossier, *, reason: str, by: User) -> Event:
    """End a request that its structure gave up or let run out; what its order held is free again."""
    return procedure.fire(dossier, "lapse", by=by, reason=reason)


@transaction.atomic
def note_session(order: Order, *, on: date, half_days: int, what: str, by: User) -> Session:
    """Write down half-days spent on a day; raises NotAllowed, NotNow, NotDone beyond the order or on a wrong day."""
    procedure.lock(order.dossier)
    order.refresh_from_db()
    if not is_provider_of(by, order):
        raise NotAllowed(procedure.FORBIDDEN)
    if not order.is_active or order.dossier.state != "in_progress":
        raise NotNow("Les journées se notent entre le démarrage et la remise du rapport.")
    if on > timezone.localdate() or (order.started_on and on < order.started_on):
        raise NotDone(About("on", "Notez une date entre le démarrage et aujourd’hui."))
    if half_days not in (1, 2):
        raise NotDone(About("half_days", "Une intervention compte une ou deux demi-journées."))
    if order.sessions.filter(on=on).exists():
        raise NotDone(About("on", f"Le {written_day(on)} est déjà noté : effacez cette ligne pour la corriger."))
    if order.half_days_done + half_days > order.half_days:
        left = f"il reste {days(order.half_days_left)}" if order.half_days_left else "il ne reste rien"
        raise NotDone(About("half_days", f"La commande est de {days(order.half_days)} : {left} à noter."))
    Order.objects.filter(pk=order.pk).update(half_days_done=F("half_days_done") + half_days)
    session = Session.objects.create(order=order, on=on, half_days=half_days, what=what.strip(), by=by)
    procedure.record(order.dossier, "session", by=by, data={"on": on.isoformat(), "days": days(half_days)})
    return session


@transaction.atomic
def erase_session(session: Session, *, by: User) -> None:
    """Take back a line noted by mistake, while the diagnostic is in progress; raises NotAllowed, NotNow."""
    order = session.order
    procedure.lock(order.dossier)
    if not is_provider_of(by, order):
        raise NotAllowed(procedure.FORBIDDEN)
    is_sent = Report.objects.filter(order=order).exclude(state=Report.State.WRITING).exists()
    if order.dossier.state != "in_progress" or (is_sent and order.delivered_on is None):
        raise NotNow("Les journées ne se corrigent plus : le rapport est parti.")
    gone, _ = Session.objects.filter(pk=session.pk).delete()
    if gone:
        Order.objects.filter(pk=order.pk).update(half_days_done=F("half_days_done") - session.half_days)
        data = {"on": session.on.isoformat(), "days": days(session.half_days)}
        procedure.record(order.dossier, "session_erased", by=by, data=data)


@transaction.atomic
def promise_confidentiality(order: Order, *, by: User) -> None:
    """Sign the experts' commitment of confidentiality (annexe 3, « Confidentialité »), once for an order."""
    procedure.lock(order.dossier)
    order.refresh_from_db()
    if not is_provider_of(by, order):
        raise NotAllowed(procedure.FORBIDDEN)
    if order.confidential_at is None:
        order.confidential_at, order.confidential_by = timezone.now(), by
        order.save(update_fields=["confidential_at", "confidential_by"])
        procedure.record(order.dossier, "confidentiality", by=by, data={"company": order.company.name})


# ------------------------------------------------------------------------------------------------------- conditions
def not_ordered(firing: Firing) -> list[str]:
    order = order_of(firing.thing)
    return ["Le bon de commande est déjà édité."] if order is None or order.number else []


def ordered(firing: Firing) -> list[str]:
    order = order_of(firing.thing)
    return [] if order is not None and order.number else ["Éditez d’abord le bon de commande."]


def provider_still_may(firing: Firing) -> list[str]:
    """No conflict of interest was declared since the selection."""
    order = order_of(firing.thing)
    if order is None:
        return []
    declared = Conflict.objects.filter(company=order.company_id, siren=order.organisation.siren, ended_at=None).first()
    if declared is None:
        return []
    said = f"{order.company} ne peut plus prendre ce diagnostic : {declared.reason}. Annulez la commande."
    return [spaced(said)]


def well_started(firing: Firing) -> list[str]:
    order, on = order_of(firing.thing), firing.data["on"]
    if order is None or order.notified_on is None:
        return ["Rien n’est notifié."]
    wanting = [] if order.confidential_at else ["Signez d’abord l’engagement de confidentialité."]
    if on > firing.at.astimezone(PARIS).date():
        wanting.append("La date de démarrage est passée ou du jour : notez-la quand le diagnostic a commencé.")
    if on < order.notified_on:
        wanting.append(f"La notification est du {written_day(order.notified_on)} : le diagnostic commence après.")
    return wanting


# ----------------------------------------------------------------------------------------------------------- effects
def commit(firing: Firing) -> None:
    """Number the purchase order, commit its price, make its PDF."""
    order = order_under(firing)
    day = firing.at.astimezone(PARIS).date()
    order.number, order.ordered_on = numbers.next_number(PURCHASE_ORDERS, day.year), day
    order.save(update_fields=["number", "ordered_on"])
    budgets.commit(
        order.market.envelope,
        order,
        order.amount,
        key=f"order:{order.pk}:commit",
        by=firing.by,
        act=f"Bon de commande {order.number}",
    )
    letters.purchase_order(order, by=firing.author, at=firing.at)


def tell_selected(firing: Firing) -> None:
    """Date the notification, write the aid, send the letter that names the provider, and tell the provider."""
    dossier, order = firing.thing, order_under(firing)
    day = firing.at.astimezone(PARIS).date()
    months = int(REGLEMENT.on(day).number("start_months"))
    order.notified_on, order.start_by = day, add_months(day, months)
    order.save(update_fields=["notified_on", "start_by"])
    aid = None
    if accounts.is_aid(dossier):
        aid = granting.grant(
            order.organisation,
            on=day,
            amount=order.amount,
            about=order,
            key=f"diagnostic:order:{order.pk}",
            by=firing.by,
            dossier=dossier,
        )
    letters.selection(order, aid, at=firing.at)
    said = {
        "prestataire": order.company.name,
        "duree": order.written_days,
        "debut": written_day(order.start_by),
        "minimis": letters.aid_sentence(aid),
    }
    thread.tell(dossier, "diagnostic.selected", also=said)
    filled = letters.provider_values(order)
    notifications.notify(
        "diagnostic.order", to=providers(order.company), values=filled, about=dossier, key=f"order:{order.pk}"
    )


def tell_started(firing: Firing) -> None:
    order = order_under(firing)
    order.started_on = firing.data["on"]
    order.save(update_fields=["started_on"])
    thread.alert(firing.thing, "diagnostic.started", date=written_day(order.started_on), prestataire=order.company.name)


def give_back(firing: Firing) -> None:
    """Cancel the order that stands, if there is one: money, days and aid come back, and whom it concerns is told."""
    dossier: Dossier = firing.thing
    order = order_of(dossier)
    if order is None:
        return
    order.cancelled_at, order.cancelled_by, order.cancelled_reason = firing.at, firing.by, firing.reason
    order.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    Market.objects.select_for_update().get(pk=order.market_id)
    Market.objects.filter(pk=order.market_id).update(half_days_held=F("half_days_held") - order.half_days)
    budgets.release(order.market.envelope, order, key=f"order:{order.pk}:release", by=firing.by, reason=firing.reason)
    dossier.amount, dossier.amount_basis = None, ""
    for aid in Aid.objects.filter(about_kind=kind_of(order), about_key=str(order.pk), reverses=None):
        granting.reverse(aid, by=firing.by, reason=firing.reason, key=f"diagnostic:order:{order.pk}:reverse")
    if order.number:
        filled = letters.provider_values(order) | {"motif": firing.reason}
        notifications.notify("diagnostic.order_cancelled", to=providers(order.company), values=filled, about=dossier)


def tell_cancelled(firing: Firing) -> None:
    """Give back what the order held and tell the organisation that its request is examined again."""
    order = order_of(firing.thing)
    give_back(firing)
    if order is not None and order.notified_on is not None:
        letters.withdrawal(order, reason=firing.reason, at=firing.at)
        thread.tell(firing.thing, "diagnostic.cancelled", also={"motif": firing.reason})


def tell_lapsed(firing: Firing) -> None:
    """Give back what an order held, and end the request; what was notified is withdrawn by a letter."""
    order = order_of(firing.thing)
    give_back(firing)
    if order is not None and order.notified_on is not None:
        letters.withdrawal(order, reason=firing.reason, at=firing.at)
    firing.thing.refused_by_silence_on = None
    thread.tell(firing.thing, "diagnostic.lapsed", also={"motif": firing.reason})


def order_under(firing: Firing) -> Order:
    """Return the order of a firing whose conditions found one; LookupError otherwise."""
    order = order_of(firing.thing)
    if order is None:
        raise LookupError(f"{firing.thing} has no order")
    return order
