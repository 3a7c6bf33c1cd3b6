"""What the organisation reads on its dossier once a provider was named: who, when, how far, and what it is asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.applications import Panel
from normandata.dossiers.models import Dossier
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

from . import follow, permissions
from .evaluation import Evaluation, FollowUp
from .orders import Order
from .services import reports
from .services.orders import order_of

HANDED = ("delivered", "closed")
"""States of a diagnostic whose structure has its report."""


def panel(dossier: Dossier, user: User) -> Panel | None:
    """Return the panel of a notified diagnostic, or nothing; five queries at most."""
    order = order_of(dossier)
    if order is None or order.notified_on is None:
        return None
    content: dict[str, Any] = {"order": order, "sentence": standing(order)}
    if order.delivered_on:
        content |= after(order)
        if permissions.can_ask_redaction(user, order):
            version = reports.latest(order)
            content["reads_report"] = True
            content["redacted"] = version.redacted if version else None
    return Panel("diagnostic/space/panel.html", content)


def standing(order: Order) -> str:
    """Say in one sentence where a diagnostic stands."""
    if order.delivered_on:
        presented = f"présenté le {written_day(order.presented_on)} et " if order.presented_on else ""
        return f"Le rapport vous a été {presented}remis le {written_day(order.delivered_on)}."
    if order.started_on:
        return f"Le diagnostic a commencé le {written_day(order.started_on)}. Le rapport vous sera présenté puis remis."
    last = f" au plus tard le {written_day(order.start_by)}" if order.start_by else ""
    return spaced(f"{order.company.name} prend contact avec vous et commence le diagnostic{last}.")


def notes(dossiers: Sequence[Dossier]) -> Mapping[int, str]:
    """Write on the cards of diagnostics that have their report what is awaited, and by when; one query at most."""
    handed = [dossier.pk for dossier in dossiers if dossier.state in HANDED]
    if not handed:
        return {}
    today = timezone.localdate()
    found = Order.objects.active().filter(dossier__in=handed, delivered_on__isnull=False).order_by()
    rows = found.values_list("dossier", "delivered_on", "evaluation__sent_at")
    return {
        dossier: _awaited(delivered_on, sent_at is not None, answered_at, today)
        for dossier, delivered_on, sent_at, answered_at in rows.annotate(answered_at=Max("follow_ups__at"))
    }


def _awaited(delivered_on: date, is_sent: bool, answered_at: datetime | None, today: date) -> str:
    """Say what a structure that has its report still sends: its questionnaire, then its follow-up."""
    said = []
    if not is_sent:
        last = follow.evaluation_day(delivered_on)
        when = "pour le" if today <= last else "depuis le"
        said.append(f"Le questionnaire d’évaluation est attendu {when} {written_day(last)}.")
    if answered_at:
        said.append(f"Vous avez répondu au suivi à six mois le {written_day(timezone.localdate(answered_at))}.")
    else:
        opens = follow.follow_up_day(delivered_on)
        when = "à partir du" if today < opens else "depuis le"
        said.append(f"Le suivi à six mois est attendu {when} {written_day(opens)}.")
    if is_sent and answered_at:
        said.append("Rien n’est plus attendu de vous.")
    return " ".join(said)


def after(order: Order) -> dict[str, Any]:
    """Tell what is asked of a structure that has its report: its questionnaire, then its follow-up."""
    if order.delivered_on is None:
        return {}
    today = timezone.localdate()
    return {
        "evaluation": Evaluation.objects.filter(order=order).first(),
        "follow_up_day": follow.follow_up_day(order.delivered_on),
        "may_follow_up": follow.may_follow_up(order, today),
        "follow_up": FollowUp.objects.filter(order=order).first(),
    }
