"""What the scheme keeps of an application beside the dossier: the facts it is judged and counted by, and its budget."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from normandata.dossiers.models import Dossier

from .after import NetworkEntry, Outcome, Reached, Reply
from .agreements import Agreement, DecisionLetter
from .awards import Award, Proposal
from .meetings import Meeting
from .money import CATEGORIES, HT, TTC
from .partners import Partner
from .payments.bank import BankDetails
from .payments.lines import ExpenseFile, ExpenseLine
from .payments.recoveries import Lapse, Recovery
from .payments.requests import PaymentRequest
from .regimes import REGIMES
from .rules import APPLICANTS
from .scenarios import Scenario, ScenarioLine
from .waves import Wave

__all__ = [
    "Agreement", "Award", "BankDetails", "BoosterApplication", "BudgetLine", "DecisionLetter", "ExpenseFile",
    "ExpenseLine", "Lapse", "Meeting", "NetworkEntry", "Outcome", "Partner", "PaymentRequest", "Proposal", "Reached",
    "Recovery", "Reply", "Scenario", "ScenarioLine", "Wave",
]  # fmt: skip


def _euros(label: str, **options: object) -> "models.DecimalField[Decimal, Decimal]":
    """A column of euros, to the cent."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)  # type: ignore[arg-type]


class BoosterApplication(models.Model):
    """The facts of a deposited application, as last deposited; amounts in euros, on the carrier's own basis.

    `eligible_expenses` and `grant` are rounded to the cent once, from exact sums; `wave_reason` says in words why the
    dossier is in its wave. `services.waves` writes the wave, the deposit all the rest.
    """

    dossier = models.OneToOneField(Dossier, models.PROTECT, primary_key=True, related_name="booster")
    applicant_type = models.CharField("type de porteur", max_length=30, choices=list(APPLICANTS.items()))
    recovers_vat = models.BooleanField("récupère la TVA")
    start = models.DateField("début")
    end = models.DateField("fin")
    uses_ai = models.BooleanField("s’appuie sur l’IA", null=True, blank=True)
    s3_domain = models.CharField("domaine de la stratégie S3", max_length=20, blank=True)
    aid_regime = models.CharField("régime d’aide", max_length=20, choices=list(REGIMES.items()))
    eligible_expenses = _euros("dépenses éligibles")
    grant = _euros("subvention calculée")
    other_public_aid = _euros("autres aides publiques")
    wave = models.ForeignKey(
        Wave, models.PROTECT, null=True, blank=True, verbose_name="vague", related_name="applications"
    )
    wave_reason = models.TextField("pourquoi cette vague", blank=True)

    class Meta:
        verbose_name = "candidature Booster IA"
        verbose_name_plural = "candidatures Booster IA"
        constraints = [
            models.CheckConstraint(
                condition=Q(applicant_type__in=list(APPLICANTS)),
                name="booster_ia_applicant_type_known",
                violation_error_message="Ce type de porteur n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(aid_regime__in=list(REGIMES)),
                name="booster_ia_aid_regime_known",
                violation_error_message="Ce régime d’aide n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(start__lte=F("end")),
                name="booster_ia_ends_after_it_starts",
                violation_error_message="La fin du projet ne précède pas son début.",
            ),
            models.CheckConstraint(
                condition=Q(eligible_expenses__gte=0, grant__gte=0, other_public_aid__gte=0),
                name="booster_ia_amounts_positive",
                violation_error_message="Un montant est positif.",
            ),
            models.CheckConstraint(
                condition=Q(grant__lte=F("eligible_expenses")),
                name="booster_ia_grant_within_expenses",
                violation_error_message="La subvention ne dépasse pas les dépenses éligibles.",
            ),
        ]

    def __str__(self) -> str:
        return f"Booster IA {self.dossier_id}"


class BudgetLine(models.Model):
    """One line of the budget, as last deposited, and what becomes of it. Amounts in euros, `vat_rate` in percent.

    `kept` is the part counted among the eligible expenses, on the carrier's basis: shown, never summed, because the
    sum is made of exact amounts.
    """

    application = models.ForeignKey(BoosterApplication, models.CASCADE, related_name="lines")
    rank = models.PositiveSmallIntegerField("ligne")
    category = models.CharField("catégorie", max_length=30, choices=list(CATEGORIES.items()))
    label = models.CharField("libellé", max_length=200)
    amount = _euros("montant")
    basis = models.CharField("base", max_length=3, choices=[(HT, HT), (TTC, TTC)])
    vat_rate = models.DecimalField("taux de TVA", max_digits=5, decimal_places=2, null=True, blank=True)
    function = models.CharField("fonction", max_length=150, blank=True)
    is_permanent = models.BooleanField("personnel permanent", default=False)
    days = models.DecimalField("jours", max_digits=8, decimal_places=2, null=True, blank=True)
    kept = _euros("part éligible")
    refusal = models.CharField("motif du refus", max_length=200, blank=True)
    alert = models.CharField("alerte", max_length=200, blank=True)

    class Meta:
        verbose_name = "ligne du budget"
        verbose_name_plural = "lignes du budget"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "rank"],
                name="booster_ia_budget_rank_once",
                violation_error_message="Deux lignes du budget portent le même rang.",
            ),
            models.CheckConstraint(
                condition=Q(category__in=list(CATEGORIES)),
                name="booster_ia_budget_category_known",
                violation_error_message="Cette catégorie de dépense n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, kept__gte=0),
                name="booster_ia_budget_positive",
                violation_error_message="Un montant est positif.",
            ),
            models.CheckConstraint(
                condition=Q(refusal="") | Q(kept=0),
                name="booster_ia_budget_refused_is_not_kept",
                violation_error_message="Une ligne refusée ne compte pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.label
