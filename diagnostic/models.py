"""What the scheme keeps of a request beside the dossier: the facts that it is judged on, and counted by."""

from django.db import models

from normandata.dossiers.models import Dossier

from .evaluation import Evaluation, FollowUp
from .market import Company, Conflict, Holder, Market, MarketAct
from .orders import Order, Proposal, Session
from .reports import Opening, Report, ReportFile, ReportPart, ReportVersion
from .rules import ACTIVITIES, STRUCTURES

__all__ = [
    "Company",
    "Conflict",
    "Diagnostic",
    "Evaluation",
    "FollowUp",
    "Holder",
    "Market",
    "MarketAct",
    "Opening",
    "Order",
    "Proposal",
    "Report",
    "ReportFile",
    "ReportPart",
    "ReportVersion",
    "Session",
]


class Diagnostic(models.Model):
    """The facts of a deposited request, as last deposited. `fte` in full-time equivalents, `population` in people."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, primary_key=True, related_name="diagnostic")
    structure_type = models.CharField("type de structure", max_length=20, choices=list(STRUCTURES.items()))
    fte = models.DecimalField("effectif (ETP)", max_digits=10, decimal_places=2)
    population = models.PositiveIntegerField("population couverte", null=True, blank=True)
    created_on = models.DateField("création", null=True, blank=True)
    activity = models.CharField("activité", max_length=20, blank=True, choices=list(ACTIVITIES.items()))
    de_minimis_declared = models.DecimalField(
        "aides de minimis déclarées", max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = "demande de diagnostic"
        verbose_name_plural = "demandes de diagnostic"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(structure_type__in=list(STRUCTURES)),
                name="diagnostic_structure_type_known",
                violation_error_message="Ce type de structure n’existe pas.",
            ),
            models.CheckConstraint(
                condition=models.Q(fte__gte=0),
                name="diagnostic_fte_positive",
                violation_error_message="Un effectif est positif.",
            ),
        ]

    def __str__(self) -> str:
        return f"Diagnostic {self.dossier_id}"
