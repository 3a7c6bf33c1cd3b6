"""What the floors below this one hold of people, and the applications that the portal is built with."""

import hashlib
from collections.abc import Iterator
from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from normandata.accounts.models import MailSlot, RoleAssignment, StaffInvitation, User
from normandata.outbox.models import Message

from . import due, registry
from .due import Due
from .identity import DOMAIN, Identity
from .registry import Holding, Obstacle

HOLDINGS = (
    Holding("auth.Permission", "nobody", plain=["name", "codename"]),
    Holding("auth.Group", "nobody", plain=["name"]),
    Holding("contenttypes.ContentType", "nobody", plain=["app_label", "model"]),
    Holding("sessions.Session", "security", plain=["session_key", "session_data"]),
    Holding("account.EmailAddress", "account", about=["user"], words=["email"]),
    Holding("account.EmailConfirmation", "account", plain=["key"]),
    Holding("mfa.Authenticator", "account", about=["user"], words=["data"]),
    Holding(
        "usersessions.UserSession",
        "security",
        about=["user"],
        words=["ip", "user_agent", "data"],
        plain=["session_key"],
    ),
    Holding(
        "axes.AccessFailureLog",
        "security",
        words=["user_agent", "ip_address", "username"],
        plain=["http_accept", "path_info"],
    ),
    Holding(
        "axes.AccessAttempt",
        "security",
        words=["user_agent", "ip_address", "username", "get_data", "post_data"],
        plain=["http_accept", "path_info"],
    ),
    Holding("axes.AccessAttemptExpiration", "nobody"),
    Holding(
        "axes.AccessLog",
        "security",
        words=["user_agent", "ip_address", "username"],
        plain=["http_accept", "path_info", "session_hash"],
    ),
    Holding("admin.LogEntry", "security", signed=["user"], words=["object_id", "object_repr", "change_message"]),
    Holding("outbox.Message", "mails", words=["payload", "error", "key"], plain=["handler"]),
    Holding("accounts.User", "account", words=["email", "name"], plain=["password"]),
    Holding(
        "accounts.RoleAssignment",
        "account",
        about=["user"],
        signed=["granted_by", "ended_by"],
        words=["ended_reason"],
        plain=["scheme", "scope"],
    ),
    Holding(
        "accounts.StaffInvitation",
        "account",
        signed=["invited_by"],
        words=["email"],
        plain=["scheme", "scope", "token_hash"],
    ),
    Holding("accounts.MailSlot", "security", plain=["address_hash"]),
    Holding(
        "procedure.Event",
        "journal",
        signed=["by"],
        words=["reason", "verdict", "data"],
        plain=["thing_kind", "thing_key", "source", "target"],
        thing=["thing_kind", "thing_key"],
    ),
)


def hand_up() -> None:
    """Declare what accounts, the journal and the outbox hold, and how an account is let go."""
    registry.declare(*HOLDINGS)
    registry.on_forget(forget_account)
    registry.on_prevent(held_roles)
    due.on_due(idle_accounts)


def forget_account(person: User, identity: Identity) -> None:
    """Erase what serves to sign in, the tries, the invitations and the mails that have not left."""
    hashes = [hashlib.sha256(one.encode()).hexdigest() for one in identity.emails]
    MailSlot.objects.filter(address_hash__in=hashes).delete()
    StaffInvitation.objects.filter(email__in=identity.emails).delete()
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(username__in=identity.emails).delete()
    for session in UserSession.objects.filter(user=person):
        session.end()
    for one in Session.objects.iterator(chunk_size=200):
        if str(one.get_decoded().get("_auth_user_id", "")) == str(person.pk):
            one.delete()
    Authenticator.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    for message in Message.objects.unfinished().filter(payload__to__in=list(identity.emails)):
        message.delete()
    person.groups.clear()
    person.user_permissions.clear()


def held_roles(person: User) -> list[Obstacle]:
    """List the roles still held: whoever works for the Region first hands over."""
    held = RoleAssignment.objects.current().filter(user=person).order_by("pk")
    gesture = "Qui l’a confié le retire, une fois les dossiers remis à une autre personne."
    return [Obstacle(f"Un rôle est encore tenu\u00a0: {one.get_role_display()}.", gesture) for one in held]


def idle_accounts(day: date) -> Iterator[Due]:
    """List the accounts that nobody signed in with for so long, those of whoever holds a role excepted."""
    (rule,) = due.rules_of("inactive")
    seen = User.objects.annotate(seen=Coalesce(F("last_login"), F("date_joined")))
    held = RoleAssignment.objects.current().values("user")
    old = seen.filter(seen__date__lte=due.started_by(rule, day), is_staff=False).exclude(pk__in=held)
    for person in old.exclude(email__endswith=f"@{DOMAIN}").order_by("pk").iterator(chunk_size=500):
        start = timezone.localdate(person.seen)
        end = rule.on(day).end(start)
        if end <= day:
            yield Due(rule, f"Compte {person.pk}", start, end, person=person)
