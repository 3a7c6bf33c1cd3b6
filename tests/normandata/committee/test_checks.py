"""What keeps an agenda from being paid: the envelope to the cent, each maximum, dossiers that left."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine

from booster_ia.models import BoosterApplication
from normandata.committee import checks
from normandata.committee.services.holding import items_of
from normandata.dossiers.models import Dossier
from tests.factories.booster import NO_AID, REGIME
from tests.factories.committee import make_envelope
from tests.factories.sessions import make_prepared, make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal


@pytest.fixture(autouse=True)
def _before_the_session() -> Iterator[None]:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


def plain(found: list[str]) -> list[str]:
    return [one.replace("\u00a0", " ") for one in found]


def test_refusals_take_no_money() -> None:
    session = make_prepared(make_waiting(2, refusals=2))
    assert (checks.total(items_of(session)), checks.problems(session, items_of(session))) == (0, [])


def test_the_sum_is_that_of_the_proposals_until_the_agenda_is_settled() -> None:
    make_envelope()
    session = make_prepared(make_waiting(2, amount="3333.33"))
    session.items.update(outcome="granted", decided_amount=D("1.00"))
    assert checks.total(items_of(session)) == D("6666.66")
    session.state = "tabled"
    assert checks.total(items_of(session)) == D("2.00")
    assert checks.proposed(items_of(session)) == D("6666.66")


def test_every_problem_is_said_at_once() -> None:
    make_envelope("29999.99")
    one, two, three = make_waiting(3)
    session = make_prepared([one, two, three])
    Dossier.objects.filter(pk=one.pk).update(state="closed")
    BoosterApplication.objects.filter(pk=two.pk).update(grant=D("9999.99"))
    assert plain(checks.problems(session, items_of(session))) == [
        f"{one.number} n’est plus devant la Commission (clos) : retirez-le de l’ordre du jour.",
        f"{two.number} : 10 000,00 € dépassent ce qui peut être accordé, 9 999,99 €.",
        "Les accords font 30 000,00 € et l’enveloppe a 29 999,99 € libres : il manque 0,01 € HT.",
    ]


def test_a_maximum_that_cannot_be_known_is_a_problem() -> None:
    make_envelope()
    minimis = {"regime": REGIME | {"regime": "de_minimis"}, "aides": NO_AID}
    [dossier] = make_waiting(answers=minimis)
    session = make_prepared([dossier])
    assert plain(checks.problems(session, items_of(session))) == [
        f"{dossier.number} : les aides de minimis de l’entreprise ne sont pas déclarées, son maximum est inconnu."
    ]
