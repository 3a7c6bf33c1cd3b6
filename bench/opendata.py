"""Cost of the open data « subventions » at 10 000 and at 100 000 grants, in a database of its own.

The file is streamed as `manage.py opendata subventions` does, then published with its JSON, then read page by page by
the API. Memory is that of a new process, at its highest.

Run: python -m bench.opendata
"""

import gc
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from typing import Any

import django

django.setup()

from django.conf import settings
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.utils import timezone
from stdnum import luhn

from bench.queue import organisation, within
from booster_ia.awards import Award
from booster_ia.models import BoosterApplication
from normandata.committee.models import Item, Session
from normandata.dossiers.models import Deposit, Dossier
from normandata.opendata import publications, registry
from normandata.opendata.publications import Tally
from normandata.organisations.models import Organisation, Undertaking
from tests.factories.booster_after import make_award

SMALL, LARGE, AT_ONCE = 10_000, 100_000, 5_000
MOST_QUERIES, MOST_MEGABYTES, MOST_MORE = 4, 30, 6
"""Queries of a file; memory that it takes, and how much more at the larger size, in megabytes."""
KEY = Dossier._meta.get_field("key").get_default
AT = datetime(2027, 6, 30, 12, tzinfo=timezone.get_default_timezone())


def copied(one: models.Model, **changed: Any) -> dict[str, Any]:
    """Return the columns of a row, but its key."""
    columns = [field.attname for field in one._meta.concrete_fields if not field.primary_key]
    return {name: getattr(one, name) for name in columns} | changed


def place(number: int, group: Undertaking) -> Organisation:
    """Make an organisation whose SIRET is one."""
    found = organisation(number, group)
    body = f"9{number:07d}"
    siren = body + luhn.calc_check_digit(body)
    siret = f"{siren}0001"
    found.siren, found.siret, found.legal_category = siren, siret + luhn.calc_check_digit(siret), "5710"
    return found


def fill(first: int, last: int) -> None:
    """Write grants that are published, in bulk, all like one."""
    model = Award.objects.order_by("pk").first() or make_award()
    Session.objects.update(executory_on=date(2026, 12, 16))
    dossier, item = model.dossier, model.item
    application = BoosterApplication.objects.get(pk=dossier.pk)
    deposit = Deposit.objects.filter(dossier=dossier).get()
    for start in range(first, last, AT_ONCE):
        numbers = range(start + 1, min(start + AT_ONCE, last) + 1)
        groups = Undertaking.objects.bulk_create(Undertaking(name=str(number)) for number in numbers)
        places = Organisation.objects.bulk_create(
            place(number, group) for number, group in zip(numbers, groups, strict=True)
        )
        dossiers = Dossier.objects.bulk_create(
            Dossier(**copied(dossier, key=KEY(), number=f"BIA-2026-B{number:06d}", organisation_id=one.pk))
            for number, one in zip(numbers, places, strict=True)
        )
        BoosterApplication.objects.bulk_create(
            BoosterApplication(dossier_id=one.pk, **copied(application)) for one in dossiers
        )
        Deposit.objects.bulk_create(Deposit(**copied(deposit, dossier_id=one.pk)) for one in dossiers)
        items = Item.objects.bulk_create(
            Item(**copied(item, dossier_id=one.pk, rank=number + 1000))
            for number, one in zip(numbers, dossiers, strict=True)
        )
        Award.objects.bulk_create(
            Award(**copied(model, dossier_id=one.pk, organisation_id=one.organisation_id, item_id=point.pk))
            for one, point in zip(dossiers, items, strict=True)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def stream() -> Tally:
    """Write the file line by line, as the command does."""
    data_set, tally = registry.find("subventions"), Tally()
    assert data_set is not None
    for _ in publications.stream(data_set, "csv", AT, tally):
        pass
    return tally


def publish() -> Tally:
    """Write both files and publish them."""
    data_set = registry.find("subventions")
    assert data_set is not None
    found = publications.publish(data_set, AT)
    return Tally(published=found.rows, refused=found.refused)


def read() -> Tally:
    """Read the published rows by the API, from the first page to the last."""
    client, tally, address = Client(), Tally(), "/api/v1/datasets/subventions/rows?limit=500"
    while address:
        page = client.get(address).json()
        tally.published += len(page["data"])
        address = (page["next"] or "").removeprefix(str(settings.SITE_URL))
    return tally


WAYS = {"stream": stream, "publish": publish, "read": read}


def measure(way: str, database: str, media: str) -> None:
    """Print what one way costs, once everything it imports is there."""
    connection.settings_dict["NAME"] = database
    settings.MEDIA_ROOT, settings.API_PER_MINUTE = media, 10**9
    setup_test_environment()
    data_set = registry.find("subventions")
    assert data_set is not None
    for _ in zip(range(3), data_set.rows(AT.date()), strict=False):
        pass
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        tally = WAYS[way]()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(len(captured), tally.published, tally.refused, cpu, wall, grown / 1024)


def cost(way: str, media: str) -> tuple[int, int, int, float, float, float]:
    command = [sys.executable, "-m", "bench.opendata", way, str(connection.settings_dict["NAME"]), media]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(said[0]), int(said[1]), int(said[2]), float(said[3]), float(said[4]), float(said[5])


def report() -> None:
    """Print the costs at both sizes, and their ratios."""
    measured: dict[tuple[str, int], tuple[int, int, int, float, float, float]] = {}
    print(connection.vendor)
    with tempfile.TemporaryDirectory() as media:
        for before, count in ((0, SMALL), (SMALL, LARGE)):
            fill(before, count)
            for way in WAYS:
                found = measured[way, count] = cost(way, media)
                queries, published, refused, cpu, wall, memory = found
                assert (published, refused) == (count + 1, 0), found
                print(
                    f"{way:8} {count:>7} grants: {queries} queries, {cpu:6.2f} s of CPU, {wall:6.2f} s, "
                    f"memory +{memory:.1f} MB"
                )
    for way in WAYS:
        small, large = measured[way, SMALL], measured[way, LARGE]
        each = (large[3] / LARGE) / (small[3] / SMALL)
        print(f"{way:8} ratio 100 000 / 10 000: CPU of a row {each:.2f}, memory {large[5] - small[5]:+.1f} MB")
        assert large[5] < MOST_MEGABYTES
        assert large[5] - small[5] < MOST_MORE
    assert measured["stream", LARGE][0] <= MOST_QUERIES


def main() -> None:
    setup_test_environment()
    within(report)


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) > 1 else main()
