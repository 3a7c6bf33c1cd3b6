"""Choosing: an agent proposes a provider or a refusal, another person decides, and the money is reserved.

A selection reserves days × day rate HT × (1 + VAT) on the envelope and holds its half-days on the market, in the
transaction that decides it; neither can go beyond what was voted or contracted.
"""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.dossiers.refusals import About
from normandata.dossiers.services import desk, thread
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.procedure.services import Firing
from normandata.regulation.findings import Outcome
from normandata.regulation.formats import euros, spaced

from .. import letters, places
from ..market import Company, Conflict, Market
from ..models import Diagnostic
from ..orders import Order, Proposal
from ..sharing import Candidate, Choice, Sharing, choose, days
from . import accounts

NO_MARKET = "Aucun marché n’est en vigueur aujourd’hui : un agent responsable en ouvre un avant toute sélection."
CONFLICT = "Conflit d’intérêts déclaré"


def market_in_force() -> Market:
    """Return the market that orders are placed on today; raises NotNow when there is none."""
    market = Market.objects.in_force(timezone.localdate()).select_related("envelope").first()
    if market is None:
        raise NotNow(NO_MARKET)
    return market


def candidates(market: Market, dossier: Dossier) -> list[Candidate]:
    """List the companies of a market with what was ordered of each; three queries."""
    held: dict[int, int] = {}
    last: dict[int, date] = {}
    done = Order.objects.active().filter(market=market).order_by("selected_at")
    for company, half_days, at in done.values_list("company", "half_days", "selected_at"):
        held[company] = held.get(company, 0) + half_days
        last[company] = at.astimezone(PARIS).date()
    conflicts = Conflict.objects.filter(siren=dossier.organisation.siren, ended_at=None)
    excluded = dict(conflicts.values_list("company", "reason"))
    return [
        Candidate(
            key=holder.company_id,
            name=holder.company.name,
            rank=holder.rank,
            competences=frozenset(holder.competences),
            half_days=held.get(holder.company_id, 0),
            last_on=last.get(holder.company_id),
            conflict=f"{CONFLICT} : {excluded[holder.company_id]}" if holder.company_id in excluded else "",
        )
        for holder in market.holders.select_related("company")
    ]


def proposed_provider(market: Market, dossier: Dossier) -> Choice:
    """Return who the market's sharing rule designates for a request, and why."""
    return choose(Sharing(market.sharing), candidates(market, dossier), structure_type(dossier))


def structure_type(dossier: Dossier) -> str:
    """Return the type of structure of a request, as last deposited."""
    return Diagnostic.objects.values_list("structure_type", flat=True).get(pk=dossier.pk)


def propose(dossier: Dossier, *, half_days: int, company: Company, reason: str = "", by: User) -> Event:
    """Propose to select a request, with a provider and a duration in half-days.

    Raises NotNow (no market), NotDone (days, provider), ReasonMissing when the provider is not the one designated,
    and what `fire` raises.
    """
    market = market_in_force()
    most = places.most_half_days(timezone.localdate())
    if not 1 <= half_days <= most:
        raise NotDone(About("half_days", f"La durée va d’une demi-journée à {days(most)}, par demi-journée."))
    choice = proposed_provider(market, dossier)
    known = {one.key: one for one in candidates(market, dossier)}
    if company.pk not in known:
        raise NotDone(About("company", f"{company} n’est pas dans le marché {market}."))
    if known[company.pk].conflict:
        conflict = known[company.pk].conflict
        raise NotDone(About("company", f"{company} ne peut pas prendre ce diagnostic. {conflict}."))
    designated = choice.candidate.key if choice.candidate else None
    if company.pk != designated and not reason.strip():
        raise ReasonMissing("Dites pourquoi ce prestataire et non celui que la règle du marché désigne.")
    proposal = Proposal(
        dossier=dossier,
        kind=Proposal.Kind.SELECT,
        market=market,
        company=company,
        proposed_company_id=designated,
        why=choice.why,
        half_days=half_days,
        reason=reason.strip(),
        by=by,
    )
    journal = {"company": company.name, "days": days(half_days), "amount": str(market.price(half_days).ttc)}
    return procedure.fire(
        dossier, "propose", by=by, reason=reason, journal={**journal, "why": choice.why}, proposal=proposal
    )


def propose_refusal(dossier: Dossier, *, reason: str, by: User) -> Event:
    """Propose to refuse a request, with the reason that its letter will give; raises what `fire` raises."""
    proposal = Proposal(dossier=dossier, kind=Proposal.Kind.REFUSE, reason=reason.strip(), by=by)
    return procedure.fire(dossier, "propose_refusal", by=by, reason=reason, proposal=proposal)


