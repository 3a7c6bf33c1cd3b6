"""What an agent proposes on an application, and the grant that the Commission permanente decides on it."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.budgets.models import Envelope
from normandata.committee.models import Item
from normandata.dossiers.models import Dossier
from normandata.organisations.models import Organisation

Person = settings.AUTH_USER_MODEL


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> Self:
        """Keep what waits for a second person."""
        return self.filter(decided_at=None)

    def standing(self) -> Self:
        """Keep what a second person validated and nothing has replaced: what an agenda takes up."""
        return self.filter(is_validated=True, ended_at=None)


class Proposal(models.Model):
    """What is proposed on an application: a grant with its amount, or a refusal with its reason. Amounts in euros.

    `score` is exact only in the panel: here it is as shown, with the rank, for the report. A second person validates it
    or sends it back; `ended_at` dates the day it stopped standing (decided by the committee, or taken off the agenda).
    """

    class Kind(models.TextChoices):
        GRANT = "grant", "Subvention"
        REFUSE = "refuse", "Refus"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="booster_proposals")
    kind = models.CharField("nature", max_length=6, choices=Kind.choices)
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2, null=True, blank=True)
    basis = models.CharField("base", max_length=20, blank=True)
    rank = models.PositiveSmallIntegerField("rang", null=True, blank=True)
    score = models.CharField("note", max_length=20, blank=True)
    reason = models.TextField("motif", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("examinée le", null=True, blank=True)
    is_validated = models.BooleanField("validée", default=False)
    ended_at = models.DateTimeField("sans suite ou décidée le", null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition Booster IA"
        verbose_name_plural = "propositions Booster IA"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(ended_at=None),
                name="booster_ia_one_standing_proposal",
                violation_error_message="Une proposition attend déjà sur ce dossier.",
            ),
            models.CheckConstraint(
                condition=Q(kind="grant", amount__isnull=False, amount__gt=0, basis__gt="")
                | Q(kind="refuse", amount=None, reason__gt=""),
                name="booster_ia_proposal_whole",
                violation_error_message="Une subvention a un montant et sa base ; un refus, un motif.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, is_validated=False)
                | Q(
                    Q(decided_by__isnull=False, decided_at__isnull=False),
                    Q(is_validated=False) | ~Q(decided_by=F("by")),
                ),
                name="booster_ia_proposal_validated_by_another",
                violation_error_message="Qui propose ne valide pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.kind}"


class AwardQuerySet(models.QuerySet["Award"]):
    def active(self) -> Self:
        """Keep the grants that nobody undid."""
        return self.filter(undone_at=None)


class Award(models.Model):
    """A grant as it was voted: amount, eligible base, rate and cap kept with it. Amounts in euros, on `basis`.

    `paid` is the running total of certified payments, moved by the payments' gestures alone and never above `amount`.
    `justify_by` is the last day to justify; after it the grant may lapse (« caducité »).
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="booster_awards")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, verbose_name="point de l’ordre du jour", related_name="awards")
    envelope = models.ForeignKey(Envelope, models.PROTECT, verbose_name="enveloppe", related_name="+")
    granted_on = models.DateField("accordée le")
    deliberation = models.CharField("délibération", max_length=40)
    amount = models.DecimalField("subvention", max_digits=12, decimal_places=2)
    basis = models.CharField("base", max_length=20)
    eligible_expenses = models.DecimalField("dépenses éligibles", max_digits=14, decimal_places=2)
    other_public_aid = models.DecimalField("autres aides publiques", max_digits=14, decimal_places=2)
    rate = models.DecimalField("taux (%)", max_digits=5, decimal_places=2)
    cap = models.DecimalField("plafond", max_digits=12, decimal_places=2)
    aid_regime = models.CharField("régime d’aide", max_length=20)
    recovers_vat = models.BooleanField("récupère la TVA")
    starts_on = models.DateField("début du projet")
    ends_on = models.DateField("fin du projet")
    justify_by = models.DateField("à justifier au plus tard le")
    notified_on = models.DateField("notifiée le", null=True, blank=True)
    paid = models.DecimalField("payé", max_digits=12, decimal_places=2, default=Decimal("0.00"))
    undone_at = models.DateTimeField("défaite le", null=True, blank=True)
    undone_reason = models.TextField("motif", blank=True)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = "subvention Booster IA"
        verbose_name_plural = "subventions Booster IA"
        ordering = ["-granted_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(undone_at=None),
                name="booster_ia_one_active_award",
                violation_error_message="Ce dossier a déjà une subvention.",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(undone_at=None),
                name="booster_ia_one_award_an_item",
                violation_error_message="Cette décision a déjà sa subvention.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("cap")),
                name="booster_ia_award_within_cap",
                violation_error_message="La subvention est positive et ne dépasse pas le plafond.",
            ),
            models.CheckConstraint(
                condition=Q(amount__lte=F("eligible_expenses")),
                name="booster_ia_award_within_expenses",
                violation_error_message="La subvention ne dépasse pas les dépenses éligibles.",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte=F("amount")),
                name="booster_ia_award_never_overpaid",
                violation_error_message="Les paiements ne dépassent pas la subvention votée.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on"), justify_by__gte=F("ends_on")),
                name="booster_ia_award_dates_in_order",
                violation_error_message="Le projet commence, finit, puis se justifie.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_reason__gt="", paid=0),
                name="booster_ia_award_undone_unpaid",
                violation_error_message="Une subvention payée ne se défait pas ; le motif est donné.",
            ),
        ]

    def __str__(self) -> str:
        return f"subvention {self.dossier}"

    @property
    def left(self) -> Decimal:
        """What is not paid of it, in euros."""
        return self.amount - self.paid

    def is_late(self, day: date) -> bool:
        return self.justify_by < day
