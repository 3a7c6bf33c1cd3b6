"""Teams of one to five, their numbered seats, and who asks to come in (annexe 5, T-07 and T-08)."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure.guards import WrittenOnce
from normandata.procedure.services import Procedure
from normandata.workflow.table import State

from . import permissions, workflow
from .editions import FIGURES, Edition, Theme
from .registrations import Registration

Person = settings.AUTH_USER_MODEL
STATE_CHOICES = [(slug, state.label) for slug, state in workflow.TEAM_STATES.items()]
MOST_MEMBERS = int(FIGURES.number("team_max"))


class TeamQuerySet(models.QuerySet["Team"]):
    def active(self) -> Self:
        return self.filter(dissolved_at=None)

    def real(self) -> Self:
        """Leave out the teams of a trial."""
        return self.filter(rehearsal=False)

    def of(self, user: User) -> Self:
        """Keep the teams in which a person has a seat."""
        return self.filter(seats__registration__person=user)

    def visible_to(self, user: User) -> Self:
        """Keep the teams that a person may read: one's own, and those of an edition in which one has a part.

        Jurors and mentors read what the phase lets them: see `rights` of the edition.
        """
        mine = Q(pk__in=Seat.objects.filter(registration__person=user).values("team"))
        scopes = permissions.scopes_of(user)
        return self if scopes is None else self.filter(mine | Q(edition__slug__in=scopes))


class Team(models.Model):
    """A team and its project. Its members share a code to join; exactly one seat is its referent's.

    The column is never empty while the team is active, and that seat cannot go away: whoever leaves names a successor.
    `order` is the order of presentation, 0 until it is drawn. Only `services.teams` writes it.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="teams")
    name = models.CharField("nom de l’équipe", max_length=80)
    state = models.CharField("état", max_length=10, choices=STATE_CHOICES, default=workflow.ACTIVE)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, verbose_name="thème", related_name="teams")
    project = models.CharField("titre du projet", max_length=150, blank=True)
    summary = models.TextField("le projet en quelques phrases", max_length=2000, blank=True)
    territory = models.CharField("territoire normand visé", max_length=200, blank=True)
    looks_for = models.CharField("ce que l’équipe cherche", max_length=300, blank=True)
    code = models.CharField("code pour rejoindre", max_length=12)
    referent = models.OneToOneField(
        "Seat", models.PROTECT, null=True, blank=True, verbose_name="place du référent", related_name="refers"
    )
    revision = models.PositiveIntegerField("révision", default=1)
    order = models.PositiveSmallIntegerField("ordre de présentation", default=0)
    presents = models.BooleanField("présente son projet", default=True)
    shown_in_gallery = models.BooleanField("projet dans la galerie", default=False)
    rehearsal = models.BooleanField("pour l’essai", default=False)
    created_at = models.DateTimeField("créée le", default=timezone.now)
    dissolved_at = models.DateTimeField("dissoute le", null=True, blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = "équipe"
        verbose_name_plural = "équipes"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                "edition",
                Lower("name"),
                condition=Q(dissolved_at=None),
                name="datathon_team_name_once",
                violation_error_message="Une équipe de cette édition porte déjà ce nom.",
            ),
            models.UniqueConstraint(
                fields=["edition", "code"],
                name="datathon_team_code_once",
                violation_error_message="Ce code existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(name__gt="", code__gt=""),
                name="datathon_team_named",
                violation_error_message="Une équipe a un nom et un code.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(workflow.TEAM_STATES)),
                name="datathon_team_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=workflow.ACTIVE, dissolved_at=None, referent__isnull=False)
                | Q(state=workflow.DISSOLVED, dissolved_at__isnull=False, referent=None),
                name="datathon_team_one_referent",
                violation_error_message="Une équipe active a un référent ; une équipe dissoute n’en a plus.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def procedure(self) -> Procedure:
        return workflow.TEAM

    def enter(self, state: State, *, turn: str, at: datetime) -> None:
        """Write the state, unsaved; a dissolved team has no referent."""
        self.state = state.slug
        self.revision += 1
        self.dissolved_at = at if state.slug == workflow.DISSOLVED else None
        if self.dissolved_at is not None:
            self.referent = None

    @property
    def standing(self) -> State:
        return workflow.TEAM_STATES[self.state]

    @property
    def is_active(self) -> bool:
        return self.dissolved_at is None


class Seat(models.Model):
    """A member's place in a team, from 1 to 5: two people never hold the same, and one person holds one by edition.

    The edition is written beside, so that the database holds it. A seat that is left is deleted: the journal of the
    team keeps who came and who went. Its key is drawn beforehand, so that a team and its referent's seat, which name
    each other, are written in one transaction.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="édition", related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, verbose_name="équipe", related_name="seats")
    registration = models.ForeignKey(Registration, models.PROTECT, verbose_name="inscription", related_name="seats")
    number = models.PositiveSmallIntegerField("place")
    joined_at = models.DateTimeField("depuis le", default=timezone.now)

    class Meta:
        verbose_name = "place"
        verbose_name_plural = "places"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "number"],
                name="datathon_seat_number_once",
                violation_error_message="Cette place est prise.",
            ),
            models.UniqueConstraint(
                fields=["edition", "registration"],
                name="datathon_seat_one_team",
                violation_error_message="Cette personne est déjà dans une équipe de cette édition.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_MEMBERS),
                name="datathon_seat_number",
                violation_error_message="Une équipe compte cinq participants au plus.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration}, {self.team}, place {self.number}"


class JoinRequest(models.Model):
    """A participant asks a team to come in, or a team invites a participant; answered once."""

    team = models.ForeignKey(Team, models.CASCADE, verbose_name="équipe", related_name="requests")
    registration = models.ForeignKey(
        Registration, models.CASCADE, verbose_name="inscription", related_name="join_requests"
    )
    is_invitation = models.BooleanField("invitation de l’équipe", default=False)
    message = models.CharField("message", max_length=500, blank=True)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    is_accepted = models.BooleanField("acceptée", null=True, blank=True)

    class Meta:
        verbose_name = "demande pour rejoindre"
        verbose_name_plural = "demandes pour rejoindre"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "registration", "is_invitation"],
                condition=Q(answered_at=None),
                name="datathon_join_request_once",
                violation_error_message="Cette demande attend déjà une réponse.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, is_accepted=None) | Q(answered_at__isnull=False),
                name="datathon_join_request_answered_dated",
                violation_error_message="Une réponse est datée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration}, {self.team}"


class Extension(models.Model):
    """A later deadline that an organiser gave to one team, and why; written once, the last one counts."""

    team = models.ForeignKey(Team, models.PROTECT, verbose_name="équipe", related_name="extensions")
    until = models.DateTimeField("jusqu’au")
    reason = models.TextField("motif", max_length=1000)
    given_by = models.ForeignKey(Person, models.PROTECT, verbose_name="donné par", related_name="+")
    given_at = models.DateTimeField("donné le", default=timezone.now)

    class Meta:
        verbose_name = "délai supplémentaire"
        verbose_name_plural = "délais supplémentaires"
        ordering = ["given_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__gt=""),
                name="datathon_extension_says_why",
                violation_error_message="Un délai supplémentaire dit son motif.",
            ),
            WrittenOnce(name="datathon_extension_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.team}, jusqu’au {self.until}"
