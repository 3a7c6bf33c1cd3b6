"""What the agents read of a diagnostic beside its findings: money, places, de minimis, proposal, order, dates."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from normandata.accounts.models import User
from normandata.deminimis import notice
from normandata.deminimis.models import Aid
from normandata.deminimis.shown import Shown, show
from normandata.dossiers.applications import Panel
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import desk as readings
from normandata.procedure.models import kind_of
from normandata.regulation.findings import Finding, Outcome, Verdict
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, percent, plural, spaced
from normandata.ui.gauge import After, Gauge, gauge_of

from . import places
from .market import Market
from .orders import Order, Proposal
from .reports import Report, ReportVersion
from .services import accounts, orders, selection
from .sharing import Price, days

BEFORE_A_DECISION = ("submitted", "incomplete", "review", "waiting_list", "proposed")
UNTIL_NOTIFIED = (*BEFORE_A_DECISION, "granted")
SOON = 30
"""Days before the last day to start from which the agents are told."""


@dataclass(frozen=True, slots=True)
class Money:
    """What a diagnostic takes of its envelope, and what those before it are kept; euros TTC."""

    market: Market
    gauge: Gauge
    sentence: str
    price: Price | None = None
    room: places.Room | None = None

    @property
    def has_room(self) -> bool:
        return self.room is None or self.price is None or self.price.ttc <= self.room.left

    @property
    def is_overtaking(self) -> bool:
        """Whether it is those who come before that leave too little."""
        return not self.has_room and self.room is not None and self.room.before > 0

    @property
    def places(self) -> str:
        """Say who comes before, and what is left once they are served."""
        room = self.room
        if room is None:
            return ""
        left = f"il reste {euros(room.left)} TTC pour celle-ci" if room.left else "il ne reste rien pour celle-ci"
        if not room.before:
            return spaced(f"Aucune demande ne passe avant : {left}.")
        first = (
            f"la demande complète avant celle-ci en attend {euros(room.kept)}"
            if room.before == 1
            else f"les {room.before} demandes complètes avant celle-ci en attendent {euros(room.kept)}"
        )
        has = f"a {euros(room.free)} libres" if room.free else "n’a plus rien de libre"
        return spaced(f"L’enveloppe {has}, et {first} : {left}.")


@dataclass(frozen=True, slots=True)
class Barred(After):
    """A decision that does not pass, because others come first."""

    @property
    def passes(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class BarredGauge(Gauge):
    """A gauge whose only words are those of the others who come first."""

    said: str = ""

    @property
    def sentence(self) -> str:
        return self.said


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order with its price in lines and the dates of its life."""

    order: Order
    price: Price
    sentence: str
    dates: list[tuple[str, str]]
    aid: Aid | None = None
    report: str = ""
    version: ReportVersion | None = None
    is_to_read: bool = False


def panel(dossier: Dossier, user: User) -> Panel | None:
    """Draw the agents' panel; its queries do not grow with the number of requests."""
    found = content(dossier, user)
    named = labels(dossier, found["proposal"], found["order"])
    is_short = found["money"] is not None and not found["money"].has_room
    return Panel("diagnostic/desk/panel.html", found, named, frozenset({"propose"} if is_short else ()))


def content(dossier: Dossier, user: User, half_days: int | None = None) -> dict[str, Any]:
    """Gather what the panel and the pages of decision show, for `half_days` or those that are proposed."""
    proposal = selection.open_proposal(dossier) if dossier.state == "proposed" else None
    order = None if dossier.state in BEFORE_A_DECISION else orders.order_of(dossier)
    market = market_of(proposal, order)
    is_priced = bool(half_days) or is_payable(dossier, proposal)
    half_days = half_days or (order.half_days if order else half_days_of(proposal))
    is_new = dossier.state in ("submitted", "incomplete")
    return {
        "dossier": dossier,
        "money": money(dossier, market, half_days, is_priced=is_priced) if market else None,
        "has_no_market": market is None and dossier.state in BEFORE_A_DECISION,
        "minimis": minimis(dossier, order or market, half_days) if market and dossier.state in UNTIL_NOTIFIED else None,
        "proposal": proposal,
        "is_mine": proposal is not None and proposal.by_id == user.pk,
        "order": shown(order) if order else None,
        "alerts": alerts(order) if order else [],
        "letters": [] if is_new else list(dossier.letters.select_related("document")),
    }


