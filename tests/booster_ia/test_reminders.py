"""What time sets off at the end of a project: each mail once, to whom it concerns, and nothing once it is told."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine

from booster_ia import reminders, tasks
from booster_ia.after import Outcome
from booster_ia.awards import Award
from normandata.accounts.models import User
from normandata.dossiers.exchange import ThreadMessage
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from tests.factories.accounts import make_agent
from tests.factories.booster_after import at, make_award, make_told

pytestmark = pytest.mark.django_db
END = date(2027, 5, 31)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def run(instant: datetime) -> None:
    with time_machine.travel(instant, tick=False):
        for _ in range(2):
            tasks.keep_time()


def kinds() -> list[str]:
    return list(Mail.objects.order_by("created_at", "pk").values_list("kind", flat=True))


def test_an_account_is_asked_for_then_recalled_twice_each_once() -> None:
    award = make_award(ends_on=END)
    for days in range(45):
        run(at(END) + timedelta(days=days))
    expected = ["booster_ia.outcome_asked", "booster_ia.outcome_reminder", "booster_ia.outcome_reminder"]
    assert kinds() == expected
    assert set(Mail.objects.values_list("recipient", flat=True)) == {award.dossier.created_by_id}
    days = [one.created_at.date() for one in Mail.objects.order_by("created_at")]
    assert days == [date(2027, 6, 1), date(2027, 6, 16), date(2027, 7, 1)]
    told = ThreadMessage.objects.filter(dossier=award.dossier).order_by("pk")
    assert [one.subject.split(",")[0] for one in told] == [
        "Bilan de votre projet",
        "Rappel\u00a0: bilan de votre projet",
    ]
    assert "31\u00a0mai\u00a02027" in told[0].text


@pytest.mark.parametrize("state", ["closed", "lapsed", "granted"])
def test_a_dossier_that_is_over_or_not_notified_is_left_alone(state: str) -> None:
    make_award(ends_on=END, state=state)
    run(at(END) + timedelta(days=3))
    assert kinds() == []


def test_an_account_that_came_ends_the_reminders() -> None:
    make_told(make_award(ends_on=END), on=date(2027, 5, 20))
    assert reminders.ask_outcomes(at(END) + timedelta(days=1)) == 0


def test_a_mail_too_late_is_not_sent() -> None:
    make_award(ends_on=END)
    assert reminders.ask_outcomes(at(END) + timedelta(days=91)) == 0
    assert reminders.ask_outcomes(at(END) + timedelta(days=90)) == 1


@pytest.fixture
def agent() -> User:
    return make_agent("booster_ia")


def sent(agent: User) -> Award:
    award = make_award(ends_on=END)
    Dossier.objects.filter(pk=award.dossier_id).update(owner=agent)
    make_told(award, on=date(2027, 6, 10))
    return award


def test_the_exchange_is_recalled_to_who_answers_for_the_dossier(agent: User) -> None:
    sent(agent)
    for days in range(45):
        run(at(date(2027, 6, 10)) + timedelta(days=days))
    assert kinds() == ["booster_ia.exchange_reminder"] * 2
    assert set(Mail.objects.values_list("recipient", flat=True)) == {agent.pk}
    days = [one.created_at.date() for one in Mail.objects.order_by("created_at")]
    assert days == [date(2027, 6, 25), date(2027, 7, 10)]


def test_an_exchange_that_was_held_is_not_recalled(agent: User) -> None:
    award = sent(agent)
    Outcome.objects.filter(award=award).update(exchange_on=END, exchange_mode="remote", exchange_by=agent)
    run(at(date(2027, 6, 26)))
    assert kinds() == []


def test_a_row_that_breaks_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = make_award(ends_on=END), make_award(ends_on=END)
    tell = reminders._tell

    def breaks(award: Award, kind: str, key: str) -> None:
        if award.pk == broken.pk:
            raise ValueError("broken")
        tell(award, kind, key)

    monkeypatch.setattr(reminders, "_tell", breaks)
    assert reminders.ask_outcomes(at(END) + timedelta(days=1)) == 1
    assert list(Mail.objects.values_list("about_key", flat=True)) == [str(whole.dossier_id)]
