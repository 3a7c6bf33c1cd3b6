"""Panels of the tests, made by the gestures that people would make; what is judged needs no row of its own."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import models
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers import delays
from normandata.scoring import kinds
from normandata.scoring.arithmetic import Method
from normandata.scoring.models import Grid, Panel, Sheet, Subject
from normandata.scoring.services import grids, panels, sheets
from normandata.scoring.services.grids import Line
from normandata.scoring.services.sheets import Typed
from tests.factories.accounts import make_agent, make_user_with

D = Decimal
SCHEME = "booster_ia"
BOOSTER = (
    ("quality", "Qualité", 20),
    ("feasibility", "Faisabilité", 30),
    ("regional_interest", "Intérêt régional", 20),
    ("responsible_digital", "Numérique responsable", 10),
    ("security", "Sécurité", 10),
    ("reproducibility", "Reproductibilité", 10),
)
JURY = (("relevance", "Pertinence", "3"), ("originality", "Originalité", "2"), ("talk", "Présentation", "1"))
WORDS = ("Absent", "Faible", "Partiel", "Correct", "Solide", "Exemplaire")
_numbers = count(1)


def make_grid(slug: str = "booster", *, step: str = "0.01", **fields: Any) -> Grid:
    """Publish the grid of the Booster IA, on /100, floor 50, spread 15."""
    lines = [
        Line(slug, label, D(top), D(step), levels=tuple((D(top) * n / 5, word) for n, word in enumerate(WORDS)))
        for slug, label, top in BOOSTER
    ]
    given = {"floor": D(50), "spread_alert": D(15), "method": Method.SUM, "by": None} | fields
    return grids.publish(slug, "Grille du Booster IA", lines, **given)


def make_jury_grid(slug: str = "datathon", **fields: Any) -> Grid:
    """Publish a jury's grid: marks from 0 to 5, weights 3, 2 and 1, quorum of three, no floor."""
    lines = [Line(slug, label, D(5), D("0.5"), weight=D(weight)) for slug, label, weight in JURY]
    given = {"method": Method.MEAN, "least_sheets": 3, "needs_justification": False, "by": None} | fields
    return grids.publish(slug, "Grille du jury", lines, **given)


def make_thing(number: int | None = None) -> models.Model:
    """Return a thing that a panel judges by kind and key, and reads no more of."""
    return User(pk=number or 100_000 + next(_numbers))


def make_lead(**fields: Any) -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME, **fields)


def make_scorer(**fields: Any) -> User:
    return make_agent(SCHEME, **fields)


def make_panel(
    scorers: Sequence[User] = (),
    *,
    subjects: int | Sequence[models.Model] = 1,
    grid: Grid | None = None,
    lead: User | None = None,
    is_open: bool = True,
    is_blind_to_the_end: bool = False,
) -> Panel:
    """Make a panel with its people and subjects, open unless said otherwise."""
    made = grid or make_grid()
    panel = panels.create_panel(SCHEME, "Vague 2 de 2026", made, by=None, is_blind_to_the_end=is_blind_to_the_end)
    things = [make_thing() for _ in range(subjects)] if isinstance(subjects, int) else subjects
    panels.add_subjects(panel, things, by=None)
    for one in scorers or [make_scorer()]:
        panels.seat(panel, one, by=None, role=Role.AGENT)
    if is_open:
        panels.open_panel(panel, by=lead or make_lead())
    return panel


def first(panel: Panel) -> Subject:
    return panel.subjects.select_related("panel__grid").order_by("rank")[0]


def marks_for(total: str, grid: Grid) -> dict[str, str]:
    """Share a total among the criteria of a grid, each filled before the next."""
    left, said = D(total), {}
    for line in grid.lines:
        taken = min(left, line.maximum)
        said[line.slug], left = str(taken), left - taken
    assert not left, "more than the grid holds"
    return said


def fill(sheet: Sheet, marks: Mapping[str, str], *, by: User) -> Sheet:
    """Type marks, with a justification each."""
    typed = {slug: Typed(value, f"Parce que {slug}.") for slug, value in marks.items()}
    saved = sheets.save(sheet, typed, by=by, revision=sheet.revision)
    assert saved.errors == {}
    return saved.sheet


def judge(subject: Subject, by: User, total: str = "", **marks: str) -> Sheet:
    """Fill and submit a sheet, in time whatever the day of the test: with a total to share, or marks by criterion."""
    sheet = sheets.start(subject, by=by)
    sheet = fill(sheet, marks or marks_for(total, subject.panel.grid), by=by)
    deadline = kinds.deadline_of(subject.panel.kind, subject.panel.key)
    last = delays.end_of(deadline.on) if deadline else timezone.now()
    return sheets.submit(sheet, by=by, revision=sheet.revision, at=min(timezone.now(), last))


__all__ = [
    "BOOSTER",
    "JURY",
    "SCHEME",
    "fill",
    "first",
    "judge",
    "make_grid",
    "make_jury_grid",
    "make_lead",
    "make_panel",
    "make_scorer",
    "make_thing",
    "marks_for",
]
