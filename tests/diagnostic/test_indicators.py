"""The indicators of the sheet against figures worked out by hand, at several dates."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnostic import indicators
from diagnostic.application import SHEET
from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.market import Market
from diagnostic.orders import Order, Session
from normandata.accounts.models import User
from normandata.budgets import services as budgets
from normandata.indicators import figures, registry
from normandata.indicators.definitions import Figure, Period
from normandata.regulation.formats import spaced
from tests.factories.accounts import UserFactory
from tests.factories.after import at, make_life, make_request
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import make_company, make_market

pytestmark = pytest.mark.django_db
D = Decimal


def year(of: int, as_of: date) -> Period:
    return Period(date(of, 1, 1), date(of, 12, 31), as_of)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


@pytest.fixture
def market() -> Market:
    return make_market(make_company("Atelier A"), make_company("Atelier B"), envelope=make_envelope("50000.00"))


@pytest.fixture
def by() -> User:
    return UserFactory()


def say(order: Order, number: int, has_acted: bool, on: date, by: User) -> None:
    actions = ["ai"] if has_acted else []
    FollowUp.objects.create(order=order, number=number, has_acted=has_acted, actions=actions, at=at(on), by=by)


def counts(figure: Figure) -> list[Any]:
    return [row[1] for row in figure.rows]


@pytest.fixture
def lives(market: Market, by: User) -> dict[str, Order]:
    """Four structures, one of which has two diagnostics, and an order that is cancelled.

    name       deposited    delivered    six months   answers
    first      10/03/2026   20/05/2026   20/11/2026   yes on 25/11/2026
    second     12/03/2026   31/05/2026   30/11/2026   no on 02/12/2026, yes on 15/01/2027
    town       02/04/2026   31/08/2026   28/02/2027   none
    again      05/06/2026   30/06/2026   30/12/2026   none, the same structure as first
    hospital   31/12/2026 at 23:30, ordered on 10/01/2027, cancelled on 01/02/2027
    """
    first = make_request(on=date(2026, 3, 10))
    deposits = {
        "first": first,
        "second": make_request(on=date(2026, 3, 12)),
        "town": make_request("local_authority", on=date(2026, 4, 2)),
        "again": make_request(on=date(2026, 6, 5), by=first.created_by, organisation=first.organisation),
        "hospital": make_request("health_facility", on=datetime(2026, 12, 31, 22, 30, tzinfo=UTC)),
    }
    days = {"first": (5, 20), "second": (5, 31), "town": (8, 31), "again": (6, 30)}
    made = {
        name: make_life(market=market, dossier=deposits[name], delivered_on=date(2026, *day))
        for name, day in days.items()
    }
    made["hospital"] = make_life(
        market=market,
        dossier=deposits["hospital"],
        notified_on=date(2027, 1, 10),
        cancelled_at=at(date(2027, 2, 1)),
        cancelled_reason="Renoncement",
    )
    say(made["first"], 1, True, date(2026, 11, 25), by)
    say(made["second"], 1, False, date(2026, 12, 2), by)
    say(made["second"], 2, True, date(2027, 1, 15), by)
    return made


@pytest.mark.parametrize(
    ("of", "as_of", "expected"),
    [
        (2026, date(2026, 5, 19), 0),
        (2026, date(2026, 5, 20), 1),
        (2026, date(2026, 6, 30), 3),
        (2026, date(2027, 3, 1), 4),
        (2027, date(2027, 3, 1), 0),
    ],
)
def test_diagnostics_carried_out(lives: dict[str, Order], of: int, as_of: date, expected: int) -> None:
    figure = indicators.carried_out(year(of, as_of))
    assert (figure.value, sum(counts(figure)), len(figure.rows)) == (expected, expected, 12)


def test_a_year_is_told_month_by_month_and_several_year_by_year(lives: dict[str, Order]) -> None:
    figure = indicators.carried_out(year(2026, date(2027, 3, 1)))
    assert [row for row in figure.rows if row[1]] == [("Mai 2026", 2), ("Juin 2026", 1), ("Août 2026", 1)]
    assert figure.finding == "4\u00a0diagnostics réalisés en\u00a02026"
    both = indicators.carried_out(Period(date(2026, 1, 1), date(2027, 12, 31), date(2027, 3, 1)))
    assert (both.rows, both.value) == ((("2026", 4), ("2027", 0)), 4)


@pytest.mark.parametrize(
    ("of", "as_of", "yes", "no", "silent", "value"),
    [
        (2026, date(2026, 11, 19), 0, 0, 0, None),  # nobody has reached six months
        (2026, date(2026, 11, 24), 0, 0, 1, D("0.0")),  # first has, without an answer yet
        (2026, date(2026, 11, 30), 1, 0, 1, D("50.0")),  # 31 May and six months: 30 November
        (2026, date(2026, 12, 2), 1, 1, 0, D("50.0")),
        (2026, date(2026, 12, 31), 1, 1, 0, D("50.0")),  # `again` is the structure of `first`: it counts once
        (2026, date(2027, 1, 31), 2, 0, 0, D("100.0")),  # second answered again
        (2027, date(2027, 2, 27), 0, 0, 0, None),
        (2027, date(2027, 2, 28), 0, 0, 1, D("0.0")),  # 31 August and six months: 28 February
    ],
)
def test_the_rate_at_six_months_counts_silence_in_the_denominator(
    lives: dict[str, Order], of: int, as_of: date, yes: int, no: int, silent: int, value: Decimal | None
) -> None:
    figure = indicators.acted(year(of, as_of))
    assert counts(figure) == [yes, no, silent]
    assert (figure.numerator, figure.denominator, figure.value) == (yes, yes + no + silent, value)


def test_the_rate_of_a_longer_period_is_a_third_unanswered(lives: dict[str, Order]) -> None:
    figure = indicators.acted(Period(date(2026, 1, 1), date(2027, 12, 31), date(2027, 3, 1)))
    assert (counts(figure), figure.value) == ([2, 0, 1], D("66.7"))
    assert figure.finding == "2\u00a0bénéficiaires sur 3 ont mis en œuvre des actions nouvelles dans les six mois"


def test_structures_by_type(lives: dict[str, Order]) -> None:
    # at 23:30 on 31 December in Paris, the hospital is of 2026
    figure = indicators.by_type(year(2026, date(2027, 3, 1)))
    assert figure.rows == (
        ("Collectivités et regroupements", 1, D("25.0"), 1, D("33.3")),
        ("Entreprises", 2, D("50.0"), 2, D("66.7")),
        ("Établissements de santé", 1, D("25.0"), 0, D("0.0")),
    )
    assert figure.value == 4
    before = indicators.by_type(year(2026, date(2026, 12, 30)))
    assert counts(before) == [1, 2, 0]
    none = indicators.by_type(year(2027, date(2027, 3, 1)))
    assert (counts(none), none.rows[0][2]) == ([0, 0, 0], None)


def test_days_ordered_and_spent(lives: dict[str, Order], by: User) -> None:
    other = make_life(
        market=lives["first"].market,
        company=lives["first"].market.holders.order_by("-rank")[0].company,
        notified_on=date(2026, 12, 1),
        half_days=3,
    )
    for order, day, half_days in [
        (lives["first"], date(2026, 5, 4), 2),
        (lives["first"], date(2026, 5, 5), 1),
        (other, date(2026, 12, 31), 1),
        (other, date(2027, 1, 4), 2),
    ]:
        Session.objects.create(order=order, on=day, half_days=half_days, by=by, at=at(day))
    # 4 orders of 5 days, one of 1.5; 1.5 and 0.5 days spent
    figure = indicators.days_spent(year(2026, date(2027, 3, 1)))
    assert figure.rows == (("Atelier A", 4, D("20"), D("1.5")), ("Atelier B", 1, D("1.5"), D("0.5")))
    assert figure.value == D("2")
    # the order of 10 January stands until it is cancelled, on 1 February
    january = indicators.days_spent(year(2027, date(2027, 1, 31)))
    assert january.rows == (("Atelier A", 1, D("5"), D("0")), ("Atelier B", 0, D("0"), D("1")))
    assert indicators.days_spent(year(2027, date(2027, 2, 1))).rows == (("Atelier B", 0, D("0"), D("1")),)


def test_money_ordered_and_paid(lives: dict[str, Order], by: User) -> None:
    order, envelope = lives["first"], lives["first"].market.envelope
    with time_machine.travel(at(date(2026, 6, 15)), tick=False):
        budgets.reserve(envelope, order, D("5400.00"), key="r", by=by)
        budgets.commit(envelope, order, D("5400.00"), key="c", by=by, act="BC")
    with time_machine.travel(datetime(2026, 12, 31, 22, 59, tzinfo=UTC), tick=False):  # 23:59 in Paris
        budgets.pay(envelope, order, D("4860.00"), key="p", by=by, is_last=True, act="F-1")
    # 4 orders of 5 days at 900 HT and 20 %: 4 × 5 400, of which one for the town
    figure = indicators.money(year(2026, date(2027, 3, 1)))
    assert figure.rows == (
        ("Collectivités et regroupements", D("5400.00"), D(0)),
        ("Entreprises", D("16200.00"), D("4860.00")),
        ("Établissements de santé", D(0), D(0)),
    )
    assert (figure.value, figure.finding) == (D("4860.00"), "4\u00a0860,00\u00a0€ payés en\u00a02026")
    assert indicators.money(year(2026, date(2026, 12, 30))).value == 0
    assert indicators.money(year(2027, date(2027, 3, 1))).value == 0


def test_opinions_count_what_was_sent_by_the_day(lives: dict[str, Order], by: User) -> None:
    good = {"clarte": "4", "utilite": "3", "ecoute": "2", "duree": "right", "recommande": "oui"}
    bad = {"clarte": "1", "utilite": "2", "ecoute": "1", "duree": "short", "recommande": "non"}
    for name, answers, on in [("first", good, date(2026, 6, 1)), ("second", bad, date(2026, 7, 1))]:
        Evaluation.objects.create(order=lives[name], answers=answers, saved_by=by, sent_by=by, sent_at=at(on))
    Evaluation.objects.create(order=lives["town"], answers=good, saved_by=by)  # not sent
    june = indicators.opinions(year(2026, date(2026, 6, 30)))
    assert (counts(june), june.numerator, june.denominator, june.value) == ([1, 1, 0, 1, 1], 1, 3, D("33.3"))
    figure = indicators.opinions(year(2026, date(2027, 3, 1)))
    assert (counts(figure), figure.value) == ([1, 1, 0, 1, 1], D("50.0"))
    assert figure.rows[0] == ("Rapport jugé clair", 1, D("50.0"))


def test_nothing_at_all_is_shown_as_nothing(db: None) -> None:
    empty = year(2026, date(2026, 12, 31))
    assert [one.count(empty).value for one in registry.of("diagnostic")] == [0, None, 0, 0, D(0), D(0), None, 0]


def test_the_voted_names_are_word_for_word() -> None:
    voted = [*SHEET.indicators.output, *SHEET.indicators.result, *SHEET.indicators.context]
    assert [spaced(one.title) for one in registry.of("diagnostic")][:3] == voted


def test_queries_do_not_grow_with_the_orders(lives: dict[str, Order], market: Market) -> None:
    period, owner = year(2026, date(2027, 3, 1)), registry.owner("diagnostic")
    assert owner

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            figures.every(period, public=False, owners=[owner])
        return len(captured)

    few = queries()
    for _ in range(6):
        make_life(market=market, delivered_on=date(2026, 9, 1))
    assert (queries(), few) == (few, 8)
