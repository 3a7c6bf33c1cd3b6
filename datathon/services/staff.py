"""The gestures on who organises an edition: invite somebody in its scope, withdraw the role."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from normandata.accounts import services as accounts
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone

from .. import permissions
from ..editions import Edition

INVITED = (Role.ORGANISER, Role.MENTOR)
"""Roles that these pages give; jurors have a page of their own."""


@transaction.atomic
def invite(edition: Edition, email: str, role: Role = Role.ORGANISER, *, by: User) -> StaffInvitation:
    """Invite an address to organise or to mentor an edition; raises NotAllowed, NotDone (too many mails this hour)."""
    if role not in INVITED or not permissions.organises(by, edition):
        raise NotAllowed(procedure.FORBIDDEN)
    try:
        invitation = accounts.invite(email, role, permissions.SCHEME, edition.slug, by=by)
    except ValidationError as error:
        raise NotDone(*error.messages) from None
    procedure.record(edition, "invite", by=by, data={"role": str(role), "invitation": invitation.pk})
    return invitation


@transaction.atomic
def end_role(edition: Edition, assignment: RoleAssignment, *, reason: str, by: User) -> None:
    """Withdraw the role of organiser of this edition from somebody else; raises NotAllowed, NotDone."""
    if assignment.user_id == by.pk:
        raise NotDone("Une autre personne doit vous retirer ce rôle.")
    try:
        accounts.end_role(assignment, reason, by=by)
    except PermissionDenied:
        raise NotAllowed(procedure.FORBIDDEN) from None
    procedure.record(edition, "end_role", by=by, reason=reason, data={"role": assignment.role})
