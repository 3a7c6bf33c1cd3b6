"""An opinion asked of an expert on a dossier: its question, what may be read for it, its draft, its frozen answer."""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.dossiers import delays
from normandata.dossiers.models import Dossier
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import workflow
from .workflow import CLOSED, GIVEN, OPEN, STATES

Person = settings.AUTH_USER_MODEL


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def open(self) -> Self:
        """Keep the questions that still wait for an answer, late ones among them."""
        return self.filter(state__in=OPEN)

    def asked_of(self, user: User) -> Self:
        """Keep the questions asked of this person, and of no other; nothing without the role of expert."""
        return self.filter(expert__user=user) if user.holds(Role.EXPERT) else self.none()

    def visible_to(self, user: User) -> Self:
        """Keep what this person reads of the opinions on dossiers.

        The organisation reads the shared ones once given; the Region's readers read all of them, but for somebody who
        is of the organisation too and reads as it does.
        """
        if not user.is_active:
            return self.none()
        mine = Q(dossier__in=Dossier.objects.applied_by(user).values("pk"))
        ours = Q(dossier__in=Dossier.objects.for_region(user).values("pk"))
        return self.filter((mine & Q(state=GIVEN, is_confidential=False)) | (ours & ~mine))


class Opinion(models.Model):
    """A question to an expert. `pieces` are the attachments of the deposit that the expert may open, by number.

    The last day is included, up to 24:00 in Paris. Only `normandata.procedure` moves its state.
    """

    key = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="opinions")
    deposit = models.ForeignKey("dossiers.Deposit", models.PROTECT, verbose_name="version lue", related_name="+")
    expert = models.ForeignKey("experts.Expert", models.PROTECT, related_name="opinions")
    question = models.TextField("question")
    pieces = models.JSONField("pièces ouvertes", default=list, blank=True)
    is_confidential = models.BooleanField("réservé aux agents")
    due_on = models.DateField("au plus tard le")
    state = models.CharField("état", max_length=10, choices=[(one, one) for one in STATES], default=workflow.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, verbose_name="demandé par", related_name="+")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    no_conflict_at = models.DateTimeField("absence de lien d’intérêts déclarée le", null=True, blank=True)
    is_conflict = models.BooleanField("lien d’intérêts déclaré", default=False)
    draft = models.TextField("brouillon", blank=True)
    draft_version = models.PositiveIntegerField("version du brouillon", default=0)
    draft_saved_at = models.DateTimeField("brouillon enregistré le", null=True, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["due_on"], name="experts_opinion_due", condition=Q(state__in=list(OPEN)))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)),
                name="experts_opinion_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(OPEN), closed_at=None) | Q(state__in=list(CLOSED), closed_at__isnull=False),
                name="experts_opinion_closed_is_dated",
                violation_error_message="Une demande d’avis close porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state=GIVEN) | Q(no_conflict_at__isnull=False, draft=""),
                name="experts_opinion_given_without_conflict",
                violation_error_message="Un avis se rend après avoir déclaré l’absence de lien d’intérêts.",
            ),
            models.CheckConstraint(
                condition=Q(is_conflict=False) | Q(state=workflow.DECLINED),
                name="experts_opinion_conflict_closes",
                violation_error_message="Un lien d’intérêts déclaré ferme la question.",
            ),
            models.UniqueConstraint(
                fields=["dossier", "expert"],
                condition=Q(state__in=list(OPEN)),
                name="experts_opinion_open_once",
                violation_error_message="Une question attend déjà la réponse de cet expert sur ce dossier.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}, avis de {self.expert}"

    @property
    def procedure(self) -> Procedure:
        return workflow.PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state = state.slug
        self.closed_at = at if state.slug in CLOSED else None

    def freeze(self, at: datetime, by: User) -> "Answer":
        """Write the answer for good and empty the draft, unsaved."""
        answer = Answer.objects.create(opinion=self, text=self.draft, at=at, by=by)
        self.draft = ""
        return answer

    @property
    def standing(self) -> State:
        return STATES[self.state]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_readable(self) -> bool:
        """Whether the expert may read the dossier's version: while the question waits, once no conflict is declared."""
        return self.is_open and self.no_conflict_at is not None

    def is_overdue(self, at: datetime) -> bool:
        """Tell whether the last day is over (Europe/Paris)."""
        return not delays.is_in_time(self.due_on, at, 0)

    def days_left(self, day: date) -> int:
        return (self.due_on - day).days


class Answer(models.Model):
    """The opinion as it was given: the database itself refuses to change or erase it."""

    opinion = models.OneToOneField(Opinion, models.PROTECT, related_name="answer")
    text = models.TextField("texte")
    at = models.DateTimeField("rendu le", default=timezone.now)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="rendu par", related_name="+")

    class Meta:
        verbose_name = "réponse d’un expert"
        verbose_name_plural = "réponses des experts"
        constraints = [
            models.CheckConstraint(
                condition=Q(text__gt=""),
                name="experts_answer_is_written",
                violation_error_message="Un avis ne peut pas être vide.",
            ),
            WrittenOnce(name="experts_answer_append_only"),
        ]

    def __str__(self) -> str:
        return f"réponse : {self.opinion}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an answer is written once")
        super().save(*args, **kwargs)
