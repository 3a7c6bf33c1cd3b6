"""The gestures after an examination: proposal, decision, order, diagnostic, report, payment, what comes of it.

Who works for the company that holds the order makes the provider's gestures.
"""

from collections.abc import Callable
from decimal import Decimal

from django.utils import timezone

from diagnostic.market import Company
from diagnostic.orders import Order
from diagnostic.reports import PARTS, Opening, ReportPart
from diagnostic.services import evaluation, orders, payments, reports, selection
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.dossiers.models import Letter
from normandata.dossiers.services import letters
from normandata.procedure import services as procedure
from normandata.regulation.formats import spaced

from . import samples
from .tale import Step, Tale


def order_of(tale: Tale) -> Order:
    """Return the order of a story; LookupError where it has none, a fault of the story."""
    order = orders.order_of(tale.dossier)
    if order is None:
        raise LookupError(f"{tale.story.slug} has no order")
    return order


def provider(order: Order) -> User:
    return orders.providers(order.company)[0]


# ------------------------------------------------------------------------------------------------------- the decision
def propose(tale: Tale, step: Step) -> None:
    """Propose whom the market's rule designates, or another company than that of an order cancelled before."""
    company = _company(tale)
    reason = step.get("reason", "")
    selection.propose(tale.dossier, half_days=step["half_days"], company=company, reason=reason, by=tale.by(step))


def _company(tale: Tale) -> Company:
    market = selection.market_in_force()
    designated = selection.proposed_provider(market, tale.dossier).candidate
    before = set(Order.objects.filter(dossier=tale.dossier).values_list("company", flat=True))
    able = [one.company for one in market.holders.select_related("company") if one.company_id not in before]
    return next((one for one in able if designated and one.pk == designated.key), able[0])


def propose_refusal(tale: Tale, step: Step) -> None:
    selection.propose_refusal(tale.dossier, reason=step["reason"], by=tale.by(step))


def wait(tale: Tale, step: Step) -> None:
    selection.wait(tale.dossier, by=tale.by(step))


def select(tale: Tale, step: Step) -> None:
    selection.select(tale.dossier, by=tale.by(step))


def refuse(tale: Tale, step: Step) -> None:
    selection.refuse(tale.dossier, by=tale.by(step))


def send_back(tale: Tale, step: Step) -> None:
    selection.send_back(tale.dossier, reason=step["reason"], by=tale.by(step))


# ---------------------------------------------------------------------------------------------------------- the order
def place_order(tale: Tale, step: Step) -> None:
    orders.place_order(tale.dossier, by=tale.by(step))


def notify(tale: Tale, step: Step) -> None:
    orders.notify(tale.dossier, by=tale.by(step))


def cancel_order(tale: Tale, step: Step) -> None:
    orders.cancel(tale.dossier, reason=step["reason"], by=tale.by(step))


def lapse(tale: Tale, step: Step) -> None:
    orders.lapse(tale.dossier, reason=step["reason"], by=tale.by(step))


def read_letter(tale: Tale, step: Step) -> None:
    """Have the structure open its last letter: the appeal period starts."""
    letters.opened(_letter(tale), by=tale.author)


def post_letter(tale: Tale, step: Step) -> None:
    letters.type_postal_day(_letter(tale), timezone.localdate(), by=tale.by(step))


def _letter(tale: Tale) -> Letter:
    return Letter.objects.filter(dossier=tale.dossier, is_internal=False).latest("sent_at")


# ----------------------------------------------------------------------------------------------------- the diagnostic
def promise(tale: Tale, step: Step) -> None:
    order = order_of(tale)
    orders.promise_confidentiality(order, by=provider(order))


def start(tale: Tale, step: Step) -> None:
    orders.start(tale.dossier, on=timezone.localdate(), by=provider(order_of(tale)))


def session(tale: Tale, step: Step) -> None:
    order, today = order_of(tale), timezone.localdate()
    orders.note_session(order, on=today, half_days=step["half_days"], what=step["what"], by=provider(order))


