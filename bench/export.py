"""Cost of the Diagnostic's export at 10 000 and at 100 000 dossiers, in a database of its own on the configured engine.

Run: python -m bench.export
"""

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import django

django.setup()

from django.db import connection
from django.test.utils import CaptureQueriesContext, setup_test_environment

from bench.queue import fill, within
from diagnostic import exports
from diagnostic.market import Company, Market
from diagnostic.models import Diagnostic
from diagnostic.orders import Order
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.ui import tables
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope

SMALL, LARGE = 10_000, 100_000
MOST_QUERIES, MOST_MEGABYTES, MOST_SECONDS = 10, 20, 3


@dataclass(frozen=True)
class Cost:
    queries: int
    size: int
    cpu: float
    wall: float
    memory: float
    """Megabytes that the process grew by, at its highest."""


def deepen(first: int) -> None:
    """Give each new dossier its facts, and an order to three of four."""
    market = Market.objects.first() or Market.objects.create(
        reference="M-BANC",
        label="Diagnostics",
        envelope=make_envelope(),
        day_rate=Decimal(900),
        max_half_days=4,
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 1, 1),
    )
    company = Company.objects.first() or Company.objects.create(siret="99900000000011", name="Atelier du banc")
    rows = list(Dossier.objects.order_by("pk").values_list("pk", "organisation")[first:])
    Diagnostic.objects.bulk_create(
        (Diagnostic(dossier_id=pk, structure_type="enterprise", fte=Decimal("45.5")) for pk, _ in rows), batch_size=5000
    )
    day = date(2026, 4, 1)
    orders = (
        Order(
            dossier_id=pk, organisation_id=organisation, market=market, company=company, half_days=10,
            day_rate=Decimal(900), vat_rate=Decimal(20), amount=Decimal(5400), number=f"BC-{pk}", ordered_on=day,
            notified_on=day, delivered_on=day + timedelta(days=pk % 90),
        )
        for pk, organisation in rows
        if pk % 4
    )  # fmt: skip
    Order.objects.bulk_create(orders, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def write_csv(user: User) -> int:
    return sum(len(line.encode()) for line in tables.csv_lines(exports.COLUMNS, exports.rows(user)))


def write_xlsx(user: User) -> int:
    with tempfile.TemporaryFile() as file:
        tables.write_xlsx(file, exports.COLUMNS, exports.rows(user), title="Diagnostic")
        return file.tell()


WRITERS: dict[str, Callable[[User], int]] = {"CSV": write_csv, "XLSX": write_xlsx}


def cost(name: str, user: User) -> Cost:
    """Measure one export in a new process, whose highest memory is its own."""
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "bench.export", name, str(user.pk), database]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return Cost(int(said[0]), int(said[1]), *map(float, said[2:]))


def measure(name: str, pk: str, database: str) -> None:
    """Print what one export costs, once everything it imports is there."""
    connection.settings_dict["NAME"] = database
    user = User.objects.get(pk=pk)
    with CaptureQueriesContext(connection) as captured:
        for _ in zip(range(3), exports.rows(user), strict=False):
            pass
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.perf_counter()
    size = WRITERS[name](user)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(len(captured), size, cpu, wall, grown / 1024)


def show(name: str, count: int, found: Cost) -> None:
    print(
        f"{name:5} {count:>7} dossiers: {found.queries} queries, {found.size / 1e6:6.1f} MB sent, "
        f"{found.cpu:6.2f} s of CPU, {found.wall:6.2f} s, memory +{found.memory:.1f} MB"
    )


def report() -> None:
    """Print the costs at both sizes and their ratios."""
    agent = make_agent()
    measured: dict[tuple[str, int], Cost] = {}
    print(connection.vendor)
    for before, count in ((0, SMALL), (SMALL, LARGE)):
        fill(before, count, [agent])
        deepen(before)
        for name in WRITERS:
            measured[name, count] = cost(name, agent)
            show(name, count, measured[name, count])
    for name in WRITERS:
        small, large = measured[name, SMALL], measured[name, LARGE]
        each = (large.cpu / LARGE) / (small.cpu / SMALL)
        print(
            f"{name:5} ratio 100 000 / 10 000: CPU of a line {each:.2f}, memory {large.memory - small.memory:+.1f} MB"
        )
        assert max(small.queries, large.queries) <= MOST_QUERIES
        assert max(small.memory, large.memory) < MOST_MEGABYTES
    assert measured["CSV", SMALL].wall <= MOST_SECONDS


def main() -> None:
    setup_test_environment()
    within(report)


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) > 1 else main()
