"""The report of a diagnostic: five parts written on screen, files, the versions sent, and each opening."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .orders import Order

Person = settings.AUTH_USER_MODEL
PARTS = {
    "donnees": "Les données : lesquelles, leur qualité, leur gestion, leurs usages et leur potentiel",
    "freins": "Les freins, les leviers et les usages qui répondent aux besoins",
    "ia": "L’intelligence artificielle : adaptée ou non, et à quoi",
    "recommandations": "Les recommandations : choix techniques, compétences, premiers traitements",
    "suites": "Les accompagnements possibles ensuite",
}
"""The five parts of annexe 3, in their order, by slug."""


class Report(models.Model):
    """The report of an order. What was sent is frozen in its versions; the parts are what is being written.

    `has_no_structure_data` is the compliance box: the report holds no data managed by the structure (annexe 3).
    """

    class State(models.TextChoices):
        WRITING = "writing", "En rédaction"
        SUBMITTED = "submitted", "Envoyé à la Région"
        ACCEPTED = "accepted", "Accepté"

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="report")
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.WRITING)
    has_no_structure_data = models.BooleanField("ne contient aucune donnée gérée par la structure", default=False)
    changes = models.TextField("changements demandés", blank=True)

    class Meta:
        verbose_name = "rapport"
        verbose_name_plural = "rapports"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="writing") | Q(has_no_structure_data=True),
                name="diagnostic_report_compliant",
                violation_error_message="Un rapport envoyé ne contient aucune donnée gérée par la structure.",
            )
        ]

    def __str__(self) -> str:
        return f"rapport de {self.order}"


class ReportPart(models.Model):
    """One part as it is written; `version` grows with each save."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="parts")
    slug = models.CharField("partie", max_length=20, choices=[(slug, slug) for slug in PARTS])
    text = models.TextField("texte", blank=True)
    version = models.PositiveIntegerField("version", default=1)
    saved_at = models.DateTimeField("enregistrée le", default=timezone.now)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "partie du rapport"
        verbose_name_plural = "parties du rapport"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "slug"],
                name="diagnostic_part_once",
                violation_error_message="Cette partie existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.slug}"


class ReportFile(models.Model):
    """A file joined to the report, in its annexes."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="files")
    upload = models.OneToOneField("documents.Upload", models.PROTECT, related_name="+")
    caption = models.CharField("légende", max_length=200, blank=True)
    part = models.CharField("partie", max_length=20, blank=True)
    is_confidential = models.BooleanField("confidentiel", default=False)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "fichier du rapport"
        verbose_name_plural = "fichiers du rapport"

    def __str__(self) -> str:
        return f"{self.report} {self.upload_id}"


class ReportVersion(models.Model):
    """What was sent to the Region, frozen; its PDF once accepted, and its redacted PDF when one was asked for."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("version")
    parts = models.JSONField("parties")
    files = models.JSONField("fichiers", default=list)
    sent_at = models.DateTimeField("envoyée le", default=timezone.now)
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, blank=True, related_name="+")
    redacted = models.ForeignKey("documents.Document", models.PROTECT, null=True, blank=True, related_name="+")
    redacted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "version du rapport"
        verbose_name_plural = "versions du rapport"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "number"],
                name="diagnostic_report_version_once",
                violation_error_message="Cette version existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} v{self.number}"


class OpeningQuerySet(models.QuerySet["Opening"]):
    def of(self, order: Order) -> Self:
        return self.filter(version__report=order.pk).select_related("by", "version").order_by("-at", "-pk")


class Opening(models.Model):
    """Somebody opened a report (annexe 3: the copy of the Region serves « service fait » and feedback only)."""

    class Purpose(models.TextChoices):
        SERVICE = "service", "Service fait"
        FEEDBACK = "feedback", "Retour d’expérience"
        OWNER = "owner", "La structure"
        AUTHOR = "author", "Le prestataire"

    version = models.ForeignKey(ReportVersion, models.PROTECT, related_name="openings")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)
    purpose = models.CharField("à quelle fin", max_length=10, choices=Purpose.choices)
    is_redacted = models.BooleanField("version expurgée", default=False)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        verbose_name = "ouverture d’un rapport"
        verbose_name_plural = "ouvertures de rapports"

    def __str__(self) -> str:
        return f"{self.version} {self.by} {self.at:%d/%m/%Y}"
