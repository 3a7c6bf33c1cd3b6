"""Panels: what is judged, who sits, and who may not judge what."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.procedure.models import kind_of
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import workflow
from .grids import Grid

Person = settings.AUTH_USER_MODEL
STATE_CHOICES = [(slug, state.label) for slug, state in workflow.PANEL_STATES.items()]
NOT_OPEN = {
    workflow.PREPARING: "La notation n’est pas encore ouverte.",
    workflow.CLOSED: "La notation est close : plus aucune fiche ne change.",
}


class Panel(models.Model):
    """People who judge the same subjects by one grid: the agents of a wave, the jury of an edition.

    It points by kind and key at what it belongs to; `scope` narrows the roles that lead it to an edition. Blind to the
    end, nobody reads another's sheet before it is closed, one's own submitted or not (rule 5).
    """

    scheme = models.CharField("dispositif", max_length=30)
    scope = models.CharField("périmètre", max_length=80, blank=True)
    title = models.CharField("titre", max_length=200)
    grid = models.ForeignKey(Grid, models.PROTECT, verbose_name="grille", related_name="panels")
    kind = models.CharField("nature de ce qui est jugé", max_length=60, blank=True)
    key = models.CharField("clé de ce qui est jugé", max_length=40, blank=True)
    state = models.CharField("état", max_length=10, choices=STATE_CHOICES, default=workflow.PREPARING)
    is_blind_to_the_end = models.BooleanField("fiches fermées à tous jusqu’à la clôture", default=False)
    created_at = models.DateTimeField("créé le", default=timezone.now)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    closed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="clos par", related_name="+"
    )

    class Meta:
        verbose_name = "jury"
        verbose_name_plural = "jurys"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(key__gt=""),
                name="scoring_panel_thing_once",
                violation_error_message="Un jury existe déjà ici.",
            ),
            models.CheckConstraint(
                condition=Q(scheme__gt="", title__gt=""),
                name="scoring_panel_named",
                violation_error_message="Un jury a un dispositif et un titre.",
            ),
            models.CheckConstraint(
                condition=Q(kind="", key="") | Q(kind__gt="", key__gt=""),
                name="scoring_panel_points_wholly",
                violation_error_message="Un jury dit la nature et la clé de ce à quoi il se rattache, ou rien.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.PANEL_STATES)),
                name="scoring_panel_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=workflow.CLOSED, closed_at__isnull=False, closed_by__isnull=False)
                | (~Q(state=workflow.CLOSED) & Q(closed_at=None, closed_by=None)),
                name="scoring_panel_says_who_closed",
                violation_error_message="Un jury clos, et lui seul, dit qui l’a clos et quand.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def procedure(self) -> Procedure:
        return workflow.PANEL

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the state, unsaved."""
        self.state = state.slug

    @property
    def is_open(self) -> bool:
        return self.state == workflow.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state == workflow.CLOSED

    @property
    def standing(self) -> State:
        return workflow.PANEL_STATES[self.state]

    @property
    def why_not_open(self) -> str:
        """A French sentence for whoever comes too early or too late."""
        return NOT_OPEN.get(self.state, "")


class SubjectQuerySet(models.QuerySet["Subject"]):
    def judged(self) -> Self:
        """Keep what is still to be judged or ranked."""
        return self.filter(removed_at=None)

    def about(self, thing: models.Model) -> Self:
        return self.filter(kind=kind_of(thing), key=str(thing.pk))


