"""Documents made by the portal, and files people send: what they are, where they stand, and their hash."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.reverse_related import ForeignObjectRel

from . import conf
from .checks.formats import FORMATS, IMAGES


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
        ERASED = "erased", "éliminé"

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


def kept_under(upload: "Upload", filename: str) -> str:
    """File an upload by year and identifier: no name, no extension, nothing that a person typed."""
    return f"uploads/{upload.uploaded_at:%Y}/{upload.pk}"


class UploadQuerySet(models.QuerySet["Upload"]):
    def available(self) -> Self:
        """Keep the uploads that may be read: clean, or never scanned where no antivirus is set."""
        states = [Upload.State.CLEAN] if conf.antivirus() else [Upload.State.CLEAN, Upload.State.UNSCANNED]
        return self.filter(state__in=states)

    def checking(self) -> Self:
        """Keep the uploads that wait for the antivirus."""
        return self.filter(state=Upload.State.CHECKING)

    def unscanned(self) -> Self:
        """Keep the uploads received while no antivirus was set."""
        return self.filter(state=Upload.State.UNSCANNED)

    def ownerless(self) -> Self:
        """Keep the uploads that no row of any room points at."""
        links = [field for field in Upload._meta.get_fields(include_hidden=True) if field.auto_created]
        owners = [
            Exists(link.related_model._base_manager.filter(**{link.field.name: OuterRef("pk")}))
            for link in links
            if isinstance(link, ForeignObjectRel) and not isinstance(link.related_model, str)
        ]
        return self.filter(*[~owner for owner in owners])


class Upload(models.Model):
    """A file that a person sent, whose content was checked. Only `documents.uploads` writes it."""

    class State(models.TextChoices):
        CHECKING = "checking", "analyse antivirus"
        CLEAN = "clean", "reçue"
        UNSCANNED = "unscanned", "non analysée"
        INFECTED = "infected", "refusée, virus détecté"
        REFUSED = "refused", "refusée, analyse impossible"
        ERASED = "erased", "éliminée"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField("fichier", upload_to=kept_under, blank=True)
    name = models.CharField("nom", max_length=150)
    format = models.CharField("format", max_length=8, choices=[(slug, slug) for slug in FORMATS])
    media_type = models.CharField("type de contenu", max_length=100)
    size = models.PositiveBigIntegerField("taille en octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    pages = models.PositiveIntegerField("pages", default=0)
    width = models.PositiveIntegerField("largeur en pixels", default=0)
    height = models.PositiveIntegerField("hauteur en pixels", default=0)
    state = models.CharField("état", max_length=9, choices=State.choices)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="envoyé par",
        null=True,
        on_delete=models.SET_NULL,
        related_name="uploads",
    )
    uploaded_at = models.DateTimeField("envoyé le")
    checked_at = models.DateTimeField("analysé le", null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier reçu"
        verbose_name_plural = "fichiers reçus"
        indexes = [
            models.Index(
                "uploaded_at", name="documents_upload_waiting", condition=Q(state__in=["checking", "unscanned"])
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["checking", "clean", "unscanned", "infected", "refused", "erased"]),
                name="documents_upload_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["checking", "clean", "unscanned"], file__gt="")
                | Q(state__in=["infected", "refused", "erased"], file=""),
                name="documents_upload_file_unless_refused",
                violation_error_message="Un fichier refusé ou éliminé n’est pas gardé ; un autre l’est.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["clean", "infected", "refused"], checked_at__isnull=False)
                | Q(state__in=["checking", "unscanned"], checked_at=None)
                | Q(state="erased"),
                name="documents_upload_dated_once_scanned",
                violation_error_message="Un fichier analysé, et lui seul, porte la date de l’analyse.",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, sha256__gt="", name__gt="", media_type__gt=""),
                name="documents_upload_described",
                violation_error_message="Un fichier reçu a un nom, un type, une taille et une empreinte.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_available(self) -> bool:
        """Whether it may be read: the same rule as the `available` rows."""
        return self.state == self.State.CLEAN or (self.state == self.State.UNSCANNED and not conf.antivirus())

    @property
    def is_image(self) -> bool:
        return self.format in IMAGES
