"""What becomes of an edition: accompaniment, reuse of solutions, audience (annexe 5, T-20, T-29 and T-30)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .editions import Edition
from .teams import Team

Person = settings.AUTH_USER_MODEL
ACCOMPANIMENT, REUSE, INTEGRATION = "accompaniment", "reuse", "integration"
KINDS = (
    (ACCOMPANIMENT, "Accompagnement"),
    (REUSE, "Valorisation"),
    (INTEGRATION, "Intégration, même partielle"),
)
VALORISED = (REUSE, INTEGRATION)


class FollowUp(models.Model):
    """Something that happened to a solution after the edition: by whom, when, and in a sentence."""

    team = models.ForeignKey(Team, models.PROTECT, verbose_name="équipe", related_name="follow_ups")
    kind = models.CharField("nature", max_length=13, choices=KINDS)
    actor = models.CharField("par qui", max_length=200)
    is_regional = models.BooleanField("acteur régional", default=True)
    on = models.DateField("le")
    text = models.TextField("ce qui s’est passé", max_length=2000)
    url = models.URLField("adresse", max_length=500, blank=True)
    noted_by = models.ForeignKey(Person, models.PROTECT, verbose_name="noté par", related_name="+")
    noted_at = models.DateTimeField("noté le", default=timezone.now)

    class Meta:
        verbose_name = "suite donnée à un projet"
        verbose_name_plural = "suites données aux projets"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor__gt="", text__gt="", kind__in=[kind for kind, _ in KINDS]),
                name="datathon_follow_up_described",
                violation_error_message="Une suite dit sa nature, par qui et ce qui s’est passé.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.get_kind_display()}"


class Audience(models.Model):
    """A figure of audience typed in by hand, from social networks or web pages (T-30)."""

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="audiences")
    source = models.CharField("réseau ou page", max_length=150)
    measure = models.CharField("ce qui est compté", max_length=100)
    count = models.PositiveIntegerField("nombre")
    measured_on = models.DateField("relevé le")
    typed_by = models.ForeignKey(Person, models.PROTECT, verbose_name="saisi par", related_name="+")
    typed_at = models.DateTimeField("saisi le", default=timezone.now)

    class Meta:
        verbose_name = "audience"
        verbose_name_plural = "audiences"
        ordering = ["-measured_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "source", "measure", "measured_on"],
                name="datathon_audience_once",
                violation_error_message="Ce relevé existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(source__gt="", measure__gt=""),
                name="datathon_audience_described",
                violation_error_message="Un relevé dit d’où il vient et ce qu’il compte.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} : {self.count}"
