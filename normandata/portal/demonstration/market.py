"""What the Diagnostic needs before its first decision: who signs, the envelope, the market and its companies."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from diagnostic.market import Company, Conflict, Market
from diagnostic.services import markets
from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.budgets.models import Basis, Envelope
from normandata.dossiers.models import Signatory

from . import clock

SCHEME = "diagnostic"
LEAD = "responsable"
Settings = Mapping[str, Any]


@transaction.atomic
def settle(told: Settings, people: Mapping[str, User]) -> None:
    """Write what is missing, by the gestures of the agent in charge, each on its day."""
    lead = people[LEAD]
    _designate(told["signatory"])
    envelope = _vote(told["envelope"], lead)
    companies = {one["siret"]: _add_company(one, lead) for one in told["company"]}
    _open_market(told["market"], envelope, companies, told["act"], lead)
    _declare_conflict(told["conflict"], companies, lead)


def _designate(told: Settings) -> None:
    """Say who signs; a signatory of the scheme that somebody chose since is left alone."""
    if not Signatory.objects.filter(scheme__in=("", SCHEME)).exists():
        fields = {name: told[name] for name in ("name", "quality", "delegation")}
        Signatory.objects.create(scheme=SCHEME, since=clock.working_day(told["days"]), **fields)


def _vote(told: Settings, lead: User) -> Envelope:
    envelope = Envelope.objects.filter(scheme=SCHEME, label=told["label"]).first()
    if envelope is None:
        with clock.travel(clock.ago(told["days"])):
            envelope = budgets.open_envelope(SCHEME, told["label"], basis=Basis.TTC, by=lead)
            amount = Decimal(told["amount"])
            budgets.vote(envelope, amount, act=told["act"], day=told["day"], key="demonstration", by=lead)
    return envelope


def _add_company(told: Settings, lead: User) -> Company:
    found = Company.objects.filter(siret=told["siret"]).first()
    if found:
        return found
    fields = {name: told[name] for name in ("siret", "name", "address", "email", "phone")}
    with clock.travel(clock.ago(told["days"])):
        return markets.add_company(by=lead, **fields)


def _open_market(
    told: Settings, envelope: Envelope, companies: Mapping[str, Company], acts: Iterable[Settings], lead: User
) -> None:
    if Market.objects.filter(reference=told["reference"]).exists():
        return
    with clock.travel(clock.ago(told["days"])):
        market = markets.open_market(
            by=lead,
            envelope=envelope,
            starts_on=clock.working_day(told["days"]),
            ends_on=clock.working_day(told["days"]) + timedelta(days=told["lasts"]),
            day_rate=Decimal(told["day_rate"]),
            vat_rate=Decimal(told["vat_rate"]),
            **{name: told[name] for name in ("reference", "label", "sharing", "max_half_days")},
        )
        for rank, siret in enumerate(told["holders"], start=1):
            markets.add_holder(market, by=lead, company=companies[siret], rank=rank)
    for act in acts:
        with clock.travel(clock.ago(act["days"])):
            day = act.get("day") or clock.working_day(act["days"])
            markets.add_act(market, label=act["label"], reference=act["reference"], day=day, by=lead)
            if changed := act.get("changes"):
                markets.change_market(market, by=lead, **changed)


def _declare_conflict(told: Settings, companies: Mapping[str, Company], lead: User) -> None:
    company = companies[told["company"]]
    if Conflict.objects.filter(company=company, siren=told["siren"]).exists():
        return
    with clock.travel(clock.ago(told["days"])):
        markets.declare_conflict(company, siren=told["siren"], reason=told["reason"], by=lead)
