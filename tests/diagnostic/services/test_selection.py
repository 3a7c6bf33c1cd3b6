"""Proposing and deciding: who, in which order, within which money, and never beyond."""

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from diagnostic.market import Conflict, Market
from diagnostic.orders import Order, Proposal
from diagnostic.services import selection
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import (
    make_company,
    make_disputed,
    make_market,
    make_order,
    make_proposed,
    make_provider,
    make_reviewed,
    make_signatory,
)
from tests.factories.dossiers import FIRM
from tests.threads import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
ROUNDS = int(os.environ.get("NORMANDATA_RACE_ROUNDS", "2"))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def balances(market: Market) -> tuple[str, str]:
    """What is reserved and what is free, in euros."""
    envelope = Market.objects.select_related("envelope").get(pk=market.pk).envelope
    return str(envelope.reserved), str(envelope.free)


def test_a_selection_reserves_its_price_and_holds_its_days() -> None:
    market = make_market()
    agent, other = make_agent(), make_agent()
    dossier = make_proposed(market, agent=agent)
    proposal = Proposal.objects.get()
    assert (dossier.state, proposal.by, proposal.written_days, proposal.is_second_choice) == (
        "proposed",
        agent,
        "5 jours",
        False,
    )
    order = selection.select(dossier, by=other)
    kept = Dossier.objects.get()
    assert (kept.state, kept.turn, kept.amount, kept.amount_basis) == ("granted", "agent", Decimal("5400.00"), "TTC")
    assert (order.amount, order.day_rate, order.vat_rate) == (Decimal("5400.00"), Decimal("900.00"), Decimal("20.00"))
    assert (balances(market), Market.objects.get().half_days_held) == (("5400.00", "44600.00"), 10)
    assert Proposal.objects.get().decided_by == other
    event = Event.objects.get(name="select")
    assert (event.by, event.verdict["conclusion"]) == (other, "eligible")


def test_whoever_proposed_does_not_decide() -> None:
    market, agent = make_market(), make_agent()
    dossier = make_proposed(market, agent=agent)
    with pytest.raises(Unmet, match="une autre personne la décide"):
        selection.select(dossier, by=agent)
    assert (Order.objects.count(), balances(market)) == (0, ("0.00", "50000.00"))


@pytest.mark.parametrize("who", ["applicant", "provider", "another scheme's agent"])
def test_only_agents_of_the_scheme_propose_and_decide(who: str) -> None:
    market = make_market()
    dossier = make_reviewed()
    person = {
        "applicant": lambda: dossier.created_by,
        "provider": lambda: make_provider(market.holders.get().company),
        "another scheme's agent": lambda: make_agent("booster_ia"),
    }[who]()
    with pytest.raises(NotAllowed):
        selection.propose(dossier, half_days=10, company=market.holders.get().company, by=person)
    make_proposed(market, dossier=dossier)
    with pytest.raises(NotAllowed):
        selection.select(dossier, by=person)


@pytest.mark.parametrize("half_days", [-1, 0, 11])
def test_a_diagnostic_lasts_half_a_day_to_five_days(half_days: int) -> None:
    market = make_market()
    with pytest.raises(NotDone, match="La durée va d’une demi-journée"):
        selection.propose(make_reviewed(), half_days=half_days, company=market.holders.get().company, by=make_agent())


def test_another_provider_than_the_designated_one_needs_a_reason() -> None:
    first, second = make_company("Premier d’essai"), make_company("Second d’essai")
    make_market(first, second)
    dossier, agent = make_reviewed(), make_agent()
    with pytest.raises(ReasonMissing, match="que la règle du marché désigne"):
        selection.propose(dossier, half_days=10, company=second, reason="  ", by=agent)
    selection.propose(dossier, half_days=10, company=second, reason="Déjà sur place", by=agent)
    proposal = Proposal.objects.get()
    assert (proposal.company, proposal.proposed_company, proposal.is_second_choice) == (second, first, True)


