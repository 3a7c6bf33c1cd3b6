"""Letters that decide: who signs them, when they left, and the reading that starts the appeal period."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .delays import appeal_day

Person = settings.AUTH_USER_MODEL


class SignatoryQuerySet(models.QuerySet["Signatory"]):
    def on(self, scheme: str, day: date) -> Self:
        """Keep who may sign for a scheme on a day, its own signatory first."""
        still = Q(until=None) | Q(until__gte=day)
        return self.filter(still, since__lte=day, scheme__in=("", scheme)).order_by("-scheme", "-since", "-pk")


class Signatory(models.Model):
    """Who signs the Region's letters, in which quality, by which delegation. No scheme means all of them."""

    name = models.CharField("nom", max_length=120)
    quality = models.CharField("qualité", max_length=200)
    delegation = models.CharField("délégation", max_length=300, blank=True)
    scheme = models.CharField("dispositif", max_length=30, blank=True)
    since = models.DateField("depuis le")
    until = models.DateField("jusqu’au", null=True, blank=True)

    objects = SignatoryQuerySet.as_manager()

    class Meta:
        verbose_name = "signataire"
        verbose_name_plural = "signataires"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="dossiers_signatory_in_order",
                violation_error_message="La délégation finit après avoir commencé.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.quality}"


class Letter(models.Model):
    """A letter of a dossier: its document, the day it left, and the day from which it may be contested.

    `read_at` is the first opening by the organisation; `posted_on` a day of postal delivery typed in.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="letters")
    kind = models.CharField("nature", max_length=40)
    title = models.CharField("objet", max_length=200)
    document = models.OneToOneField("documents.Document", models.PROTECT, related_name="letter")
    is_contestable = models.BooleanField("décision", default=True)
    is_internal = models.BooleanField("réservée aux agents", default=False)
    sent_at = models.DateTimeField("envoyée le", default=timezone.now)
    read_at = models.DateTimeField("lue le", null=True, blank=True)
    read_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    posted_on = models.DateField("reçue par la poste le", null=True, blank=True)

    class Meta:
        verbose_name = "lettre"
        verbose_name_plural = "lettres"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="dossiers_letter_read_by_somebody",
                violation_error_message="Une lecture a un auteur et une date.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def received_on(self) -> date | None:
        """The day the appeal period starts: the earlier of the first reading and the postal delivery."""
        read_on = timezone.localdate(self.read_at) if self.read_at else None
        return min((day for day in (read_on, self.posted_on) if day), default=None)

    @property
    def contestable_until(self) -> date | None:
        """The last day of the appeal period; None before a receipt."""
        if not self.is_contestable or self.received_on is None:
            return None
        return appeal_day(self.received_on)
