"""What the portal cannot count and somebody types in: a value, its day, its source, who signs it."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from normandata.dossiers.delays import end_of
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.models import Immutable

from . import dimensions
from .definitions import Split

Person = settings.AUTH_USER_MODEL
STRUCTURES = [*dimensions.LABELS[Split.STRUCTURE].items()]
DEPARTMENTS = [*dimensions.LABELS[Split.DEPARTMENT].items()]


class StatementQuerySet(models.QuerySet["Statement"]):
    def of(self, owner: str, indicator: str) -> Self:
        """Keep those of an indicator."""
        return self.filter(owner=owner, indicator=indicator)

    def standing(self, as_of: date) -> Self:
        """Keep the values that held at the end of a day: neither corrected nor withdrawn yet."""
        end = end_of(as_of)
        later = Statement.objects.filter(corrects=OuterRef("pk"), at__lt=end)
        return self.filter(~Exists(later), at__lt=end, value__isnull=False)

    def uncorrected(self) -> Self:
        """Keep the rows that no other one takes the place of, withdrawn ones too."""
        return self.filter(correction=None)


class Statement(models.Model):
    """A value typed in by hand. It is written once: a correction is another row, which says why and keeps this one.

    A correction without a value withdraws what it corrects.
    """

    owner = models.CharField("dispositif", max_length=30)
    indicator = models.SlugField("indicateur", max_length=60)
    label = models.CharField("ce qui est relevé", max_length=150)
    structure = models.CharField("type de structure", max_length=30, choices=STRUCTURES, blank=True)
    department = models.CharField("département", max_length=10, choices=DEPARTMENTS, blank=True)
    measured_on = models.DateField("relevé le")
    value = models.DecimalField("valeur", max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField("unité", max_length=40)
    source = models.CharField("source", max_length=200)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, verbose_name="corrige", related_name="correction"
    )
    reason = models.CharField("motif", max_length=300, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, verbose_name="saisi par", related_name="+")
    at = models.DateTimeField("saisi le", default=timezone.now)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = "valeur saisie"
        verbose_name_plural = "valeurs saisies"
        ordering = ["-measured_on", "-pk"]
        indexes = [models.Index(fields=["owner", "indicator", "measured_on"], name="indicators_statement_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0),
                name="indicators_statement_positive",
                violation_error_message="Une valeur n’est pas négative.",
            ),
            models.CheckConstraint(
                condition=Q(label__gt="", unit__gt="", source__gt=""),
                name="indicators_statement_told",
                violation_error_message="Une valeur dit ce qui est relevé, dans quelle unité et d’après qui.",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, value__isnull=False, reason="") | Q(corrects__isnull=False, reason__gt=""),
                name="indicators_statement_corrected_with_reason",
                violation_error_message="Une correction dit son motif ; une première saisie a une valeur.",
            ),
            WrittenOnce(name="indicators_statement_written_once", forgets=["by"]),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("a typed value is written once")
        super().save(*args, **kwargs)
