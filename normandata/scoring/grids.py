"""Grids and their criteria: frozen once they served, and made anew as another version."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from . import arithmetic
from .arithmetic import Method, Scale
from .errors import Frozen

METHODS = ((Method.SUM.value, "somme des notes"), (Method.MEAN.value, "moyenne pondérée"))


class GridQuerySet(models.QuerySet["Grid"]):
    def latest_of(self, slug: str) -> "Grid | None":
        """Return the last version of a grid."""
        return self.filter(slug=slug).order_by("-version").first()

    def update(self, **values: Any) -> int:
        if self.exclude(frozen_at=None).exists():
            raise Frozen("a grid that served is written once")
        return super().update(**values)


class Grid(models.Model):
    """What a jury marks by. A score is the sum of the marks, or their mean weighted by criterion.

    `floor` and `spread_alert` are in the unit of the score: points out of 100, or marks out of 5; None is none.
    `least_sheets` is how many submitted sheets a subject needs to be ranked (the quorum of a Datathon).
    """

    slug = models.SlugField("code", max_length=40)
    version = models.PositiveSmallIntegerField("version", default=1)
    title = models.CharField("titre", max_length=200)
    method = models.CharField("calcul", max_length=4, choices=METHODS)
    floor = models.DecimalField("plancher", max_digits=6, decimal_places=2, null=True, blank=True)
    spread_alert = models.DecimalField("écart signalé", max_digits=6, decimal_places=2, null=True, blank=True)
    least_sheets = models.PositiveSmallIntegerField("fiches nécessaires", default=2)
    needs_justification = models.BooleanField("justification obligatoire", default=True)
    created_at = models.DateTimeField("créée le", default=timezone.now)
    frozen_at = models.DateTimeField("figée le", null=True, blank=True, editable=False)

    objects = GridQuerySet.as_manager()

    class Meta:
        verbose_name = "grille"
        verbose_name_plural = "grilles"
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "version"],
                name="scoring_grid_version_once",
                violation_error_message="Cette version de la grille existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(slug__gt="", title__gt="", version__gte=1),
                name="scoring_grid_named",
                violation_error_message="Une grille a un code, un titre et une version, à partir de 1.",
            ),
            models.CheckConstraint(
                condition=Q(method__in=[code for code, _ in METHODS]),
                name="scoring_grid_method_known",
                violation_error_message="Une grille fait la somme des notes ou leur moyenne pondérée.",
            ),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(floor__gt=0),
                name="scoring_grid_floor_positive",
                violation_error_message="Le plancher est au-dessus de zéro.",
            ),
            models.CheckConstraint(
                condition=Q(spread_alert=None) | Q(spread_alert__gt=0),
                name="scoring_grid_spread_positive",
                violation_error_message="L’écart signalé est au-dessus de zéro.",
            ),
            models.CheckConstraint(
                condition=Q(least_sheets__gte=1),
                name="scoring_grid_needs_a_sheet",
                violation_error_message="Il faut au moins une fiche pour classer.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and Grid.objects.filter(pk=self.pk).exclude(frozen_at=None).exists():
            raise Frozen("a grid that served is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.frozen_at is not None:
            raise Frozen("a grid that served is kept")
        return super().delete(*args, **kwargs)

    def freeze(self, at: datetime) -> None:
        """Write that the grid served: from now on neither it nor its criteria change."""
        self.frozen_at = at
        self.save(update_fields=["frozen_at"])

    @cached_property
    def lines(self) -> "tuple[Criterion, ...]":
        """The criteria in the order of the grid, read once."""
        return tuple(self.criteria.order_by("rank", "pk"))

    @property
    def scales(self) -> list[Scale]:
        return [line.scale for line in self.lines]

    @property
    def denominator(self) -> Fraction:
        """What the points of one sheet are divided by."""
        return arithmetic.denominator(self.method, self.scales)

    @property
    def best(self) -> Fraction:
        """The highest score: 100 for the Booster IA."""
        return arithmetic.best(self.method, self.scales)


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def update(self, **values: Any) -> int:
        self._refuse_if_served()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_if_served()
        return super().delete()

    def _refuse_if_served(self) -> None:
        if self.exclude(grid__frozen_at=None).exists():
            raise Frozen("the criteria of a grid that served are written once")


class Criterion(models.Model):
    """One line of a grid. `levels` gives words to some marks: `[{"value": "12", "label": "Correct"}, …]`."""

    grid = models.ForeignKey(Grid, models.CASCADE, verbose_name="grille", related_name="criteria")
    slug = models.SlugField("code", max_length=40)
    rank = models.PositiveSmallIntegerField("rang", default=1)
    label = models.CharField("critère", max_length=200)
    hint = models.TextField("ce qui est regardé", blank=True)
    maximum = models.DecimalField("maximum", max_digits=6, decimal_places=2)
    step = models.DecimalField("pas", max_digits=6, decimal_places=2, default=Decimal(1))
    weight = models.DecimalField("poids", max_digits=5, decimal_places=2, default=Decimal(1))
    levels = models.JSONField("échelle en mots", default=list, blank=True)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name = "critère"
        verbose_name_plural = "critères"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["grid", "slug"],
                name="scoring_criterion_once",
                violation_error_message="Ce critère est déjà dans la grille.",
            ),
            models.CheckConstraint(
                condition=Q(slug__gt="", label__gt=""),
                name="scoring_criterion_named",
                violation_error_message="Un critère a un code et un intitulé.",
            ),
            models.CheckConstraint(
                condition=Q(maximum__gt=0, step__gt=0, weight__gt=0, step__lte=models.F("maximum")),
                name="scoring_criterion_scale",
                violation_error_message="Maximum, pas et poids dépassent zéro, et le pas tient dans le maximum.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.grid.frozen_at is not None:
            raise Frozen("the criteria of a grid that served are written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.grid.frozen_at is not None:
            raise Frozen("the criteria of a grid that served are kept")
        return super().delete(*args, **kwargs)

    @property
    def scale(self) -> Scale:
        return Scale(self.maximum, self.step, self.weight)
