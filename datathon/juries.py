"""The jury of an edition, and what it decides: ranks, departures, votes (annexe 5, T-17 to T-25)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.documents.models import Document

from .editions import Edition
from .teams import Team

Person = settings.AUTH_USER_MODEL
ELECTED, REPRESENTATIVE, EXPERT = "elected", "representative", "expert"
QUALITIES = (
    (ELECTED, "Élu régional"),
    (REPRESENTATIVE, "Représentant d’un élu régional"),
    (EXPERT, "Expert thématique"),
)
OFFICIALS = (ELECTED, REPRESENTATIVE)


class JurorQuerySet(models.QuerySet["Juror"]):
    def active(self) -> Self:
        """Keep those who were not taken off and did not decline."""
        return self.filter(ended_at=None, declined_at=None)

    def sitting(self) -> Self:
        """Keep those who accepted and have an account."""
        return self.active().filter(accepted_at__isnull=False, person__isnull=False)


class Juror(models.Model):
    """Somebody proposed by the DAN for the jury, and in what quality; a person once the invitation is accepted."""

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="jurors")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="personne", related_name="juries"
    )
    name = models.CharField("nom", max_length=150)
    email = models.EmailField("adresse électronique", max_length=254)
    quality = models.CharField("qualité", max_length=14, choices=QUALITIES)
    title = models.CharField("titre ou domaine", max_length=150, blank=True)
    is_chair = models.BooleanField("préside le jury", default=False)
    invited_at = models.DateTimeField("invité le", null=True, blank=True)
    accepted_at = models.DateTimeField("accepté le", null=True, blank=True)
    declined_at = models.DateTimeField("décliné le", null=True, blank=True)
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)
    present_at = models.DateTimeField("présent à la délibération", null=True, blank=True)

    objects = JurorQuerySet.as_manager()

    class Meta:
        verbose_name = "juré"
        verbose_name_plural = "jurés"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "email"],
                condition=Q(ended_at=None),
                name="datathon_juror_once",
                violation_error_message="Cette personne est déjà dans le jury.",
            ),
            models.UniqueConstraint(
                fields=["edition"],
                condition=Q(is_chair=True, ended_at=None),
                name="datathon_juror_one_chair",
                violation_error_message="Le jury a déjà un président.",
            ),
            models.CheckConstraint(
                condition=Q(name__gt="", email__gt="", quality__in=[quality for quality, _ in QUALITIES]),
                name="datathon_juror_qualified",
                violation_error_message="Un juré a un nom, une adresse et une qualité.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(person__isnull=False),
                name="datathon_juror_accepted_by_somebody",
                violation_error_message="Une invitation est acceptée par une personne.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Deliberation(models.Model):
    """What the jury says as a whole. Only effects of the edition's procedure and `services.deliberations` write it.

    `matrix` is what the ballots said when it opened: jurors, criteria, cells; it goes away when scoring opens again.
    `record` is the minutes (procès-verbal) of the last closing; earlier ones stay in the journal.
    """

    edition = models.OneToOneField(Edition, models.PROTECT, primary_key=True, verbose_name="édition")
    opened_at = models.DateTimeField("ouverte le")
    opened_by = models.ForeignKey(Person, models.PROTECT, verbose_name="ouverte par", related_name="+")
    revision = models.PositiveIntegerField("révision", default=1)
    saved_at = models.DateTimeField("enregistrée le", default=timezone.now)
    matrix = models.JSONField("bulletins à l’ouverture", default=dict)
    reason = models.TextField("motif des écarts au classement proposé", max_length=3000, blank=True)
    remarks = models.TextField("observations", max_length=3000, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    closed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, verbose_name="close par", related_name="+"
    )
    closings = models.PositiveSmallIntegerField("clôtures", default=0)
    record = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="procès-verbal", related_name="+"
    )
    announced_at = models.DateTimeField("résultats annoncés le", null=True, blank=True)

    class Meta:
        verbose_name = "délibération"
        verbose_name_plural = "délibérations"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="datathon_deliberation_closed_by_somebody",
                violation_error_message="Une délibération close dit par qui et quand.",
            )
        ]

    def __str__(self) -> str:
        return f"Délibération, {self.edition}"


class Outcome(models.Model):
    """One team before the jury: what the ballots proposed when the deliberation opened, and what the jury decided.

    The exact mean is a fraction, kept as text; no proposed rank is « non classable », under the quorum.
    """

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, verbose_name="délibération", related_name="outcomes")
    team = models.OneToOneField(Team, models.PROTECT, verbose_name="équipe", related_name="outcome")
    score = models.CharField("moyenne exacte", max_length=60, blank=True)
    ballots = models.PositiveSmallIntegerField("bulletins validés", default=0)
    lowest = models.DecimalField("bulletin le plus bas", max_digits=6, decimal_places=4, null=True, blank=True)
    highest = models.DecimalField("bulletin le plus haut", max_digits=6, decimal_places=4, null=True, blank=True)
    proposed_rank = models.PositiveSmallIntegerField("rang proposé", null=True, blank=True)
    proposed_reason = models.TextField("ce qui a fait le rang", blank=True)
    decided_rank = models.PositiveSmallIntegerField("rang décidé", null=True, blank=True)

    class Meta:
        verbose_name = "résultat"
        verbose_name_plural = "résultats"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deliberation", "decided_rank"],
                condition=Q(decided_rank__isnull=False),
                name="datathon_outcome_rank_once",
                violation_error_message="Deux équipes n’ont pas le même rang décidé.",
            ),
            models.CheckConstraint(
                condition=(Q(proposed_rank=None) | Q(proposed_rank__gte=1))
                & (Q(decided_rank=None) | Q(decided_rank__gte=1)),
                name="datathon_outcome_rank_from_one",
                violation_error_message="Les rangs commencent à 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} : {self.decided_rank or self.proposed_rank or 'non classable'}"


class JuryVote(models.Model):
    """A vote of the jury during the deliberation; the chair's voice settles a tie of voices.

    Between two teams of the same rank, « pour » places the first before the other.
    """

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, verbose_name="délibération", related_name="votes")
    subject = models.CharField("objet du vote", max_length=300)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, verbose_name="équipe à placer devant", related_name="+"
    )
    other = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, verbose_name="autre équipe", related_name="+"
    )
    in_favour = models.PositiveSmallIntegerField("pour")
    against = models.PositiveSmallIntegerField("contre")
    abstained = models.PositiveSmallIntegerField("abstentions", default=0)
    chair_in_favour = models.BooleanField("voix prépondérante pour", null=True, blank=True)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "vote du jury"
        verbose_name_plural = "votes du jury"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__gt=""),
                name="datathon_vote_says_what",
                violation_error_message="Un vote dit son objet.",
            ),
            models.CheckConstraint(
                condition=Q(team=None, other=None) | (Q(team__isnull=False, other__isnull=False) & ~Q(team=F("other"))),
                name="datathon_vote_between_two",
                violation_error_message="Un vote qui départage porte sur deux équipes.",
            ),
            models.CheckConstraint(
                condition=(Q(in_favour=F("against")) & Q(chair_in_favour__isnull=False))
                | (~Q(in_favour=F("against")) & Q(chair_in_favour=None)),
                name="datathon_vote_chair_settles_equality",
                violation_error_message="La voix prépondérante du président tranche une égalité, et rien d’autre.",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
