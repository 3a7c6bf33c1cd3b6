"""A proposal on a request, and the order that follows it: who, how many half-days, at what price, and its dates."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation

from .market import Company, Market
from .sharing import Price, days, price

Person = settings.AUTH_USER_MODEL
MOST_HALF_DAYS = 10
"""Five days (annexe 3): held by the database too."""


class Proposal(models.Model):
    """What an agent proposes and another person decides: to select with a provider, or to refuse with a reason."""

    class Kind(models.TextChoices):
        SELECT = "select", "Sélection"
        REFUSE = "refuse", "Refus"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="diagnostic_proposals")
    kind = models.CharField("nature", max_length=6, choices=Kind.choices)
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="+")
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField("règle appliquée", max_length=300, blank=True)
    half_days = models.PositiveSmallIntegerField("demi-journées", default=0)
    reason = models.TextField("motif", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)

    class Meta:
        verbose_name = "proposition"
        verbose_name_plural = "propositions"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(decided_at=None),
                name="diagnostic_one_open_proposal",
                violation_error_message="Une proposition attend déjà sur ce dossier.",
            ),
            models.CheckConstraint(
                condition=Q(kind="refuse", company=None, market=None, half_days=0)
                | Q(kind="select", company__isnull=False, market__isnull=False, half_days__range=(1, MOST_HALF_DAYS)),
                name="diagnostic_proposal_whole",
                violation_error_message="Une sélection dit le prestataire et la durée, de 0,5 à 5 jours.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="refuse") | Q(reason__gt=""),
                name="diagnostic_refusal_says_why",
                violation_error_message="Un refus a un motif.",
            ),
            models.CheckConstraint(
                condition=Q(company=F("proposed_company")) | Q(kind="refuse") | Q(reason__gt=""),
                name="diagnostic_other_provider_says_why",
                violation_error_message="Choisir un autre prestataire que celui de la règle demande un motif.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="diagnostic_proposal_decided_by_somebody",
                violation_error_message="Une décision a un auteur et une date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.kind}"

    @property
    def is_second_choice(self) -> bool:
        return self.kind == self.Kind.SELECT and self.company_id != self.proposed_company_id

    @property
    def written_days(self) -> str:
        return days(self.half_days)


class OrderQuerySet(models.QuerySet["Order"]):
    def active(self) -> Self:
        """Keep the orders that nobody cancelled."""
        return self.filter(cancelled_at=None)

    def of_sirets(self, sirets: "frozenset[str]") -> Self:
        """Keep the orders given to companies of these SIRETs."""
        return self.filter(company__siret__in=sirets)


class Order(models.Model):
    """A diagnostic given to a company: rate and VAT as they stood, price in euros TTC, and the dates of its life.

    `half_days` is 1 to 10 (half a day to five days); `half_days_done` never exceeds it.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="diagnostic_orders")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, related_name="orders")
    company = models.ForeignKey(Company, models.PROTECT, verbose_name="prestataire", related_name="orders")
    half_days = models.PositiveSmallIntegerField("demi-journées")
    half_days_done = models.PositiveSmallIntegerField("demi-journées faites", default=0)
    day_rate = models.DecimalField("prix d’une journée, HT", max_digits=8, decimal_places=2)
    vat_rate = models.DecimalField("TVA (%)", max_digits=4, decimal_places=2)
    amount = models.DecimalField("prix TTC", max_digits=12, decimal_places=2)
    number = models.CharField("bon de commande", max_length=20, null=True, blank=True, unique=True)
    selected_at = models.DateTimeField("sélectionné le", default=timezone.now)
    ordered_on = models.DateField("commandé le", null=True, blank=True)
    notified_on = models.DateField("notifié le", null=True, blank=True)
    start_by = models.DateField("à commencer au plus tard le", null=True, blank=True)
    started_on = models.DateField("commencé le", null=True, blank=True)
    presented_on = models.DateField("présenté le", null=True, blank=True)
    delivered_on = models.DateField("remis le", null=True, blank=True)
    service_done_on = models.DateField("service fait le", null=True, blank=True)
    service_done_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    invoice = models.CharField("facture", max_length=60, blank=True)
    invoiced_on = models.DateField("facturé le", null=True, blank=True)
    invoiced = models.DecimalField("facturé, TTC", max_digits=12, decimal_places=2, null=True, blank=True)
    mandate = models.CharField("mandat", max_length=60, blank=True)
    confidential_at = models.DateTimeField("engagement de confidentialité le", null=True, blank=True)
    confidential_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancelled_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_reason = models.TextField("motif de l’annulation", blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = "commande de diagnostic"
        verbose_name_plural = "commandes de diagnostics"
        ordering = ["-selected_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(cancelled_at=None),
                name="diagnostic_one_active_order",
                violation_error_message="Ce dossier a déjà une commande.",
            ),
            models.CheckConstraint(
                condition=Q(half_days__range=(1, MOST_HALF_DAYS)),
                name="diagnostic_order_five_days",
                violation_error_message="Un diagnostic dure de 0,5 à 5 jours.",
            ),
            models.CheckConstraint(
                condition=Q(half_days_done__lte=F("half_days")),
                name="diagnostic_order_days_done",
                violation_error_message="Les journées faites ne dépassent pas la commande.",
            ),
            models.CheckConstraint(
                condition=Q(day_rate__gt=0, vat_rate__gte=0, amount__gt=0),
                name="diagnostic_order_priced",
                violation_error_message="Une commande a un prix.",
            ),
            models.CheckConstraint(
                condition=Q(number=None, ordered_on=None) | Q(number__isnull=False, ordered_on__isnull=False),
                name="diagnostic_order_numbered_iff_ordered",
                violation_error_message="Un bon de commande porte un numéro et une date.",
            ),
            models.CheckConstraint(
                condition=Q(invoiced=None) | Q(invoiced__gt=0, invoiced__lte=F("amount")),
                name="diagnostic_invoice_within_order",
                violation_error_message="La facture ne dépasse pas la commande.",
            ),
            models.CheckConstraint(
                condition=Q(invoiced=None) | Q(service_done_on__isnull=False),
                name="diagnostic_invoice_after_service",
                violation_error_message="Une facture se paie après le service fait.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(cancelled_reason__gt=""),
                name="diagnostic_cancellation_says_why",
                violation_error_message="Une annulation a un motif.",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"commande {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.cancelled_at is None

    @property
    def half_days_left(self) -> int:
        return self.half_days - self.half_days_done

    @property
    def written_days(self) -> str:
        return days(self.half_days)

    @property
    def is_late(self) -> bool:
        """Whether it should have begun by now."""
        return bool(self.start_by and not self.started_on and self.start_by < timezone.localdate())

    def days_to_start(self, day: date) -> int | None:
        return (self.start_by - day).days if self.start_by else None

    @property
    def price(self) -> Price:
        """What it costs, at the rate and the VAT of its day, in euros."""
        return self.price_of(self.half_days)

    def price_of(self, half_days: int) -> Price:
        """Return what a number of half-days costs at the rate and the VAT of the order, in euros."""
        return price(half_days, self.day_rate, self.vat_rate)


class Session(models.Model):
    """Half-days spent on a diagnostic, as the provider writes them down."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="sessions")
    on = models.DateField("date")
    half_days = models.PositiveSmallIntegerField("demi-journées")
    what = models.CharField("objet", max_length=300, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("noté le", default=timezone.now)

    class Meta:
        verbose_name = "journée d’intervention"
        verbose_name_plural = "journées d’intervention"
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(half_days__range=(1, 2)),
                name="diagnostic_session_a_day",
                violation_error_message="Une intervention compte une ou deux demi-journées.",
            ),
            models.UniqueConstraint(
                fields=["order", "on"],
                name="diagnostic_session_once_a_day",
                violation_error_message="Cette date est déjà notée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.on}"
