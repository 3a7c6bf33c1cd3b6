"""The agents a person works with: those of the same schemes."""

from django.db.models import Q, QuerySet

from normandata.accounts.models import User

from .models import INSTRUCTORS, READERS


def of(user: User) -> QuerySet[User]:
    """Keep the active agents of the schemes that this person reads, by name."""
    held = Q(role_assignments__role__in=INSTRUCTORS, role_assignments__ended_at=None)
    schemes = user.schemes_as(*READERS)
    if schemes is not None:
        held &= Q(role_assignments__scheme__in=["", *sorted(schemes)])
    return User.objects.filter(held, is_active=True).distinct().order_by("name", "email", "pk")


def names(user: User) -> dict[int, str]:
    """Return the same by key, as they are written."""
    return {pk: name or email for pk, name, email in of(user).values_list("pk", "name", "email")}
