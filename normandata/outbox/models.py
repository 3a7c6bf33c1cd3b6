"""One table: what must leave the house, written in the transaction of the fact that caused it."""

import uuid
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.outbox import conf


class State(models.TextChoices):
    PENDING = "pending", "En attente"
    CLAIMED = "claimed", "En cours"
    DONE = "done", "Fait"
    FAILED = "failed", "En échec"


class MessageQuerySet(models.QuerySet["Message"]):
    # `done_at IS NULL` is the predicate of the partial index: SQLite and PostgreSQL both recognise it without
    # looking at parameters.
    def unfinished(self) -> Self:
        """Rows that still have a life: pending or claimed."""
        return self.filter(done_at=None, state__in=[State.PENDING, State.CLAIMED])

    def free(self, at: datetime) -> Self:
        """Rows that nobody holds at this instant: due, or claimed with an expired lease."""
        return self.unfinished().filter(
            Q(state=State.PENDING) | Q(state=State.CLAIMED, lease_until__lt=at), due_at__lte=at
        )

    def due(self, at: datetime) -> Self:
        """Pending rows whose time has come."""
        return self.free(at).filter(state=State.PENDING)

    def stuck(self, at: datetime) -> Self:
        """Claimed rows whose worker stopped renewing the lease."""
        return self.free(at).filter(state=State.CLAIMED)

    def claimable(self, at: datetime) -> Self:
        """Free rows with a try left."""
        return self.free(at).filter(attempts__lt=conf.MAX_ATTEMPTS)

    def exhausted(self, at: datetime) -> Self:
        """Free rows that used all their tries: their last worker died without a word."""
        return self.free(at).filter(attempts__gte=conf.MAX_ATTEMPTS)

    def forgotten(self, at: datetime) -> Self:
        """Claimable rows that no offer made to Celery since `reoffer_after` covers, the oldest first."""
        stale = Q(offered_at=None) | Q(offered_at__lte=at - conf.reoffer_after())
        return self.claimable(at).filter(stale).order_by("due_at", "pk")

    def failed(self) -> Self:
        """Rows given up after their last try, the oldest first."""
        return self.filter(state=State.FAILED).order_by("created_at", "pk")

    def outdated(self, at: datetime) -> Self:
        """Done rows older than the time they are kept."""
        return self.filter(state=State.DONE, done_at__lt=at - conf.keep())


class Message(models.Model):
    """One job for one handler. Only `normandata.outbox.services` writes it.

    The key is a random UUID: it exists before the insert, so a keyed `post` is one INSERT and one SELECT; it can
    serve as a mail Message-ID; and it says nothing of how many messages the portal sends.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    handler = models.CharField("traitement", max_length=100)
    payload = models.JSONField("contenu", default=dict)
    key = models.CharField("clé d’idempotence", max_length=200, null=True, blank=True)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    due_at = models.DateTimeField("à traiter à partir de", default=timezone.now)
    offered_at = models.DateTimeField("remis à Celery", null=True, blank=True)
    lease_until = models.DateTimeField("bail jusqu’à", null=True, blank=True)
    claimed_by = models.UUIDField("jeton du traitement", null=True, blank=True)
    created_at = models.DateTimeField("créé", default=timezone.now)
    done_at = models.DateTimeField("fait", null=True, blank=True)
    error = models.TextField("dernière erreur", blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="outbox_unfinished"),
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="outbox_done"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["handler", "key"],
                name="outbox_key_once",
                violation_error_message="Ce traitement a déjà été demandé avec cette clé.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values),
                name="outbox_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLAIMED, lease_until__isnull=False, claimed_by__isnull=False)
                | (~Q(state=State.CLAIMED) & Q(lease_until=None, claimed_by=None)),
                name="outbox_lease_iff_claimed",
                violation_error_message="Un message en cours, et lui seul, porte un bail et un jeton.",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DONE, done_at__isnull=False) | (~Q(state=State.DONE) & Q(done_at=None)),
                name="outbox_dated_iff_done",
                violation_error_message="Un message fait, et lui seul, porte une date d’achèvement.",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(error=""),
                name="outbox_failed_says_why",
                violation_error_message="Un message en échec dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.pk}"

    @property
    def claim(self) -> MessageQuerySet:
        """This row, for as long as the claim read with it holds; no row afterwards."""
        return Message.objects.filter(pk=self.pk, state=State.CLAIMED, claimed_by=self.claimed_by)

    @property
    def message_id(self) -> str:
        """A mail Message-ID, the same on every retry, so that a mail sent twice is one mail to its reader."""
        return f"<{self.pk}@{urlsplit(getattr(settings, 'SITE_URL', '')).hostname or 'localhost'}>"
