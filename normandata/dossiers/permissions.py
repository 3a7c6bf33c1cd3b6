"""Who may do what with a dossier, said once; lists say the same through `visible_to`."""

from normandata.accounts.models import Role, User
from normandata.organisations.models import Membership
from normandata.workflow.table import Editable

from . import states
from .models import INSTRUCTORS, READERS, Dossier


def is_applicant(user: User, dossier: Dossier) -> bool:
    """An active member of the organisation; one who asked to join sees only what that person began."""
    if not user.is_active:
        return False
    membership = Membership.objects.filter(user=user, organisation=dossier.organisation_id).exclude(
        state=Membership.State.LEFT
    )
    held = membership.values_list("state", flat=True).first()
    return held == Membership.State.ACTIVE or (held == Membership.State.REQUESTED and dossier.created_by_id == user.pk)


def is_deposited(dossier: Dossier) -> bool:
    return dossier.state != states.DRAFT


def is_agent(user: User, dossier: Dossier) -> bool:
    return user.holds(*INSTRUCTORS, scheme=dossier.scheme)


def is_lead_agent(user: User, dossier: Dossier) -> bool:
    return user.holds(Role.LEAD_AGENT, scheme=dossier.scheme)


def is_reader(user: User, dossier: Dossier) -> bool:
    return user.holds(*READERS, scheme=dossier.scheme)


def can_examine(user: User, dossier: Dossier) -> bool:
    """Instruct: start the review, ask for pieces, assign, read findings, write to the applicant."""
    return is_deposited(dossier) and is_agent(user, dossier)


def can_read_as_region(user: User, dossier: Dossier) -> bool:
    return is_deposited(dossier) and is_reader(user, dossier)


def can_read(user: User, dossier: Dossier) -> bool:
    return can_read_as_region(user, dossier) or is_applicant(user, dossier)


def can_edit(user: User, dossier: Dossier) -> bool:
    return dossier.editable == Editable.ALL.value and is_applicant(user, dossier)
