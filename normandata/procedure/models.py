"""The journal: one row for each decision and gesture, never changed, never erased; it may only forget by whom."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .guards import WrittenOnce


class Immutable(TypeError):
    """A row of the journal is written once."""


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, thing: models.Model) -> Self:
        """Keep what happened to one thing, the newest first."""
        return self.filter(thing_kind=kind_of(thing), thing_key=str(thing.pk)).order_by("-at", "-pk")

    def named(self, *names: str) -> Self:
        return self.filter(name__in=names)

    def update(self, **values: Any) -> int:
        raise Immutable("the journal is append-only")

    def forget_author(self) -> int:
        """Forget who did this, and nothing else: the database lets no other column change."""
        return super().update(by=None)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable("the journal is append-only")


class Event(models.Model):
    """What was done to a thing, by whom, when and why; the verdict that founded it is kept word for word.

    A thing is pointed at by kind and key: the journal serves dossiers, sessions, editions and mark sheets alike.
    Nobody as author means the portal itself.
    """

    thing_kind = models.CharField("nature", max_length=60)
    thing_key = models.CharField("clé", max_length=40)
    name = models.SlugField("acte", max_length=50)
    source = models.CharField("état avant", max_length=30, blank=True)
    target = models.CharField("état après", max_length=30, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="par", related_name="+"
    )
    at = models.DateTimeField("le", default=timezone.now)
    reason = models.TextField("motif", blank=True)
    verdict = models.JSONField("verdict", null=True, blank=True)
    data = models.JSONField("contenu", default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "journal"
        indexes = [models.Index(fields=["thing_kind", "thing_key", "at"], name="procedure_event_thing")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(source="") & Q(target="")) | (Q(source__gt="") & Q(target__gt="")),
                name="procedure_event_states",
                violation_error_message="Un changement d’état dit d’où il part et où il arrive.",
            ),
            WrittenOnce(name="procedure_event_append_only", forgets=["by"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.thing_kind} {self.thing_key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("the journal is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable("the journal is append-only")


def kind_of(thing: models.Model) -> str:
    """Name the kind of a thing as the journal does."""
    return thing._meta.label_lower
