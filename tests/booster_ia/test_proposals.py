"""What an organisation reads of its application until the decision, and what agents are offered: words by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booster_ia import proposals
from booster_ia.models import BoosterApplication
from booster_ia.services import decisions
from booster_ia.workflow import TRANSITIONS
from normandata.accounts.models import User
from normandata.dossiers import cards, journal
from normandata.dossiers.models import Dossier
from tests.factories.booster_scoring import make_scorer
from tests.factories.committee import SessionFactory, decide, make_envelope, make_proposed, make_scored, put_on_agenda

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=True):
        yield


def said(dossier: Dossier) -> str:
    read = cards.ready(Dossier.objects.all()).get(pk=dossier.pk)
    return cards.card(read, AT).sentence.replace("\u00a0", " ")


def labels(dossier: Dossier, user: User) -> dict[str, str]:
    return dict(proposals.labels(dossier, proposals.shown(dossier, user)))


def test_an_organisation_reads_the_day_of_the_session_and_never_an_amount() -> None:
    make_envelope(year=None)
    [dossier] = make_scored()
    read = []
    decisions.propose(dossier, amount=Decimal("12000.00"), by=make_scorer())
    read.append(said(dossier))
    decisions.validate(dossier, by=make_scorer())
    item = put_on_agenda(dossier)
    read.append(said(dossier))
    decide(item, "adjourned")
    read.append(said(dossier))
    decide(put_on_agenda(dossier, SessionFactory(held_on=date(2027, 1, 18))), amount="12000.00")
    read.append(said(dossier))
    assert read == [
        "Examen en cours. La Commission permanente décidera. Rien n’est attendu de vous.",
        "Votre dossier sera présenté à la Commission permanente du 14 décembre 2026. Rien n’est attendu de vous.",
        "La Commission permanente a reporté l’examen de votre dossier à une autre séance. Rien n’est attendu de vous.",
        "La Commission permanente a examiné votre dossier. Une lettre vous notifiera sa décision.",
    ]
    assert [sentence for sentence in read if "12" in sentence.replace("14 décembre 2026", "") or "€" in sentence] == []


def test_a_refusal_says_that_a_letter_comes() -> None:
    [dossier] = make_scored()
    decisions.propose_refusal(dossier, reason="Hors du champ.", by=make_scorer())
    decisions.validate(dossier, by=make_scorer())
    decide(put_on_agenda(dossier), "refused")
    assert said(dossier) == (
        "La Commission permanente n’a pas retenu votre dossier. Une lettre vous dit pourquoi et comment contester "
        "cette décision."
    )


def test_cards_cost_the_same_at_one_and_five() -> None:
    costs = []
    dossiers = make_scored(5)
    session = SessionFactory()
    for rank, dossier in enumerate(dossiers, start=1):
        put_on_agenda(make_proposed(dossier), session, rank=rank)
    for count in (1, 5):
        mine = cards.ready(Dossier.objects.filter(pk__in=[one.pk for one in dossiers[:count]]))
        with CaptureQueriesContext(connection) as queries:
            assert len(cards.cards(mine, AT)) == count
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_gestures_offered_follow_what_stands() -> None:
    [dossier] = make_scored()
    author, other = make_scorer(), make_scorer()
    assert labels(dossier, other) == {}
    decisions.propose(dossier, amount=Decimal(9000), by=author)
    assert labels(dossier, author) == {"validate_proposal": "", "send_back": "Reprendre ma proposition"}
    assert labels(dossier, other) == {"validate_proposal": "Examiner la proposition", "send_back": ""}
    decisions.validate(dossier, by=other)
    assert labels(dossier, author) == {"validate_proposal": ""}
    assert labels(dossier, other) == {"validate_proposal": "", "send_back": ""}


def test_what_other_dossiers_are_proposed_is_said_beside_the_gauge() -> None:
    make_envelope("30000.00")
    first, second = make_scored(2)
    decisions.propose(first, amount=Decimal("9000.00"), by=make_scorer())
    application = BoosterApplication.objects.select_related("wave").get(pk=second.pk)
    shown = proposals.shown(second, make_scorer())
    found = proposals.gauged(shown, second, application, Decimal("12000.00"), beside=True)
    assert found.gauge is not None
    assert found.gauge.after is not None
    assert (found.gauge.after.free, found.others) == (Decimal(18000), Decimal(9000))
    assert found.beside.replace("\u00a0", " ").replace("\u202f", " ") == (
        "9 000,00 € sont aussi proposés sur d’autres dossiers."
    )


def test_the_journal_has_words_for_the_transitions_of_the_decision() -> None:
    assert set(proposals.ACTS) - {row.name for row in TRANSITIONS} == set()
    [dossier] = make_scored()
    event = decisions.propose(dossier, amount=Decimal(9000), by=make_scorer())
    assert journal.entry(dossier, event).title == "Subvention proposée"