def test_a_declared_conflict_excludes_and_the_rotation_goes_to_the_next() -> None:
    first, second = make_company(), make_company()
    market = make_market(first, second)
    dossier, agent = make_reviewed(), make_agent()
    Conflict.objects.create(company=first, siren=dossier.organisation.siren, reason="Même groupe", by=agent)
    choice = selection.proposed_provider(market, dossier)
    assert choice.candidate is not None
    assert choice.candidate.key == second.pk
    with pytest.raises(NotDone, match="Conflit d’intérêts déclaré\u00a0: Même groupe"):
        selection.propose(dossier, half_days=10, company=first, reason="Quand même", by=agent)
    with pytest.raises(NotDone, match="n’est pas dans le marché"):
        selection.propose(dossier, half_days=10, company=make_company(), reason="Ailleurs", by=agent)


def test_orders_turn_between_the_members() -> None:
    market = make_market(make_company("A"), make_company("B"))
    given = []
    for _ in range(4):
        dossier = make_reviewed()
        choice = selection.proposed_provider(market, dossier)
        assert choice.candidate is not None
        company = next(one.company for one in market.holders.all() if one.company_id == choice.candidate.key)
        selection.propose(dossier, half_days=10, company=company, by=make_agent())
        given.append(selection.select(dossier, by=make_agent()).company.name)
    assert given == ["A", "B", "A", "B"]


def test_without_a_market_nothing_is_proposed() -> None:
    with pytest.raises(NotNow, match="Aucun marché n’est en vigueur"):
        selection.propose(make_reviewed(), half_days=10, company=make_company(), by=make_agent())


def test_what_is_not_eligible_or_not_read_is_not_proposed() -> None:
    market = make_market()
    trade = {**FIRM, "situation": {**FIRM["situation"], "activite": "trade"}}
    dossier = make_reviewed(answers=trade)
    with pytest.raises(Unmet, match="Lisez d’abord le constat «\u00a0Activité\u00a0»"):
        selection.propose(dossier, half_days=10, company=market.holders.get().company, by=make_agent())
    small = {**FIRM, "structure": {**FIRM["structure"], "etp": "3"}}
    with pytest.raises(Unmet, match="Effectif"):
        selection.propose(
            make_reviewed(answers=small), half_days=10, company=market.holders.get().company, by=make_agent()
        )


# ------------------------------------------------------------------------------------------------------------ the money
def test_the_last_euros_pay_a_shorter_diagnostic_and_no_more() -> None:
    """6 480 = one diagnostic of five days (5 400) and one of a day (1 080)."""
    market = make_market(envelope=make_envelope("6480.00"))
    make_order(market)
    dossier = make_reviewed()
    company = market.holders.get().company
    with pytest.raises(Unmet, match=r"Il faut 1.620,00.€ TTC.; l’enveloppe a 1.080,00.€ libres"):
        selection.propose(dossier, half_days=3, company=company, by=make_agent())
    make_proposed(market, dossier=dossier, half_days=2)
    selection.select(dossier, by=make_agent())
    assert balances(market) == ("6480.00", "0.00")


def test_a_later_request_never_takes_what_an_earlier_one_needs() -> None:
    market = make_market(envelope=make_envelope("6000.00"))
    early, late = make_reviewed(), make_reviewed()
    with pytest.raises(Unmet, match=r"et la demande complète avant celle-ci en attend 5.400,00"):
        selection.propose(late, half_days=2, company=market.holders.get().company, by=make_agent())
    make_proposed(market, dossier=early, half_days=8)
    make_proposed(market, dossier=late, half_days=2)


def test_the_markets_maximum_is_never_passed() -> None:
    market = make_market(max_half_days=15)
    make_order(market)
    with pytest.raises(Unmet, match=r"Il reste 2,5 jours sur le marché"):
        make_proposed(market)


