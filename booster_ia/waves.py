"""The two waves of a year: until when one may deposit, when the Region examines, when the Commission permanente votes.

Annexe 4, « dépôt au fil de l’eau, deux vagues d’instruction au cours de l’année ».
"""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import spaced

A_YEAR = 2
"""Waves of a year."""


class WaveQuerySet(models.QuerySet["Wave"]):
    def closing_from(self, day: date) -> Self:
        """Keep the waves that close on a day or after it, the first to close first."""
        return self.filter(closing_on__gte=day).order_by("closing_on", "pk")


class Wave(models.Model):
    """A wave and its days (Europe/Paris, each included). Only `services.waves` writes one: its changes are journalled.

    `scoring_closes_on` is the last day on which a mark sheet may be submitted.
    """

    year = models.PositiveSmallIntegerField("année")
    number = models.PositiveSmallIntegerField("numéro", choices=[(1, "Première vague"), (2, "Seconde vague")])
    opens_on = models.DateField("dépôts à partir du")
    closing_on = models.DateField("clôture des dépôts")
    instruction_from = models.DateField("instruction à partir du")
    instruction_to = models.DateField("instruction jusqu’au")
    scoring_closes_on = models.DateField("dernier jour des notes")
    committee_on = models.DateField("Commission permanente")

    objects = WaveQuerySet.as_manager()

    class Meta:
        verbose_name = "vague"
        verbose_name_plural = "vagues"
        ordering = ["-closing_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"],
                name="booster_ia_wave_once",
                violation_error_message="Cette vague de l’année existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["closing_on"],
                name="booster_ia_wave_closing_once",
                violation_error_message="Une autre vague se clôt déjà ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=A_YEAR),
                name="booster_ia_wave_number",
                violation_error_message="Une année compte deux vagues, la 1 et la 2.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("closing_on")),
                name="booster_ia_wave_opens_first",
                violation_error_message="Les dépôts se closent après avoir ouvert.",
            ),
            models.CheckConstraint(
                condition=Q(closing_on__lt=F("instruction_from")),
                name="booster_ia_wave_examined_after",
                violation_error_message="L’instruction commence après la clôture des dépôts.",
            ),
            models.CheckConstraint(
                condition=Q(instruction_from__lte=F("instruction_to")),
                name="booster_ia_wave_examined_in_order",
                violation_error_message="L’instruction finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(instruction_from__lte=F("scoring_closes_on"), scoring_closes_on__lte=F("instruction_to")),
                name="booster_ia_wave_scored_meanwhile",
                violation_error_message="Les notes se closent pendant l’instruction.",
            ),
            models.CheckConstraint(
                condition=Q(instruction_to__lt=F("committee_on")),
                name="booster_ia_wave_voted_last",
                violation_error_message="La Commission permanente se réunit après l’instruction.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name a wave: « 2e vague 2026 »."""
        return f"{'1re' if self.number == 1 else '2e'} vague {self.year}"

    @property
    def calendar(self) -> list[tuple[str, str]]:
        """List what applicants are told of its days, in order."""
        return [
            ("Clôture des dépôts", spaced(f"{written_day(self.closing_on)} à 23 h 59, heure de Paris")),
            ("Instruction", f"du {written_day(self.instruction_from)} au {written_day(self.instruction_to)}"),
            ("Commission permanente", written_day(self.committee_on)),
        ]
