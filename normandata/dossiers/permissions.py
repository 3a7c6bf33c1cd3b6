"""Who may do what with a dossier, said once; lists say the same through `visible_to`."""

from django.db.models import Q

from normandata.accounts.models import Role, User
from normandata.organisations.models import Membership
from normandata.workflow.table import Editable

from . import closures, states
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


def is_closed(user: User, dossier: Dossier) -> bool:
    """Tell whether something closes this dossier to somebody of the Region: a declared conflict of interest."""
    return not closures.has_passed(user, dossier.pk) and dossier.pk in closures.remembered(user, _keys)


def is_agent(user: User, dossier: Dossier) -> bool:
    return user.holds(*INSTRUCTORS, scheme=dossier.scheme) and not is_closed(user, dossier)


def is_lead_agent(user: User, dossier: Dossier) -> bool:
    return user.holds(Role.LEAD_AGENT, scheme=dossier.scheme) and not is_closed(user, dossier)


def is_reader(user: User, dossier: Dossier) -> bool:
    return user.holds(*READERS, scheme=dossier.scheme) and not is_closed(user, dossier)


def can_examine(user: User, dossier: Dossier) -> bool:
    """Instruct: start the review, ask for pieces, assign, read findings, write to the applicant."""
    return is_deposited(dossier) and is_agent(user, dossier)


def can_read_as_region(user: User, dossier: Dossier) -> bool:
    return is_deposited(dossier) and is_reader(user, dossier)


def can_read(user: User, dossier: Dossier) -> bool:
    return can_read_as_region(user, dossier) or is_applicant(user, dossier)


def can_edit(user: User, dossier: Dossier) -> bool:
    return dossier.editable == Editable.ALL.value and is_applicant(user, dossier)


def _keys(closed: Q) -> frozenset[int]:
    return frozenset(Dossier.objects.filter(closed).values_list("pk", flat=True))
