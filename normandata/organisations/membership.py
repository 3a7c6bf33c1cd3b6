"""Entering, inviting, leaving. Every gesture locks the organisation first, so that it always keeps a manager."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow

from . import conf, mails, permissions
from .models import MemberInvitation, Membership, Organisation

Role, State = Membership.Role, Membership.State
ONLY_MANAGERS = "Seul un référent de la structure peut le faire."
GONE = "Cette personne ne fait plus partie de la structure, ou sa demande a été retirée."
SUCCESSOR = "Vous êtes le seul référent : nommez d’abord la personne qui prend la suite."
TOO_MANY = "Cette adresse a déjà reçu trois courriels en une heure. Recommencez dans une heure."
OVER = "Cette invitation n’est plus valable. Demandez-en une autre à un référent de la structure."


@transaction.atomic
def request_membership(organisation: Organisation, *, by: User) -> Membership:
    """Ask to join; asking again returns the membership there is."""
    return enter(_lock(organisation), by)


def enter(organisation: Organisation, user: User) -> Membership:
    """Enter an organisation that the caller has locked: its first member ever manages it, the others ask."""
    memberships = Membership.objects.filter(organisation=organisation)
    if live := memberships.live().of(user).first():
        return live
    membership = Membership(user=user, organisation=organisation)
    if memberships.exists():
        membership.save()
        mails.tell_managers(membership)
        return membership
    membership.role, membership.state, membership.joined_at = Role.MANAGER, State.ACTIVE, membership.asked_at
    membership.save()
    return membership


@transaction.atomic
def accept_member(membership: Membership, *, by: User) -> Membership:
    """Answer yes to a request, and keep it in the journal; raises NotAllowed, or NotNow when it was withdrawn.

    Where no manager is left, the Region answers and the person becomes the manager.
    """
    organisation = _lock(membership.organisation)
    if not permissions.may_settle(by, organisation):
        raise NotAllowed(ONLY_MANAGERS)
    current = _current(membership)
    if current.state == State.ACTIVE:
        return current
    if current.state == State.LEFT:
        raise NotNow(GONE)
    is_orphan = not permissions.has_manager(organisation)
    _activate(current, Role.MANAGER if is_orphan else Role.MEMBER, by)
    _record("accept_member", current, by)
    mails.tell("accepted", current)
    return current


@transaction.atomic
def refuse_member(membership: Membership, *, by: User, reason: str = "") -> Membership:
    """Answer no to a request; raises NotAllowed, or NotNow when it was already accepted.

    The reason, where one is given, is kept in the journal and told to the person.
    """
    organisation = _lock(membership.organisation)
    if not permissions.may_settle(by, organisation):
        raise NotAllowed(ONLY_MANAGERS)
    current = _current(membership)
    if current.state == State.LEFT:
        return current
    if current.state == State.ACTIVE:
        raise NotNow("Cette demande a déjà été acceptée. Vous pouvez retirer la personne de la structure.")
    _end(current, by)
    _record("refuse_member", current, by, reason)
    by_region = not permissions.is_manager(by, organisation)
    mails.tell("refused", current, by_region=by_region, reason=reason.strip())
    return current


@transaction.atomic
def change_role(membership: Membership, role: str, *, by: User) -> Membership:
    """Make a member a manager or the reverse; raises NotAllowed, or NotNow for the last manager."""
    organisation = _manage(membership.organisation, by)
    current = _current(membership)
    if current.state != State.ACTIVE:
        raise NotNow(GONE)
    if current.role == role:
        return current
    if role == Role.MEMBER:
        if not _other_managers(organisation, current):
            raise NotNow(SUCCESSOR)
        _cancel_invitations_of(current)
    current.role = role
    current.save()
    if role == Role.MANAGER:
        mails.tell("manager", current)
    return current


@transaction.atomic
def leave(organisation: Organisation, *, by: User, successor: Membership | None = None) -> Membership | None:
    """Leave, or withdraw one's request; the last manager names an active member first, if there is one.

    Returns the ended membership, None when there was none. Raises NotNow without a successor.
    """
    locked = _lock(organisation)
    current = Membership.objects.live().of(by).filter(organisation=locked).select_related("user").first()
    if current is None:
        return None
    others = Membership.objects.active().filter(organisation=locked).exclude(user=by)
    if current.is_active_manager and others.exists() and not _other_managers(locked, current):
        heir = others.filter(pk=successor.pk).select_related("user", "organisation").first() if successor else None
        if heir is None:
            raise NotNow(SUCCESSOR)
        heir.role = Role.MANAGER
        heir.save()
        mails.tell("manager", heir)
    _end(current, by)
    return current


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> Membership:
    """End somebody's membership at once; raises NotAllowed, or NotNow for oneself."""
    _manage(membership.organisation, by)
    current = _current(membership)
    if current.user_id == by.pk:
        raise NotNow("Pour partir vous-même, utilisez « Quitter la structure ».")
    if current.state == State.LEFT:
        return current
    _end(current, by)
    mails.tell("removed", current)
    return current


