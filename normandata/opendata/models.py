"""What is published of each set: its two files with their hashes, and the rows that were refused."""

from datetime import datetime
from pathlib import Path

from django.db import models
from django.db.models import Q
from django.utils import timezone

from . import conf


class Publication(models.Model):
    """The files of a set as they are served. Sizes are bytes; `withheld` counts rows that the law keeps out.

    `changed_at` moves with the content, `checked_at` each time the set is written again; `problem` says why the last
    writing failed, and the files are then those of the one before.
    """

    slug = models.SlugField("jeu", max_length=60, primary_key=True)
    checked_at = models.DateTimeField("vérifiée le", default=timezone.now)
    changed_at = models.DateTimeField("changée le", null=True, blank=True)
    rows = models.PositiveIntegerField("lignes", default=0)
    refused = models.PositiveIntegerField("lignes refusées", default=0)
    withheld = models.PositiveIntegerField("lignes retenues", default=0)
    csv_sha256 = models.CharField("empreinte du CSV", max_length=64, blank=True)
    csv_bytes = models.PositiveBigIntegerField("taille du CSV", default=0)
    json_sha256 = models.CharField("empreinte du JSON", max_length=64, blank=True)
    json_bytes = models.PositiveBigIntegerField("taille du JSON", default=0)
    problem = models.CharField("problème", max_length=300, blank=True)

    class Meta:
        verbose_name = "publication de données ouvertes"
        verbose_name_plural = "publications de données ouvertes"
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(changed_at=None, csv_sha256="", json_sha256="")
                | Q(changed_at__isnull=False, csv_sha256__gt="", json_sha256__gt=""),
                name="opendata_publication_whole",
                violation_error_message="Une publication a ses deux fichiers, ou aucun.",
            )
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_there(self) -> bool:
        """Whether there is something to serve."""
        return self.changed_at is not None

    @property
    def changed(self) -> datetime:
        """When the content last changed; of a publication that has files."""
        return self.changed_at or self.checked_at

    def sha256(self, format: str) -> str:
        return self.csv_sha256 if format == "csv" else self.json_sha256

    def bytes(self, format: str) -> int:
        return self.csv_bytes if format == "csv" else self.json_bytes

    def file(self, format: str) -> Path:
        """Where a file is, named by its hash so that a reader never sees half of a new one."""
        return path_of(self.slug, self.sha256(format), format)


class Refusal(models.Model):
    """A row that was not published, and why: an operator reads it, and its owner corrects the facts."""

    publication = models.ForeignKey(Publication, models.CASCADE, verbose_name="publication", related_name="refusals")
    place = models.CharField("où", max_length=100, blank=True)
    reason = models.TextField("pourquoi")
    row = models.JSONField("ligne", default=dict)

    class Meta:
        verbose_name = "ligne refusée"
        verbose_name_plural = "lignes refusées"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.publication_id}, {self.place}"


def path_of(slug: str, sha256: str, format: str) -> Path:
    return conf.folder() / slug / f"{sha256}.{format}"
