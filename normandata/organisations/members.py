"""Who belongs to an organisation, who asked to, who was invited."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from normandata.accounts.models import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        """Keep the memberships that give access now; those of closed accounts give none."""
        return self.filter(state=Membership.State.ACTIVE, user__is_active=True)

    def requested(self) -> Self:
        """Keep the requests that wait for an answer."""
        return self.filter(state=Membership.State.REQUESTED, user__is_active=True)

    def live(self) -> Self:
        """Keep what is not over: active or requested."""
        return self.exclude(state=Membership.State.LEFT)

    def managers(self) -> Self:
        """Keep the active managers."""
        return self.active().filter(role=Membership.Role.MANAGER)

    def of(self, user: User) -> Self:
        """Keep the memberships of this person."""
        return self.filter(user=user)


class Membership(models.Model):
    """A person in an organisation. Leaving dates the row and never deletes it; coming back makes another one."""

    class Role(models.TextChoices):
        MANAGER = "manager", "référent"
        MEMBER = "member", "membre"

    class State(models.TextChoices):
        REQUESTED = "requested", "demande en attente"
        ACTIVE = "active", "actif"
        LEFT = "left", "parti"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="personne", related_name="memberships"
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, verbose_name="structure", related_name="memberships"
    )
    role = models.CharField("rôle", max_length=7, choices=Role.choices, default=Role.MEMBER)
    state = models.CharField("état", max_length=9, choices=State.choices, default=State.REQUESTED)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    joined_at = models.DateTimeField("entré le", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="accepté par", related_name="+"
    )
    left_at = models.DateTimeField("parti le", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="terminé par", related_name="+"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "membre"
        verbose_name_plural = "membres"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=~Q(state="left"),
                name="organisations_member_once",
                violation_error_message="Cette personne fait déjà partie de la structure, ou l’a déjà demandé.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["manager", "member"]) & Q(state__in=["requested", "active", "left"]),
                name="organisations_member_known",
                violation_error_message="Ce rôle ou cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", role="member", joined_at=None)
                | Q(state="active", joined_at__isnull=False)
                | Q(state="left"),
                name="organisations_member_joined_iff_active",
                violation_error_message="Un membre actif, et lui seul, est entré dans la structure.",
            ),
            models.CheckConstraint(
                condition=Q(state="left", left_at__isnull=False) | (~Q(state="left") & Q(left_at=None)),
                name="organisations_member_left_iff_dated",
                violation_error_message="Un départ, et lui seul, porte une date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"

    @property
    def is_active_manager(self) -> bool:
        return self.state == self.State.ACTIVE and self.role == self.Role.MANAGER


class MemberInvitationQuerySet(models.QuerySet["MemberInvitation"]):
    def pending(self) -> Self:
        """Keep the invitations that nobody accepted or cancelled, expired or not."""
        return self.filter(accepted_at=None, cancelled_at=None)


class MemberInvitation(models.Model):
    """An address asked to join. Only the hash of the link is kept: the database opens no door."""

    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, verbose_name="structure", related_name="invitations"
    )
    email = models.EmailField("adresse électronique", max_length=254)
    role = models.CharField("rôle", max_length=7, choices=Membership.Role.choices, default=Membership.Role.MEMBER)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="invité par", related_name="+"
    )
    invited_at = models.DateTimeField("invité le", default=timezone.now)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField("valable jusqu’au")
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="acceptée par", related_name="+"
    )
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = MemberInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        ordering = ["invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(accepted_at=None, cancelled_at=None),
                name="organisations_invited_once",
                violation_error_message="Cette adresse a déjà une invitation en cours.",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & Q(role__in=["manager", "member"]),
                name="organisations_invitation_written",
                violation_error_message="L’adresse s’enregistre en minuscules, et le rôle doit exister.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(cancelled_at=None),
                name="organisations_invitation_one_end",
                violation_error_message="Une invitation est acceptée ou annulée, pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")),
                name="organisations_invitation_lasts",
                violation_error_message="Une invitation finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.organisation_id}"

    def is_open(self, at: datetime) -> bool:
        """Tell whether the link can still be used."""
        return self.accepted_at is None and self.cancelled_at is None and at < self.expires_at

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class MailAllowance(models.Model):
    """When the last mails of this room left for one address, known by a keyed digest; the row is also their lock."""

    digest = models.CharField(max_length=64, primary_key=True)
    sent = models.JSONField("instants d’envoi, en secondes", default=list)

    class Meta:
        verbose_name = "quota de courriels"
        verbose_name_plural = "quotas de courriels"
