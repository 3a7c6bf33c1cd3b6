"""A cœur expert request: a need, its first exchange, the experts put in touch, what followed (requirements C-03)."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, IntegerField, Prefetch, Q, Value, When
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers.models import READERS
from normandata.organisations.models import Organisation
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import need_workflow as workflow
from .need_workflow import ACCEPTED, CLOSED, ENDED, HEARD, INTRODUCTION_STATES, OPEN, PENDING, SCHEDULED, STATES, TURNS

Person = settings.AUTH_USER_MODEL
LONGEST_NEED = 5_000
LONGEST_POINT = 1_500
LONGEST_WORDS = 3_000


def of_requester(user: User) -> Q:
    """Describe the requests of a person: those made in their own name, and those of their organisations."""
    return Q(asked_by=user, organisation=None) | Q(organisation__in=Organisation.objects.of(user).values("pk"))


class NeedQuerySet(models.QuerySet["Need"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def requested_by(self, user: User) -> Self:
        """Keep what this person asked, alone or for an organisation of which they are still a member."""
        return self.filter(of_requester(user)) if user.is_active else self.none()

    def for_region(self, user: User) -> Self:
        """Keep what the Region's readers follow; one who is also the requester reads it on that side only."""
        from_desk = user.is_active and user.schemes_as(*READERS) != frozenset()
        return self.exclude(of_requester(user)) if from_desk else self.none()

    def visible_to(self, user: User) -> Self:
        """Keep what this person reads, from one side or the other; experts read their own introductions."""
        if not user.is_active:
            return self.none()
        is_reader = user.schemes_as(*READERS) != frozenset()
        return self.all() if is_reader else self.filter(of_requester(user))

    def matching(self, text: str) -> Self:
        """Keep the requests whose title, need, organisation or requester hold each of the words typed."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(title__icontains=word)
                | Q(need__icontains=word)
                | Q(contact_name__icontains=word)
                | Q(organisation__name__icontains=word)
            )
        return found

    def awaited_first(self) -> Self:
        """Order what waits for the Region first, then what waits for anybody, the longest waits before the others."""
        rank = Case(
            When(turn=workflow.AGENT, then=Value(0)),
            When(turn=workflow.NOBODY, then=Value(2)),
            default=Value(1),
            output_field=IntegerField(),
        )
        return self.annotate(rank=rank).order_by("rank", "turn_since", "pk")

    def with_people(self) -> Self:
        """Read what lists show: who asks, who follows it, which experts; two queries in all."""
        experts = Introduction.objects.select_related("expert").order_by("pk")
        people = self.select_related("organisation", "asked_by", "handled_by")
        return people.prefetch_related(Prefetch("introductions", queryset=experts, to_attr="met"))


class Outcome(models.TextChoices):
    """What followed a request."""

    BOOSTER = "booster_ia", "Une demande à Booster IA"
    FEDER = "feder", "Un projet présenté au FEDER numérique"
    DIAGNOSTIC = "diagnostic", "Une demande de diagnostic data et IA"
    ELSEWHERE = "elsewhere", "Une autre suite, hors de ces aides"
    ABANDONED = "abandoned", "Le projet s’arrête là"


class Need(models.Model):
    """A request to the cœur expert, by an organisation or by a person. Only `normandata.procedure` moves its state.

    `technology`, `delays`, `costs` and `partnership` are what the requester already knows of each; the same words with
    `found_` are what the first exchange said. `turn_since` dates the wait of whose turn it is.
    """

    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    asked_by = models.ForeignKey(Person, models.PROTECT, verbose_name="demandé par", related_name="+")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="structure", related_name="expert_needs"
    )
    title = models.CharField("titre", max_length=150)
    need = models.TextField("besoin", max_length=LONGEST_NEED)
    data = models.TextField("données", max_length=LONGEST_POINT, blank=True)
    technology = models.TextField("technologie", max_length=LONGEST_POINT, blank=True)
    delays = models.TextField("délais", max_length=LONGEST_POINT, blank=True)
    costs = models.TextField("coûts", max_length=LONGEST_POINT, blank=True)
    partnership = models.TextField("partenariat", max_length=LONGEST_POINT, blank=True)
    contact_name = models.CharField("personne à joindre", max_length=150)
    contact_phone = models.CharField("téléphone", max_length=30, blank=True)
    wished = models.ForeignKey(
        "experts.Expert", models.PROTECT, null=True, blank=True, verbose_name="expert souhaité", related_name="+"
    )
    state = models.CharField("état", max_length=12, choices=[(one, one) for one in STATES], default=workflow.ASKED)
    turn = models.CharField("à qui", max_length=10, choices=list(TURNS.items()), default=workflow.AGENT)
    turn_since = models.DateTimeField("depuis", default=timezone.now)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    handled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="suivi par", related_name="+"
    )
    exchange_at = models.DateTimeField("premier échange prévu le", null=True, blank=True)
    exchange_place = models.CharField("où", max_length=300, blank=True)
    held_on = models.DateField("premier échange tenu le", null=True, blank=True)
    found_technology = models.TextField("technologie", max_length=LONGEST_POINT, blank=True)
    found_delays = models.TextField("délais", max_length=LONGEST_POINT, blank=True)
    found_costs = models.TextField("coûts", max_length=LONGEST_POINT, blank=True)
    found_partnership = models.TextField("partenariat", max_length=LONGEST_POINT, blank=True)
    outcome = models.CharField("suite donnée", max_length=12, choices=Outcome.choices, blank=True)
    outcome_on = models.DateField("suite donnée le", null=True, blank=True)
    outcome_words = models.TextField("suite, en mots", max_length=LONGEST_WORDS, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    emptied_at = models.DateTimeField("vidée le", null=True, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = "demande au cœur expert"
        verbose_name_plural = "demandes au cœur expert"
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["turn", "turn_since"], name="experts_need_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES), turn__in=list(TURNS)),
                name="experts_need_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt="", need__gt="", contact_name__gt=""),
                name="experts_need_is_said",
                violation_error_message="Une demande dit son besoin, son titre et qui joindre.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(OPEN), closed_at=None) | Q(state__in=list(ENDED), closed_at__isnull=False),
                name="experts_need_closed_is_dated",
                violation_error_message="Une demande close porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state=SCHEDULED) | Q(exchange_at__isnull=False),
                name="experts_need_appointment_is_dated",
                violation_error_message="Un premier échange fixé porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=list(HEARD)) | Q(held_on__isnull=False),
                name="experts_need_exchange_comes_first",
                violation_error_message="Des experts sont mis en relation après un premier échange, daté.",
            ),
            models.CheckConstraint(
                condition=Q(state=CLOSED, outcome__in=Outcome.values, outcome_on__isnull=False)
                | (~Q(state=CLOSED) & Q(outcome="", outcome_on=None, outcome_words="")),
                name="experts_need_outcome_closes",
                violation_error_message="Une demande close dit sa suite et son jour ; une autre n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at=None) | Q(state__in=list(ENDED)),
                name="experts_need_emptied_once_ended",
                violation_error_message="Une demande en cours garde ce qu’elle dit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.title}"

    @property
    def procedure(self) -> Procedure:
        return workflow.PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved; a wait that goes on keeps its date."""
        if turn != self.turn:
            self.turn_since = at
        self.state, self.turn = state.slug, turn
        self.closed_at = at if state.slug in ENDED else None

    @property
    def reference(self) -> str:
        """What people say on the telephone: `CE-2026-0042`."""
        return f"CE-{timezone.localdate(self.asked_at).year}-{self.pk or 0:04d}"

    @property
    def standing(self) -> State:
        return STATES[self.state]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def requester(self) -> str:
        """Whose need it is: the organisation, or the person."""
        return self.organisation.label if self.organisation else self.contact_name

    def days_waiting(self, day: date) -> int:
        return (day - timezone.localdate(self.turn_since)).days

    @property
    def wanted(self) -> Sequence[tuple[str, str]]:
        """What the requester wrote of data and of each point of the first exchange, empty ones left out."""
        names = ("data", "technology", "delays", "costs", "partnership")
        return _points(self, names)

    @property
    def found(self) -> Sequence[tuple[str, str]]:
        """What the first exchange said of each point, empty ones left out."""
        return _points(self, ("found_technology", "found_delays", "found_costs", "found_partnership"))


