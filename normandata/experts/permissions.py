"""Who may do what with an expert's opinion, with the directory, and with a cœur expert request."""

from typing import TYPE_CHECKING

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.dossiers.models import INSTRUCTORS, READERS, Dossier
from normandata.organisations.models import Membership

if TYPE_CHECKING:
    from .needs import Introduction, Need
    from .opinions import Opinion


def is_expert(user: User, opinion: "Opinion") -> bool:
    """Whoever the question is asked of, as long as the role is held."""
    return opinion.expert.user_id == user.pk and user.holds(Role.EXPERT)


def can_ask(user: User, dossier: Dossier) -> bool:
    """An agent who examines the dossier and is not of its organisation."""
    return permissions.can_examine(user, dossier) and not permissions.is_applicant(user, dossier)


def can_manage(user: User, opinion: "Opinion") -> bool:
    """Cancel a question or put its last day off: any agent who could ask it."""
    return can_ask(user, opinion.dossier)


def keeps_directory(user: User) -> bool:
    """Add experts and record what they agreed to: agents of any scheme."""
    return user.is_active and user.schemes_as(*INSTRUCTORS) != frozenset()


def reads_directory(user: User) -> bool:
    """Read the directory: whoever reads dossiers on the Region's side."""
    return user.is_active and user.schemes_as(*READERS) != frozenset()


# ---------------------------------------------------------------------------------------------------------- cœur expert
def is_requester(user: User, need: "Need") -> bool:
    """Who asked in their own name, or an active member of the organisation that asks."""
    if not user.is_active:
        return False
    if need.organisation_id is None:
        return need.asked_by_id == user.pk
    return Membership.objects.active().filter(user=user, organisation=need.organisation_id).exists()


def is_of_the_house(user: User | None, need: "Need") -> bool:
    """Whoever asked, and anybody of the organisation that asks, asking to join it among them."""
    if user is None:
        return False
    there = Membership.objects.filter(user=user, organisation=need.organisation_id).exclude(state=Membership.State.LEFT)
    return need.asked_by_id == user.pk or (need.organisation_id is not None and there.exists())


def can_animate(user: User, need: "Need") -> bool:
    """Lead a cœur expert request: who keeps the directory, but for a request of their own house."""
    return keeps_directory(user) and not is_of_the_house(user, need)


def is_introduced(user: User, introduction: "Introduction") -> bool:
    """The expert asked, as long as the role is held."""
    return introduction.expert.user_id == user.pk and user.holds(Role.EXPERT)


def can_release(user: User, introduction: "Introduction") -> bool:
    """Stop waiting for an expert: who leads the request."""
    return can_animate(user, introduction.need)
