"""Who may do what in an organisation. Each predicate asks the database: a right withdrawn bites at once."""

from normandata.accounts.models import Role, User

from .models import Membership, Organisation


def is_member(user: User, organisation: Organisation) -> bool:
    """Tell whether this person is an active member: reads the organisation, its members and its dossiers."""
    return user.is_active and Membership.objects.active().of(user).filter(organisation=organisation).exists()


def is_manager(user: User, organisation: Organisation) -> bool:
    """Tell whether this person is an active manager: accepts, invites, changes roles, removes."""
    return user.is_active and Membership.objects.managers().of(user).filter(organisation=organisation).exists()


def has_manager(organisation: Organisation) -> bool:
    """Tell whether an active manager is left: where there is none, the Region answers those who ask to join."""
    return Membership.objects.managers().filter(organisation=organisation).exists()


def may_settle(user: User, organisation: Organisation) -> bool:
    """Tell whether this person may answer a request: a manager, or the Region where no manager is left."""
    if is_manager(user, organisation):
        return True
    works_here = user.schemes_as(Role.AGENT, Role.LEAD_AGENT, Role.ADMINISTRATOR) != frozenset()
    return works_here and not has_manager(organisation)
