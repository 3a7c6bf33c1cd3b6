"""Scenarios of a wave: what might be proposed on its dossiers, simulated and kept apart from what is.

A scenario changes no dossier. It becomes proposals by a gesture of its own (`services.programming.propose`).
"""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.dossiers.models import Dossier

from .programme import KINDS
from .waves import Wave

Person = settings.AUTH_USER_MODEL


class Scenario(models.Model):
    """A named simulation on a wave. `revision` grows with each change, so that two pages never overwrite each other.

    `key` comes from the page that asked for it: sent twice, it is one scenario.
    """

    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, verbose_name="vague", related_name="scenarios")
    name = models.CharField("nom", max_length=60)
    note = models.TextField("note", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="créé par", related_name="+")
    at = models.DateTimeField("créé le", default=timezone.now)
    changed_at = models.DateTimeField("modifié le", default=timezone.now)
    revision = models.PositiveIntegerField("révision", default=1)

    class Meta:
        verbose_name = "scénario de programmation"
        verbose_name_plural = "scénarios de programmation"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "name"],
                name="booster_ia_scenario_name_once",
                violation_error_message="Un scénario de cette vague porte déjà ce nom.",
            ),
            models.CheckConstraint(
                condition=Q(name__gt=""),
                name="booster_ia_scenario_named",
                violation_error_message="Un scénario porte un nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioLine(models.Model):
    """What a scenario foresees for a dossier: a grant in euros, a refusal with its reason, or nothing for now."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="lines")
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+")
    kind = models.CharField("nature", max_length=6, choices=list(KINDS.items()))
    amount: "models.DecimalField[Decimal | None, Decimal | None]" = models.DecimalField(
        "montant", max_digits=12, decimal_places=2, null=True, blank=True
    )
    reason = models.TextField("motif", blank=True)

    class Meta:
        verbose_name = "ligne d’un scénario"
        verbose_name_plural = "lignes d’un scénario"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "dossier"],
                name="booster_ia_scenario_dossier_once",
                violation_error_message="Ce dossier est déjà dans le scénario.",
            ),
            models.CheckConstraint(
                condition=Q(kind="grant", amount__isnull=False, amount__gt=0)
                | Q(kind="refuse", amount=None, reason__gt="")
                | Q(kind="later", amount=None),
                name="booster_ia_scenario_line_whole",
                violation_error_message="Une subvention a un montant positif ; un refus, un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scenario}, {self.dossier}"