@transaction.atomic
def invite_member(organisation: Organisation, email: str, role: str, *, by: User) -> MemberInvitation:
    """Invite an address for seven days; a second click sends nothing more.

    Raises NotAllowed, or NotNow when the person is a member already or the address has had its mails.
    """
    locked = _manage(organisation, by)
    address = email.strip().lower()
    if Membership.objects.active().filter(organisation=locked, user__email=address).exists():
        raise NotNow("Cette personne fait déjà partie de la structure.")
    pending = MemberInvitation.objects.pending().filter(organisation=locked, email=address).first()
    if pending and not pending.has_expired:
        if pending.role != role:
            pending.role = role
            pending.save()
        return pending
    invitation = pending or MemberInvitation(organisation=locked, email=address)
    invitation.role = role
    return _send(invitation, by)


@transaction.atomic
def resend_invitation(invitation: MemberInvitation, *, by: User) -> MemberInvitation:
    """Send a new link, which replaces the former one; raises NotAllowed, NotNow."""
    _manage(invitation.organisation, by)
    current = MemberInvitation.objects.pending().filter(pk=invitation.pk).select_related("organisation").first()
    if current is None:
        raise NotNow(OVER)
    return _send(current, by)


@transaction.atomic
def cancel_invitation(invitation: MemberInvitation, *, by: User) -> None:
    """Close an invitation that nobody accepted; raises NotAllowed."""
    _manage(invitation.organisation, by)
    MemberInvitation.objects.pending().filter(pk=invitation.pk).update(cancelled_at=timezone.now())


def find_invitation(token: str) -> MemberInvitation | None:
    """Find the invitation a link belongs to, whether it is still valid or not."""
    rows = MemberInvitation.objects.select_related("organisation", "invited_by")
    return rows.filter(token_hash=_hash(token)).first()


@transaction.atomic
def accept_invitation(invitation: MemberInvitation, *, by: User) -> Membership:
    """Join by an invitation; raises NotAllowed for another address, NotNow when it is over.

    It is over too when the person who invited does not manage the organisation any more.
    """
    organisation = _lock(invitation.organisation)
    current = MemberInvitation.objects.select_related("invited_by").get(pk=invitation.pk)
    if current.email != by.email:
        raise NotAllowed("Cette invitation est adressée à une autre personne.")
    live = Membership.objects.live().of(by).filter(organisation=organisation).first()
    if current.accepted_by_id == by.pk and live:
        return live
    if not current.is_open(timezone.now()) or not permissions.is_manager(current.invited_by, organisation):
        raise NotNow(OVER)
    membership = live or Membership(user=by, organisation=organisation)
    is_manager = current.role == Role.MANAGER or membership.is_active_manager
    _activate(membership, Role.MANAGER if is_manager else Role.MEMBER, current.invited_by)
    current.accepted_at, current.accepted_by = timezone.now(), by
    current.save()
    return membership


def _lock(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


def _manage(organisation: Organisation, by: User) -> Organisation:
    """Lock the organisation for one of its managers; raises NotAllowed."""
    locked = _lock(organisation)
    if not permissions.is_manager(by, locked):
        raise NotAllowed(ONLY_MANAGERS)
    return locked


def _current(membership: Membership) -> Membership:
    return Membership.objects.select_related("user", "organisation").get(pk=membership.pk)


def _other_managers(organisation: Organisation, membership: Membership) -> bool:
    return Membership.objects.managers().filter(organisation=organisation).exclude(pk=membership.pk).exists()


def _record(act: str, membership: Membership, by: User, reason: str = "") -> None:
    """Keep in the organisation's journal how somebody's request was answered."""
    said = {"membership": membership.pk, "person": str(membership.user)}
    procedure.record(membership.organisation, act, by=by, reason=reason, data=said)


def _activate(membership: Membership, role: str, by: User) -> None:
    now = timezone.now()
    membership.role, membership.state = role, State.ACTIVE
    membership.joined_at = membership.joined_at or now
    membership.accepted_by = membership.accepted_by or by
    membership.save()


def _end(membership: Membership, by: User) -> None:
    membership.state, membership.left_at, membership.ended_by = State.LEFT, timezone.now(), by
    membership.save()
    _cancel_invitations_of(membership)


def _cancel_invitations_of(membership: Membership) -> None:
    """Whoever manages no more invites no more."""
    sent = MemberInvitation.objects.pending().filter(
        organisation=membership.organisation_id, invited_by=membership.user_id
    )
    sent.update(cancelled_at=timezone.now())


def _send(invitation: MemberInvitation, by: User) -> MemberInvitation:
    if not mails.allow(invitation.email):
        raise NotNow(TOO_MANY)
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _hash(token)
    invitation.invited_by, invitation.invited_at = by, timezone.now()
    invitation.expires_at = invitation.invited_at + conf.INVITATION_LASTS
    invitation.save()
    mails.invite(invitation, token)
    return invitation


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
