"""A meeting of the Region with the carrier, between the deposit and the Commission permanente (annexe 4)."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.regulation.formats import NBSP
from normandata.regulation.formats import day as written_day

Person = settings.AUTH_USER_MODEL
LASTS = timedelta(hours=1)
"""How long a meeting lasts in the calendar file."""


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def standing(self) -> Self:
        """Keep the meetings that were not cancelled."""
        return self.filter(cancelled_at=None)


class Meeting(models.Model):
    """A meeting, at an hour of Paris, in a place or behind a link; the notes are the agents' own.

    `revision` grows with each save, so that two tabs do not overwrite each other.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="meetings")
    day = models.DateField("jour")
    hour = models.TimeField("heure")
    place = models.CharField("lieu", max_length=300, blank=True)
    link = models.URLField(
        "lien de la visioconférence", max_length=500, blank=True, validators=[URLValidator(schemes=["https"])]
    )
    who = models.CharField("participants", max_length=500)
    notes = models.TextField("compte rendu, réservé aux agents", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="fixée par", related_name="+")
    at = models.DateTimeField("fixée le", default=timezone.now)
    changes = models.PositiveSmallIntegerField("changements", default=0, editable=False)
    """How often day, hour or place changed: the sequence number of its calendar file."""
    revision = models.PositiveIntegerField("révision", default=1, editable=False)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "rencontre avec le porteur"
        verbose_name_plural = "rencontres avec le porteur"
        ordering = ["day", "hour", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place__gt="") | Q(link__gt=""),
                name="booster_ia_meeting_is_somewhere",
                violation_error_message="Indiquez le lieu, ou le lien de la visioconférence.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {written_day(self.day)}"

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.day, self.hour, tzinfo=PARIS)

    @property
    def ends_at(self) -> datetime:
        return self.begins_at + LASTS

    @property
    def written(self) -> str:
        """Write when: « 12 octobre 2026 à 14 h 30 »."""
        return f"{written_day(self.day)} à {self.hour.hour}{NBSP}h{NBSP}{self.hour.minute:02d}"