def wait(dossier: Dossier, *, by: User) -> Event:
    """Put a request on the waiting list; raises what `fire` raises, NotNow without a market."""
    return procedure.fire(dossier, "wait", by=by)


@transaction.atomic
def select(dossier: Dossier, *, by: User, seen: str | None = None) -> Order:
    """Decide a proposed selection: the money is reserved and the half-days held, or nothing is written.

    `seen` is the mark of what the page showed. Raises NotNow (also when another proposal or price stands since),
    NotAllowed, Unmet (same person, place, market full), budgets.NotEnough.
    """
    procedure.lock(dossier)
    market = _hold_market(dossier)
    _as_seen(dossier, market, seen)
    done: list[Order] = []
    procedure.fire_held(dossier, "select", by=by, market=market, done=done)
    return done[0]


@transaction.atomic
def refuse(dossier: Dossier, *, by: User, seen: str | None = None) -> Event:
    """Decide a proposed refusal: its letter is made and sent; raises what `fire` raises, NotNow when not as `seen`."""
    procedure.lock(dossier)
    _as_seen(dossier, None, seen)
    return procedure.fire_held(dossier, "refuse", by=by)


@transaction.atomic
def send_back(dossier: Dossier, *, reason: str, by: User, seen: str | None = None) -> Event:
    """Send a proposal back under review, with a reason; raises what `fire` raises, NotNow when not as `seen`."""
    procedure.lock(dossier)
    _as_seen(dossier, None, seen)
    return procedure.fire_held(dossier, "send_back", by=by, reason=reason)


def mark(proposal: Proposal | None, market: Market | None = None) -> str:
    """Return what a page of decision shows of a proposal, price included, to tell it from another."""
    if proposal is None:
        return ""
    market = market or proposal.market
    return f"{proposal.pk}:{market.price(proposal.half_days).ttc if market else ''}"


def _as_seen(dossier: Dossier, market: Market | None, seen: str | None) -> None:
    """Raise NotNow when what stands is not what whoever decides has read."""
    if seen is not None and seen != mark(open_proposal(dossier), market):
        raise NotNow(procedure.TOO_LATE)


def _hold_market(dossier: Dossier) -> Market | None:
    """Lock the market of the open proposal, then its envelope: those who decide at once wait for each other."""
    proposal = open_proposal(dossier)
    if proposal is None or proposal.market_id is None:
        return None
    market = Market.objects.select_for_update().get(pk=proposal.market_id)
    budgets.hold(market.envelope)
    return market


def open_proposal(dossier: Dossier) -> Proposal | None:
    """Return what waits for a decision on a request."""
    found = Proposal.objects.filter(dossier=dossier, decided_at=None)
    return found.select_related("market__envelope", "company", "proposed_company", "by").first()


# ------------------------------------------------------------------------------------------------------- conditions
def is_complete(firing: Firing) -> list[str]:
    """The request has a day of completeness: its place in the order."""
    return [] if firing.thing.complete_on else ["Le dossier n’est pas complet : des pièces demandées manquent encore."]


def is_eligible(firing: Firing) -> list[str]:
    """Every finding is met as judged or as read; each one that is not is named."""
    wanting = []
    for finding, outcome in desk.outcomes(firing.thing):
        if outcome is Outcome.UNMET:
            wanting.append(f"{finding.label} : {finding.message}")
        if outcome is Outcome.TO_REVIEW:
            wanting.append(f"Lisez d’abord le constat « {finding.label} » : il est à examiner.")
    return [spaced(sentence) for sentence in wanting]


def has_room(firing: Firing) -> list[str]:
    """The envelope pays it once those who come before are served, and the market has the days: fewer may pass."""
    proposal: Proposal | None = firing.data.get("proposal") or open_proposal(firing.thing)
    if proposal is None or proposal.market is None:
        return []
    market: Market = firing.data.get("market") or proposal.market
    room = places.room(firing.thing, market, timezone.localdate())
    price = market.price(proposal.half_days).ttc
    wanting = []
    if price > room.left:
        kept = f", et {_those(room.before)} {euros(room.kept)}" if room.before else ""
        wanting.append(f"Il faut {euros(price)} TTC ; l’enveloppe a {euros(room.free)} libres{kept}.")
    if proposal.half_days > market.half_days_left:
        wanting.append(f"Il reste {days(market.half_days_left)} sur le marché {market}.")
    return [About("half_days", sentence) for sentence in wanting]


def is_under_ceiling(firing: Firing) -> list[str]:
    """The undertaking may receive the price as a de minimis aid; written in its account at the notification."""
    proposal: Proposal | None = firing.data.get("proposal") or open_proposal(firing.thing)
    if proposal is None or proposal.market is None:
        return []
    price = proposal.market.price(proposal.half_days).ttc
    return [About("half_days", said) for said in accounts.refusals(firing.thing, price, timezone.localdate())]


