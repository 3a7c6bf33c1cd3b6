"""Markets, members, acts, companies and conflicts: what is kept, what is refused, what the journal says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from diagnostic.market import Company, Conflict, Holder, Market
from diagnostic.orders import Order
from diagnostic.services import markets, selection
from normandata.accounts.models import Role, User
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import (
    make_company,
    make_market,
    make_order,
    make_proposed,
    make_provider,
    make_reviewed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


@pytest.fixture
def lead() -> User:
    return make_user_with(Role.LEAD_AGENT, "diagnostic")


def fields(**more: Any) -> dict[str, Any]:
    return {
        "reference": "2026-DATA-01",
        "label": "Diagnostics",
        "envelope": make_envelope(),
        "sharing": "rotation",
        "day_rate": Decimal("900.00"),
        "vat_rate": Decimal("20.00"),
        "max_half_days": 40,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 12, 31),
    } | more


def test_a_market_is_opened_and_the_journal_keeps_its_fields(lead: User) -> None:
    market = markets.open_market(by=lead, **fields())
    event = Event.objects.about(market).get()
    assert (event.name, event.by) == ("open_market", lead)
    assert event.data["fields"]["day_rate"] == "900.00"
    assert event.data["fields"]["max_half_days"] == 40


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"day_rate": Decimal("-1")}, "Le prix d’une journée est supérieur à zéro."),
        ({"day_rate": Decimal("0")}, "Le prix d’une journée est supérieur à zéro."),
        ({"vat_rate": Decimal("-0.01")}, "La TVA est un pourcentage"),
        ({"ends_on": date(2025, 12, 31)}, "Le marché finit après avoir commencé."),
        ({"sharing": "lottery"}, "lottery"),
        ({"reference": ""}, "vide"),
    ],
)
def test_a_market_that_cannot_be_is_refused(lead: User, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        markets.open_market(by=lead, **fields(**more))
    assert message in " ".join(refusal.value.messages)
    assert (Market.objects.count(), Event.objects.named("open_market").count()) == (0, 0)


def test_only_lead_agents_and_administrators_manage(lead: User) -> None:
    market = make_market()
    allowed = [lead, make_user_with(Role.ADMINISTRATOR)]
    barred = [
        make_agent(),
        make_user_with(Role.LEAD_AGENT, "booster_ia"),
        make_user_with(Role.AUDITOR),
        make_provider(Company.objects.get()),
    ]
    assert [markets.may_manage(one) for one in allowed] == [True, True]
    assert [markets.may_manage(one) for one in barred] == [False] * 4
    agent = barred[0]
    company, holder = Company.objects.get(), Holder.objects.get()
    conflict = markets.declare_conflict(company, siren="999000011", reason="Filiale", by=lead)
    wanted = fields()
    before = Event.objects.count()
    for gesture in (
        lambda: markets.open_market(by=agent, **wanted),
        lambda: markets.change_market(market, by=agent, label="Autre"),
        lambda: markets.add_holder(market, by=agent, company=make_company(), rank=2),
        lambda: markets.change_holder(holder, by=agent, rank=3),
        lambda: markets.remove_holder(holder, reason="x", by=agent),
        lambda: markets.add_act(market, label="x", day=date(2026, 1, 1), by=agent),
        lambda: markets.add_company(by=agent, siret="99900000000001", name="x"),
        lambda: markets.change_company(company, by=agent, name="x"),
        lambda: markets.declare_conflict(company, siren="999000012", reason="x", by=agent),
        lambda: markets.end_conflict(conflict, reason="x", by=agent),
    ):
        with pytest.raises(NotAllowed):
            gesture()
    assert [one.name for one in Event.objects.order_by("pk")[before:]] == []


def test_what_changed_is_kept_before_and_after_and_nothing_when_nothing_did(lead: User) -> None:
    market = make_market()
    assert markets.change_market(market, by=lead, day_rate=Decimal("900.00")) is None
    event = markets.change_market(market, by=lead, day_rate=Decimal("950.00"), label="Diagnostics")
    assert event is not None
    assert event.data["changed"] == {
        "day_rate": ["900.00", "950.00"],
        "label": ["Diagnostics data et IA", "Diagnostics"],
    }


def test_an_order_keeps_its_rate_when_the_market_changes_its_own(lead: User) -> None:
    market = make_market()
    order = make_order(market)
    markets.change_market(market, by=lead, day_rate=Decimal("1000.00"))
    order.refresh_from_db()
    assert (order.day_rate, order.price.ttc) == (Decimal("900.00"), Decimal("5400.00"))


@pytest.mark.parametrize(("maximum", "passes"), [(10, True), (9, False)])
def test_a_maximum_is_never_below_what_is_held(lead: User, maximum: int, passes: bool) -> None:
    market = make_market()
    make_order(market)  # five days
    if passes:
        assert markets.change_market(market, by=lead, max_half_days=maximum)
        assert Market.objects.get().half_days_left == 0
        return
    with pytest.raises(ValidationError, match="Les commandes tiennent déjà 5 jours"):
        markets.change_market(market, by=lead, max_half_days=maximum)
    assert Market.objects.get().max_half_days == 400


def test_the_envelope_does_not_change_under_orders(lead: User) -> None:
    market, other = make_market(), make_envelope()
    assert markets.change_market(market, by=lead, envelope=other)
    make_order(Market.objects.get())
    with pytest.raises(ValidationError, match="elle ne change plus"):
        markets.change_market(market, by=lead, envelope=make_envelope())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_on": date(2026, 10, 14)}, "starts_on"),
        ({"starts_on": date(2026, 10, 13)}, ""),
        ({"ends_on": date(2026, 10, 14)}, "ends_on"),
        ({"ends_on": date(2026, 10, 15)}, ""),
    ],
)
def test_an_order_stays_within_the_dates_of_its_market(lead: User, fields: dict[str, Any], field: str) -> None:
    market = make_market()
    order = make_order(market)
    Order.objects.filter(pk=order.pk).update(
        selected_at=datetime(2026, 10, 13, 22, 30, tzinfo=UTC) - timedelta(hours=1),
        number="BC-2026-0001",
        ordered_on=date(2026, 10, 15),
    )
    if not field:
        assert markets.change_market(market, by=lead, **fields)
        return
    with pytest.raises(ValidationError) as refusal:
        markets.change_market(market, by=lead, **fields)
    day = written_day(date(2026, 10, {"starts_on": 13, "ends_on": 15}[field]))
    assert refusal.value.message_dict == {
        field: [spaced(f"La commande BC-2026-0001, du {day}, sortirait du marché : ses dates la gardent.")]
    }
    assert (Market.objects.get().starts_on, Market.objects.get().ends_on) == (date(2026, 1, 1), date(2028, 12, 31))
    Order.objects.update(cancelled_at=timezone.now(), cancelled_by=lead, cancelled_reason="Reprise.")
    assert markets.change_market(market, by=lead, **fields)


def test_dates_wrong_since_long_may_be_mended(lead: User) -> None:
    market = make_market()
    make_order(market)
    Market.objects.update(ends_on=date(2026, 1, 2))
    assert markets.change_market(market, by=lead, ends_on=date(2026, 1, 3))


def test_members_are_added_changed_and_taken_out(lead: User) -> None:
    first, second = make_company("Alpha"), make_company("Bêta")
    market = make_market(first)
    with pytest.raises(ValidationError, match="Ce rang est déjà pris"):
        markets.add_holder(market, by=lead, company=second, rank=1)
    holder = markets.add_holder(market, by=lead, company=second, rank=2, competences=["enterprise"])
    with pytest.raises(ValidationError, match="Ce prestataire est déjà dans le marché"):
        markets.add_holder(market, by=lead, company=second, rank=3)
    markets.change_holder(holder, by=lead, competences=["health_facility"])
    with pytest.raises(ReasonMissing):
        markets.remove_holder(holder, reason=" ", by=lead)
    markets.remove_holder(holder, reason="Fin de cotraitance", by=lead)
    assert [one.company for one in market.holders.all()] == [first]
    assert [event.name for event in Event.objects.about(market).order_by("pk")] == [
        "add_holder",
        "change_holder",
        "remove_holder",
    ]


def test_a_member_with_an_order_or_a_proposal_stays(lead: User) -> None:
    market = make_market()
    dossier = make_proposed(market)
    holder = Holder.objects.get()
    with pytest.raises(NotNow, match="son nom y reste"):
        markets.remove_holder(holder, reason="Départ", by=lead)
    selection.select(dossier, by=make_agent())
    with pytest.raises(NotNow, match="son nom y reste"):
        markets.remove_holder(holder, reason="Départ", by=lead)


def test_a_siret_never_changes(lead: User) -> None:
    company = markets.add_company(by=lead, siret="99900000000002", name="Alpha")
    markets.change_company(company, by=lead, siret="99900000000003", name="Alpha SARL")
    company.refresh_from_db()
    assert (company.siret, company.name) == ("99900000000002", "Alpha SARL")


def test_a_conflict_bars_until_it_is_lifted(lead: User) -> None:
    company = make_company("Alpha")
    market = make_market(company)
    dossier = make_reviewed()
    siren = dossier.organisation.siren
    conflict = markets.declare_conflict(company, siren=siren, reason="Filiale", by=lead)
    with pytest.raises(ValidationError, match="Ce conflit est déjà déclaré"):
        markets.declare_conflict(company, siren=siren, reason="Encore", by=lead)
    assert selection.proposed_provider(market, dossier).candidate is None
    with pytest.raises(ReasonMissing):
        markets.end_conflict(conflict, reason="", by=lead)
    markets.end_conflict(conflict, reason="Parts vendues", by=lead)
    with pytest.raises(NotNow, match="déjà levé"):
        markets.end_conflict(conflict, reason="Encore", by=lead)
    chosen = selection.proposed_provider(market, dossier).candidate
    assert chosen is not None
    assert chosen.key == company.pk
    again = markets.declare_conflict(company, siren=siren, reason="De nouveau", by=lead)
    assert Conflict.objects.filter(ended_at=None).get() == again
