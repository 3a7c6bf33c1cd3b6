"""What time sets off: partners are reminded once in the week before a closing day, full addresses tried again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from booster_ia import schedule, tasks
from booster_ia.models import BoosterApplication
from booster_ia.partners import Partner
from booster_ia.services import partners
from normandata.outbox.models import Message
from tests.factories.waves import make_application, make_next_wave, make_partner, make_wave

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2026, 8, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def mails() -> list[str]:
    return sorted(one.payload["to"] for one in Message.objects.filter(handler="outbox.secret_mail"))


def run(at: datetime, times: int = 1) -> None:
    with time_machine.travel(at, tick=False):
        for _ in range(times):
            tasks.keep_time()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 9, 22, 21, 59, 59, tzinfo=UTC), 0),
        (datetime(2026, 9, 22, 22, 0, tzinfo=UTC), 1),
        (datetime(2026, 9, 30, 21, 59, 59, 900_000, tzinfo=UTC), 1),
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), 0),
    ],
)
def test_a_partner_is_reminded_once_in_the_week_before_the_closing_day(at: datetime, expected: int) -> None:
    make_wave()
    partner = make_partner(mailed_at=LONG_AGO)
    run(at, times=2)
    assert mails() == [partner.email] * expected


def test_each_dossier_s_own_wave_sets_the_day() -> None:
    """The spring wave closes on the 31st of March 2027, the autumn one on the 30th of September 2026."""
    autumn, spring = make_wave(), make_next_wave()
    early, late = make_partner(mailed_at=LONG_AGO), make_partner(mailed_at=LONG_AGO)
    moved = make_partner(mailed_at=LONG_AGO)
    for partner, wave in ((early, autumn), (late, spring), (moved, spring)):
        BoosterApplication.objects.filter(pk=partner.dossier_id).update(wave=wave, wave_reason="Complet.")
    run(datetime(2026, 9, 25, 10, tzinfo=UTC))
    assert mails() == [early.email], "not the dossiers of the wave to come"
    run(datetime(2027, 3, 25, 10, tzinfo=UTC))
    assert mails() == sorted([early.email, late.email, moved.email])


def test_a_dossier_without_a_wave_looks_at_the_first_it_may_enter() -> None:
    """Deposited in time for the autumn wave, which has closed; another was left out of it and waits for the next."""
    make_wave()
    make_next_wave()
    not_examined, left_out = make_partner(mailed_at=LONG_AGO), make_partner(mailed_at=LONG_AGO)
    reason = "« Budget » était attendu au plus tard le 2 octobre 2026."
    BoosterApplication.objects.filter(pk=left_out.dossier_id).update(wave_reason=reason)
    run(datetime(2027, 3, 25, 10, tzinfo=UTC))
    assert mails() == [left_out.email]
    assert not_examined.email not in mails()


def test_an_invitation_of_that_week_is_no_reminder_yet() -> None:
    make_wave()
    make_partner(mailed_at=datetime(2026, 9, 24, 10, tzinfo=UTC))
    run(datetime(2026, 9, 29, 10, tzinfo=UTC))
    assert mails() == []


def test_who_answered_left_or_whose_dossier_is_over_is_left_alone() -> None:
    make_wave()
    confirmed, declined = make_partner(mailed_at=LONG_AGO), make_partner(mailed_at=LONG_AGO)
    make_partner(mailed_at=LONG_AGO, state="withdrawn")
    make_partner(make_application(state="withdrawn"), mailed_at=LONG_AGO)
    partners.confirm(confirmed, by_name="Camille")
    partners.decline(declined, by_name="Alix", reason="Non")
    run(datetime(2026, 9, 25, 10, tzinfo=UTC))
    assert mails() == []


def test_without_a_wave_nobody_is_reminded() -> None:
    make_partner(mailed_at=LONG_AGO)
    run(datetime(2026, 9, 25, 10, tzinfo=UTC))
    assert mails() == []


def test_what_waits_for_a_full_address_leaves_when_there_is_room() -> None:
    partner = make_partner(mailed_at=None)
    run(datetime(2026, 9, 1, 10, tzinfo=UTC), times=2)
    assert mails() == [partner.email]
    assert Partner.objects.get().mailed_at == datetime(2026, 9, 1, 10, tzinfo=UTC)


def test_one_that_breaks_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    make_wave()
    first, second = make_partner(mailed_at=LONG_AGO), make_partner(mailed_at=LONG_AGO)
    real = partners.remind

    def remind(partner: Partner, **days: object) -> bool:
        if partner == first:
            raise RuntimeError("essai")
        return real(partner, **days)  # type: ignore[arg-type]

    monkeypatch.setattr("booster_ia.services.partners.remind", remind)
    with time_machine.travel(datetime(2026, 9, 25, 10, tzinfo=UTC), tick=False):
        assert schedule.remind_partners(datetime(2026, 9, 25, 10, tzinfo=UTC)) == 1
    assert mails() == [second.email]
    assert "RuntimeError" in caplog.text
