"""A gesture made on several dossiers at once: the job, and one outcome for each dossier."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from . import schemes

Person = settings.AUTH_USER_MODEL


class BulkJob(models.Model):
    """What was asked of several dossiers. `key` comes from the confirmation page: sent twice, it is one job.

    `action` is a gesture of the kernel, or one that a scheme declares (`Application.bulk`): « booster_ia.propose ».
    """

    class Action(models.TextChoices):
        ASSIGN = "assign", "Affecter à"
        START_REVIEW = "start_review", "Prendre en instruction"
        ASK = "ask", "Demander une pièce"
        SEND_LETTERS = "send_letters", "Envoyer les lettres"

    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    action = models.CharField("geste", max_length=40)
    values = models.JSONField("ce qui est demandé", default=dict)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="demandé par", related_name="+")
    created_at = models.DateTimeField("demandé le", default=timezone.now)
    done_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "traitement groupé"
        verbose_name_plural = "traitements groupés"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["assign", "start_review", "ask", "send_letters"]) | Q(action__contains="."),
                name="dossiers_bulk_action_known",
                violation_error_message="Ce geste groupé n’existe pas.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.created_at:%d/%m/%Y}"

    @property
    def label(self) -> str:
        """Name the gesture, as its author chose it."""
        found = schemes.bulk_of(self.action)
        return found.label if found else self.Action(self.action).label


class BulkOutcomeQuerySet(models.QuerySet["BulkOutcome"]):
    def waiting(self) -> Self:
        """Keep what is still to do."""
        return self.filter(state=BulkOutcome.State.WAITING)


class BulkOutcome(models.Model):
    """What became of one dossier of a job, written in the transaction of the gesture itself.

    `seen` is the mark of the letter that was read before it was sent, `letter` the one that left.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "En attente"
        DONE = "done", "Fait"
        ALREADY = "already", "Déjà fait"
        REFUSED = "refused", "Refusé"

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="outcomes")
    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+")
    state = models.CharField("résultat", max_length=10, choices=State.choices, default=State.WAITING)
    cause = models.CharField("cause", max_length=500, blank=True)
    at = models.DateTimeField("le", null=True, blank=True)
    seen = models.CharField("empreinte de la lettre relue", max_length=64, blank=True)
    letter = models.OneToOneField("dossiers.Letter", models.PROTECT, null=True, blank=True, related_name="+")

    objects = BulkOutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = "résultat d’un traitement groupé"
        verbose_name_plural = "résultats d’un traitement groupé"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "dossier"],
                name="dossiers_bulk_outcome_once",
                violation_error_message="Ce dossier est déjà dans le traitement.",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", at=None) | (~Q(state="waiting") & Q(at__isnull=False)),
                name="dossiers_bulk_outcome_is_dated",
                violation_error_message="Un résultat porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(cause__gt=""),
                name="dossiers_bulk_refusal_says_why",
                violation_error_message="Un refus dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(letter=None) | Q(state="done"),
                name="dossiers_bulk_letter_left",
                violation_error_message="Une lettre partie est un geste fait.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.get_state_display()}"
