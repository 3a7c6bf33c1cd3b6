"""Who holds what, as « Personnes et rôles » shows it."""

from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from normandata.accounts import conf
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User


@dataclass(frozen=True, slots=True)
class Held:
    """One role of a person, and whether the reader may withdraw it."""

    assignment: RoleAssignment
    label: str
    is_mine_to_end: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """A person and the roles held now."""

    user: User
    roles: list[Held] = field(default_factory=list)


def may_see(person: User) -> bool:
    """Tell whether « Personnes et rôles » exists for this person."""
    return person.holds(Role.ADMINISTRATOR) or person.schemes_as(Role.LEAD_AGENT) != frozenset()


def roles_seen_by(person: User) -> QuerySet[RoleAssignment]:
    """Return the current roles this person may read: all for an administrator, else those of the schemes led."""
    roles = RoleAssignment.objects.current().order_by("role", "scheme", "scope", "pk")
    if person.holds(Role.ADMINISTRATOR):
        return roles
    led = person.schemes_as(Role.LEAD_AGENT)
    return roles if led is None else roles.filter(scheme__in=led)


def invitations_seen_by(person: User) -> QuerySet[StaffInvitation]:
    """Return the invitations without answer this person may read."""
    open_ones = StaffInvitation.objects.filter(accepted_at=None, cancelled_at=None).select_related("invited_by")
    rows = open_ones.order_by("-created_at", "-pk")
    if person.holds(Role.ADMINISTRATOR):
        return rows
    led = person.schemes_as(Role.LEAD_AGENT)
    agents = rows.filter(role=Role.AGENT)
    return agents.exclude(scheme="") if led is None else agents.filter(scheme__in=led)


def holders_seen_by(person: User) -> QuerySet[User]:
    """Return the active people who hold such a role, with these roles in `held`."""
    seen = roles_seen_by(person)
    people = User.objects.filter(is_active=True, pk__in=seen.values("user_id")).order_by("name", "email", "pk")
    return people.prefetch_related(Prefetch("role_assignments", queryset=seen, to_attr="held"))


def described(user: User, reader_may: "frozenset[int]") -> Holder:
    """Write a person's roles in words."""
    roles = [Held(one, in_words(one), one.pk in reader_may) for one in getattr(user, "held", [])]
    return Holder(user, roles)


def in_words(one: RoleAssignment | StaffInvitation) -> str:
    """Write a role with its scheme and scope."""
    parts = [one.get_role_display().capitalize(), conf.SCHEMES.get(one.scheme, one.scheme) or "tous les dispositifs"]
    return ", ".join([*parts, one.scope] if one.scope else parts)
