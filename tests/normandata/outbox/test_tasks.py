import threading

import pytest
from celery import current_app

from normandata.outbox import services, tasks
from normandata.outbox.models import Message, State
from tests.normandata.outbox.conftest import Carrier

pytestmark = pytest.mark.django_db


def test_the_tasks_do_what_they_say(carrier: Carrier, handled: list[str]) -> None:
    message = Message.objects.create(handler="test.note")
    tasks.sweep()
    assert carrier.taken == [str(message.pk)]
    tasks.deliver(str(message.pk))
    assert handled == [str(message.pk)]
    assert Message.objects.get().state == State.DONE
    Message.objects.update(done_at="2020-01-01T00:00Z")
    tasks.purge()
    assert Message.objects.count() == 0


def test_an_identifier_that_no_row_has_is_ignored() -> None:
    assert services.work("00000000-0000-0000-0000-000000000000") is False


@pytest.mark.parametrize("name", ["outbox.deliver", "outbox.sweep", "outbox.purge"])
def test_a_task_survives_its_worker(name: str) -> None:
    task = current_app.tasks[name]
    assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True)


def test_every_thread_of_a_web_process_has_the_right_application() -> None:
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(current_app.main))
    thread.start()
    thread.join()
    assert seen == ["normandata"]


def test_beat_sweeps_and_purges() -> None:
    schedule = current_app.conf.beat_schedule
    assert {name: entry["task"] for name, entry in schedule.items()} == {
        "sweep": "outbox.sweep",
        "purge": "outbox.purge",
        "erase": "documents.erase_expired",
        "uploads": "documents.sweep_uploads",
        "dossiers": "dossiers.keep_time",
        "diagnostic": "diagnostic.keep_time",
        "booster_ia": "booster_ia.keep_time",
        "experts": "experts.keep_time",
        "datathon": "datathon.keep_time",
        "participants": "datathon.erase_participants",
        "rights": "rights.keep_time",
        "roadmap": "roadmap.keep_time",
        "opendata": "opendata.publish",
        "announcements": "portal.tell",
        "sessions": "accounts.clear",
        "allowances": "organisations.clear",
        "ownerless": "documents.forget_ownerless",
    }
    current_app.loader.import_default_modules()  # as a worker does when it starts
    assert {entry["task"] for entry in schedule.values()} <= set(current_app.tasks)
