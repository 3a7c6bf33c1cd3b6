"""Axes, chantiers and actions of the roadmap, and what their pilots write: milestones, news, deliberations, calls."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import permissions, rules, workflow
from .calls import permissions as call_permissions
from .calls.models import Call, CallProposal, Option, Place

__all__ = [
    "Action",
    "Axis",
    "Call",
    "CallLink",
    "CallProposal",
    "Chantier",
    "Deliberation",
    "Milestone",
    "News",
    "Option",
    "Place",
    "SchemeLink",
]  # fmt: skip

Person = settings.AUTH_USER_MODEL
PERIOD = (rules.FIRST_DAY, rules.LAST_DAY)


class Axis(models.Model):
    """One of the two axes; its number is that of the annex of the deliberation."""

    number = models.PositiveSmallIntegerField("annexe", unique=True)
    title = models.CharField("intitulé", max_length=300)

    class Meta:
        verbose_name = "axe"
        verbose_name_plural = "axes"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Axe {self.number}. {self.title}"


class ChantierQuerySet(models.QuerySet["Chantier"]):
    def written_by(self, user: User) -> Self:
        """Keep the chantiers whose calls a person writes."""
        slugs = call_permissions.written_slugs(user)
        return self if slugs is None else self.filter(actions__slug__in=slugs).distinct()


class Chantier(models.Model):
    """A chantier, identified by (annex, number): each annex numbers its own from one."""

    axis = models.ForeignKey(Axis, models.PROTECT, related_name="chantiers")
    number = models.PositiveSmallIntegerField("numéro")
    title = models.CharField("intitulé", max_length=300)
    subtitle = models.CharField("sous-titre", max_length=400, blank=True)

    objects = ChantierQuerySet.as_manager()

    class Meta:
        verbose_name = "chantier"
        verbose_name_plural = "chantiers"
        ordering = ["axis__number", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["axis", "number"],
                name="roadmap_chantier_once",
                violation_error_message="Ce numéro de chantier existe déjà dans cette annexe.",
            )
        ]

    def __str__(self) -> str:
        return f"Chantier N°{self.number} : {self.title}"

    @property
    def key(self) -> str:
        """The identifier, as a page's anchor."""
        return f"annexe-{self.axis.number}-chantier-{self.number}"


class ActionQuerySet(models.QuerySet["Action"]):
    def whole(self) -> Self:
        """Read with the actions what every list of them shows: three queries, whatever their number."""
        return self.select_related("chantier__axis").prefetch_related("milestones", "scheme_links")

    def piloted_by(self, user: User) -> Self:
        """Keep the actions that a person may write."""
        slugs = permissions.piloted_slugs(user)
        return self if slugs is None else self.filter(slug__in=slugs)


