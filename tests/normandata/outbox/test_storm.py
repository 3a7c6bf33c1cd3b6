"""The outbox under a small storm, with real workers on the configured database and broker."""

import time
from collections import Counter
from pathlib import Path

import pytest

from normandata.outbox.models import Message, State
from tests.normandata.outbox.storm import PROCESSES, Storm, flush_redis, on_redis

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("outbox-storm")]

ROWS = 1000
KILLS = (0.25, 0.50, 0.75)


def report(text: str) -> None:
    print(f"\n{text} ({'Redis' if on_redis() else 'filesystem'})")  # noqa: T201


def test_a_thousand_messages_survive_three_kills_and_a_flush(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        began = time.monotonic()
        storm.start()
        publisher = storm.post(f"storm.effect={ROWS}")
        for share in KILLS:
            storm.wait_effects(share * ROWS)
            storm.kill(but=publisher)
            if share == 0.50 and on_redis():
                flush_redis()
            storm.start()
        assert publisher.wait(timeout=40) == 0
        storm.wait(lambda: not Message.objects.unfinished().exists(), seconds=40, what="every message finished")
        took = time.monotonic() - began
    effects = Counter(storm.effects())
    duplicates = effects.total() - len(effects)
    report(f"storm: {ROWS} rows, {len(KILLS)} kills, {ROWS - len(effects)} lost, {duplicates} twice, {took:.1f} s")
    assert Counter(Message.objects.values_list("state", flat=True)) == {State.DONE: ROWS}
    assert set(effects) == {f"storm.effect {number}" for number in range(ROWS)}
    assert duplicates <= len(KILLS) * PROCESSES


def test_witness_celery_alone_loses_jobs_in_the_same_storm(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        storm.start()
        publisher = storm.post(f"storm.bare={ROWS}")
        for share in KILLS:
            storm.wait_effects(share * ROWS)
            storm.kill(but=publisher)
            if share == 0.50 and on_redis():
                publisher.wait(timeout=40)
                flush_redis()
                break
            storm.start()
        storm.start()
        assert publisher.wait(timeout=40) == 0
        storm.settle(seconds=6)
    lost = ROWS - len(set(storm.effects()))
    report(f"witness: Celery alone lost {lost} of {ROWS}")
    assert lost >= 1


def test_poison_stops_after_three_tries_and_blocks_nobody(tmp_path: Path) -> None:
    poisons = ("storm.exit", "storm.raise", "storm.loop")
    with Storm(tmp_path, OUTBOX_LEASE=2, OUTBOX_TIME_LIMIT=1) as storm:
        storm.start()
        publisher = storm.post(*(f"{poison}=1" for poison in poisons), "storm.effect=500")
        assert publisher.wait(timeout=40) == 0
        storm.wait(lambda: not Message.objects.unfinished().exists(), seconds=50, what="every message finished")
    effects = Counter(line.split()[0] for line in storm.effects())
    failed = Message.objects.failed()
    report(f"poison: {dict(effects)}")
    assert effects == {"storm.effect": 500, "storm.exit": 3, "storm.raise": 3, "storm.loop": 3}
    assert Message.objects.filter(state=State.DONE, handler="storm.effect").count() == 500
    assert sorted((message.handler, message.attempts) for message in failed) == [(name, 3) for name in sorted(poisons)]
    assert all(message.error for message in failed)


def test_a_long_job_keeps_its_lease_in_a_real_worker(tmp_path: Path) -> None:
    with Storm(tmp_path, OUTBOX_LEASE=1.5, OUTBOX_REOFFER_AFTER=0.5) as storm:
        storm.start()
        storm.post("storm.slow=1")
        storm.wait(lambda: not Message.objects.unfinished().exists() and storm.effects() != [], seconds=40, what="done")
    assert storm.effects() == ["storm.slow 0 starts", "storm.slow 0 ends"]
    assert Message.objects.get().attempts == 1