def test_waiting_is_for_lack_of_money_only() -> None:
    market = make_market(envelope=make_envelope("6000.00"))
    first, second = make_reviewed(), make_reviewed()
    agent = make_agent()
    with pytest.raises(Unmet, match="proposez-le plutôt"):
        procedure.fire(first, "wait", by=agent)
    make_proposed(market, dossier=first)
    procedure.fire(second, "wait", by=agent)
    kept = Dossier.objects.get(pk=second.pk)
    assert (kept.state, kept.turn) == ("waiting_list", "nobody")
    assert Mail.objects.filter(kind="diagnostic.waiting_list").count() == 1


def test_a_full_market_or_none_lets_an_eligible_request_wait() -> None:
    market = make_market(max_half_days=12)
    make_order(market)
    first, second = make_reviewed(), make_reviewed()
    with pytest.raises(Unmet, match="Il reste 1 jour sur le marché"):
        make_proposed(market, dossier=first)
    procedure.fire(first, "wait", by=make_agent())
    Market.objects.update(ends_on=market.starts_on)
    procedure.fire(second, "wait", by=make_agent())
    assert set(Dossier.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True)) == {"waiting_list"}


def test_a_refusal_is_proposed_then_decided_and_its_letter_gives_the_reason() -> None:
    make_market()
    make_signatory()
    dossier, agent, other = make_reviewed(), make_agent(), make_agent()
    with pytest.raises(ReasonMissing):
        selection.propose_refusal(dossier, reason=" ", by=agent)
    selection.propose_refusal(dossier, reason="Le projet est déjà accompagné.", by=agent)
    with pytest.raises(Unmet, match="une autre personne"):
        selection.refuse(dossier, by=agent)
    with pytest.raises(Unmet, match="Un refus est proposé"):
        selection.select(dossier, by=other)
    selection.refuse(dossier, by=other)
    kept = Dossier.objects.get()
    assert (kept.state, kept.refused_by_silence_on) == ("refused", None)
    assert kept.letters.get().document.record["reason"] == "Le projet est déjà accompagné."
    assert "déjà accompagné" in Mail.objects.get(kind="diagnostic.refused").text


def test_a_proposal_sent_back_says_why_and_another_may_follow() -> None:
    market = make_market()
    dossier = make_proposed(market)
    with pytest.raises(ReasonMissing):
        procedure.fire(dossier, "send_back", by=make_agent())
    procedure.fire(dossier, "send_back", by=make_agent(), reason="Quatre jours suffisent")
    assert Dossier.objects.get().state == "review"
    make_proposed(market, dossier=dossier, half_days=8)
    assert [one.half_days for one in Proposal.objects.order_by("pk")] == [10, 8]


# -------------------------------------------------------------------------------------------- sixty at the same instant
def decision(dossier: Dossier, agent: User) -> Callable[[], Any]:
    return lambda: selection.select(Dossier.objects.get(pk=dossier.pk), by=agent)


@pytest.mark.django_db(transaction=True)
def test_sixty_selections_at_once_never_take_more_than_the_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    """7 560 euros pay seven days of 1 080. Nobody comes before anybody here: only the money is disputed."""
    count = 60 if connection.vendor == "postgresql" else 12
    monkeypatch.setattr(selection.places, "before", lambda dossier: [])
    for _ in range(ROUNDS):
        market, dossiers = make_disputed("7560.00", count)
        agents = [make_agent() for _ in range(4)]
        results = together(*[decision(dossier, agents[rank % 4]) for rank, dossier in enumerate(dossiers)])
        passed = [one for one in results if isinstance(one, Order)]
        lost = [one for one in results if not isinstance(one, Order)]
        assert len(passed) == 7
        assert all(isinstance(one, NotDone) for one in lost), lost
        assert balances(market) == ("7560.00", "0.00")
        assert Market.objects.get(pk=market.pk).half_days_held == 14
