"""The agents' desk: numbers, filing periods, readings of findings, absences, saved views."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

Person = settings.AUTH_USER_MODEL


class Counter(models.Model):
    """The last number given in a year to the dossiers of a scheme; held under lock while one is given."""

    prefix = models.CharField("préfixe", max_length=5)
    year = models.PositiveSmallIntegerField("année")
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "compteur"
        verbose_name_plural = "compteurs"
        constraints = [
            models.UniqueConstraint(
                fields=["prefix", "year"],
                name="dossiers_counter_once",
                violation_error_message="Ce compteur existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:04d}"


class FilingPeriodQuerySet(models.QuerySet["FilingPeriod"]):
    def on(self, scheme: str, day: date) -> Self:
        """Keep the periods of a scheme that are not over before this day, the nearest first."""
        still = Q(closes_on=None) | Q(closes_on__gte=day)
        return self.filter(still, scheme=scheme).order_by("opens_on", "pk")


class FilingPeriod(models.Model):
    """When dossiers of a scheme may be deposited, both days included; without a last day, all along."""

    scheme = models.CharField("dispositif", max_length=30)
    opens_on = models.DateField("ouvre le")
    closes_on = models.DateField("ferme le", null=True, blank=True)
    note = models.CharField("précision", max_length=300, blank=True)

    objects = FilingPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "période de dépôt"
        verbose_name_plural = "périodes de dépôt"
        ordering = ["scheme", "opens_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on=None) | Q(closes_on__gte=F("opens_on")),
                name="dossiers_period_in_order",
                violation_error_message="La période ferme après avoir ouvert.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme} du {self.opens_on} au {self.closes_on or '…'}"


class Reading(models.Model):
    """An agent's reasoned reading of a finding that was to be reviewed; the last one of a rule counts."""

    class Outcome(models.TextChoices):
        MET = "met", "Respecté"
        UNMET = "unmet", "Non respecté"
        NOT_APPLICABLE = "not_applicable", "Sans objet"

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="readings")
    rule = models.CharField("règle", max_length=60)
    outcome = models.CharField("lecture", max_length=15, choices=Outcome.choices)
    reason = models.TextField("motif")
    finding = models.JSONField("constat lu", default=dict)
    """The finding as it stood when it was read: a reading holds for that one alone."""
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)
    version = models.PositiveSmallIntegerField("version lue")

    class Meta:
        verbose_name = "lecture d’un constat"
        verbose_name_plural = "lectures de constats"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__gt=""),
                name="dossiers_reading_says_why",
                violation_error_message="Une lecture a un motif.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.rule} {self.outcome}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day)


class Absence(models.Model):
    """When an agent is away, both days included, and who answers meanwhile."""

    agent = models.ForeignKey(Person, models.PROTECT, related_name="absences")
    since = models.DateField("du")
    until = models.DateField("au", null=True, blank=True)
    backup = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="absences_covered")
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "absence"
        verbose_name_plural = "absences"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="dossiers_absence_in_order",
                violation_error_message="Une absence finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(backup=None) | ~Q(backup=F("agent")),
                name="dossiers_absence_backup_is_another",
                violation_error_message="Le suppléant est une autre personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} du {self.since}"


class SavedView(models.Model):
    """A filtered queue under a name: its address after « ? », its columns, for one person or for all."""

    owner = models.ForeignKey(Person, models.CASCADE, related_name="saved_views")
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=1000, blank=True)
    is_shared = models.BooleanField("partagée", default=False)

    class Meta:
        verbose_name = "vue enregistrée"
        verbose_name_plural = "vues enregistrées"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="dossiers_view_name_once",
                violation_error_message="Vous avez déjà une vue de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name
