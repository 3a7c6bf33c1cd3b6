"""The gestures on people: roles, invitations, second factor, closing an account."""

import hashlib
import secrets
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts import conf, mails, throttle
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User


class InvalidInvitation(ValidationError):
    """The token is unknown, expired, cancelled or used."""


class OtherAddress(ValidationError):
    """The invitation is for another address than the account's."""


OF_ORGANISERS = (Role.JUROR, Role.MENTOR)


def may_assign(person: User, role: str, scheme: str, scope: str = "") -> bool:
    """Tell whether a person may give and withdraw this role.

    Administrators any, lead agents their scheme's agents, organisers the jurors and mentors of what they organise.
    """
    if person.holds(Role.ADMINISTRATOR):
        return True
    if role in OF_ORGANISERS:
        return scope != "" and person.holds(Role.ORGANISER, Role.LEAD_AGENT, scheme=scheme, scope=scope)
    return role == Role.AGENT and scheme != "" and person.holds(Role.LEAD_AGENT, scheme=scheme)


def grant_role(user: User, role: str, scheme: str = "", scope: str = "", *, by: User | None) -> RoleAssignment:
    """Give a role, once; `by` is None for the operator's commands. PermissionDenied when `by` may not."""
    _check(by, role, scheme, scope)
    return _grant(user, role, scheme, scope, by)


def end_role(assignment: RoleAssignment, reason: str = "", *, by: User | None) -> bool:
    """Withdraw a role from now on; False when it already was. The last administrator stays."""
    _check(by, assignment.role, assignment.scheme, assignment.scope)
    with transaction.atomic():
        if assignment.role == Role.ADMINISTRATOR:
            _keep_one_administrator(assignment.user)
        done = RoleAssignment.objects.current().filter(pk=assignment.pk)
        ended = done.update(ended_at=timezone.now(), ended_by=by, ended_reason=reason[:300])
    assignment.user.__dict__.pop("assignments", None)
    assignment.refresh_from_db()
    return bool(ended)


def close_account(user: User, *, by: User | None) -> None:
    """Close an account: its sessions end, its next request is anybody's. The last administrator stays."""
    if by is not None and not by.holds(Role.ADMINISTRATOR):
        raise PermissionDenied
    with transaction.atomic():
        if user.holds(Role.ADMINISTRATOR):
            _keep_one_administrator(user)
        User.objects.filter(pk=user.pk).update(is_active=False)
        for session in UserSession.objects.filter(user=user):
            session.end()
    user.is_active = False


def reopen_account(user: User, *, by: User | None) -> None:
    """Open a closed account again; its old sessions stay ended."""
    if by is not None and not by.holds(Role.ADMINISTRATOR):
        raise PermissionDenied
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


def invite(email: str, role: str, scheme: str = "", scope: str = "", *, by: User) -> StaffInvitation:
    """Invite an address to a role for seven days, whether or not it has an account; an older invitation ends.

    PermissionDenied when `by` may not give this role, ValidationError when the address had its mails for this hour.
    """
    _check(by, role, scheme, scope)
    address = email.strip().lower()
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    same = {"email": address, "role": role, "scheme": scheme, "scope": scope}
    try:
        with transaction.atomic():
            StaffInvitation.objects.filter(**same, accepted_at=None, cancelled_at=None).update(cancelled_at=now)
            invitation = StaffInvitation.objects.create(
                **same, token_hash=digest(token), invited_by=by, created_at=now, expires_at=now + conf.INVITATION_LIFE
            )
            if not throttle.take_slot(address):
                raise ValidationError(
                    "Trois messages sont déjà partis vers cette adresse depuis une heure. Réessayez plus tard."
                )
            context = {"invitation": invitation, "path": reverse("accounts:invitation", args=[token])}
            mails.send("invitation", address, context | {"scheme": conf.SCHEMES.get(scheme, "")})
    except IntegrityError:
        raise ValidationError("Une invitation à ce rôle vient de partir vers cette adresse.") from None
    return invitation


def find_invitation(token: str) -> StaffInvitation:
    """Return the invitation that can be accepted with this token; raises InvalidInvitation."""
    found = StaffInvitation.objects.pending(timezone.now()).filter(token_hash=digest(token)).first()
    if found is None or not may_assign(found.invited_by, found.role, found.scheme, found.scope):
        raise InvalidInvitation("Cette invitation n’est plus valable.")
    return found


def accept(token: str, *, by: User) -> RoleAssignment:
    """Take the role one was invited to, once, with an account of the same address.

    Raises InvalidInvitation, OtherAddress.
    """
    invitation = find_invitation(token)
    if invitation.email != by.email:
        raise OtherAddress("Cette invitation est adressée à une autre adresse.")
    with transaction.atomic():
        now = timezone.now()
        if not StaffInvitation.objects.pending(now).filter(pk=invitation.pk).update(accepted_at=now):
            raise InvalidInvitation("Cette invitation n’est plus valable.")
        return _grant(by, invitation.role, invitation.scheme, invitation.scope, invitation.invited_by)


def cancel(invitation: StaffInvitation, *, by: User) -> bool:
    """Cancel an invitation; False when it was accepted or cancelled before."""
    _check(by, invitation.role, invitation.scheme, invitation.scope)
    waiting = StaffInvitation.objects.filter(pk=invitation.pk, accepted_at=None, cancelled_at=None)
    return bool(waiting.update(cancelled_at=timezone.now()))


def enrol_totp(user: User, secret: str) -> None:
    """Give a person this base32 secret as second factor, with new recovery codes, instead of any other."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        TOTP.activate(user, secret)
        RecoveryCodes.activate(user)


def current_code(secret: str) -> str:
    """Return the six digits that a base32 secret gives now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // conf.TOTP_PERIOD)))


def reset_second_factor(user: User, *, by: User | None) -> None:
    """Forget a lost second factor and end the sessions; the next sign-in enrols another."""
    if by is not None and not by.holds(Role.ADMINISTRATOR):
        raise PermissionDenied
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        for session in UserSession.objects.filter(user=user):
            session.end()
    mails.send("second_factor_removed", user.email, {})


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _grant(user: User, role: str, scheme: str, scope: str, by: User | None) -> RoleAssignment:
    assignment, _ = RoleAssignment.objects.get_or_create(
        user=user, role=role, scheme=scheme, scope=scope, ended_at=None, defaults={"granted_by": by}
    )
    user.__dict__.pop("assignments", None)
    return assignment


def _check(by: User | None, role: str, scheme: str, scope: str) -> None:
    if by is not None and not may_assign(by, role, scheme, scope):
        raise PermissionDenied


def _keep_one_administrator(leaving: User) -> None:
    """Refuse to lose the last administrator; the rows are locked, so that two cannot leave together."""
    others = RoleAssignment.objects.current().filter(role=Role.ADMINISTRATOR, scheme="", user__is_active=True)
    left = {held.user_id for held in others.select_for_update(of=("self",))} - {leaving.pk}
    if not left:
        raise ValidationError("Il faut au moins un administrateur : nommez-en un autre d’abord.")
