"""The fictitious people: accounts that can sign in at once, roles, second factors."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from normandata.accounts import conf, services
from normandata.accounts.models import RoleAssignment, User

from .script import PASSWORD, Account

SEED = b"normandata demonstration "
"""Not a secret: these second factors open fictitious accounts of a local machine, and are shown on a page."""


def settle(accounts: Sequence[Account]) -> dict[str, User]:
    """Make the people who do not exist yet, with their roles and second factors; return them by slug.

    Somebody who exists is given a role that the demonstration tells since, never one that was taken away.
    """
    known = {user.email: user for user in User.objects.filter(email__in=[one.email for one in accounts])}
    # One password for all, so hashed once: the hash is made to be slow.
    hashed = make_password(PASSWORD) if len(known) < len(accounts) else ""
    held = set(RoleAssignment.objects.filter(user__in=known.values()).values_list("user", "role", "scheme", "scope"))
    for one in accounts:
        user = known.get(one.email)
        if user and one.role and (user.pk, one.role, one.scheme, one.scope) not in held:
            services.grant_role(user, one.role, one.scheme, one.scope, by=None)
    return {one.slug: known.get(one.email) or _make(one, hashed) for one in accounts}


@transaction.atomic
def _make(account: Account, hashed: str) -> User:
    user = User.objects.create(email=account.email, name=account.name, password=hashed)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if account.role:
        services.grant_role(user, account.role, account.scheme, account.scope, by=None)
    if account.has_second_factor:
        services.enrol_totp(user, secret_of(account))
    return user


def secret_of(account: Account) -> str:
    """Return the base32 secret that an account of the demonstration is given first."""
    digest = hashlib.sha256(SEED + account.email.encode()).digest()
    return base64.b32encode(digest[:20]).decode()


def known(accounts: Sequence[Account]) -> frozenset[str]:
    """Return the addresses of these accounts that exist and are open."""
    emails = [one.email for one in accounts]
    return frozenset(User.objects.filter(email__in=emails, is_active=True).values_list("email", flat=True))


def codes(accounts: Sequence[Account]) -> Mapping[str, str]:
    """Return the six digits that each of these accounts may type now, by address: as enrolled, or enrolled again."""
    emails = [one.email for one in accounts]
    rows = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__email__in=emails).select_related("user")
    return {row.user.email: services.current_code(secret) for row in rows if (secret := _secret(row.data))}


def seconds_left() -> int:
    """Count the seconds before the codes change, 1 at least."""
    return conf.TOTP_PERIOD - int(timezone.now().timestamp()) % conf.TOTP_PERIOD


def _secret(data: Mapping[str, Any]) -> str:
    """Read a secret; empty when it was written under another key of the portal."""
    try:
        return str(decrypt(data["secret"]))
    except InvalidToken:
        return ""