class Action(models.Model):
    """An action as it was voted, and what its pilot says of it. Its progress is computed, never written.

    Only `normandata.procedure` moves its state. `revision` grows with each change of the action or of what hangs on it,
    so that two pages never overwrite each other silently.
    """

    chantier = models.ForeignKey(Chantier, models.PROTECT, related_name="actions")
    letter = models.CharField("lettre", max_length=1)
    slug = models.SlugField("adresse", max_length=80, unique=True)
    title = models.CharField("intitulé", max_length=300)
    voted_text = models.TextField("texte voté", blank=True)
    pilot_direction = models.CharField("direction pilote", max_length=150, blank=True)
    partners = models.TextField("partenaires", max_length=2000, blank=True)
    objectives = models.TextField("objectifs", max_length=4000, blank=True)
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin", null=True, blank=True)
    risks = models.TextField("risques", max_length=4000, blank=True)
    climate = models.TextField("climat, biodiversité, ressources naturelles", max_length=4000, blank=True)
    state = models.CharField("état", max_length=12, choices=workflow.CHOICES, default=workflow.PLANNED)
    state_since = models.DateTimeField("dans cet état depuis", null=True, blank=True)
    state_reason = models.TextField("motif", blank=True)
    revision = models.PositiveIntegerField("révision", default=1)
    updated_at = models.DateTimeField("modifiée le", null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = "action"
        verbose_name_plural = "actions"
        ordering = ["chantier__axis__number", "chantier__number", "letter"]
        constraints = [
            models.UniqueConstraint(
                fields=["chantier", "letter"],
                name="roadmap_action_once",
                violation_error_message="Cette lettre désigne déjà une action du chantier.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.STATES)),
                name="roadmap_action_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None, ends_on=None)
                | Q(starts_on__isnull=False, ends_on__isnull=False, starts_on__lte=F("ends_on")),
                name="roadmap_action_dates_whole",
                violation_error_message="Indiquez le début et la fin, dans cet ordre, ou aucun des deux.",
            ),
            models.CheckConstraint(
                condition=(Q(starts_on=None) | Q(starts_on__range=PERIOD))
                & (Q(ends_on=None) | Q(ends_on__range=PERIOD)),
                name="roadmap_action_within_period",
                violation_error_message="La feuille de route va du 1er janvier 2026 au 31 décembre 2028.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[workflow.SUSPENDED, workflow.ABANDONED]) | Q(state_reason__gt=""),
                name="roadmap_action_stopped_with_reason",
                violation_error_message="Une action suspendue ou abandonnée a un motif.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def procedure(self) -> Procedure:
        return workflow.PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state, self.state_since, self.updated_at = state.slug, at, at

    @property
    def standing(self) -> State:
        return workflow.STATES[self.state]

    @property
    def is_settled(self) -> bool:
        return self.state in workflow.SETTLED

    @property
    def steps(self) -> Sequence[rules.Step]:
        return [one.step for one in self.milestones.all()]

    @property
    def progress(self) -> int | None:
        """The share of the milestones' weights that is held, in whole percent; None without a milestone."""
        return rules.progress(self.steps)

    def late(self, today: date) -> "list[Milestone]":
        """List the milestones that passed their day; those of an action that stopped are late no more."""
        return [one for one in self.milestones.all() if self.state in workflow.LIVE and rules.is_late(one.step, today)]


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def late(self, today: date) -> Self:
        """Keep the milestones that passed their day, of actions that go on."""
        return self.filter(done_on=None, due_on__lt=today, action__state__in=workflow.LIVE)


class Milestone(models.Model):
    """A step of an action: its day, what it weighs in the progress, and the day it was held."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="milestones")
    title = models.CharField("jalon", max_length=200)
    due_on = models.DateField("échéance")
    weight = models.PositiveSmallIntegerField("poids", default=1)
    done_on = models.DateField("tenu le", null=True, blank=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = "jalon"
        verbose_name_plural = "jalons"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(title__gt=""),
                name="roadmap_milestone_titled",
                violation_error_message="Un jalon a un intitulé.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=rules.HEAVIEST),
                name="roadmap_milestone_weight",
                violation_error_message="Le poids d’un jalon va de 1 à 100.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__range=PERIOD),
                name="roadmap_milestone_within_period",
                violation_error_message="La feuille de route va du 1er janvier 2026 au 31 décembre 2028.",
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(done_on__gte=rules.FIRST_DAY),
                name="roadmap_milestone_held_since_the_start",
                violation_error_message="Aucun jalon n’est tenu avant le 1er janvier 2026.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def step(self) -> rules.Step:
        return rules.Step(self.weight, self.due_on, self.done_on)


class News(models.Model):
    """An entry of the public journal of an action. It is not changed: a correction is another entry."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="news")
    on = models.DateField("date")
    text = models.TextField("texte", max_length=2000)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="par", related_name="+")
    at = models.DateTimeField("écrite le", default=timezone.now)

    class Meta:
        verbose_name = "nouvelle"
        verbose_name_plural = "nouvelles"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(text__gt=""),
                name="roadmap_news_written",
                violation_error_message="Une nouvelle dit quelque chose.",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class DeliberationQuerySet(models.QuerySet["Deliberation"]):
    def of_chantier(self, chantier: Chantier) -> Self:
        """Keep those of a chantier and of its actions: what a call of this chantier may rest on."""
        return self.filter(Q(chantier=chantier) | Q(action__chantier=chantier))

    def about(self, action: Action) -> Self:
        """Keep those of an action and those of its whole chantier."""
        return self.filter(Q(action=action) | Q(chantier=action.chantier_id))


class Deliberation(models.Model):
    """A later deliberation on an action, or on a whole chantier (AP D 25-12-5: « délibération ultérieure »)."""

    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="deliberations")
    chantier = models.ForeignKey(Chantier, models.PROTECT, null=True, blank=True, related_name="deliberations")
    number = models.CharField("numéro", max_length=40)
    title = models.CharField("objet", max_length=300)
    adopted_on = models.DateField("adoptée le")
    url = models.URLField("adresse", max_length=500, blank=True)

    objects = DeliberationQuerySet.as_manager()

    class Meta:
        verbose_name = "délibération"
        verbose_name_plural = "délibérations"
        ordering = ["-adopted_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action=None, chantier__isnull=False) | Q(action__isnull=False, chantier=None),
                name="roadmap_deliberation_of_one_thing",
                violation_error_message="Une délibération porte sur une action ou sur un chantier.",
            ),
            models.CheckConstraint(
                condition=Q(number__gt="", title__gt=""),
                name="roadmap_deliberation_named",
                violation_error_message="Une délibération a un numéro et un objet.",
            ),
            models.UniqueConstraint(
                fields=["action", "number"],
                name="roadmap_deliberation_once_an_action",
                violation_error_message="Cette délibération est déjà liée à cette action.",
            ),
            models.UniqueConstraint(
                fields=["chantier", "number"],
                name="roadmap_deliberation_once_a_chantier",
                violation_error_message="Cette délibération est déjà liée à ce chantier.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.title}"


class SchemeLink(models.Model):
    """A scheme that an action opened, by its slug: schemes ignore one another, the kernel names them."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="scheme_links")
    scheme = models.CharField("dispositif", max_length=30)

    class Meta:
        verbose_name = "dispositif lié"
        verbose_name_plural = "dispositifs liés"
        ordering = ["scheme"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "scheme"],
                name="roadmap_scheme_linked_once",
                violation_error_message="Ce dispositif est déjà lié à cette action.",
            )
        ]

    def __str__(self) -> str:
        return self.scheme


class CallLink(models.Model):
    """A call that an action opened or announces; `url` is empty until it has a page."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="calls")
    title = models.CharField("intitulé", max_length=200)
    url = models.URLField("adresse", max_length=500, blank=True)

    class Meta:
        verbose_name = "appel lié"
        verbose_name_plural = "appels liés"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(title__gt=""),
                name="roadmap_call_titled",
                violation_error_message="Un appel a un intitulé.",
            ),
            models.UniqueConstraint(
                fields=["action", "title"],
                name="roadmap_call_linked_once",
                violation_error_message="Cet appel est déjà lié à cette action.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
