"""A batch of 1 000 letters whose workers are killed (-9) three times, beside 250 left alone: what became of each.

Real workers, in a database of its own on the configured engine. PDFs and mails are put off: they are not measured here.

Run: python -m bench.letters
"""

import os
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("PYTEST_XDIST_WORKER", "bench")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min
from django.test.utils import setup_test_environment
from django.utils import timezone

from booster_ia.agreements import DecisionLetter
from normandata.accounts.models import User
from normandata.dossiers import letter_batches as mailrooms
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import BulkJob, Dossier
from normandata.dossiers.services import bulk, letter_batches
from normandata.outbox.models import Message
from normandata.procedure.models import Event
from tests.factories.booster_scoring import make_scorer
from tests.factories.letters import make_light, make_signatory
from tests.normandata.outbox.storm import PROCESSES, Storm

ALONE, COUNT, KILLS = 250, letter_batches.MOST, (0.25, 0.5, 0.75)
KIND, ACT = "booster_ia.refusal", "notify_refusal"
PATIENCE = 600


@dataclass(frozen=True)
class Sent:
    """What became of a batch: letters, seconds from the first to the last, letters at each kill."""

    job: BulkJob
    dossiers: list[Dossier]
    seconds: float
    at_kills: list[int]

    @property
    def each(self) -> float:
        return self.seconds / len(self.dossiers)

    def lines(self) -> dict[str, int]:
        return dict(Counter(self.job.outcomes.values_list("state", flat=True)))

    def counted(self) -> dict[str, int]:
        """Count what each dossier should have once: letters, decisions told, acts in the journal."""
        keys = [one.pk for one in self.dossiers]
        letters = Letter.objects.filter(kind=KIND, dossier__in=keys)
        told = Counter(letters.values_list("dossier", flat=True))
        return {
            "letters": letters.count(),
            "lost": sum(pk not in told for pk in keys),
            "twice": sum(count > 1 for count in told.values()),
            "decisions told": DecisionLetter.objects.filter(item__dossier__in=keys).count(),
            "acts": Event.objects.named(ACT).filter(thing_key__in=[str(pk) for pk in keys]).count(),
        }


def send(count: int, by: User, folder: Path, kills: tuple[float, ...] = ()) -> Sent:
    """Post a batch and let real workers send it; kill them all at each share of it, and start others."""
    dossiers = make_light(count)
    read = mailrooms.drafts(dossiers, timezone.now())
    marks = {one.dossier.number or "": one.mark for one in read.values()}
    job = letter_batches.begin(marks, dossiers, key=uuid.uuid4(), by=by)
    at_kills: list[int] = []
    with Storm(folder, OUTBOX_LEASE=2) as storm:
        storm.start()
        for goal in (int(share * count) for share in kills):
            storm.wait(lambda goal=goal: left(job) >= goal, seconds=PATIENCE, what=f"{goal} letters")
            storm.kill()
            at_kills.append(left(job))
            storm.start()
        storm.wait(lambda: left(job) == count, seconds=PATIENCE, what="every letter")
        storm.wait(lambda: not job.outcomes.waiting().exists(), seconds=30, what="every line")
    edges = job.outcomes.aggregate(first=Min("at"), last=Max("at"))
    return Sent(job, dossiers, (edges["last"] - edges["first"]).total_seconds(), at_kills)


def left(job: BulkJob) -> int:
    """Count the lines done; what else the outbox holds waits until tomorrow."""
    others = Message.objects.exclude(handler=bulk.HANDLER).filter(state="pending", due_at__lte=timezone.now())
    others.update(due_at=timezone.now() + timedelta(days=1))
    return job.outcomes.filter(letter__isnull=False).count()


def report() -> None:
    make_signatory()
    by = make_scorer()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        alone = send(ALONE, by, Path(one))
        killed = send(COUNT, by, Path(two), KILLS)
    print(f"{connection.vendor}, {PROCESSES} processes, {letter_batches.CHUNK} letters a message")
    print(f"alone: {ALONE} letters in {alone.seconds:.1f} s, lines {alone.lines()}, {alone.counted()}")
    print(
        f"killed at {killed.at_kills} of {COUNT}: {killed.seconds:.1f} s, lines {killed.lines()}, {killed.counted()}; "
        f"{killed.each / alone.each:.2f} times the seconds of a letter left alone"
    )


def within(work: Callable[[], None]) -> None:
    """Run in a database made for the purpose."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"] |= {"NAME": "normandata_bench_letters"}
    else:
        connection.settings_dict["TEST"] |= {"NAME": str(settings.VAR_DIR / "bench_letters.sqlite3")}
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        work()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def main() -> None:
    setup_test_environment()
    within(report)


if __name__ == "__main__":
    main()
