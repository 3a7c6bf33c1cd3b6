"""Money asked back from an organisation, and grants that lapse: each heard first, each decided by a second person."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.dossiers.letters import Letter
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from ..awards import Award
from . import states
from .recovery_procedure import PROCEDURE

Person = settings.AUTH_USER_MODEL


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def pending(self) -> Self:
        """Keep what is neither issued by the treasury nor given up."""
        return self.filter(state__in=states.PENDING)


class Recovery(models.Model):
    """An « ordre de reversement », from its adversarial letter to the number of its « titre ». `amount` in euros.

    The organisation is heard first (CRPA, art. L121-1): the order waits for its observations, or for their last day.
    Whoever opened it or sent the letter does not decide it.
    """

    class Kind(models.TextChoices):
        OVERPAYMENT = "overpayment", "Trop-perçu"
        BREACH = "breach", "Manquement aux obligations de la convention"
        LAPSE = "lapse", "Caducité"

    award = models.ForeignKey(Award, models.PROTECT, verbose_name="subvention", related_name="recoveries")
    kind = models.CharField("nature", max_length=11, choices=Kind.choices)
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2)
    reason = models.TextField("motif")
    explanation = models.JSONField("calcul", default=dict, blank=True)
    state = models.CharField(
        "état",
        max_length=8,
        choices=[(one.slug, one.label) for one in states.RECOVERIES.values()],
        default=states.OPENED,
    )
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField("ouvert le", default=timezone.now)
    notified_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    notified_on = models.DateField("courrier envoyé le", null=True, blank=True)
    observations_by = models.DateField("observations jusqu’au", null=True, blank=True)
    observations = models.TextField("observations", blank=True)
    observed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    observed_at = models.DateTimeField("observations reçues le", null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    decision = models.TextField("réponse aux observations, ou motif de l’abandon", blank=True)
    letter = models.OneToOneField(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    order = models.OneToOneField(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    claim = models.CharField("titre de recette", max_length=40, blank=True)
    claimed_on = models.DateField("titre émis le", null=True, blank=True)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = "ordre de reversement"
        verbose_name_plural = "ordres de reversement"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(state__in=states.PENDING),
                name="booster_ia_one_pending_recovery",
                violation_error_message="Un reversement est déjà en cours sur cette subvention.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(states.RECOVERIES)),
                name="booster_ia_recovery_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, reason__gt=""),
                name="booster_ia_recovery_says_why",
                violation_error_message="Un reversement a un montant et un motif.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[states.OPENED, states.WAIVED])
                | Q(notified_on__isnull=False, observations_by__gte=F("notified_on"), notified_by__isnull=False),
                name="booster_ia_recovery_heard_first",
                violation_error_message="La structure est entendue avant tout ordre de reversement.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.ORDERED, states.ISSUED, states.WAIVED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="booster_ia_recovery_decided_by_somebody",
                violation_error_message="Une décision a un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (
                    (Q(opened_by=None) | ~Q(decided_by=F("opened_by")))
                    & (Q(notified_by=None) | ~Q(decided_by=F("notified_by")))
                ),
                name="booster_ia_recovery_decided_by_another",
                violation_error_message="Qui ouvre un reversement ne le décide pas.",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.WAIVED) | Q(decision__gt=""),
                name="booster_ia_recovery_waived_says_why",
                violation_error_message="Un abandon a un motif.",
            ),
            models.CheckConstraint(
                condition=Q(state=states.ISSUED, claim__gt="", claimed_on__isnull=False)
                | (~Q(state=states.ISSUED) & Q(claim="", claimed_on=None)),
                name="booster_ia_recovery_claimed_iff_issued",
                violation_error_message="Un titre émis, et lui seul, porte un numéro et une date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.award.dossier.number}"

    @property
    def procedure(self) -> Procedure:
        return PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state = state.slug

    @property
    def standing(self) -> State:
        return states.RECOVERIES[self.state]

    @property
    def mark(self) -> str:
        """What tells that the observations are those that a page showed; nothing while there are none."""
        return self.observed_at.isoformat() if self.observed_at else ""

    def may_be_ordered(self, day: date) -> bool:
        """Whether the organisation answered, or had all its time to."""
        return self.observed_at is not None or (self.observations_by is not None and self.observations_by < day)


class Lapse(models.Model):
    """A lapse (« caducité ») that one agent proposes and another decides."""

    award = models.ForeignKey(Award, models.PROTECT, verbose_name="subvention", related_name="lapses")
    reason = models.TextField("motif")
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="proposée par", related_name="+")
    at = models.DateTimeField("proposée le", default=timezone.now)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    is_confirmed = models.BooleanField("confirmée", default=False)

    class Meta:
        verbose_name = "caducité proposée"
        verbose_name_plural = "caducités proposées"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(decided_at=None),
                name="booster_ia_one_open_lapse",
                violation_error_message="Une caducité est déjà proposée.",
            ),
            models.CheckConstraint(
                condition=Q(reason__gt=""),
                name="booster_ia_lapse_says_why",
                violation_error_message="Une caducité a un motif.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, is_confirmed=False)
                | Q(
                    Q(decided_by__isnull=False, decided_at__isnull=False),
                    Q(is_confirmed=False) | ~Q(decided_by=F("by")),
                ),
                name="booster_ia_lapse_decided_by_another",
                violation_error_message="Qui propose une caducité ne la décide pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"caducité {self.award}"
