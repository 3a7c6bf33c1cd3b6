"""The deposit of a request: statements, commits, and its cost beside a bare journal row written in the same run.

python -m bench.deposit
"""

import os
import sys
import time
import uuid
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection
from django.test.utils import CaptureQueriesContext, get_runner

from normandata.dossiers.models import Dossier
from normandata.dossiers.services import deposits
from normandata.procedure import services as procedure
from tests.factories.dossiers import SIGNED, make_draft

ROUNDS = 50


def cpu(gesture: Callable[[], object]) -> float:
    start = time.process_time()
    gesture()
    return time.process_time() - start


def measure() -> None:
    drafts = [make_draft() for _ in range(ROUNDS + 2)]
    people = [draft.created_by for draft in drafts]
    fresh = [Dossier.objects.get(pk=draft.pk) for draft in drafts]

    def send(rank: int) -> None:
        deposits.deposit(fresh[rank], key=uuid.uuid4(), signatory=SIGNED, by=people[rank])

    send(ROUNDS + 1)  # the first deposit of the year makes its counter
    with CaptureQueriesContext(connection) as queries:
        send(0)
    statements = [query["sql"] for query in queries]
    commits = sum(sql.startswith("COMMIT") for sql in statements)
    costs = sorted(cpu(lambda rank=rank: send(rank)) for rank in range(1, ROUNDS + 1))
    floor = sorted(cpu(lambda rank=rank: procedure.record(fresh[rank], "bench", by=None)) for rank in range(ROUNDS))
    middle, least = costs[ROUNDS // 2], floor[ROUNDS // 2]
    data = [sql for sql in statements if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    sys.stdout.write(
        f"{connection.vendor}: {len(data)} statements, {commits} commit, "
        f"{middle * 1000:.1f} ms of CPU, {middle / least:.0f} times one journal row\n"
    )


def main() -> None:
    runner = get_runner(django.conf.settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        measure()
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
