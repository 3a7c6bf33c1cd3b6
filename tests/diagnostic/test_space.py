"""What the list of an organisation's dossiers says once it has its report: what is awaited, and by when."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic import space
from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.orders import Order
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.after import make_life, make_request
from tests.factories.diagnostic import make_market
from tests.factories.organisations import MembershipFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
HANDED = date(2026, 3, 31)
"""Fourteen days later: 14 April; six months later: 30 September."""


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 4, 1, 8, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def member() -> User:
    return UserFactory()


@pytest.fixture
def organisation(member: User) -> Organisation:
    found = OrganisationFactory()
    MembershipFactory(user=member, organisation=found)
    return found


def handed(member: User, organisation: Organisation) -> Order:
    return make_life(dossier=make_request(by=member, organisation=organisation), delivered_on=HANDED)


def send(order: Order) -> None:
    now, by = datetime(2026, 4, 2, 8, tzinfo=UTC), order.dossier.created_by
    Evaluation.objects.create(order=order, answers={}, saved_by=by, sent_at=now, sent_by=by)


def answer(order: Order, number: int = 1, at: datetime = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)) -> None:
    FollowUp.objects.create(order=order, number=number, has_acted=False, at=at, by=order.dossier.created_by)


def note(order: Order, on: date = HANDED) -> str:
    with time_machine.travel(datetime(on.year, on.month, on.day, 8, tzinfo=UTC), tick=False):
        return space.notes([order.dossier])[order.dossier.pk].replace("\xa0", " ")


QUESTIONNAIRE = "Le questionnaire d’évaluation est attendu"
FOLLOW_UP = "Le suivi à six mois est attendu"


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (HANDED, f"{QUESTIONNAIRE} pour le 14 avril 2026. {FOLLOW_UP} à partir du 30 septembre 2026."),
        (date(2026, 4, 14), f"{QUESTIONNAIRE} pour le 14 avril 2026. {FOLLOW_UP} à partir du 30 septembre 2026."),
        (date(2026, 4, 15), f"{QUESTIONNAIRE} depuis le 14 avril 2026. {FOLLOW_UP} à partir du 30 septembre 2026."),
        (date(2026, 9, 29), f"{QUESTIONNAIRE} depuis le 14 avril 2026. {FOLLOW_UP} à partir du 30 septembre 2026."),
        (date(2026, 9, 30), f"{QUESTIONNAIRE} depuis le 14 avril 2026. {FOLLOW_UP} depuis le 30 septembre 2026."),
    ],
)
@pytest.mark.parametrize("state", ["delivered", "closed"])
def test_a_card_says_by_when_each_answer_is_awaited(
    member: User, organisation: Organisation, state: str, on: date, said: str
) -> None:
    order = handed(member, organisation)
    order.dossier.state = state
    assert note(order, on) == said


def test_what_was_answered_is_awaited_no_more(member: User, organisation: Organisation) -> None:
    order = handed(member, organisation)
    Evaluation.objects.create(order=order, answers={}, saved_by=member)  # begun, not sent
    assert note(order).startswith(QUESTIONNAIRE)
    Evaluation.objects.all().delete()
    send(order)
    assert note(order) == f"{FOLLOW_UP} à partir du 30 septembre 2026."
    answer(order)
    # 22:30 UTC is half past midnight in Paris.
    assert note(order) == "Vous avez répondu au suivi à six mois le 1er octobre 2026. Rien n’est plus attendu de vous."
    answer(order, 2, datetime(2026, 10, 5, 8, tzinfo=UTC))
    assert note(order).startswith("Vous avez répondu au suivi à six mois le 5 octobre 2026.")
    Evaluation.objects.all().delete()
    assert note(order, date(2026, 10, 6)) == (
        f"{QUESTIONNAIRE} depuis le 14 avril 2026. Vous avez répondu au suivi à six mois le 5 octobre 2026."
    )


def test_before_the_report_a_card_has_no_note_and_costs_no_query(member: User, organisation: Organisation) -> None:
    order = make_life(dossier=make_request(by=member, organisation=organisation), started_on=date(2026, 3, 2))
    assert order.dossier.state == "in_progress"
    with CaptureQueriesContext(connection) as queries:
        assert space.notes([order.dossier]) == {}
    assert len(queries) == 0
    order.dossier.state = "delivered"  # an order that was cancelled since, say
    assert space.notes([order.dossier]) == {}


def test_the_list_costs_the_same_queries_at_one_and_thirty(
    client: Client, member: User, organisation: Organisation
) -> None:
    market = make_market()
    sign_in(client, member)
    address, costs = reverse("dossiers:mine"), []
    for count in (1, 29):
        for _ in range(count):
            dossier = make_request(by=member, organisation=organisation)
            answer(make_life(market=market, dossier=dossier, delivered_on=HANDED))
        client.get(address)
        made: list[type] = []

        def count_made(sender: type, made: list[type] = made, **_: object) -> None:
            made.append(sender)

        post_init.connect(count_made, weak=False)
        try:
            with CaptureQueriesContext(connection) as queries:
                page = client.get(address)
        finally:
            post_init.disconnect(count_made)
        assert all(card.note for card in page.context["cards"])
        costs.append((len(queries), len(page.context["cards"]), len(made), made.count(Order)))
    (few, one, objects, _), (many, shown, more, orders) = costs
    assert (one, shown, many - few, orders) == (1, 20, 0, 0)
    # A dossier and its organisation for each card, and nothing else.
    assert (made.count(Dossier), more - objects) == (20, 2 * 19)
    assert "Le suivi à six mois est attendu" not in page.content.decode()
    assert "Vous avez répondu au suivi à six mois le" in page.content.decode()
