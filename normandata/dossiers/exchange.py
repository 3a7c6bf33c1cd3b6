"""What is said about a dossier: one thread, and the requests for corrections."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

Person = settings.AUTH_USER_MODEL


class ThreadMessageQuerySet(models.QuerySet["ThreadMessage"]):
    def public(self) -> Self:
        """Keep what the applicant reads."""
        return self.filter(is_internal=False)


class ThreadMessage(models.Model):
    """One message of the thread: a person's, a request, or the text of a mail about the state."""

    class Side(models.TextChoices):
        APPLICANT = "applicant", "La structure"
        REGION = "region", "La Région"
        PORTAL = "portal", "Le portail"

    class Kind(models.TextChoices):
        MESSAGE = "message", "Message"
        STATE = "state", "Étape"
        REQUEST = "request", "Demande de correction"
        ANSWER = "answer", "Réponse à une demande"

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="messages")
    side = models.CharField("côté", max_length=10, choices=Side.choices)
    kind = models.CharField("nature", max_length=10, choices=Kind.choices, default=Kind.MESSAGE)
    author = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField("objet", max_length=200, blank=True)
    text = models.TextField("texte")
    is_internal = models.BooleanField("réservé aux agents", default=False)
    at = models.DateTimeField("le", default=timezone.now)
    correction = models.ForeignKey(
        "dossiers.Correction", models.PROTECT, null=True, blank=True, related_name="messages"
    )

    objects = ThreadMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message du fil"
        verbose_name_plural = "messages du fil"
        indexes = [models.Index(fields=["dossier", "-at"], name="dossiers_thread")]
        constraints = [
            models.CheckConstraint(
                condition=Q(side="portal") | Q(author__isnull=False),
                name="dossiers_thread_signed",
                violation_error_message="Un message a un auteur, sauf ceux du portail.",
            ),
            models.CheckConstraint(
                condition=~Q(is_internal=True) | Q(side="region"),
                name="dossiers_thread_internal_is_ours",
                violation_error_message="Seule la Région écrit des notes internes.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.get_side_display()} {self.at:%d/%m/%Y}"


class ThreadFile(models.Model):
    """A file joined to a message."""

    message = models.ForeignKey(ThreadMessage, models.PROTECT, related_name="files")
    upload = models.OneToOneField("documents.Upload", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "fichier du fil"
        verbose_name_plural = "fichiers du fil"

    def __str__(self) -> str:
        return f"{self.message} {self.upload_id}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def open(self) -> Self:
        return self.filter(state=Correction.State.OPEN)


class Correction(models.Model):
    """A request for pieces or for another answer, with its last day (included, Europe/Paris)."""

    class State(models.TextChoices):
        OPEN = "open", "En attente"
        ANSWERED = "answered", "Satisfaite"
        CANCELLED = "cancelled", "Annulée"
        EXPIRED = "expired", "Sans réponse à la date limite"

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="corrections")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    due_on = models.DateField("au plus tard le")
    text = models.TextField("message", blank=True)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField("close le", null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de correction"
        verbose_name_plural = "demandes de correction"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state="open"),
                name="dossiers_one_open_correction",
                violation_error_message="Une demande est déjà en attente sur ce dossier.",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="dossiers_correction_closed_is_dated",
                violation_error_message="Une demande close porte sa date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} demande du {self.asked_at:%d/%m/%Y}"


class CorrectionItem(models.Model):
    """One thing asked for: a piece (`piece:slug`) or a section to take up again (`section:slug`)."""

    correction = models.ForeignKey(Correction, models.PROTECT, related_name="items")
    target = models.CharField("objet", max_length=60)
    label = models.CharField("intitulé", max_length=200)
    reason = models.CharField("ce qui est attendu", max_length=500)
    satisfied_at = models.DateTimeField("arrivée le", null=True, blank=True)

    class Meta:
        verbose_name = "pièce ou réponse demandée"
        verbose_name_plural = "pièces ou réponses demandées"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["correction", "target"],
                name="dossiers_correction_target_once",
                violation_error_message="Cette pièce est déjà dans la demande.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_piece(self) -> bool:
        return self.target.startswith("piece:")

    @property
    def slug(self) -> str:
        """The slug of the piece or of the section."""
        return self.target.partition(":")[2]
