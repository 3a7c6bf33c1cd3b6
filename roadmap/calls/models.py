"""A call for expressions of interest (AMI) opened by a chantier, and the proposals that answer it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from normandata.accounts.models import User
from normandata.dossiers import states
from normandata.dossiers.models import Dossier
from normandata.procedure.services import Procedure
from normandata.regulation.territory import NORMAN_NAMES
from normandata.workflow.table import State

from . import permissions, workflow

LIVE = tuple(slug for slug in states.STATES if slug not in (states.DRAFT, states.WITHDRAWN, states.LAPSED))
"""States of a proposal that counts: deposited, and neither withdrawn nor lapsed."""
DEPARTMENTS = [(code, name) for code, name in NORMAN_NAMES.items()]


class CallQuerySet(models.QuerySet["Call"]):
    def public(self) -> Self:
        """Keep the calls that everybody reads."""
        return self.filter(state__in=workflow.PUBLIC)

    def piloted_by(self, user: User) -> Self:
        """Keep the calls of the chantiers that a person pilots."""
        slugs = permissions.written_slugs(user)
        return self if slugs is None else self.filter(chantier__actions__slug__in=slugs).distinct()

    def whole(self) -> Self:
        """Read with the calls what every page of them shows: two queries, whatever their number."""
        return self.select_related("chantier__axis").prefetch_related("options")

    def answerable(self, day: date) -> Self:
        """Keep the calls that may be answered on a day."""
        return self.filter(state=workflow.OPEN, opens_on__lte=day, closes_on__gte=day)


class Call(models.Model):
    """A call of a chantier. Its dates are civil days of Paris, both included; only `procedure` moves its state.

    `names_carriers` is what its règlement says of publication: the assessment names carriers and titles, or counts
    alone. `revision` grows with each change, so that two pages never overwrite each other silently. `key` is that of
    the page that began it: sent twice, it begins one call.
    """

    chantier = models.ForeignKey("roadmap.Chantier", models.PROTECT, related_name="calls")
    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField("adresse", max_length=80, unique=True)
    title = models.CharField("intitulé", max_length=200)
    summary = models.CharField("résumé", max_length=400, blank=True)
    text = models.TextField("texte de l’appel", max_length=20000, blank=True)
    opens_on = models.DateField("ouvre le", null=True, blank=True)
    closes_on = models.DateField("ferme le", null=True, blank=True)
    names_carriers = models.BooleanField("nomme les porteurs", default=False)
    contact = models.CharField("contact", max_length=150, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    deliberations = models.ManyToManyField("roadmap.Deliberation", related_name="opened_calls", blank=True)
    state = models.CharField("état", max_length=12, choices=workflow.CHOICES, default=workflow.DRAFT)
    state_since = models.DateTimeField("dans cet état depuis", null=True, blank=True)
    state_reason = models.TextField("motif", blank=True)
    revision = models.PositiveIntegerField("révision", default=1)
    updated_at = models.DateTimeField("modifié le", null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = "appel"
        verbose_name_plural = "appels"
        ordering = [F("opens_on").desc(nulls_last=True), "-pk"]  # the databases place what has no date otherwise
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.STATES)),
                name="roadmap_call_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt="", slug__gt=""),
                name="roadmap_call_named",
                violation_error_message="Un appel a un intitulé.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None) | Q(closes_on=None) | Q(opens_on__lte=F("closes_on")),
                name="roadmap_call_dates_in_order",
                violation_error_message="L’appel ferme après avoir ouvert.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[workflow.DRAFT, workflow.CANCELLED])
                | Q(opens_on__isnull=False, closes_on__isnull=False, text__gt=""),
                name="roadmap_call_public_is_whole",
                violation_error_message="Un appel publié a un texte, une ouverture et une fermeture.",
            ),
            models.CheckConstraint(
                condition=~Q(state=workflow.CANCELLED) | Q(state_reason__gt=""),
                name="roadmap_call_cancelled_with_reason",
                violation_error_message="Un appel annulé a un motif.",
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
    def is_public(self) -> bool:
        return self.state in workflow.PUBLIC

    @property
    def is_frozen(self) -> bool:
        """Whether its themes and scales are fixed: proposals may name them."""
        return self.state not in workflow.WRITTEN

    def choices(self, kind: str) -> "Sequence[Option]":
        """Return its themes or its scales, in their order."""
        return [one for one in self.options.all() if one.kind == kind]

    @property
    def themes(self) -> "Sequence[Option]":
        return self.choices(Option.Kind.THEME)

    @property
    def scales(self) -> "Sequence[Option]":
        return self.choices(Option.Kind.SCALE)


class Option(models.Model):
    """A theme or a scale that a call lists; a proposal chooses one of each."""

    class Kind(models.TextChoices):
        THEME = "theme", "Thématique"
        SCALE = "scale", "Échelle"

    call = models.ForeignKey(Call, models.CASCADE, related_name="options")
    kind = models.CharField("sorte", max_length=5, choices=Kind.choices)
    rank = models.PositiveSmallIntegerField("rang")
    label = models.CharField("intitulé", max_length=120)

    class Meta:
        verbose_name = "choix d’un appel"
        verbose_name_plural = "choix d’un appel"
        ordering = ["kind", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "kind", "label"],
                name="roadmap_option_once",
                violation_error_message="Cet intitulé figure deux fois dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["theme", "scale"], label__gt=""),
                name="roadmap_option_named",
                violation_error_message="Un choix a une sorte et un intitulé.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class CallProposalQuerySet(models.QuerySet["CallProposal"]):
    def live(self) -> Self:
        """Keep the proposals that count: those withdrawn do not."""
        return self.filter(dossier__state__in=LIVE)

    def unanswered(self) -> Self:
        """Keep the live proposals whose examination is not over."""
        return self.live().exclude(dossier__state=states.CLOSED)


class CallProposal(models.Model):
    """A proposal to a call, as last deposited; the dossier says who carries it and where it stands.

    `is_outside` counts it outside Normandie too. The outcome is that of its examination: an expression of interest
    asks for no decision, so that none is refused.
    """

    class Outcome(models.TextChoices):
        RETAINED = "retained", "Retenue"
        ORIENTED = "oriented", "Orientée vers un dispositif"
        NOTED = "noted", "Prise en compte"

    dossier = models.OneToOneField(Dossier, models.PROTECT, primary_key=True, related_name="call_proposal")
    call = models.ForeignKey(Call, models.PROTECT, related_name="proposals")
    title = models.CharField("titre", max_length=150)
    summary = models.TextField("résumé")
    climate = models.TextField("climat, biodiversité, ressources naturelles")
    scale = models.ForeignKey(Option, models.PROTECT, related_name="+", verbose_name="échelle")
    theme = models.ForeignKey(Option, models.PROTECT, related_name="+", verbose_name="thématique")
    is_from_public = models.BooleanField("portée par une structure publique")
    is_outside = models.BooleanField("hors Normandie", default=False)
    outcome = models.CharField("suite", max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField("réponse au porteur", blank=True)

    objects = CallProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition"
        verbose_name_plural = "propositions"
        indexes = [models.Index(fields=["call", "theme"], name="roadmap_proposal_call")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", "retained", "oriented", "noted"]),
                name="roadmap_proposal_outcome_known",
                violation_error_message="Cette suite n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", answer="") | Q(outcome__gt="", answer__gt=""),
                name="roadmap_proposal_outcome_is_told",
                violation_error_message="Une suite est dite au porteur.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Place(models.Model):
    """A department that a proposal concerns; a proposal may concern several."""

    proposal = models.ForeignKey(CallProposal, models.CASCADE, related_name="places")
    department = models.CharField("département", max_length=2, choices=DEPARTMENTS)

    class Meta:
        verbose_name = "département d’une proposition"
        verbose_name_plural = "départements d’une proposition"
        ordering = ["department"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "department"],
                name="roadmap_place_once",
                violation_error_message="Ce département est déjà noté.",
            ),
            models.CheckConstraint(
                condition=Q(department__in=list(NORMAN_NAMES)),
                name="roadmap_place_is_norman",
                violation_error_message="Ce département n’est pas en Normandie.",
            ),
        ]

    def __str__(self) -> str:
        return NORMAN_NAMES[self.department]
