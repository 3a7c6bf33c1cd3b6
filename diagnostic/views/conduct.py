"""The agents’ gestures once a request is selected: order, notification, report, payment, cancellation."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from normandata.dossiers.gesture_forms import ReasonForm, SeenForm
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import letters as dossier_letters
from normandata.dossiers.services import thread
from normandata.dossiers.views.access import person
from normandata.dossiers.views.desk_gestures import gesture, make, posted
from normandata.notifications import services as notifications
from normandata.notifications.services import Rendered
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow
from normandata.regulation.calendar import add_months
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced

from .. import desk
from ..desk_forms import SettleForm
from ..orders import Order
from ..rules import REGLEMENT
from ..services import orders, payments, reports
from .desk import opened, order_here, parts, show

TAKEN_BACK = "Le dossier revient à l’instruction."


# ------------------------------------------------------------------------------------------------- order, notification
@gesture("diagnostic", "order")
def order(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Make the purchase order: its price is committed."""
    form = SeenForm(posted(request), initial={"seen": _order_mark(order_here(dossier))})
    said = "Le bon de commande est édité, son prix est engagé. Notifiez la sélection."
    if answer := make(request, dossier, form, lambda: orders.place_order(dossier, by=person(request)), said):
        return answer
    return show(request, dossier, "diagnostic/desk/order.html", form, signatory=_signatory(dossier))


def _order_mark(found: Order) -> str:
    return f"{found.pk}:{found.number or ''}"


def _signatory(dossier: Dossier) -> str:
    """Name who signs today, or nobody."""
    try:
        return str(dossier_letters.signatory(dossier.scheme, timezone.localdate()))
    except NotNow:
        return ""


@gesture("diagnostic", "notify")
def notify(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """See the letter and the mail, then notify the selection."""
    found = order_here(dossier)
    form = SeenForm(posted(request), initial={"seen": _order_mark(found)})
    said = f"La sélection est notifiée. La structure et {found.company} en sont avertis."
    if answer := make(request, dossier, form, lambda: orders.notify(dossier, by=person(request)), said):
        return answer
    notice = _notice(dossier, order_here(dossier))
    return show(request, dossier, "diagnostic/desk/notify.html", form, signatory=_signatory(dossier), **notice)


def _notice(dossier: Dossier, found: Order) -> dict[str, Any]:
    """Return what a notification made today says: its letter and its mail."""
    today = timezone.localdate()
    start_by = add_months(today, int(REGLEMENT.on(today).number("start_months")))
    aid = desk.aid_sentences(dossier, found.amount)
    mail: Rendered = notifications.rendered(
        "diagnostic.selected",
        thread.values(
            dossier,
            prestataire=found.company.name,
            duree=found.written_days,
            debut=written_day(start_by),
            minimis=" ".join(aid),
        ),
    )
    return {"start_by": start_by, "aid": aid, "mail": mail}


# ------------------------------------------------------------------------------------------------------------- report
@gesture("diagnostic", "ask_report_changes")
def ask_report_changes(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Send the report back to its author with what must change."""
    form = ReasonForm(
        posted(request),
        initial={"seen": _version_mark(order_here(dossier))},
        label="Ce qui doit changer",
        help_text="Le prestataire lit ce texte au-dessus de son rapport et dans le courriel.",
    )

    def act() -> None:
        reports.ask_changes(dossier, reason=form.cleaned_data["reason"], by=person(request))

    if answer := make(request, dossier, form, act, "Le rapport est rendu à son auteur avec votre demande."):
        return answer
    return show(request, dossier, "diagnostic/desk/ask_report_changes.html", form)


def _version_mark(found: Order) -> str:
    version = reports.latest(found)
    return f"{found.pk}:{version.number if version else 0}"


@gesture("diagnostic", "accept_report")
def accept_report(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Read the report that was sent, and accept it."""
    found = order_here(dossier)
    form = SeenForm(posted(request), initial={"seen": _version_mark(found)})
    said = "Le rapport est accepté. Le prestataire peut le présenter et le remettre."
    if answer := make(
        request, dossier, form, lambda: procedure.fire(dossier, "accept_report", by=person(request)), said
    ):
        return answer
    version = opened(request, dossier, found)
    read = parts(version) if version else []
    return show(request, dossier, "diagnostic/desk/accept_report.html", form, version=version, parts=read)


# ------------------------------------------------------------------------------------------------------------ payment
@gesture("diagnostic", "certify")
def certify(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Certify that the service was done."""
    found = order_here(dossier)
    form = SeenForm(posted(request), initial={"seen": dossier.state})
    said = "Le service fait est constaté. La facture peut être payée."
    if answer := make(request, dossier, form, lambda: payments.certify(dossier, by=person(request)), said):
        return answer
    done = desk.sentence(found, found.half_days_done) if found.half_days_done else ""
    return show(request, dossier, "diagnostic/desk/certify.html", form, done=done, sessions=list(found.sessions.all()))


@gesture("diagnostic", "settle")
def settle(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Write the invoice down: it is paid on the envelope, and the rest of the order is free again."""
    found = order_here(dossier)
    due = found.price_of(found.half_days_done).ttc
    form = SettleForm.priced(posted(request), amount=due, seen=dossier.state)

    amount = form.cleaned_data["amount"] if form.is_bound and form.is_valid() else due
    said = spaced(f"La facture de {euros(amount)} TTC est enregistrée. Le dossier est clos.")

    def act() -> None:
        typed = {name: form.cleaned_data[name] for name in ("invoice", "on", "amount", "mandate")}
        payments.settle(dossier, by=person(request), **typed)

    if answer := make(request, dossier, form, act, said):
        return answer
    return show(request, dossier, "diagnostic/desk/settle.html", form, due=due, released=found.amount - due)


# ------------------------------------------------------------------------------------------------------ cancel, lapse
@gesture("diagnostic", "cancel_order")
def cancel_order(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Cancel the order with a reason: money and days are free again, the request goes back under review."""
    order_here(dossier)
    said = "La commande est annulée. " + TAKEN_BACK
    return _ended(request, dossier, "diagnostic/desk/cancel_order.html", orders.cancel, said)


@gesture("diagnostic", "lapse")
def lapse(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """End a request that its structure gave up, with a reason that it reads."""
    said = "La demande est caduque. La structure en est avertie."
    return _ended(request, dossier, "diagnostic/desk/lapse.html", orders.lapse, said)


def _ended(request: HttpRequest, dossier: Dossier, template: str, end: Callable[..., Any], said: str) -> HttpResponse:
    found = orders.order_of(dossier)
    form = ReasonForm(
        posted(request),
        initial={"seen": f"{dossier.state}:{found.pk if found else ''}"},
        label="Motif",
        help_text="La structure lit ce motif dans le courriel.",
    )

    def act() -> None:
        end(dossier, reason=form.cleaned_data["reason"], by=person(request))

    if answer := make(request, dossier, form, act, said):
        return answer
    return show(request, dossier, template, form)
