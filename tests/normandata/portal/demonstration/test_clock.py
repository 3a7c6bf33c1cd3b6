from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from normandata.portal.demonstration import clock

PAST = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)


def test_a_block_is_on_another_day_and_no_longer() -> None:
    with clock.travel(PAST):
        assert timezone.now() == PAST
        assert timezone.localdate() == datetime(2026, 9, 2, tzinfo=UTC).date()
        assert timezone.template_localtime(PAST).hour == 0
    assert timezone.now() - datetime.now(UTC) < timedelta(seconds=1)


def test_a_block_that_fails_brings_back_to_today() -> None:
    with pytest.raises(ZeroDivisionError), clock.travel(PAST):
        raise ZeroDivisionError
    assert timezone.now() - datetime.now(UTC) < timedelta(seconds=1)
    assert timezone.now() > PAST


@time_machine.travel("2026-11-23T08:00:00+00:00", tick=False)
def test_the_gestures_of_a_day_are_in_order_on_working_days_and_never_to_come() -> None:
    assert clock.today() == datetime(2026, 11, 23, tzinfo=UTC).date()
    assert clock.ago(1) == datetime(2026, 11, 20, 8, 10, tzinfo=UTC)
    assert clock.ago(3) == clock.ago(2) == clock.ago(1)
    assert clock.ago(4) < clock.ago(3)
    assert clock.ago(5, 2) - clock.ago(5, 1) == clock.EVERY
    assert clock.ago(0, 1) < clock.ago(0, 2) < datetime.now(UTC)
