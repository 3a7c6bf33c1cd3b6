from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from normandata.accounts import tasks
from normandata.accounts.models import MailSlot

pytestmark = pytest.mark.django_db


def test_what_is_over_is_erased_and_what_lives_is_kept() -> None:
    now = timezone.now()
    for key, hours in (("over", -1), ("alive", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(hours=hours))
    for number, hours in ((1, 49), (2, 47)):
        MailSlot.objects.create(address_hash="0" * 64, number=number, used_at=now - timedelta(hours=hours))
    for name, minutes in (("old", 6), ("new", 4)):
        failed = AccessAttempt.objects.create(username=name, failures_since_start=1)
        AccessAttempt.objects.filter(pk=failed.pk).update(attempt_time=now - timedelta(minutes=minutes))
    tasks.clear()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]
    assert list(MailSlot.objects.values_list("number", flat=True)) == [2]
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["new"]
