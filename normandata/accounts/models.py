"""People who sign in, the roles they hold, and the invitations that bring some of them."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property


class UserManager(BaseUserManager["User"]):
    """Creates people by their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; raises ValueError without an address."""
        address = (email or "").strip().lower()
        if not address:
            raise ValueError("an e-mail address is required")
        user = self.model(email=address, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by address, whatever its case."""
        return self.get(email=(username or "").strip().lower())

    async def aget_by_natural_key(self, username: str | None) -> "User":
        """Find a person by address, whatever its case."""
        return await self.aget(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by an e-mail address kept in lower case, hence unique whatever its case."""

    email = models.EmailField(
        "adresse électronique",
        max_length=254,
        unique=True,
        error_messages={"unique": "Cette adresse électronique a déjà un compte."},
    )
    name = models.CharField("nom", max_length=150, blank=True)
    is_active = models.BooleanField("compte actif", default=True)
    is_staff = models.BooleanField("agent de la Région", default=False)
    date_joined = models.DateTimeField("créé le", default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="accounts_user_email_lower_case",
                violation_error_message="Une adresse électronique s’enregistre en minuscules.",
            )
        ]

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def assignments(self) -> "tuple[RoleAssignment, ...]":
        """The roles held now, read once for the request."""
        return tuple(RoleAssignment.objects.current().filter(user=self)) if self.pk else ()

    def holds(self, *roles: "Role", scheme: str = "", scope: str = "") -> bool:
        """Tell whether this active person holds one of the roles, for a scheme and a scope where they are given."""
        return self.is_active and any(held.covers(roles, scheme, scope) for held in self.assignments)

    def schemes_as(self, *roles: "Role") -> "frozenset[str] | None":
        """Return the schemes for which one of the roles is held; None stands for all of them."""
        held = {held.scheme for held in self.assignments if self.is_active and held.role in roles}
        return None if "" in held else frozenset(held)

    @property
    def is_region(self) -> bool:
        """Whether this person works for the Region: a second factor is then asked for."""
        return self.is_active and (self.is_staff or any(held.role in REGION_ROLES for held in self.assignments))


class Role(models.TextChoices):
    """What a person may be, besides a member of an organisation."""

    AGENT = "agent", "agent instructeur"
    LEAD_AGENT = "lead_agent", "agent responsable"
    PROVIDER = "provider", "prestataire"
    EXPERT = "expert", "expert"
    JUROR = "juror", "juré"
    ORGANISER = "organiser", "organisateur"
    MENTOR = "mentor", "mentor"
    COMMITTEE_CLERK = "committee_clerk", "secrétaire de la Commission permanente"
    PAYMENTS_OFFICER = "payments_officer", "chargé des paiements"
    ACTION_PILOT = "action_pilot", "pilote d’action"
    AUDITOR = "auditor", "auditeur"
    DATA_PROTECTION_OFFICER = "data_protection_officer", "délégué à la protection des données"
    ADMINISTRATOR = "administrator", "administrateur"


OUTSIDE_ROLES = frozenset({Role.PROVIDER, Role.EXPERT, Role.JUROR, Role.MENTOR})
REGION_ROLES = frozenset(Role) - OUTSIDE_ROLES
EDITION_ROLES = frozenset({Role.ORGANISER, Role.JUROR, Role.MENTOR})
"""Roles that whoever organises an edition gives in its scope."""


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def current(self) -> Self:
        """Keep the roles that nobody withdrew."""
        return self.filter(ended_at=None)


class RoleAssignment(models.Model):
    """A person × scheme × role. No scheme means all of them; `scope` names an edition or a provider's company.

    A role is withdrawn by dating its end, never deleted: the journal's signatures keep their meaning.
    """

    user = models.ForeignKey(User, models.PROTECT, verbose_name="personne", related_name="role_assignments")
    role = models.CharField("rôle", max_length=30, choices=Role.choices)
    scheme = models.CharField("dispositif", max_length=30, blank=True)
    scope = models.CharField("périmètre", max_length=80, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="donné par", related_name="+"
    )
    granted_at = models.DateTimeField("donné le", default=timezone.now)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="retiré par", related_name="+"
    )
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)
    ended_reason = models.CharField("motif du retrait", max_length=300, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "rôle d’une personne"
        verbose_name_plural = "rôles des personnes"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scheme", "scope"],
                condition=Q(ended_at=None),
                name="accounts_role_held_once",
                violation_error_message="Cette personne a déjà ce rôle.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="accounts_role_known",
                violation_error_message="Ce rôle n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"

    def covers(self, roles: tuple[Role, ...], scheme: str, scope: str) -> bool:
        """Tell whether this assignment is one of the roles, for this scheme and scope."""
        return self.role in roles and self.scheme in ("", scheme) and (not scope or self.scope in ("", scope))


class StaffInvitationQuerySet(models.QuerySet["StaffInvitation"]):
    def pending(self, at: datetime) -> Self:
        """Keep the invitations that can still be accepted."""
        return self.filter(accepted_at=None, cancelled_at=None, expires_at__gt=at)


class StaffInvitation(models.Model):
    """An invitation to hold a role, sent by mail. Only the digest of its token is kept."""

    email = models.EmailField("adresse électronique", max_length=254)
    role = models.CharField("rôle", max_length=30, choices=Role.choices)
    scheme = models.CharField("dispositif", max_length=30, blank=True)
    scope = models.CharField("périmètre", max_length=80, blank=True)
    token_hash = models.CharField("empreinte du jeton", max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, verbose_name="envoyée par", related_name="+")
    created_at = models.DateTimeField("envoyée le", default=timezone.now)
    expires_at = models.DateTimeField("valable jusqu’au")
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = StaffInvitationQuerySet.as_manager()

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="accounts_invitation_email_lower_case",
                violation_error_message="Une adresse électronique s’enregistre en minuscules.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="accounts_invitation_role_known",
                violation_error_message="Ce rôle n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(cancelled_at=None),
                name="accounts_invitation_one_end",
                violation_error_message="Une invitation est acceptée ou annulée, pas les deux.",
            ),
            models.UniqueConstraint(
                fields=["email", "role", "scheme", "scope"],
                condition=Q(accepted_at=None, cancelled_at=None),
                name="accounts_invitation_open_once",
                violation_error_message="Une invitation à ce rôle est déjà en cours pour cette adresse.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()}"


class MailSlot(models.Model):
    """One of the few mails an address may be sent in an hour by people who did not sign in; see `throttle`."""

    address_hash = models.CharField("empreinte de l’adresse", max_length=64)
    number = models.PositiveSmallIntegerField("rang")
    used_at = models.DateTimeField("utilisé le")

    class Meta:
        verbose_name = "envoi compté"
        verbose_name_plural = "envois comptés"
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "number"],
                name="accounts_mail_slot_once",
                violation_error_message="Cet envoi est déjà compté.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.address_hash[:8]} {self.number}"
