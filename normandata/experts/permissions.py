"""Who may do what with an expert's opinion and with the directory."""

from typing import TYPE_CHECKING

from normandata.accounts.models import Role, User
from normandata.dossiers import permissions
from normandata.dossiers.models import INSTRUCTORS, READERS, Dossier

if TYPE_CHECKING:
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
