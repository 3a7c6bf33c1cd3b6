"""The Region's answer to somebody who asks to join an organisation that has no manager any more."""

from django.db import transaction

from normandata.accounts.models import User
from normandata.organisations import permissions as organisations
from normandata.organisations import services as members
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow

from .. import joining
from ..models import Dossier

HAS_MANAGER = "La structure a de nouveau un référent : c’est lui qui répond."
ONESELF = "Cette demande est la vôtre : un collègue doit y répondre."


@transaction.atomic
def accept(dossier: Dossier, membership: Membership, *, by: User) -> Membership:
    """Let somebody in, who becomes the manager. Raises NotAllowed, NotNow where a manager answers or once withdrawn."""
    _check(dossier, membership, by)
    return members.accept_member(membership, by=by)


@transaction.atomic
def refuse(dossier: Dossier, membership: Membership, *, by: User, reason: str = "") -> Membership:
    """Answer no. Raises NotAllowed, NotNow where a manager answers or the person is a member already."""
    _check(dossier, membership, by)
    return members.refuse_member(membership, by=by, reason=reason)


def _check(dossier: Dossier, membership: Membership, by: User) -> None:
    """Hold the organisation, so that it gets no manager meanwhile, and see that the Region may answer."""
    type(dossier.organisation).objects.select_for_update().get(pk=dossier.organisation_id)
    if membership.organisation_id != dossier.organisation_id or not joining.may_answer(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if organisations.has_manager(dossier.organisation):
        raise NotNow(HAS_MANAGER)
    if membership.user_id == by.pk:
        raise NotAllowed(ONESELF)
