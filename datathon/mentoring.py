"""Volunteer mentors, what teams ask them, their notes, and follow-up meetings (annexe 5, T-03 and T-04)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from normandata.accounts.models import User

from . import permissions
from .editions import Edition
from .registrations import SKILLS, Registration
from .teams import Seat, Team

Person = settings.AUTH_USER_MODEL


class MentorQuerySet(models.QuerySet["Mentor"]):
    def active(self) -> Self:
        """Keep who helps now."""
        return self.filter(ended_at=None, accepted_at__isnull=False)

    def proposed(self) -> Self:
        """Keep who offered help and waits for an answer."""
        return self.filter(ended_at=None, accepted_at=None)


class Mentor(models.Model):
    """A volunteer of one edition; once accepted, holds the role of mentor in its scope.

    `since` is the day of the offer. An offer that is declined ends without having been accepted.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="mentors")
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="mentorships")
    skills = models.JSONField("compétences", default=list, blank=True)
    about = models.CharField("présentation", max_length=300, blank=True)
    availability = models.CharField("disponibilités", max_length=300, blank=True)
    since = models.DateTimeField("depuis le", default=timezone.now)
    accepted_at = models.DateTimeField("accepté le", null=True, blank=True)
    ended_at = models.DateTimeField("jusqu’au", null=True, blank=True)

    objects = MentorQuerySet.as_manager()

    class Meta:
        verbose_name = "mentor"
        verbose_name_plural = "mentors"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "person"],
                name="datathon_mentor_once",
                violation_error_message="Cette personne est déjà mentor de cette édition.",
            )
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def skill_labels(self) -> str:
        """What the mentor can help with, in words."""
        return ", ".join(label for slug, label in SKILLS if slug in self.skills)


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    def waiting(self) -> Self:
        """Keep what no mentor has taken."""
        return self.filter(taken_at=None, cancelled_at=None)

    def mentored_in(self, scopes: frozenset[str] | None) -> Self:
        """Keep the requests of these editions, by slug; None stands for all of them."""
        return self if scopes is None else self.filter(team__edition__slug__in=scopes)

    def open_to(self, mentor: Mentor) -> Self:
        """Keep what waits and was asked of this mentor, or of whoever can, in its edition."""
        rows = self.waiting().filter(team__edition=mentor.edition_id, team__dissolved_at=None)
        return rows.filter(Q(asked=None) | Q(asked=mentor))


class HelpRequest(models.Model):
    """A team asks for help, of one mentor or of whoever can; a mentor takes it, then says it is done."""

    team = models.ForeignKey(Team, models.PROTECT, verbose_name="équipe", related_name="help_requests")
    asked = models.ForeignKey(
        Mentor, models.PROTECT, null=True, blank=True, verbose_name="mentor demandé", related_name="+"
    )
    question = models.TextField("question", max_length=2000)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    taken_by = models.ForeignKey(
        Mentor, models.PROTECT, null=True, blank=True, verbose_name="pris par", related_name="help_requests"
    )
    taken_at = models.DateTimeField("pris le", null=True, blank=True)
    done_at = models.DateTimeField("terminé le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’aide"
        verbose_name_plural = "demandes d’aide"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(question__gt=""),
                name="datathon_help_request_asks",
                violation_error_message="Écrivez la question de l’équipe.",
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None, taken_at=None, done_at=None)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
                name="datathon_help_request_taken_dated",
                violation_error_message="Une demande prise dit par qui et quand.",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None),
                name="datathon_help_request_one_end",
                violation_error_message="Une demande est terminée ou annulée, pas les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.asked_at}"


class MentorNote(models.Model):
    """A mentor's note on a team, for mentors and organisers; never for the jury, nor for the team unless shared."""

    team = models.ForeignKey(Team, models.CASCADE, verbose_name="équipe", related_name="mentor_notes")
    mentor = models.ForeignKey(Mentor, models.PROTECT, verbose_name="mentor", related_name="notes")
    text = models.TextField("note", max_length=3000)
    is_shared = models.BooleanField("lue par l’équipe", default=False)
    at = models.DateTimeField("écrite le", default=timezone.now)

    class Meta:
        verbose_name = "note de mentor"
        verbose_name_plural = "notes de mentors"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.team}, {self.mentor}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def standing(self) -> Self:
        """Keep the meetings that were not cancelled."""
        return self.filter(cancelled_at=None)

    def visible_to(self, user: User) -> Self:
        """Keep the meetings of those who organise, judge or mentor the edition, and of those who take part in it."""
        scopes = permissions.scopes_of(user)
        if scopes is None:
            return self
        mine = Q(team=None, edition__in=Registration.objects.active().of(user).values("edition"))
        ours = Q(team__in=Seat.objects.filter(registration__person=user).values("team"))
        return self.filter(Q(edition__slug__in=scopes) | mine | ours)


class Meeting(models.Model):
    """A follow-up meeting of the whole edition, or of one team; `revision` numbers its calendar file."""

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="meetings")
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, verbose_name="équipe", related_name="meetings"
    )
    title = models.CharField("objet", max_length=150)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    place = models.CharField("lieu ou lien", max_length=300, blank=True)
    notes = models.TextField("compte rendu", max_length=5000, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)
    created_by = models.ForeignKey(Person, models.PROTECT, verbose_name="créée par", related_name="+")
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion de suivi"
        verbose_name_plural = "réunions de suivi"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="datathon_meeting_ends_after",
                violation_error_message="Une réunion finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(title__gt=""),
                name="datathon_meeting_titled",
                violation_error_message="Une réunion a un objet.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
