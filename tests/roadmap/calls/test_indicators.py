"""The figures of the calls at several dates, counted by hand from what was done; what the public reads of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from normandata.accounts.models import User
from normandata.indicators import figures, registry
from normandata.indicators.definitions import Period, Split
from normandata.indicators.figures import Told
from normandata.procedure import services as procedure
from roadmap.calls import indicators, services
from roadmap.calls.models import Call, CallProposal
from tests.factories.accounts import make_agent
from tests.factories.calls import make_call, make_proposal
from tests.factories.organisations import OrganisationFactory
from tests.factories.roadmap import make_pilot
from tests.normandata.scoring.test_costs import cost
from tests.spreadsheets import get, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
PARIS = ZoneInfo("Europe/Paris")
OPENS, CLOSES = date(2026, 3, 10), date(2026, 3, 20)


@contextmanager
def on(month: int, day: int, hour: int = 10) -> Iterator[None]:
    with time_machine.travel(datetime(2026, month, day, hour, tzinfo=PARIS), tick=False):
        yield


def until(month: int, day: int) -> Period:
    return Period(date(2026, 1, 1), date(2026, 12, 31), date(2026, month, day))


def answered(proposal: CallProposal, agent: User) -> None:
    procedure.fire(proposal.dossier, "start_review", by=agent)
    services.conclude(proposal.dossier, outcome="noted", answer="Merci.", by=agent)


def told_of(call: Call) -> Call:
    return Call.objects.get(pk=call.pk)


@pytest.fixture
def spring() -> Call:
    """Tell of a call: open on 10 March, three proposals, one withdrawn on the 16th, assessed on 2 April, not on 5."""
    pilot, agent = make_pilot(), make_agent("roadmap")
    with on(3, 1):
        call = make_call("draft", title="Vélos", opens_on=OPENS, closes_on=CLOSES)
        services.fire(call, "announce", by=pilot)
    with on(3, 10, 0):
        services.fire(call, "open_in_time", by=None)
    found = []
    for day, department in ((11, "14"), (11, "76"), (12, "76")):
        with on(3, day):
            organisation = OrganisationFactory(department=department)
            found.append(make_proposal(told_of(call), organisation=organisation))
    with on(3, 16, 23):
        procedure.fire(found[1].dossier, "withdraw", by=found[1].dossier.created_by)
    with on(3, 21):
        services.fire(call, "close_in_time", by=None)
        for one in (found[0], found[2]):
            answered(one, agent)
    with on(4, 2):
        services.fire(call, "publish", by=pilot)
    with on(4, 5):
        services.fire(call, "take_back", by=pilot, reason="Une erreur.")
    return told_of(call)


def test_a_call_is_open_from_the_evening_of_its_opening(spring: Call) -> None:
    days = [(3, 9), (3, 10), (4, 2), (12, 31)]
    assert [indicators.opened(until(*day)).value for day in days] == [0, 1, 1, 1]
    chantier = spring.chantier
    label = f"Annexe {chantier.axis.number}, chantier {chantier.number} : {chantier.title}"
    assert indicators.opened(until(12, 31)).rows == ((label, 1),)


def test_a_call_cancelled_since_was_open_then() -> None:
    pilot = make_pilot()
    with on(3, 10):
        call = make_call("draft", opens_on=OPENS, closes_on=CLOSES)
        services.fire(call, "open", by=pilot)
    with on(3, 15):
        services.fire(call, "cancel", by=pilot, reason="Budget.")
    assert [indicators.opened(until(3, day)).value for day in (9, 10, 14, 15, 16)] == [0, 1, 1, 0, 0]


@pytest.mark.usefixtures("spring")
def test_a_proposal_withdrawn_since_counted_then() -> None:
    days = [(3, 10), (3, 11), (3, 12), (3, 15), (3, 16), (4, 2), (12, 31)]
    assert [indicators.received(until(*day)).value for day in days] == [0, 2, 3, 3, 2, 2, 2]
    assert indicators.received(until(12, 31)).rows == (("Vélos", 2),)
    assert indicators.received(Period(date(2026, 3, 12), date(2026, 12, 31), date(2026, 12, 31))).value == 1


def figure_of(count: Any, day: tuple[int, int]) -> Told:
    told: Told = count(registry.owner("roadmap"), registry.find("roadmap", "propositions-recues"), until(*day))
    return told


@pytest.mark.usefixtures("spring")
def test_the_public_reads_the_proposals_of_a_call_while_its_assessment_is_published() -> None:
    days = [(3, 15), (4, 1), (4, 2), (4, 4), (4, 5), (12, 31)]
    read = {count: [figure_of(count, day).figure for day in days] for count in (figures.published, figures.told)}
    assert [one and one.value for one in read[figures.published]] == [0, 0, 2, 2, 0, 0]
    assert [one and one.value for one in read[figures.told]] == [3, 2, 2, 2, 2, 2]
    parts = figure_of(figures.published, (4, 2)).splits[Split.DEPARTMENT].rows
    assert {name: count for name, count in parts if count} == {"Calvados": 1, "Seine-Maritime": 1}
    parts = figure_of(figures.published, (4, 1)).splits[Split.DEPARTMENT].rows
    assert {name: count for name, count in parts if count} == {}


@pytest.mark.parametrize(("day", "said"), [((3, 15), []), ((4, 2), [["Vélos", "2"]])])
@pytest.mark.usefixtures("spring")
def test_the_public_file_lists_the_calls_that_are_assessed(
    client: Client, day: tuple[int, int], said: list[list[str]]
) -> None:
    with on(*day):
        page = get(client, reverse("indicators:indicator", args=["feuille-de-route", "propositions-recues"]))
    rows = [row for table in shown(page) for row in table if row[0] == "Vélos"]
    assert rows == said


def test_the_figures_cost_the_same_for_1_and_20_proposals() -> None:
    with on(3, 12):
        call = make_call(opens_on=OPENS, closes_on=CLOSES)
        make_proposal(call)
        first = cost(lambda: indicators.received(until(3, 12)))
        for _ in range(5):
            make_proposal(call)
    assert cost(lambda: indicators.received(until(3, 12))) == first
