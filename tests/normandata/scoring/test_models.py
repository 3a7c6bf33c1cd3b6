"""Every named constraint of the room refuses, in the database and in French."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from normandata.scoring.errors import Frozen
from normandata.scoring.models import Conflict, Criterion, Disclosure, Grid, Mark, Panel, Seat, Sheet, Subject
from tests.factories.accounts import UserFactory
from tests.factories.scoring import first, make_grid, make_panel, make_scorer

pytestmark = pytest.mark.django_db
D = Decimal


def grid(**fields: object) -> Grid:
    return Grid(**{"slug": "essai", "title": "Essai", "method": "sum"} | fields)


def criterion(**fields: object) -> Criterion:
    made = grid()
    made.save()
    return Criterion(**{"grid": made, "slug": "a", "label": "A", "maximum": D(20)} | fields)


def panel(**fields: object) -> Panel:
    return Panel(**{"scheme": "booster_ia", "title": "Vague", "grid": make_grid()} | fields)


def sheet(**fields: object) -> Sheet:
    return Sheet(subject=first(make_panel()), author=make_scorer(), **fields)


def mark(value: str) -> Mark:
    written = sheet()
    written.save()
    line = written.subject.panel.grid.lines[0]
    return Mark(sheet=written, criterion=line, value=D(value), maximum=line.maximum)


def conflict(**fields: object) -> Conflict:
    about = {"scheme": "booster_ia", "kind": "a.b", "key": "1", "person": UserFactory(), "reason": "Parent."}
    return Conflict(**about | fields)


def conflict_with_panel() -> Conflict:
    return conflict(kind="", key="", panel=make_panel())


def twice(make: Callable[[], models.Model], **changes: object) -> models.Model:
    one = make()
    one.save()
    one.pk, one._state.adding = None, True
    for name, value in changes.items():
        setattr(one, name, value)
    return one


CASES: dict[str, tuple[Callable[[], models.Model], str]] = {
    "scoring_grid_version_once": (lambda: twice(grid), "Cette version de la grille existe déjà."),
    "scoring_grid_named": (
        lambda: grid(version=0),
        "Une grille a un code, un titre et une version, à partir de 1.",
    ),
    "scoring_grid_method_known": (
        lambda: grid(method="rank"),
        "Une grille fait la somme des notes ou leur moyenne pondérée.",
    ),
    "scoring_grid_floor_positive": (lambda: grid(floor=D(0)), "Le plancher est au-dessus de zéro."),
    "scoring_grid_spread_positive": (lambda: grid(spread_alert=D(0)), "L’écart signalé est au-dessus de zéro."),
    "scoring_grid_needs_a_sheet": (lambda: grid(least_sheets=0), "Il faut au moins une fiche pour classer."),
    "scoring_criterion_once": (lambda: twice(criterion), "Ce critère est déjà dans la grille."),
    "scoring_criterion_named": (lambda: criterion(label=""), "Un critère a un code et un intitulé."),
    "scoring_criterion_scale": (
        lambda: criterion(step=D(21)),
        "Maximum, pas et poids dépassent zéro, et le pas tient dans le maximum.",
    ),
    "scoring_panel_thing_once": (lambda: twice(lambda: panel(kind="a.b", key="1")), "Un jury existe déjà ici."),
    "scoring_panel_named": (lambda: panel(title=""), "Un jury a un dispositif et un titre."),
    "scoring_panel_points_wholly": (
        lambda: panel(kind="a.b"),
        "Un jury dit la nature et la clé de ce à quoi il se rattache, ou rien.",
    ),
    "scoring_panel_state_known": (lambda: panel(state="lost"), "Cet état n’existe pas."),
    "scoring_panel_says_who_closed": (
        lambda: panel(state="closed"),
        "Un jury clos, et lui seul, dit qui l’a clos et quand.",
    ),
    "scoring_subject_once": (lambda: twice(lambda: first(make_panel())), "Ce projet est déjà dans ce jury."),
    "scoring_subject_points": (
        lambda: Subject(panel=make_panel(), kind="", key="1"),
        "Un projet à noter dit sa nature et sa clé.",
    ),
    "scoring_seat_once": (
        lambda: twice(lambda: Seat(panel=make_panel(), person=UserFactory())),
        "Cette personne siège déjà.",
    ),
    "scoring_conflict_once": (lambda: twice(conflict), "Ce conflit d’intérêts est déjà déclaré."),
    "scoring_conflict_with_panel_once": (
        lambda: twice(conflict_with_panel),
        "Ce conflit d’intérêts est déjà déclaré pour tout le jury.",
    ),
    "scoring_conflict_points": (
        lambda: conflict(panel=make_panel()),
        "Un conflit d’intérêts porte sur une chose, ou sur un jury entier.",
    ),
    "scoring_conflict_says_why": (lambda: conflict(reason=""), "Un conflit d’intérêts dit son motif."),
    "scoring_conflict_lifted_wholly": (
        lambda: conflict(lifted_at=timezone.now()),
        "La levée d’un conflit d’intérêts dit par qui, quand et pourquoi.",
    ),
    "scoring_sheet_once": (lambda: twice(sheet), "Cette personne a déjà une fiche sur ce projet."),
    "scoring_sheet_state_known": (lambda: sheet(state="lost"), "Cet état n’existe pas."),
    "scoring_sheet_frozen_iff_submitted": (
        lambda: sheet(state="submitted"),
        "Une fiche remise, et elle seule, dit ses points et sa grille.",
    ),
    "scoring_sheet_points_not_negative": (
        lambda: sheet(state="submitted", points=D(-1), grid=make_grid(), submitted_at=timezone.now()),
        "Les points ne sont jamais négatifs.",
    ),
    "scoring_sheet_reopened_wholly": (
        lambda: sheet(reopened_at=timezone.now()),
        "Une fiche rouverte, et non remise depuis, dit par qui, quand et pourquoi.",
    ),
    "scoring_disclosure_once": (
        lambda: twice(lambda: Disclosure(subject=first(make_panel()), person=UserFactory())),
        "Cette personne a déjà lu ces résultats.",
    ),
    "scoring_mark_once": (lambda: twice(lambda: mark("1")), "Ce critère a déjà sa note sur cette fiche."),
    "scoring_mark_not_negative": (lambda: mark("-1"), "Une note n’est jamais négative."),
    "scoring_mark_within_maximum": (lambda: mark("20.01"), "Une note ne dépasse pas le maximum du critère."),
}


@pytest.mark.parametrize("name", CASES)
def test_a_constraint_refuses_and_says_why(name: str) -> None:
    make, message = CASES[name]
    broken = make()
    found = next(one for one in type(broken)._meta.constraints if one.name == name)
    with pytest.raises(ValidationError) as refused:
        found.validate(type(broken), broken)
    assert refused.value.messages == [message]
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Model.save(broken)


def test_every_constraint_of_the_room_is_proved() -> None:
    every = (Grid, Criterion, Panel, Subject, Seat, Conflict, Sheet, Disclosure, Mark)
    assert {one.name for model in every for one in model._meta.constraints} == set(CASES)


def test_a_grid_that_served_is_written_once() -> None:
    served = make_panel().grid
    line = served.lines[0]
    gestures = (
        served.save,
        served.delete,
        line.save,
        line.delete,
        Criterion(grid=served, slug="more", label="More", maximum=D(5)).save,
        served.criteria.all().delete,
        lambda: served.criteria.update(maximum=D(100)),
        lambda: Grid.objects.filter(pk=served.pk).update(floor=D(1)),
        Grid.objects.get(pk=served.pk).save,
    )
    for gesture in gestures:
        with pytest.raises(Frozen):
            gesture()
    stale = Grid.objects.get(pk=served.pk)
    stale.frozen_at = None
    with pytest.raises(Frozen):
        stale.save()


def test_a_grid_that_never_served_changes() -> None:
    fresh = make_grid()
    fresh.floor = D(40)
    fresh.save()
    fresh.criteria.update(maximum=D(10))
    fresh.lines[0].delete()
    fresh.delete()
    assert not Criterion.objects.exists()


@pytest.mark.parametrize(("step", "value", "maximum"), [("0.5", "1.3", "20"), ("0.5", "1", "30")])
def test_a_mark_keeps_to_the_scale_of_its_criterion(step: str, value: str, maximum: str) -> None:
    panel = make_panel(grid=make_grid(step=step))
    sheet = Sheet.objects.create(subject=first(panel), author=make_scorer())
    with pytest.raises(ValueError, match="scale"):
        Mark(sheet=sheet, criterion=panel.grid.lines[0], value=D(value), maximum=D(maximum)).save()


def test_rows_say_what_they_are() -> None:
    here = mark("12")
    here.save()
    assert str(here) == "Qualité : 12"
    assert str(here.sheet.subject.panel) == "Vague 2 de 2026"
    assert str(here.sheet.subject.panel.grid) == "Grille du Booster IA, version 1"
