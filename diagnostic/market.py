"""The market that diagnostics are ordered on (marché à bons de commande, MAPA): companies, rate, maximum, acts."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.budgets.models import Envelope

from .rules import STRUCTURES
from .sharing import Price, Sharing, price

Person = settings.AUTH_USER_MODEL
SHARINGS = [
    (Sharing.SINGLE.value, "Titulaire unique"),
    (Sharing.COMPETENCE.value, "Par compétence"),
    (Sharing.ROTATION.value, "À tour de rôle"),
]


class Company(models.Model):
    """A company that carries out diagnostics. Its people hold the role of provider with its SIRET as scope."""

    siret = models.CharField("SIRET", max_length=14, unique=True)
    name = models.CharField("nom", max_length=200)
    address = models.CharField("adresse", max_length=300, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)

    class Meta:
        verbose_name = "prestataire"
        verbose_name_plural = "prestataires"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MarketQuerySet(models.QuerySet["Market"]):
    def in_force(self, day: date) -> Self:
        """Keep the markets on which an order may be placed that day, the oldest first."""
        return self.filter(starts_on__lte=day, ends_on__gte=day).order_by("starts_on", "pk")


class Market(models.Model):
    """A market: its sharing rule, its day rate in euros HT, its VAT in percent, its maximum in half-days.

    `half_days_held` is what orders hold now; only the services move it, under the row's lock.
    """

    reference = models.CharField("référence", max_length=60, unique=True)
    label = models.CharField("objet", max_length=200)
    envelope = models.ForeignKey(Envelope, models.PROTECT, verbose_name="enveloppe", related_name="markets")
    sharing = models.CharField("règle de répartition", max_length=12, choices=SHARINGS, default=Sharing.SINGLE.value)
    day_rate = models.DecimalField("prix d’une journée, HT", max_digits=8, decimal_places=2)
    vat_rate = models.DecimalField("TVA (%)", max_digits=4, decimal_places=2, default=20)
    max_half_days = models.PositiveSmallIntegerField("maximum, en demi-journées")
    half_days_held = models.PositiveSmallIntegerField("demi-journées tenues", default=0, editable=False)
    starts_on = models.DateField("commence le")
    ends_on = models.DateField("finit le")

    objects = MarketQuerySet.as_manager()

    class Meta:
        verbose_name = "marché"
        verbose_name_plural = "marchés"
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sharing__in=[slug for slug, _ in SHARINGS]),
                name="diagnostic_market_sharing_known",
                violation_error_message="Cette règle de répartition n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(day_rate__gt=0),
                name="diagnostic_market_rate_positive",
                violation_error_message="Le prix d’une journée est supérieur à zéro.",
            ),
            models.CheckConstraint(
                condition=Q(vat_rate__gte=0, vat_rate__lt=100),
                name="diagnostic_market_vat_plausible",
                violation_error_message="La TVA est un pourcentage, de 0 à moins de 100.",
            ),
            models.CheckConstraint(
                condition=Q(half_days_held__lte=F("max_half_days")),
                name="diagnostic_market_within_maximum",
                violation_error_message="Le maximum du marché est atteint.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="diagnostic_market_in_order",
                violation_error_message="Le marché finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write all but what orders hold: a stale object must not bring an old count back."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name for field in self._meta.concrete_fields if field.name not in ("id", "half_days_held")
            ]
        super().save(*args, **kwargs)

    @property
    def half_days_left(self) -> int:
        return self.max_half_days - self.half_days_held

    def price(self, half_days: int) -> Price:
        """Return what a number of half-days costs on this market, in euros."""
        return price(half_days, self.day_rate, self.vat_rate)


class Holder(models.Model):
    """A company of a market: the only holder, or a member of the group that answers together (co-traitance)."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="holders")
    company = models.ForeignKey(Company, models.PROTECT, verbose_name="prestataire", related_name="holdings")
    rank = models.PositiveSmallIntegerField("rang", default=1)
    competences = models.JSONField("types de structures", default=list, blank=True)
    """Types of structures that it is able to diagnose, where the market shares by competence."""
    skills = models.CharField("compétences", max_length=300, blank=True)

    class Meta:
        verbose_name = "membre du marché"
        verbose_name_plural = "membres du marché"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "company"],
                name="diagnostic_holder_once",
                violation_error_message="Ce prestataire est déjà dans le marché.",
            ),
            models.UniqueConstraint(
                fields=["market", "rank"],
                name="diagnostic_holder_rank_once",
                violation_error_message="Ce rang est déjà pris dans le marché.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market} {self.company}"

    @property
    def competence_labels(self) -> list[str]:
        return [STRUCTURES[slug] for slug in self.competences if slug in STRUCTURES]


class MarketAct(models.Model):
    """A deliberation, a signature or an amendment of a market."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="acts")
    label = models.CharField("acte", max_length=200)
    reference = models.CharField("référence", max_length=60, blank=True)
    day = models.DateField("date")

    class Meta:
        verbose_name = "acte du marché"
        verbose_name_plural = "actes du marché"
        ordering = ["day", "pk"]

    def __str__(self) -> str:
        return self.label


class Conflict(models.Model):
    """A declared conflict of interest: a company takes no diagnostic of this SIREN."""

    company = models.ForeignKey(Company, models.PROTECT, verbose_name="prestataire", related_name="conflicts")
    siren = models.CharField("SIREN de la structure", max_length=9)
    reason = models.CharField("motif", max_length=300)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="déclaré par", related_name="+")
    at = models.DateTimeField("déclaré le", default=timezone.now)
    ended_at = models.DateTimeField("levé le", null=True, blank=True)

    class Meta:
        verbose_name = "conflit d’intérêts"
        verbose_name_plural = "conflits d’intérêts"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "siren"],
                condition=Q(ended_at=None),
                name="diagnostic_conflict_once",
                violation_error_message="Ce conflit est déjà déclaré.",
            ),
            models.CheckConstraint(
                condition=Q(reason__gt=""),
                name="diagnostic_conflict_says_why",
                violation_error_message="Un conflit d’intérêts a un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} {self.siren}"