def _points(need: Need, names: Sequence[str]) -> list[tuple[str, str]]:
    labels = {field.name: str(field.verbose_name) for field in Need._meta.concrete_fields}
    return [(labels[name].capitalize(), value) for name in names if (value := getattr(need, name))]


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def pending(self) -> Self:
        return self.filter(state=PENDING)

    def accepted(self) -> Self:
        return self.filter(state=ACCEPTED)

    def asked_of(self, user: User) -> Self:
        """Keep the introductions offered to this person, and to no other; nothing without the role of expert."""
        return self.filter(expert__user=user) if user.holds(Role.EXPERT) else self.none()


class Introduction(models.Model):
    """An expert asked to meet a requester; both get each other's contact once the expert accepts, never before."""

    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    need = models.ForeignKey(Need, models.PROTECT, verbose_name="demande", related_name="introductions")
    expert = models.ForeignKey("experts.Expert", models.PROTECT, verbose_name="expert", related_name="introductions")
    message = models.TextField("message", max_length=LONGEST_WORDS, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=[(one, one) for one in INTRODUCTION_STATES], default=PENDING
    )
    asked_by = models.ForeignKey(Person, models.PROTECT, verbose_name="sollicité par", related_name="+")
    asked_at = models.DateTimeField("sollicité le", default=timezone.now)
    answered_at = models.DateTimeField("réponse le", null=True, blank=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = "mise en relation"
        verbose_name_plural = "mises en relation"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(INTRODUCTION_STATES)),
                name="experts_introduction_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=PENDING, answered_at=None) | (~Q(state=PENDING) & Q(answered_at__isnull=False)),
                name="experts_introduction_answer_is_dated",
                violation_error_message="Une réponse porte sa date.",
            ),
            models.UniqueConstraint(
                fields=["need", "expert"],
                condition=~Q(state="dropped"),
                name="experts_introduction_once",
                violation_error_message="Cet expert est déjà sollicité pour cette demande.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need.reference}, {self.expert}"

    @property
    def procedure(self) -> Procedure:
        return workflow.INTRODUCTION

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state = state.slug
        self.answered_at = None if state.slug == PENDING else at

    @property
    def standing(self) -> State:
        return INTRODUCTION_STATES[self.state]

    @property
    def is_pending(self) -> bool:
        return self.state == PENDING

    @property
    def is_accepted(self) -> bool:
        return self.state == ACCEPTED