def market_of(proposal: Proposal | None, order: Order | None) -> Market | None:
    """Return the market that a request is on, or would be on today."""
    if order is not None:
        return order.market
    if proposal is not None and proposal.market is not None:
        return proposal.market
    found = Market.objects.in_force(timezone.localdate()).select_related("envelope")
    return found.first()


def half_days_of(proposal: Proposal | None) -> int:
    """Return the half-days proposed, or the most that may be."""
    return proposal.half_days if proposal and proposal.half_days else places.most_half_days(timezone.localdate())


def is_payable(dossier: Dossier, proposal: Proposal | None) -> bool:
    """Tell whether a decision may cost something: a refusal costs nothing, nor does a request with an unmet rule."""
    return proposal.kind == Proposal.Kind.SELECT if proposal else not unmet(dossier)


# ------------------------------------------------------------------------------------------------------------- money
def money(dossier: Dossier, market: Market, half_days: int, *, is_priced: bool = True) -> Money:
    """Show the envelope, and what this decision would leave of it while one that costs may be made."""
    if dossier.state not in BEFORE_A_DECISION or not is_priced:
        return Money(market, gauge_of(market.envelope), "")
    price = market.price(half_days)
    room = places.room(dossier, market, timezone.localdate())
    found = Money(market, gauge_of(market.envelope, price.ttc), sentence(market, half_days), price, room)
    return replace(found, gauge=_barred(found.gauge, found.places)) if found.is_overtaking else found


def _barred(gauge: Gauge, said: str) -> Gauge:
    """Say of a gauge that those who come first leave too little, whatever the envelope still has."""
    drawn = {one.name: getattr(gauge, one.name) for one in fields(gauge)}
    return BarredGauge(**drawn | {"after": gauge.after and Barred(gauge.after.proposed, gauge.after.free)}, said=said)


def sentence(rates: Market | Order, half_days: int) -> str:
    """Write a price as it is counted: « 5 jours × 900,00 € HT + TVA 20 % = 5 400,00 € TTC »."""
    ttc = price_of(rates, half_days).ttc
    return spaced(f"{days(half_days)} × {euros(rates.day_rate)} HT + TVA {percent(rates.vat_rate)} = {euros(ttc)} TTC")


def price_of(rates: Market | Order, half_days: int) -> Price:
    """Price half-days at the rate of an order, or of a market while there is none; euros."""
    return rates.price(half_days) if isinstance(rates, Market) else rates.price_of(half_days)


# ----------------------------------------------------------------------------------------------------------- findings
def unmet(dossier: Dossier) -> tuple[Finding, ...]:
    """List the rules that the last verdict finds unmet: those that the letter of a refusal quotes."""
    return Verdict.from_record(dossier.verdict).with_outcome(Outcome.UNMET) if dossier.verdict else ()


def minimis(dossier: Dossier, rates: Market | Order, half_days: int) -> Shown | None:
    """Read the de minimis account by both regimes; nothing where the diagnostic is no aid to an undertaking."""
    if _outcome(dossier) is Outcome.NOT_APPLICABLE:
        return None
    amount = price_of(rates, half_days).ttc
    return show(accounts.assess(dossier, amount, timezone.localdate()), amount, "ce diagnostic")


def _outcome(dossier: Dossier) -> Outcome:
    """Return the finding on de minimis as it stands; the readings are only looked for where it was to be read."""
    judged = Verdict.from_record(dossier.verdict).findings if dossier.verdict else ()
    found = next((one for one in judged if one.rule == accounts.DE_MINIMIS), None)
    if found is None:
        return Outcome.NOT_APPLICABLE
    if found.outcome is not Outcome.TO_REVIEW:
        return found.outcome
    return {one.rule: outcome for one, outcome in readings.outcomes(dossier)}[accounts.DE_MINIMIS]


# -------------------------------------------------------------------------------------------------------------- order
def shown(order: Order) -> ShownOrder:
    """Prepare an order: its price, its dates, its aid and where its report stands."""
    sent = ReportVersion.objects.filter(report=order.pk).select_related("report").order_by("-number")
    version = sent.first() if order.started_on else None
    report = version.report if version else None
    given = Aid.objects.filter(about_kind=kind_of(order), about_key=str(order.pk), reverses=None)
    aid = given.first() if order.notified_on else None
    return ShownOrder(
        order=order,
        price=order.price,
        sentence=sentence(order, order.half_days),
        dates=_dates(order),
        aid=aid,
        report=_report(report, version) if order.started_on else "",
        version=version,
        is_to_read=report is not None and report.state == Report.State.SUBMITTED,
    )


