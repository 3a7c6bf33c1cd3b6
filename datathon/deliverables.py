"""What a team hands in: four kinds of pieces, each kept in all its versions with its hash (annexe 5, T-14 and T-15)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from normandata.documents.models import Upload

from .teams import Team

Person = settings.AUTH_USER_MODEL
CODE, DATA, DOCUMENTATION, PRESENTATION = "code", "data", "documentation", "presentation"
KINDS = (
    (CODE, "Code source"),
    (DATA, "Données utilisées"),
    (DOCUMENTATION, "Documentation"),
    (PRESENTATION, "Support de présentation"),
)
REQUIRED = (CODE, DATA, PRESENTATION)
"""The documentation comes « le cas échéant »."""


class DeliverableQuerySet(models.QuerySet["Deliverable"]):
    def current(self) -> Self:
        """Keep the last version of each kind by team."""
        newest = Deliverable.objects.filter(team=OuterRef("team"), kind=OuterRef("kind")).order_by("-version")
        return self.filter(pk=Subquery(newest.values("pk")[:1]))

    def real(self) -> Self:
        """Leave out what was handed in for a trial."""
        return self.filter(rehearsal=False)


class Deliverable(models.Model):
    """One version of one kind of piece: a file, an address, or a list of data; a new one never replaces it.

    `sha256` is that of the file, or of the address, the words and the list. Only `services.deliverables` writes one.
    """

    team = models.ForeignKey(Team, models.PROTECT, verbose_name="équipe", related_name="deliverables")
    kind = models.CharField("nature", max_length=13, choices=KINDS)
    version = models.PositiveSmallIntegerField("version")
    upload = models.OneToOneField(
        Upload, models.PROTECT, null=True, blank=True, verbose_name="fichier", related_name="deliverable"
    )
    url = models.URLField("adresse", max_length=500, blank=True)
    text = models.TextField("description", max_length=5000, blank=True)
    items = models.JSONField("jeux de données", default=list, blank=True)
    """Of the data used: `[{"title", "url", "licence"}]`; `text` says the same, a line each."""
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    handed_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, verbose_name="remis par", related_name="+"
    )
    handed_at = models.DateTimeField("remis le", default=timezone.now)
    rehearsal = models.BooleanField("pour l’essai", default=False)

    objects = DeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = "livrable"
        verbose_name_plural = "livrables"
        ordering = ["team", "kind", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "kind", "version"],
                name="datathon_deliverable_version_once",
                violation_error_message="Cette version existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind for kind, _ in KINDS], version__gte=1, sha256__gt=""),
                name="datathon_deliverable_described",
                violation_error_message="Un livrable a une nature, une version et une empreinte.",
            ),
            models.CheckConstraint(
                condition=Q(upload__isnull=False) | Q(url__gt="") | Q(text__gt=""),
                name="datathon_deliverable_says_something",
                violation_error_message="Un livrable est un fichier, une adresse ou un texte.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.get_kind_display()}, version {self.version}"
