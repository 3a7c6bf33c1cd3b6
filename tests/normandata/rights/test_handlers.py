"""What an erasure sets off: the open data written anew, and nothing left of what it takes the place of."""

import os
import time
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from datathon.models import Team
from normandata.opendata import publications
from normandata.outbox import services as outbox
from normandata.outbox.models import Message
from normandata.rights.services import erasure
from tests.datathon.test_opendata import make_published
from tests.factories.accounts import UserFactory
from tests.factories.datathon import PARIS
from tests.normandata.rights import canaries
from tests.normandata.rights.canaries import EMAIL, NAME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_apart", "quiet")]


def test_no_file_of_the_open_data_keeps_whoever_was_erased(media: Path) -> None:
    with time_machine.travel(datetime(2027, 11, 15, 12, tzinfo=PARIS), tick=True):
        person = UserFactory(email=EMAIL, name=NAME)
        Team.objects.filter(edition=make_published()).update(summary=f"Un projet mené par {NAME}.")
        publications.publish_all(timezone.now())
        first = canaries.found_in_files(media)
        assert len(first) == 2  # one file by format
        for path in first:
            os.utime(media / path, (time.time(), time.time()))
        erasure.erase(person, by=person)
        publications.publish_all(timezone.now())  # the hour comes first: what is replaced stays a day
        assert canaries.found_in_files(media) == first
        (message,) = Message.objects.unfinished().filter(handler=erasure.PUBLISH)
        assert outbox.work(message.pk) is True
    assert canaries.found_in_files(media) == []
    assert len(list(publications.conf.folder().rglob("*.csv"))) >= 4