def _those(count: int) -> str:
    if count == 1:
        return "la demande complète avant celle-ci en attend"
    return f"les {count} demandes complètes avant celle-ci en attendent"


def has_no_room(firing: Firing) -> list[str]:
    """A request waits only when the envelope cannot pay it, or no market can take it."""
    today = timezone.localdate()
    market = Market.objects.in_force(today).select_related("envelope").first()
    most = places.most_half_days(today)
    if market is None or market.half_days_left < most:
        return []
    room = places.room(firing.thing, market, today)
    if room.left < market.price(most).ttc:
        return []
    return [spaced(f"L’enveloppe peut payer ce diagnostic ({euros(room.left)} libres) : proposez-le plutôt.")]


def by_another(firing: Firing) -> list[str]:
    """Whoever proposed does not decide."""
    proposal = open_proposal(firing.thing)
    if proposal is not None and proposal.by_id == firing.author.pk:
        return ["Vous avez fait cette proposition : une autre personne la décide."]
    return []


def to_select(firing: Firing) -> list[str]:
    """A selection is proposed, on a market still in force, with a company that still may take it."""
    if wrong := _of_kind(firing, Proposal.Kind.SELECT, "Un refus est proposé, non une sélection."):
        return wrong
    proposal = open_proposal(firing.thing)
    if proposal is None or proposal.market is None or proposal.company is None:
        return []
    wanting = []
    today = timezone.localdate()
    if not proposal.market.starts_on <= today <= proposal.market.ends_on:
        wanting.append(f"Le marché {proposal.market} n’est pas en vigueur aujourd’hui.")
    if not proposal.market.holders.filter(company=proposal.company_id).exists():
        wanting.append(f"{proposal.company} n’est plus dans le marché {proposal.market}.")
    siren = firing.thing.organisation.siren
    declared = Conflict.objects.filter(company=proposal.company_id, siren=siren, ended_at=None).first()
    if declared is not None:
        wanting.append(f"{proposal.company} ne peut pas prendre ce diagnostic. {CONFLICT} : {declared.reason}.")
    return [spaced(sentence) for sentence in wanting]


def to_refuse(firing: Firing) -> list[str]:
    return _of_kind(firing, Proposal.Kind.REFUSE, "Une sélection est proposée, non un refus.")


def _of_kind(firing: Firing, kind: Proposal.Kind, otherwise: str) -> list[str]:
    proposal = open_proposal(firing.thing)
    return [] if proposal is not None and proposal.kind == kind else [otherwise]


# ----------------------------------------------------------------------------------------------------------- effects
def keep_proposal(firing: Firing) -> None:
    """Write the proposal; what the deposit declares is in the account by then."""
    accounts.declare(firing.thing, firing.by)
    proposal: Proposal = firing.data["proposal"]
    proposal.at = firing.at
    proposal.save()


def close_proposal(firing: Firing) -> None:
    """Send a proposal back: it stays, decided by whoever sent it back."""
    _decided(firing)


def reserve(firing: Firing) -> None:
    """Make the order, hold its half-days, reserve its price."""
    dossier: Dossier = firing.thing
    proposal = _decided(firing)
    market: Market = firing.data["market"]
    if proposal.company is None:
        raise LookupError("a selection names its provider")
    order = Order.objects.create(
        dossier=dossier,
        organisation=dossier.organisation,
        market=market,
        company=proposal.company,
        half_days=proposal.half_days,
        day_rate=market.day_rate,
        vat_rate=market.vat_rate,
        amount=market.price(proposal.half_days).ttc,
        selected_at=firing.at,
    )
    Market.objects.filter(pk=market.pk).update(half_days_held=F("half_days_held") + order.half_days)
    budgets.reserve(market.envelope, order, order.amount, key=f"order:{order.pk}:reserve", by=firing.author)
    dossier.amount, dossier.amount_basis = order.amount, "TTC"
    dossier.refused_by_silence_on = None
    firing.data["done"].append(order)


def tell_refusal(firing: Firing) -> None:
    """Make the letter of the refusal and tell the organisation."""
    dossier, proposal = firing.thing, _decided(firing)
    letters.refusal(dossier, proposal, at=firing.at)
    dossier.refused_by_silence_on = None
    thread.tell(dossier, "diagnostic.refused", also={"motif": proposal.reason})


def tell_waiting(firing: Firing) -> None:
    """Tell the organisation that it waits, and what for."""
    thread.tell(firing.thing, "diagnostic.waiting_list")


def _decided(firing: Firing) -> Proposal:
    proposal = open_proposal(firing.thing)
    if proposal is None:
        raise LookupError("nothing was proposed")
    proposal.decided_by, proposal.decided_at = firing.author, firing.at
    proposal.save(update_fields=["decided_by", "decided_at"])
    return proposal