def _dates(order: Order) -> list[tuple[str, str]]:
    steps = (
        ("Sélectionné le", timezone.localdate(order.selected_at)),
        ("Commandé le", order.ordered_on),
        ("Notifié le", order.notified_on),
        ("À commencer au plus tard le", None if order.started_on else order.start_by),
        ("Commencé le", order.started_on),
        ("Présenté le", order.presented_on),
        ("Remis le", order.delivered_on),
        ("Service fait le", order.service_done_on),
        ("Facturé le", order.invoiced_on),
    )
    return [(label, written_day(on)) for label, on in steps if on]


def _report(report: Report | None, version: ReportVersion | None) -> str:
    if report is None or version is None:
        return str(Report.State.WRITING.label)
    sent = written_day(timezone.localdate(version.sent_at))
    return f"{report.get_state_display()}, version {version.number} du {sent}"


def alerts(order: Order) -> list[str]:
    """Say what an order waits for too long: its start, somebody of the company to receive it."""
    said = []
    left = order.days_to_start(timezone.localdate())
    if order.is_late and left is not None:
        said.append(f"Le diagnostic devait commencer il y a {plural(-left, 'jour')} : relancez le prestataire.")
    elif not order.started_on and left is not None and left <= SOON:
        when = f"dans {plural(left, 'jour')}" if left else "aujourd’hui"
        said.append(f"Le délai pour commencer finit {when}.")
    if not order.delivered_on and not orders.providers(order.company):
        said.append(f"Personne n’a de compte pour {order.company} : invitez quelqu’un avant de notifier.")
    return [spaced(one) for one in said]


def aid_sentences(dossier: Dossier, amount: Decimal) -> list[str]:
    """Return what the letter of a notification made today would say of the aid."""
    return list(notice.sentences(on=timezone.localdate(), amount=amount)) if accounts.is_aid(dossier) else []


# ------------------------------------------------------------------------------------------------------------ buttons
def labels(dossier: Dossier, proposal: Proposal | None, shown_order: ShownOrder | None) -> Mapping[str, str]:
    """Name the gestures by what stands on the dossier; those that cannot be made yet are not shown."""
    if dossier.state == "proposed":
        is_selection = proposal is not None and proposal.kind == Proposal.Kind.SELECT
        return {
            "select": "Décider la sélection" if is_selection else "",
            "refuse": "" if is_selection else "Décider le refus",
            "send_back": "",
        }
    if shown_order is None:
        return {}
    order = shown_order.order
    if dossier.state == "granted":
        return {"order": ""} if order.number else {"notify": ""}
    if dossier.state == "delivered":
        return {"certify": ""} if order.service_done_on else {"settle": ""}
    if dossier.state == "in_progress" and not shown_order.is_to_read:
        version = shown_order.version
        is_accepted = version is not None and version.report.state == Report.State.ACCEPTED
        return {"accept_report": ""} if is_accepted else {"accept_report": "", "ask_report_changes": ""}
    return {"accept_report": "Lire le rapport pour l’accepter"}


# ---------------------------------------------------------------------------------------------------------- sentences
SENTENCES = {
    "waiting_list": "Votre demande est en liste d’attente : elle sera examinée dès que des crédits se libèrent. "
    "Rien n’est attendu de vous.",
    "proposed": "Examen en cours. Rien n’est attendu de vous.",
    "granted": "Examen en cours. Rien n’est attendu de vous.",
    "notified": "Votre structure est sélectionnée. Le prestataire prend contact avec vous ; le diagnostic commence "
    "dans les trois mois.",
    "in_progress": "Le diagnostic est en cours avec votre prestataire.",
    "delivered": "Votre rapport est prêt. Le questionnaire d’évaluation et le suivi à six mois se remplissent dans le "
    "dossier.",
    "closed": "Le diagnostic est terminé. Le questionnaire d’évaluation et le suivi à six mois se remplissent dans le "
    "dossier.",
    "lapsed": "Votre demande est caduque.",
    "refused": "Votre demande est refusée. La lettre dit pourquoi et comment la contester.",
}


def worded(dossier: Dossier) -> str:
    """Say what is expected of the organisation in a state of the diagnostic; no query."""
    return spaced(SENTENCES[dossier.state])
