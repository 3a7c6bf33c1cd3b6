"""Sessions of the Commission permanente, the dossiers on their agenda, what was decided, and who withdrew."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier
from normandata.procedure.services import Procedure
from normandata.regulation.formats import day as written_day
from normandata.regulation.money import ZERO
from normandata.workflow.table import State

from . import permissions, workflow
from .dockets import Brief

Person = settings.AUTH_USER_MODEL


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> Self:
        """Keep the sessions that a person may read: those of the schemes where they hold a reader's role."""
        held = user.schemes_as(*permissions.READERS) if user.is_active else frozenset()
        return self if held is None else self.filter(scheme__in=held)


class Session(models.Model):
    """A session for the dossiers of one scheme: its agenda, its deliberation, and the two people who answer for it.

    Only `normandata.procedure` moves its state. `revision` grows with each change of the agenda or of a result, so that
    two pages never overwrite each other silently.
    """

    scheme = models.CharField("dispositif", max_length=30)
    held_on = models.DateField("date de la séance")
    place = models.CharField("lieu", max_length=200, blank=True)
    report_number = models.CharField("numéro du rapport", max_length=40, blank=True)
    state = models.CharField("état", max_length=12, choices=workflow.CHOICES, default=workflow.PREPARING)
    revision = models.PositiveIntegerField("révision", default=1)
    created_by = models.ForeignKey(Person, models.PROTECT, verbose_name="créée par", related_name="+")
    created_at = models.DateTimeField("créée le", default=timezone.now)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("ordre du jour arrêté le", null=True, blank=True)
    deliberation_number = models.CharField("numéro de la délibération", max_length=40, blank=True)
    deliberation_url = models.URLField("adresse de la délibération", max_length=500, blank=True)
    executory_on = models.DateField("exécutoire le", null=True, blank=True)
    presided_by = models.CharField("présidence", max_length=150, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField("résultats saisis le", null=True, blank=True)
    validated_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    validated_at = models.DateTimeField("validée le", null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "séance de la Commission permanente"
        verbose_name_plural = "séances de la Commission permanente"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "held_on"],
                name="committee_session_once_a_day",
                violation_error_message="Une séance est déjà prévue ce jour-là pour ce dispositif.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.STATES)),
                name="committee_session_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=workflow.PREPARING, settled_by=None, settled_at=None)
                | Q(~Q(state=workflow.PREPARING), settled_by__isnull=False, settled_at__isnull=False),
                name="committee_settled_by_somebody",
                violation_error_message="Un ordre du jour arrêté, et lui seul, dit par qui et quand.",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None, recorded_at=None)
                | Q(recorded_by__isnull=False, recorded_at__isnull=False),
                name="committee_recorded_by_somebody",
                violation_error_message="Une saisie a un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=Q(validated_by=None, validated_at=None)
                | Q(Q(validated_by__isnull=False, validated_at__isnull=False), ~Q(validated_by=F("recorded_by"))),
                name="committee_validated_by_another",
                violation_error_message="Qui a saisi les résultats ne les valide pas.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[workflow.RECORDED, workflow.VALIDATED]) | Q(deliberation_number__gt=""),
                name="committee_results_name_their_deliberation",
                violation_error_message="Les résultats portent le numéro de la délibération.",
            ),
            models.CheckConstraint(
                condition=Q(state=workflow.VALIDATED, validated_at__isnull=False)
                | Q(~Q(state=workflow.VALIDATED), validated_at=None),
                name="committee_validated_iff_dated",
                violation_error_message="Une séance validée, et elle seule, dit par qui et quand.",
            ),
        ]

    def __str__(self) -> str:
        return f"Commission permanente du {written_day(self.held_on)}"

    @property
    def procedure(self) -> Procedure:
        return workflow.PROCEDURE

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the columns that go with a state, unsaved."""
        self.state = state.slug

    @property
    def standing(self) -> State:
        return workflow.STATES[self.state]

    @property
    def is_over(self) -> bool:
        return self.state == workflow.VALIDATED


class ItemQuerySet(models.QuerySet["Item"]):
    def standing(self) -> Self:
        """Keep what nobody took off the agenda."""
        return self.filter(removed_at=None)


class Item(models.Model):
    """A dossier on an agenda: what is proposed, frozen when it is put there, then what was decided. Amounts in euros.

    `votes_*` are left empty until the results are typed. A refusal decides no amount; an adjournment neither.
    """

    class Outcome(models.TextChoices):
        GRANTED = "granted", "Accordé"
        REFUSED = "refused", "Refusé"
        ADJOURNED = "adjourned", "Ajourné"

    session = models.ForeignKey(Session, models.PROTECT, related_name="items")
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="agenda_items")
    rank = models.PositiveSmallIntegerField("ordre")
    is_grant = models.BooleanField("proposition favorable")
    proposed_amount = models.DecimalField("montant proposé", max_digits=12, decimal_places=2, null=True, blank=True)
    basis = models.CharField("base", max_length=20, blank=True)
    brief = models.JSONField("présentation", default=dict)
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField("inscrit le", default=timezone.now)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)
    removed_reason = models.CharField("motif du retrait", max_length=500, blank=True)
    outcome = models.CharField("décision", max_length=10, choices=Outcome.choices, blank=True)
    decided_amount = models.DecimalField("montant décidé", max_digits=12, decimal_places=2, null=True, blank=True)
    reason = models.TextField("motif", blank=True)
    votes_for = models.PositiveSmallIntegerField("pour", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("contre", null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField("abstentions", null=True, blank=True)
    applied_at = models.DateTimeField("décision exécutée le", null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = "point de l’ordre du jour"
        verbose_name_plural = "points de l’ordre du jour"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "dossier"],
                condition=Q(removed_at=None),
                name="committee_item_once_a_session",
                violation_error_message="Ce dossier est déjà à l’ordre du jour.",
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(removed_at=None, applied_at=None),
                name="committee_item_one_open",
                violation_error_message="Ce dossier est déjà à l’ordre du jour d’une autre séance.",
            ),
            models.CheckConstraint(
                condition=Q(is_grant=True, proposed_amount__isnull=False, proposed_amount__gt=0, basis__gt="")
                | Q(is_grant=False, proposed_amount=None),
                name="committee_item_proposal_whole",
                violation_error_message="Une proposition favorable a un montant et sa base.",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_amount=None)
                | Q(outcome="granted", decided_amount__isnull=False, decided_amount__gt=0)
                | Q(outcome__in=["refused", "adjourned"], decided_amount=None, reason__gt=""),
                name="committee_item_decision_whole",
                violation_error_message="Un accord a un montant ; un refus ou un ajournement, un motif.",
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(outcome__gt="", removed_at=None),
                name="committee_item_applied_once_decided",
                violation_error_message="Une décision s’exécute une fois prise.",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(removed_reason__gt=""),
                name="committee_item_removal_says_why",
                violation_error_message="Un retrait de l’ordre du jour dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}, {self.dossier}"

    @property
    def said(self) -> Brief:
        """What the agenda says of the dossier, as frozen when it was put there."""
        return Brief.from_record(self.brief)

    @property
    def granted(self) -> Decimal:
        """What it takes from the envelope: what is proposed, then, once the agenda is settled, decided."""
        is_decided = self.outcome and self.session.state != workflow.PREPARING
        return (self.decided_amount if is_decided else self.proposed_amount) or ZERO

    @property
    def departs(self) -> bool:
        """Whether what was decided is not what was proposed."""
        if not self.outcome:
            return False
        is_granted = self.outcome == self.Outcome.GRANTED
        return is_granted != self.is_grant or (is_granted and self.decided_amount != self.proposed_amount)


class Recusal(models.Model):
    """Somebody of the committee who takes no part in a decision (« déport »)."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="recusals")
    name = models.CharField("nom", max_length=150)
    reason = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "déport"
        verbose_name_plural = "déports"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "name"],
                name="committee_recusal_once",
                violation_error_message="Ce déport est déjà noté.",
            ),
            models.CheckConstraint(
                condition=Q(name__gt=""),
                name="committee_recusal_named",
                violation_error_message="Un déport porte un nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def written(self) -> str:
        """The name, with its reason in brackets where it is known."""
        return f"{self.name} ({self.reason})" if self.reason else self.name


class Paper(models.Model):
    """A PDF made for a session: the report in draft, the report as tabled, or the record of what was decided.

    `revision` is that of the session when it was asked for: a draft of an older one says so.
    """

    class Stage(models.TextChoices):
        DRAFT = "draft", "Projet de rapport"
        FINAL = "final", "Rapport à la Commission permanente"
        MINUTES = "minutes", "Relevé de décisions"

    session = models.ForeignKey(Session, models.PROTECT, related_name="papers")
    stage = models.CharField("étape", max_length=7, choices=Stage.choices)
    revision = models.PositiveIntegerField("révision")
    document = models.OneToOneField(Document, models.PROTECT, verbose_name="document", related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, verbose_name="par", related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "document de séance"
        verbose_name_plural = "documents de séance"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}, {self.session}"
