"""Cost of the pages of scoring: a sheet, its save, its live total, and the ranking of 1 000 dossiers against 50.

In a database of its own on the configured engine. Run: python -m bench.scoring_page
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse
from django.utils import timezone

from bench.scoring import Cost, within
from bench.scoring import cost as measured
from booster_ia.services import scoring
from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.outbox import carrier
from normandata.scoring.models import Mark, Panel, Sheet
from normandata.scoring.services import panels
from tests.factories.accounts import sign_in
from tests.factories.booster_scoring import MARKS, dossier_of, make_dossiers, make_lead, make_scorer, subjects
from tests.factories.waves import make_wave

SMALL, LARGE, SCORERS = 50, 1_000, 3


def wave(number: int, count: int) -> Wave:
    """Make a wave of its own year with so many dossiers."""
    shift = timedelta(days=366 * number)
    days = {
        "opens_on": date(2026, 6, 1), "closing_on": date(2026, 9, 30), "instruction_from": date(2026, 10, 1),
        "scoring_closes_on": date(2026, 11, 6), "instruction_to": date(2026, 11, 15),
        "committee_on": date(2026, 12, 14),
    }  # fmt: skip
    made = make_wave(year=2026 + number, **{name: day + shift for name, day in days.items()})
    make_dossiers(made, count)
    return made


def score_all(panel: Panel, people: list[User]) -> None:
    """Submit a sheet of each person on each dossier, without the gestures."""
    now, lines = timezone.now(), panel.grid.lines
    made = Sheet.objects.bulk_create(
        Sheet(
            subject=one, author=by, state="submitted", points=sum(_values(one.rank, rank)), grid=panel.grid,
            submitted_at=now, subject_version="1",
        )
        for one in panel.subjects.all()
        for rank, by in enumerate(people)
    )  # fmt: skip
    Mark.objects.bulk_create(
        (
            Mark(sheet=sheet, criterion=line, value=value, maximum=line.maximum, justification="x")
            for at, sheet in enumerate(made)
            for line, value in zip(lines, _values(sheet.subject.rank, at % len(people)), strict=True)
        ),
        batch_size=2_000,
    )


def _values(rank: int, person: int) -> list[Decimal]:
    return [Decimal((rank * 7 + person + at) % 10) for at in range(len(MARKS))]


def pages(panel: Panel, scorer: Client, lead: Client, by: User) -> dict[str, Cost]:
    """Measure the pages of an open panel, then its ranking once closed."""
    subject, wave_pk = subjects(panel)[0], int(panel.key)
    here = reverse("booster_ia:sheet", args=[dossier_of(subject).key])
    scorer.post(reverse("booster_ia:sheet_begin", args=[dossier_of(subject).key]))
    sheet = Sheet.objects.get(subject=subject, author__name="Banc")
    save = reverse("booster_ia:sheet_save", args=[sheet.pk])
    total = reverse("booster_ia:sheet_total", args=[sheet.pk])
    revisions = iter(range(1, 100))
    found = {
        "sheet": cost(lambda: scorer.get(here)),
        "save": cost(lambda: scorer.post(save, sent(next(revisions)), headers={"X-Requested-With": "autosave"})),
        "live total": cost(lambda: scorer.post(total, {})),
        "progress": cost(lambda: scorer.get(reverse("booster_ia:scoring", args=[wave_pk]))),
    }
    print(f"sheet: {len(scorer.get(here).content) / 1000:.1f} kB")
    panels.close_panel(panel, by=by)
    for name, address in (
        ("ranking", reverse("booster_ia:ranking", args=[wave_pk])),
        ("ranking, CSV", reverse("booster_ia:ranking_file", args=[wave_pk, "csv"])),
        ("sheets, named, CSV", reverse("booster_ia:sheets_file", args=[wave_pk, "nominatives", "csv"])),
    ):
        found[name] = cost(reading(lead, address))
    return found


def cost(gesture: Callable[[], Any]) -> Cost:
    """Measure as the bench of the panel does; a request through the client hides its queries from that count."""
    queries: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    gesture()
    with connection.execute_wrapper(count):
        gesture()
    return replace(measured(gesture), queries=len(queries))


def reading(client: Client, address: str) -> Callable[[], Any]:
    def read() -> None:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response)

    return read


def sent(revision: int) -> dict[str, str]:
    """Write what a page sends when one mark changed."""
    whole = {f"note-{slug}": "8" for slug in MARKS} | {f"mot-{slug}": "Parce que." for slug in MARKS}
    return whole | {"version": str(revision)}


def report() -> None:
    carrier.offer = lambda pks: len(pks)
    by, people = make_lead(), [make_scorer() for _ in range(SCORERS)]
    mine = make_scorer(name="Banc")
    scorer, lead = Client(), Client()
    sign_in(scorer, mine)
    sign_in(lead, by)
    found = []
    for number, count in enumerate((SMALL, LARGE)):
        panel = scoring.open_scoring(wave(number, count), [*people, mine], by=by)
        score_all(panel, people)
        found.append(pages(panel, scorer, lead, by))
    print(f"{connection.vendor}, {SMALL} then {LARGE} dossiers, {SCORERS} sheets each")
    for name, now in found[1].items():
        was = found[0][name]
        print(
            f"{name}: {was.queries} then {now.queries} queries, {was.instances} then {now.instances} instances, "
            f"{was.cpu * 1000:.1f} then {now.cpu * 1000:.1f} ms CPU (ratio {now.cpu / was.cpu:.1f})"
        )


def main() -> None:
    setup_test_environment()
    within(report)


if __name__ == "__main__":
    main()
