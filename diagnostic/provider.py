"""What the provider's pages show: its diagnostics in one sentence each, the structure, the report's parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import Dossier
from normandata.dossiers.states import Turn
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import plural

from . import letters
from .forms import PEOPLE, REASONS
from .orders import Order, OrderQuerySet
from .permissions import sirets
from .reports import PARTS, Report, ReportFile, ReportPart
from .sharing import days

Tag = tuple[str, str, str]
TAGS: dict[str, Tag] = {
    "cancelled": ("no", "close", "Annulé"),
    "notified": ("todo", "send", "À commencer"),
    "late": ("no", "alert", "En retard"),
    "writing": ("progress", "pencil", "Rapport à écrire"),
    "changes": ("todo", "alert", "Changements demandés"),
    "submitted": ("progress", "eye", "Envoyé, à lire par la Région"),
    "accepted": ("todo", "met", "À présenter et à remettre"),
    "delivered": ("done", "met", "Remis"),
    "closed": ("done", "met", "Terminé"),
}
"""Where a diagnostic stands for its provider: colour, icon, words."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says of a diagnostic, and its one gesture."""

    order: Order
    tag: Tag
    sentence: str
    link: str
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of the report as the overview lists it."""

    slug: str
    title: str
    position: int
    is_written: bool
    row: ReportPart | None


def orders_of(user: User) -> OrderQuerySet:
    """Keep the orders that this person's companies were notified, the newest first, with all that cards need."""
    notified = Order.objects.of_sirets(sirets(user)).filter(notified_on__isnull=False)
    return notified.select_related("dossier", "organisation", "company", "report").order_by("-notified_on", "-pk")


def cards(orders: Iterable[Order]) -> list[Card]:
    """Write the cards of orders read with `orders_of`; no query."""
    return [card(order) for order in orders]


def card(order: Order) -> Card:
    """Write the card of an order read with `orders_of`."""
    step = stands(order)
    link = reverse("diagnostic:mission", args=[order.dossier.key])
    is_awaited = order.is_active and order.dossier.turn == Turn.PROVIDER
    return Card(order, TAGS[step], sentence(order, step), link, is_awaited)


def stands(order: Order) -> str:
    """Say where a diagnostic stands, as a key of `TAGS`."""
    state, report = order.dossier.state, getattr(order, "report", None)
    if not order.is_active:
        return "cancelled"
    if state == "notified":
        return "late" if order.is_late else "notified"
    if state == "in_progress":
        if report is None or report.state == Report.State.WRITING:
            return "changes" if report is not None and report.changes else "writing"
        return str(report.state)
    return "delivered" if state == "delivered" else "closed"


def sentence(order: Order, step: str) -> str:
    """Say what is expected of the provider, and by when."""
    match step:
        case "cancelled":
            return f"La Région a annulé cette commande. Motif : {order.cancelled_reason}"
        case "notified":
            return f"Prenez contact avec la structure. Le diagnostic commence au plus tard le {_start(order)}."
        case "late":
            return (
                f"Le diagnostic devait commencer au plus tard le {_start(order)}. Écrivez à la Région, ou démarrez-le."
            )
        case "writing" if not order.half_days_left:
            return "Vos journées sont toutes notées. Écrivez le rapport, puis envoyez-le à la Région."
        case "writing":
            return f"Notez vos journées ({noted(order)}) et écrivez le rapport, puis envoyez-le à la Région."
        case "changes":
            return "La Région demande des changements au rapport. Reprenez-le, puis envoyez-le de nouveau."
        case "submitted":
            return "Le rapport est envoyé. Un agent de la Région va le lire ; rien n’est attendu de vous."
        case "accepted":
            return "Le rapport est accepté. Présentez-le à la structure, puis remettez-le ici."
        case "delivered":
            return f"Rapport remis le {_day(order.delivered_on)}. Envoyez votre facture à la Région ; {noted(order)}."
    return f"Rapport remis le {_day(order.delivered_on)}, facture {order.invoice} réglée."


def noted(order: Order) -> str:
    """Write how many days are noted: « 1,5 jour noté sur 5 »."""
    done, whole = order.half_days_done, days(order.half_days).split()[0]
    if not done:
        return f"aucune journée notée sur {whole}"
    return f"{days(done)} noté{'s' if done >= 4 else ''} sur {whole}"


def _start(order: Order) -> str:
    left = order.days_to_start(timezone.localdate())
    when = _day(order.start_by)
    return f"{when}, dans {plural(left, 'jour')}" if left is not None and left > 0 else when


def _day(day: Any) -> str:
    return written_day(day) if day else "…"


def structure(dossier: Dossier) -> dict[str, Any]:
    """Return whom to call and what the structure expects, as its last deposit says."""
    sent = dossier.deposits.order_by("-version").first()
    if sent is None:
        return {}
    people = sent.answers.get(PEOPLE, {})
    reasons: list[list[str]] = next((section["lines"] for section in sent.recap if section["slug"] == REASONS), [])
    return {
        "people": [
            {key: people.get(f"{who}_{key}", "") for key in ("nom", "fonction", "courriel", "telephone")}
            | {"who": label}
            for who, label in (("projet", "Responsable du projet"), ("habilite", "Personne habilitée"))
            if people.get(f"{who}_nom")
        ],
        "reasons": [(label, value) for _, label, value in reasons],
    }


def purchase_order(order: Order) -> Letter | None:
    """Return the purchase order of a diagnostic, the one that bears its number."""
    kept = Letter.objects.filter(dossier=order.dossier_id, kind=letters.ORDER, document__record__order=order.number)
    return kept.select_related("document").first()


def parts(report: Report) -> list[ShownPart]:
    """List the five parts, each with how far it is."""
    rows = {row.slug: row for row in report.parts.select_related("saved_by")}
    return [
        ShownPart(slug, title, position, slug in rows and bool(rows[slug].text.strip()), rows.get(slug))
        for position, (slug, title) in enumerate(PARTS.items(), start=1)
    ]


def files(report: Report) -> list[ReportFile]:
    """List the files joined now, in the order they came."""
    return list(report.files.filter(removed_at=None).select_related("upload").order_by("pk"))


def neighbours(slug: str) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """Return the parts before and after one."""
    listed = list(PARTS.items())
    rank = list(PARTS).index(slug)
    return (listed[rank - 1] if rank else None, listed[rank + 1] if rank + 1 < len(listed) else None)
