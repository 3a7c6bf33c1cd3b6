"""Documents made by the portal: what they are made from, where they stand, and the hash of the result."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


def stored_under(document: "Document", filename: str) -> str:
    """File a document by year and identifier; its name never comes from a user."""
    return f"documents/{document.requested_at:%Y}/{document.pk}.pdf"


class DocumentQuerySet(models.QuerySet["Document"]):
    def expired(self, at: datetime) -> Self:
        """Keep the documents whose time to be fetched is over."""
        return self.filter(expires_at__lte=at)

    def fetchable(self, at: datetime) -> Self:
        """Keep the documents whose time is not over, or that have none."""
        return self.exclude(expires_at__lte=at)


class Document(models.Model):
    """A PDF asked for, in the making or ready. `record` is all it is made from; it is never edited."""

    class State(models.TextChoices):
        PENDING = "pending", "en préparation"
        READY = "ready", "prêt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.SlugField("nature", max_length=40)
    title = models.CharField("titre", max_length=200)
    filename = models.CharField("nom de fichier", max_length=120)
    record = models.JSONField("contenu")
    state = models.CharField("état", max_length=7, choices=State.choices, default=State.PENDING)
    file = models.FileField("fichier", upload_to=stored_under, blank=True)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, blank=True)
    size = models.PositiveIntegerField("taille en octets", default=0)
    requested_at = models.DateTimeField("demandé le")
    ready_at = models.DateTimeField("prêt le", null=True, blank=True)
    expires_at = models.DateTimeField("effacé le", null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documents"
        indexes = [models.Index("expires_at", name="documents_expires", condition=Q(expires_at__isnull=False))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ready", sha256__gt="", size__gt=0, ready_at__isnull=False)
                | (~Q(state="ready") & Q(sha256="", size=0, ready_at=None)),
                name="documents_document_ready_has_file",
                violation_error_message="Un document prêt a un fichier et une empreinte ; un autre n’en a pas.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY
