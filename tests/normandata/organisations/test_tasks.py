from datetime import timedelta

import pytest
from django.utils import timezone

from normandata.organisations import mails, tasks
from normandata.organisations.models import MailAllowance

pytestmark = pytest.mark.django_db


def test_counts_are_erased_once_every_mail_is_an_hour_old() -> None:
    now = timezone.now().timestamp()
    for digest, sent in (("old", [now - 7200, now - 3601]), ("last", [now - 7200, now - 3500]), ("empty", [])):
        MailAllowance.objects.create(digest=digest, sent=sent)
    tasks.clear()
    assert list(MailAllowance.objects.values_list("digest", flat=True)) == ["last"]


def test_who_had_three_mails_still_waits_for_the_hour_after_the_purge() -> None:
    assert [mails.allow("x@exemple.invalid") for _ in range(4)] == [True, True, True, False]
    assert mails.forget_allowances(timezone.now() + timedelta(minutes=59)) == 0
    assert not mails.allow("x@exemple.invalid")
    assert mails.forget_allowances(timezone.now() + timedelta(minutes=61)) == 1
    assert mails.allow("x@exemple.invalid")