class Subject(models.Model):
    """What a panel judges, by kind and key as in the journal: the scheme names and draws it.

    `rank` is the order in which subjects are shown and judged, whatever their scores. `extra` is how many sheets were
    asked for above those of the grid.
    """

    panel = models.ForeignKey(Panel, models.PROTECT, verbose_name="jury", related_name="subjects")
    kind = models.CharField("nature", max_length=60)
    key = models.CharField("clé", max_length=40)
    rank = models.PositiveIntegerField("ordre", default=1)
    extra = models.PositiveSmallIntegerField("fiches de plus demandées", default=0)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = "projet à noter"
        verbose_name_plural = "projets à noter"
        ordering = ["rank", "pk"]
        indexes = [models.Index(fields=["kind", "key"], name="scoring_subject_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "kind", "key"],
                name="scoring_subject_once",
                violation_error_message="Ce projet est déjà dans ce jury.",
            ),
            models.CheckConstraint(
                condition=Q(kind__gt="", key__gt=""),
                name="scoring_subject_points",
                violation_error_message="Un projet à noter dit sa nature et sa clé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SeatQuerySet(models.QuerySet["Seat"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)


class Seat(models.Model):
    """A person's place in a panel. `role` must still be held for the panel's scheme; an empty one asks for none.

    `quality` is what the record says: elected official, expert, agent.
    """

    panel = models.ForeignKey(Panel, models.PROTECT, verbose_name="jury", related_name="seats")
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="seats")
    role = models.CharField("rôle exigé", max_length=30, choices=Role.choices, blank=True)
    quality = models.CharField("qualité", max_length=120, blank=True)
    seated_at = models.DateTimeField("depuis le", default=timezone.now)
    ended_at = models.DateTimeField("jusqu’au", null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = "siège"
        verbose_name_plural = "sièges"
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "person"],
                condition=Q(ended_at=None),
                name="scoring_seat_once",
                violation_error_message="Cette personne siège déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.panel}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def active(self) -> Self:
        """Keep what nobody lifted."""
        return self.filter(lifted_at=None)

    def closing(self, person: User | int | models.F | models.OuterRef, kind: Any, key: Any) -> Self:
        """Keep what closes a thing to a person: declared on it, or on the whole of any panel that judges or judged it.

        The one rule: gestures, readings and sheets ask it here; `keys_closed` gives its answer to lists.
        """
        wholly = Q(key="", panel__subjects__kind=kind, panel__subjects__key=key)
        return self.active().filter(Q(kind=kind, key=key) | wholly, person=person)

    def keys_closed(self, person: User, kind: str) -> QuerySet[Any, Any]:
        """Return the keys of all things of a kind for which `closing` finds something: a list compares with them once,
        where `closing` would be asked again for each of its rows.
        """
        mine = self.active().filter(Q(kind=kind) | Q(key="", panel__subjects__kind=kind), person=person)
        thing = Coalesce(NullIf("key", Value("")), "panel__subjects__key")
        return mine.order_by().annotate(thing=thing).values("thing")


class Conflict(models.Model):
    """A conflict of interest: it closes to one person a thing, in every panel and out of any, or a whole panel.

    A thing is pointed at by kind and key, as in the journal. Nobody as author means the portal, which found a tie by
    itself. `scheme` says whose lead agents lift it.
    """

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="conflicts")
    scheme = models.CharField("dispositif", max_length=30)
    kind = models.CharField("nature", max_length=60, blank=True)
    key = models.CharField("clé", max_length=40, blank=True)
    panel = models.ForeignKey(
        Panel, models.PROTECT, null=True, blank=True, verbose_name="jury entier", related_name="conflicts"
    )
    reason = models.TextField("motif")
    declared_at = models.DateTimeField("déclaré le", default=timezone.now)
    declared_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="déclaré par", related_name="+"
    )
    lifted_at = models.DateTimeField("levé le", null=True, blank=True)
    lifted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="levé par", related_name="+"
    )
    lifted_reason = models.TextField("motif de la levée", blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = "conflit d’intérêts"
        verbose_name_plural = "conflits d’intérêts"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "key"],
                condition=Q(lifted_at=None, key__gt=""),
                name="scoring_conflict_once",
                violation_error_message="Ce conflit d’intérêts est déjà déclaré.",
            ),
            models.UniqueConstraint(
                fields=["person", "panel"],
                condition=Q(lifted_at=None, panel__isnull=False),
                name="scoring_conflict_with_panel_once",
                violation_error_message="Ce conflit d’intérêts est déjà déclaré pour tout le jury.",
            ),
            models.CheckConstraint(
                condition=Q(scheme__gt="", panel=None, kind__gt="", key__gt="")
                | Q(scheme__gt="", panel__isnull=False, kind="", key=""),
                name="scoring_conflict_points",
                violation_error_message="Un conflit d’intérêts porte sur une chose, ou sur un jury entier.",
            ),
            models.CheckConstraint(
                condition=Q(reason__gt=""),
                name="scoring_conflict_says_why",
                violation_error_message="Un conflit d’intérêts dit son motif.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_reason="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lifted_reason__gt=""),
                name="scoring_conflict_lifted_wholly",
                violation_error_message="La levée d’un conflit d’intérêts dit par qui, quand et pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.panel or f'{self.kind} {self.key}'}"

    @property
    def scope(self) -> str:
        """What narrows the roles that lift it: that of the panel, nothing for a thing."""
        return self.panel.scope if self.panel else ""
