"""Mark sheets. Nothing outside this room reads these rows: `reading` is the only way out."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils import timezone

from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import workflow
from .arithmetic import is_on_step
from .grids import Criterion, Grid
from .panels import Conflict, Seat, Subject

Person = settings.AUTH_USER_MODEL
STATE_CHOICES = [(slug, state.label) for slug, state in workflow.SHEET_STATES.items()]


class SheetQuerySet(models.QuerySet["Sheet"]):
    def counted(self) -> Self:
        """Keep the sheets that count: complete and submitted."""
        return self.filter(state=workflow.SUBMITTED)

    def with_standing(self) -> Self:
        """Add what a gesture checks, in the same query: the role of the author's seat (None without) and conflicts.

        `is_spoiled`: the author has read the results, and nobody gave this sheet back.
        """
        seats = Seat.objects.active().filter(panel=OuterRef("subject__panel"), person=OuterRef("author"))
        closing = Conflict.objects.closing(OuterRef("author"), OuterRef("subject__kind"), OuterRef("subject__key"))
        read = Disclosure.objects.filter(subject=OuterRef("subject"), person=OuterRef("author"))
        return self.select_related("subject__panel__grid", "reopened_by").annotate(
            seat_role=Subquery(seats.values("role")[:1]),
            in_conflict=models.Exists(closing),
            is_spoiled=ExpressionWrapper(Q(reopened_at=None) & models.Exists(read), models.BooleanField()),
        )


class Sheet(models.Model):
    """One person's marks on one subject.

    `revision` grows with each save, so that two tabs do not overwrite each other. What was judged, by which grid and
    the points (weighted where the grid says so) are written when it is submitted, and only then. A sheet given back to
    its author says by whom, when and why until it is submitted again.
    """

    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="projet", related_name="sheets")
    author = models.ForeignKey(Person, models.PROTECT, verbose_name="auteur", related_name="sheets")
    state = models.CharField("état", max_length=10, choices=STATE_CHOICES, default=workflow.DRAFT)
    revision = models.PositiveIntegerField("révision", default=1)
    comment = models.TextField("commentaire", blank=True)
    started_at = models.DateTimeField("commencée le", default=timezone.now)
    saved_at = models.DateTimeField("enregistrée le", default=timezone.now)
    submitted_at = models.DateTimeField("remise le", null=True, blank=True)
    subject_version = models.CharField("version jugée", max_length=40, blank=True)
    grid = models.ForeignKey(
        Grid, models.PROTECT, null=True, blank=True, verbose_name="grille appliquée", related_name="+"
    )
    points = models.DecimalField("points", max_digits=14, decimal_places=4, null=True, blank=True, editable=False)
    reopened_at = models.DateTimeField("rouverte le", null=True, blank=True)
    reopened_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="rouverte par", related_name="+"
    )
    reopened_reason = models.TextField("motif de la réouverture", blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche de notation"
        verbose_name_plural = "fiches de notation"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "author"],
                name="scoring_sheet_once",
                violation_error_message="Cette personne a déjà une fiche sur ce projet.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.SHEET_STATES)),
                name="scoring_sheet_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=workflow.SUBMITTED, points__isnull=False, grid__isnull=False, submitted_at__isnull=False
                )
                | (~Q(state=workflow.SUBMITTED) & Q(points=None, grid=None, submitted_at=None, subject_version="")),
                name="scoring_sheet_frozen_iff_submitted",
                violation_error_message="Une fiche remise, et elle seule, dit ses points et sa grille.",
            ),
            models.CheckConstraint(
                condition=Q(points=None) | Q(points__gte=0),
                name="scoring_sheet_points_not_negative",
                violation_error_message="Les points ne sont jamais négatifs.",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopened_reason="")
                | (
                    ~Q(state=workflow.SUBMITTED)
                    & Q(reopened_at__isnull=False, reopened_by__isnull=False, reopened_reason__gt="")
                ),
                name="scoring_sheet_reopened_wholly",
                violation_error_message="Une fiche rouverte, et non remise depuis, dit par qui, quand et pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.author}"

    @property
    def procedure(self) -> Procedure:
        return workflow.SHEET

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the state, unsaved."""
        self.state = state.slug

    @property
    def standing(self) -> State:
        return workflow.SHEET_STATES[self.state]


class Disclosure(models.Model):
    """A person has read the results of a subject of a closed panel: a panel that reopens takes no new sheet of theirs.

    Written by `reading` when it gives out what is not blind any more.
    """

    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="projet", related_name="disclosures")
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="disclosures")
    at = models.DateTimeField("lus le", default=timezone.now)

    class Meta:
        verbose_name = "lecture de résultats"
        verbose_name_plural = "lectures de résultats"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "person"],
                name="scoring_disclosure_once",
                violation_error_message="Cette personne a déjà lu ces résultats.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.person}"


class Mark(models.Model):
    """One mark and why. No value is a criterion not marked yet, which is not zero.

    The criterion's maximum is written beside, so that the database holds it.
    """

    sheet = models.ForeignKey(Sheet, models.CASCADE, verbose_name="fiche", related_name="marks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, verbose_name="critère", related_name="marks")
    value = models.DecimalField("note", max_digits=6, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField("maximum", max_digits=6, decimal_places=2)
    justification = models.TextField("justification", blank=True)

    class Meta:
        verbose_name = "note"
        verbose_name_plural = "notes"
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "criterion"],
                name="scoring_mark_once",
                violation_error_message="Ce critère a déjà sa note sur cette fiche.",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0),
                name="scoring_mark_not_negative",
                violation_error_message="Une note n’est jamais négative.",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__lte=F("maximum")),
                name="scoring_mark_within_maximum",
                violation_error_message="Une note ne dépasse pas le maximum du critère.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} : {'–' if self.value is None else self.value}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a mark between two steps, or under another maximum than that of its criterion: ValueError."""
        scale = self.criterion.scale
        if self.maximum != scale.maximum or (self.value is not None and not is_on_step(self.value, scale)):
            raise ValueError("a mark keeps to the scale of its criterion")
        super().save(*args, **kwargs)
