"""Cost of the agents' queue at 1 000 and at 100 000 dossiers, in a database of its own on the configured engine.

Run: python -m bench.queue
"""

import gc
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import queue
from normandata.dossiers.filters import Desk, Filters
from normandata.dossiers.models import Dossier
from normandata.dossiers.queue import KEYS, Place
from normandata.dossiers.states import STATES
from normandata.organisations.models import Organisation, Undertaking, searchable
from tests.factories.accounts import make_agent, sign_in

SMALL, LARGE, REQUESTS = 1_000, 100_000, 30
KINDS = ("Atelier", "Fonderie", "Laiterie", "Papeterie", "Association", "Clinique", "Filature", "Scierie")
PLACES = ("de la Risle", "du Bocage", "de l’Estran", "des Trois-Rus", "du Perche", "de la Vire", "du Cotentin")
WORTH = (None, Decimal("5400"), Decimal("11250"), Decimal("8437.5"))


@dataclass(frozen=True)
class Cost:
    queries: int
    size: int
    cpu: float
    wall: float


def fill(first: int, last: int, agents: list[User]) -> None:
    """Write dossiers and their organisations in bulk; the first agent answers for a tenth of them."""
    draw, now = random.Random(first), timezone.now()
    states = [slug for slug in STATES if slug != "draft"]
    for start in range(first, last, 5_000):
        numbers = range(start, min(start + 5_000, last))
        groups = Undertaking.objects.bulk_create(Undertaking(name=str(number)) for number in numbers)
        organisations = Organisation.objects.bulk_create(
            organisation(number, group) for number, group in zip(numbers, groups, strict=True)
        )
        rows = []
        for number, place in zip(numbers, organisations, strict=True):
            state = draw.choice(states)
            since = now - timedelta(minutes=draw.randrange(60 * 24 * 400))
            amount = draw.choice(WORTH)
            rows.append(
                Dossier(
                    scheme="diagnostic", number=f"DIA-2026-{number:06d}", organisation=place, state=state,
                    turn=STATES[state].turn, turn_since=since, editable=STATES[state].editable.value,
                    created_by=agents[0], submitted_at=since, version=1, department=place.department, amount=amount,
                    amount_basis="ht" if amount else "",
                    owner=agents[0] if number % 10 == 0 else draw.choice([*agents[1:], None]),
                )
            )  # fmt: skip
        Dossier.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def organisation(number: int, group: Undertaking) -> Organisation:
    name = f"{KINDS[number % 8]} {PLACES[number % 7]} {number}"
    return Organisation(
        siret=f"{number:09d}00011", siren=f"{number:09d}", undertaking=group, name=name,
        search_name=f" {searchable(name)}", department=("14", "27", "50", "61", "76")[number % 5], city="Caen",
    )  # fmt: skip


def far(user: User, query: str) -> str:
    """Address the page that begins at nine tenths of a queue, or its last full page."""
    filters = Filters.read(query, Desk.of(user))
    rows = queue.rows_of(filters)
    column = KEYS[filters.sort].column
    count = rows.count()
    row = rows.values("pk", column)[min(int(count * 0.9), count - queue.PER_PAGE - 2)]
    return f"?{filters.encoded}&apres={Place(row[column], row['pk']).token(filters)}"


def cost(client: Client, address: str) -> Cost:
    """Measure one address: queries and bytes of a request, least CPU and median time of thirty."""
    client.get(address)
    gc.collect()
    gc.freeze()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    queries = len(captured)
    assert answer.status_code == 200, address
    cpus, walls = [], []
    for _ in range(REQUESTS):
        cpu, wall = time.process_time(), time.perf_counter()
        client.get(address)
        cpus.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
    return Cost(queries, len(answer.content), min(cpus), statistics.median(walls))


def addresses(user: User) -> dict[str, str]:
    """The pages measured."""
    every = "responsable=tous&etat=tous"
    return {
        "my queue, first page": "",
        "my queue, page at 90 %": far(user, ""),
        "everything, first page": f"?{every}",
        "everything, page at 90 %": far(user, every),
        **{
            f"everything by {sort}, page at 90 %": far(user, f"{every}&tri={sort}")
            for sort in KEYS
            if sort != "attente"
        },
        "everything by amount, downwards, first page": f"?{every}&tri=-montant",
        "search by name": "?q=atelier+risle+504&etat=tous",
        "search by number": "?q=dia-2026-000504&etat=tous",
        "search by SIRET": "?q=000000504&etat=tous",
        "no owner, first page": "?responsable=personne",
    }


def export(client: Client) -> tuple[int, float]:
    """Send the whole queue in CSV; gives bytes and seconds."""
    start = time.perf_counter()
    answer = client.get("/instruction/dossiers.csv?responsable=tous&etat=tous")
    size = sum(len(part) for part in answer.streaming_content)
    return size, time.perf_counter() - start


def measure(agents: list[User]) -> dict[str, Cost]:
    client = Client()
    sign_in(client, agents[0])
    return {name: cost(client, f"/instruction/{query}") for name, query in addresses(agents[0]).items()}


def within(work: Callable[[], None]) -> None:
    """Run in a database made for the purpose."""
    connection.settings_dict["TEST"] |= {"NAME": "normandata_bench_queue"}
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"] |= {"CHARSET": "UTF8", "TEMPLATE": "template0"}
    else:
        connection.settings_dict["TEST"] |= {"NAME": str(settings.VAR_DIR / "bench_queue.sqlite3")}
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        work()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def report() -> None:
    agents = [make_agent(name=f"Agent {number}") for number in range(20)]
    fill(0, SMALL, agents)
    small = measure(agents)
    fill(SMALL, LARGE, agents)
    large = measure(agents)
    print(f"{connection.vendor}, {SMALL} then {LARGE} dossiers, {REQUESTS} requests")
    for name, now in large.items():
        was = small[name]
        print(
            f"{name}: {was.queries} then {now.queries} queries, {now.size / 1000:.1f} kB, "
            f"{now.cpu * 1000:.1f} ms CPU (ratio {now.cpu / was.cpu:.2f}), "
            f"{now.wall * 1000:.1f} ms in all (ratio {now.wall / was.wall:.2f})"
        )
    client = Client()
    sign_in(client, agents[0])
    size, seconds = export(client)
    print(f"CSV of {LARGE} dossiers: {size / 1e6:.1f} MB in {seconds:.1f} s")


def main() -> None:
    setup_test_environment()
    call_command("collectstatic", interactive=False, verbosity=0)
    within(report)


if __name__ == "__main__":
    main()