def report(tale: Tale, step: Step) -> None:
    """Write parts of the report from a text, all of them unless some are named; whole, its box is ticked."""
    order, parts = order_of(tale), step.get("parts", PARTS)
    author = provider(order)
    text = tale.reports[step["text"]]
    for slug in parts:
        row = ReportPart.objects.filter(report=order.pk, slug=slug).first()
        written = spaced(text[slug] + step.get("also", ""))
        reports.save_part(order, slug, written, version=row.version if row else 0, by=author)
    if step.get("is_ticked", len(parts) == len(PARTS)):
        reports.tick_compliance(order, True, by=author)


def join(tale: Tale, step: Step) -> None:
    order = order_of(tale)
    author = provider(order)
    upload = samples.receive(step["file"], step["title"], by=author)
    reports.join(order, upload, caption=step["title"], part=step.get("part", ""), by=author)


def submit_report(tale: Tale, step: Step) -> None:
    reports.submit(tale.dossier, by=provider(order_of(tale)))


def ask_changes(tale: Tale, step: Step) -> None:
    reports.ask_changes(tale.dossier, reason=step["reason"], by=tale.by(step))


def accept_report(tale: Tale, step: Step) -> None:
    """Accept the report and make its PDF at once: nothing is handed over before it is there."""
    procedure.fire(tale.dossier, "accept_report", by=tale.by(step))
    version = reports.latest(order_of(tale))
    if version is None or version.document_id is None:
        raise LookupError(f"{tale.story.slug} has no report")
    documents.make(version.document_id)


def deliver(tale: Tale, step: Step) -> None:
    reports.deliver(tale.dossier, presented_on=timezone.localdate(), by=provider(order_of(tale)))


def open_report(tale: Tale, step: Step) -> None:
    """Open the report: the structure, unless an agent is named, who says what for."""
    version = reports.latest(order_of(tale))
    if version is None:
        raise LookupError(f"{tale.story.slug} has no report")
    purpose = Opening.Purpose(step.get("purpose", Opening.Purpose.OWNER))
    reports.open_report(version, purpose=purpose, by=tale.by(step))


# ------------------------------------------------------------------------------------------------------- what follows
def certify(tale: Tale, step: Step) -> None:
    payments.certify(tale.dossier, by=tale.by(step))


def settle(tale: Tale, step: Step) -> None:
    """Pay what was done, or the amount said, in euros TTC."""
    order = order_of(tale)
    amount = Decimal(step["amount"]) if "amount" in step else order.price_of(order.half_days_done).ttc
    payments.settle(
        tale.dossier,
        invoice=step["invoice"],
        amount=amount,
        on=timezone.localdate(),
        mandate=step.get("mandate", ""),
        by=tale.by(step),
    )


def questionnaire(tale: Tale, step: Step) -> None:
    """Fill in the questionnaire, and send it unless it is left as a draft."""
    order = order_of(tale)
    evaluation.save(order, step["answers"], version=0, by=tale.author)
    if not step.get("is_draft", False):
        evaluation.send(order, may_be_named=step.get("may_be_named", False), by=tale.author)


def follow_up(tale: Tale, step: Step) -> None:
    actions = list(step.get("actions", ()))
    evaluation.answer_follow_up(
        order_of(tale), has_acted=bool(actions), actions=actions, what=step.get("what", ""), by=tale.author
    )


GESTURES: dict[str, Callable[[Tale, Step], object]] = {
    "propose": propose,
    "propose_refusal": propose_refusal,
    "wait": wait,
    "select": select,
    "refuse": refuse,
    "send_back": send_back,
    "order": place_order,
    "notify": notify,
    "cancel_order": cancel_order,
    "lapse": lapse,
    "read_letter": read_letter,
    "post_letter": post_letter,
    "promise": promise,
    "start": start,
    "session": session,
    "report": report,
    "join": join,
    "submit_report": submit_report,
    "changes": ask_changes,
    "accept_report": accept_report,
    "deliver": deliver,
    "open_report": open_report,
    "certify": certify,
    "settle": settle,
    "questionnaire": questionnaire,
    "follow_up": follow_up,
}
