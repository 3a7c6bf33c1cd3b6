"""What administrators announce: a maintenance to come, an incident."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from normandata.regulation.formats import spaced

REMEMBERED = timedelta(days=90)
"""How long the public page shows what is over."""


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def kept(self) -> Self:
        """Leave out what was taken back before it began."""
        return self.filter(withdrawn_at=None)

    def ahead(self, at: datetime) -> Self:
        """Keep what is not over."""
        return self.kept().filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by("starts_at", "pk")

    def over(self, at: datetime) -> Self:
        """Keep what ended not long ago, the last first."""
        return self.kept().filter(ends_at__lte=at, ends_at__gt=at - REMEMBERED).order_by("-starts_at", "-pk")


class Announcement(models.Model):
    """A message of an administrator with its days. A banner tells it on every page from `shown_from` to its end.

    An incident has no end until it is known. `revision` grows with each change, so that two pages never overwrite each
    other silently; the journal keeps what each change replaced.
    """

    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", "Maintenance"
        INCIDENT = "incident", "Incident"

    kind = models.CharField("nature", max_length=12, choices=Kind.choices)
    title = models.CharField("titre", max_length=120)
    text = models.TextField("texte", max_length=1000)
    shown_from = models.DateTimeField("annoncée à partir du")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = "annonce"
        verbose_name_plural = "annonces"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["maintenance", "incident"]),
                name="portal_announcement_kind_known",
                violation_error_message="Cette nature n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt="", text__gt=""),
                name="portal_announcement_written",
                violation_error_message="Une annonce a un titre et un texte.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="portal_announcement_in_order",
                violation_error_message="La fin suit le début.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("shown_from")),
                name="portal_announcement_shown_before_its_end",
                violation_error_message="L’annonce paraît avant la fin.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="maintenance") | Q(ends_at__isnull=False),
                name="portal_announcement_maintenance_ends",
                violation_error_message="Une maintenance a une fin prévue.",
            ),
        ]

    def __str__(self) -> str:
        return spaced(self.title)

    def is_over(self, at: datetime) -> bool:
        """Tell whether nothing of it can change any more."""
        return self.withdrawn_at is not None or (self.ends_at is not None and self.ends_at <= at)

    def has_begun(self, at: datetime) -> bool:
        return self.starts_at <= at
