"""Cost of ranking a panel of 1 000 subjects against one of 50, in a database of its own on the configured engine.

Run: python -m bench.scoring
"""

import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.utils import timezone

from normandata.accounts.models import User
from normandata.scoring import ranking, reading
from normandata.scoring.models import Mark, Panel, Sheet
from normandata.scoring.services import panels
from tests.factories.scoring import make_grid, make_lead, make_panel, make_scorer, make_thing

SMALL, LARGE, SCORERS, ROUNDS = 50, 1_000, 3, 10
TIES = ("feasibility", "quality")


@dataclass(frozen=True)
class Cost:
    queries: int
    instances: int
    cpu: float


def fill(subjects: int, people: list[User], lead: User) -> Panel:
    """Make a closed panel whose every subject has a submitted sheet of each person, in steps of half a point."""
    draw, now = random.Random(subjects), timezone.now()
    panel = make_panel(people, subjects=[make_thing()], grid=make_grid(step="0.5"), lead=lead)
    made = [*panel.subjects.all(), *panels.add_subjects(panel, [make_thing() for _ in range(subjects - 1)], by=None)]
    marks = [
        (one, by, [Decimal(draw.randrange(0, int(line.maximum) * 2 + 1)) / 2 for line in panel.grid.lines])
        for one in made
        for by in people
    ]
    sheets = Sheet.objects.bulk_create(
        Sheet(
            subject=one, author=by, state="submitted", points=sum(values), grid=panel.grid, submitted_at=now
        )
        for one, by, values in marks
    )  # fmt: skip
    Mark.objects.bulk_create(
        (
            Mark(sheet=sheet, criterion=line, value=value, maximum=line.maximum, justification="x")
            for sheet, (_, _, values) in zip(sheets, marks, strict=True)
            for line, value in zip(panel.grid.lines, values, strict=True)
        ),
        batch_size=2_000,
    )
    panels.close_panel(panel, by=lead)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return panel


def cost(gesture: Callable[[], Any]) -> Cost:
    """Count queries and instances of one go, and the least CPU of ten."""
    gesture()
    made: list[type] = []

    def count(sender: type, **_: Any) -> None:
        made.append(sender)

    post_init.connect(count, weak=False)
    with CaptureQueriesContext(connection) as captured:
        gesture()
    post_init.disconnect(count)
    gc.collect()
    cpus = []
    for _ in range(ROUNDS):
        start = time.process_time()
        gesture()
        cpus.append(time.process_time() - start)
    return Cost(len(captured), len(made), min(cpus))


def measure(panel: Panel, lead: User) -> dict[str, Cost]:
    key = panel.pk

    def read() -> Panel:
        return Panel.objects.select_related("grid").get(pk=key)

    return {
        "rank": cost(lambda: ranking.rank(read(), ties=TIES)),
        "ranking as a lead agent reads it": cost(lambda: reading.ranking(read(), lead, ties=TIES)),
        "progress": cost(lambda: reading.progress(read(), lead)),
        "export, anonymous": cost(lambda: reading.scores(read(), lead, named=False)),
    }


def report() -> None:
    lead, people = make_lead(), [make_scorer() for _ in range(SCORERS)]
    small = measure(fill(SMALL, people, lead), lead)
    large = measure(fill(LARGE, people, lead), lead)
    print(f"{connection.vendor}, {SMALL} then {LARGE} subjects, {SCORERS} sheets each, {ROUNDS} rounds")
    for name, now in large.items():
        was = small[name]
        print(
            f"{name}: {was.queries} then {now.queries} queries, {was.instances} then {now.instances} instances, "
            f"{was.cpu * 1000:.1f} then {now.cpu * 1000:.1f} ms CPU (ratio {now.cpu / was.cpu:.1f} "
            f"for {LARGE / SMALL:.0f} times the subjects)"
        )


def within(work: Callable[[], None]) -> None:
    """Run in a database made for the purpose."""
    connection.settings_dict["TEST"] |= {"NAME": "normandata_bench_scoring"}
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"] |= {"CHARSET": "UTF8", "TEMPLATE": "template0"}
    else:
        connection.settings_dict["TEST"] |= {"NAME": str(settings.VAR_DIR / "bench_scoring.sqlite3")}
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
