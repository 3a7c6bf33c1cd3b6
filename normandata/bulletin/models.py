"""The news of the portal, from their draft to their end."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import workflow

Person = settings.AUTH_USER_MODEL
LONGEST_TEXT = 20_000


class NewsQuerySet(models.QuerySet["News"]):
    def public(self, at: datetime) -> Self:
        """Keep what anybody reads at an instant: published, its hour come. What is over is still read at its page."""
        return self.filter(state=workflow.PUBLISHED, publish_at__lte=at)

    def current(self, at: datetime) -> Self:
        """Keep what is listed at an instant: public, and not over."""
        return self.public(at).filter(Q(expires_at=None) | Q(expires_at__gt=at))

    def newest_first(self) -> Self:
        """Put the last published first."""
        return self.order_by("-publish_at", "-pk")


class News(models.Model):
    """A news: what it says, what it is about, from when and until when it is shown.

    Only `normandata.procedure` moves its state. `publish_at` is the hour from which anybody reads it: to come, it is an
    embargo. `corrected_at` dates the last correction of one that was public already; the journal keeps what it said.
    """

    slug = models.SlugField("adresse", max_length=90, unique=True)
    title = models.CharField("titre", max_length=150)
    summary = models.TextField("résumé", max_length=400)
    text = models.TextField("texte", max_length=LONGEST_TEXT, blank=True)
    subject = models.CharField("sujet", max_length=120, blank=True)
    state = models.CharField("état", max_length=9, choices=workflow.CHOICES, default=workflow.DRAFT)
    revision = models.PositiveIntegerField("révision", default=1)
    publish_at = models.DateTimeField("publiée à partir du", null=True, blank=True)
    expires_at = models.DateTimeField("affichée jusqu’au", null=True, blank=True)
    corrected_at = models.DateTimeField("corrigée le", null=True, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, verbose_name="écrite par", related_name="+")
    created_at = models.DateTimeField("écrite le", default=timezone.now)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = "actualité"
        verbose_name_plural = "actualités"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "-publish_at", "-id"], name="bulletin_news_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.STATES)),
                name="bulletin_news_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt="", summary__gt="", slug__gt=""),
                name="bulletin_news_says_something",
                violation_error_message="Une actualité a un titre et un résumé.",
            ),
            models.CheckConstraint(
                condition=~Q(state=workflow.PUBLISHED) | Q(publish_at__isnull=False),
                name="bulletin_news_published_dated",
                violation_error_message="Une actualité publiée dit depuis quand.",
            ),
            models.CheckConstraint(
                condition=Q(publish_at=None) | Q(expires_at=None) | Q(expires_at__gt=F("publish_at")),
                name="bulletin_news_ends_after",
                violation_error_message="La fin de l’affichage vient après la publication.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def procedure(self) -> Procedure:
        return workflow.PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state = state.slug

    @property
    def standing(self) -> State:
        return workflow.STATES[self.state]

    def is_public(self, at: datetime) -> bool:
        return self.state == workflow.PUBLISHED and self.publish_at is not None and self.publish_at <= at

    def is_over(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    def is_waiting(self, at: datetime) -> bool:
        """Whether it is published but under embargo."""
        return self.state == workflow.PUBLISHED and not self.is_public(at)
