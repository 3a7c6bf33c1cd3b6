"""What the notification of a decision leaves: the letter that told it, and the convention of a grant."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.committee.models import Item
from normandata.dossiers.models import Letter

from .awards import Award

Person = settings.AUTH_USER_MODEL


class DecisionLetter(models.Model):
    """The letter that told a decision: each decision is told once, by the database."""

    item = models.OneToOneField(Item, models.PROTECT, verbose_name="décision", related_name="decision_letter")
    letter = models.OneToOneField(Letter, models.PROTECT, verbose_name="lettre", related_name="decision_letter")

    class Meta:
        verbose_name = "lettre de décision Booster IA"
        verbose_name_plural = "lettres de décision Booster IA"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.letter}"


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def unsigned(self) -> Self:
        """Keep what the structure has not signed."""
        return self.filter(signed_on=None)


class Agreement(models.Model):
    """The convention of a grant: its terms as they stood when it was made, who signed, when the Region signed.

    `terms` holds amounts in euros as strings and days as ISO dates; `letter` is its paper, listed with the others.
    It is in force once both have signed.
    """

    class Means(models.TextChoices):
        SCREEN = "screen", "À l’écran"
        PAPER = "paper", "Sur papier"

    award = models.OneToOneField(Award, models.PROTECT, verbose_name="subvention", related_name="agreement")
    letter = models.OneToOneField(Letter, models.PROTECT, verbose_name="document", related_name="agreement")
    terms = models.JSONField("clauses")
    made_at = models.DateTimeField("établie le", default=timezone.now)
    means = models.CharField("moyen", max_length=6, choices=Means.choices, blank=True)
    signed_on = models.DateField("signée par la structure le", null=True, blank=True)
    signed_name = models.CharField("signataire", max_length=150, blank=True)
    signed_function = models.CharField("fonction du signataire", max_length=150, blank=True)
    signed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField("signature enregistrée le", null=True, blank=True)
    countersigned_on = models.DateField("signée par la Région le", null=True, blank=True)
    countersigned_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "convention Booster IA"
        verbose_name_plural = "conventions Booster IA"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    means="", signed_on=None, signed_name="", signed_function="", signed_by=None, signed_at=None
                )
                | Q(
                    means__in=["screen", "paper"],
                    signed_on__isnull=False,
                    signed_name__gt="",
                    signed_function__gt="",
                    signed_by__isnull=False,
                    signed_at__isnull=False,
                ),
                name="booster_ia_agreement_signed_by_somebody",
                violation_error_message="Une signature porte un nom, une fonction, un jour et qui l’enregistre.",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_on=None, countersigned_by=None)
                | Q(
                    countersigned_on__gte=F("signed_on"),
                    signed_on__isnull=False,
                    countersigned_on__isnull=False,
                    countersigned_by__isnull=False,
                ),
                name="booster_ia_agreement_countersigned_last",
                violation_error_message="La Région signe après la structure.",
            ),
        ]

    def __str__(self) -> str:
        return f"convention {self.award.dossier}"

    @property
    def is_signed(self) -> bool:
        return self.signed_on is not None

    @property
    def is_in_force(self) -> bool:
        """Whether both parties have signed."""
        return self.countersigned_on is not None

    @property
    def effective_on(self) -> date | None:
        """The day of the last signature."""
        return self.countersigned_on
