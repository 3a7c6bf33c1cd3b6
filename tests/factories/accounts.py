"""People of the tests, and sessions opened as they would be after the whole sign-in."""

import time
from typing import Any

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import decrypt
from django.test import Client

from normandata.accounts import services
from normandata.accounts.models import Role, RoleAssignment, User

PASSWORD = "une phrase assez longue"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person whose address is verified."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"personne{number}@exemple.invalid")
    name = factory.Sequence(lambda number: f"Personne {number}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        user = model_class.objects.create_user(kwargs.pop("email"), kwargs.pop("password", PASSWORD), **kwargs)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user


def make_user_with(role: str, scheme: str = "", scope: str = "", **fields: Any) -> User:
    """Make a person who holds a role."""
    user: User = UserFactory(**fields)
    RoleAssignment.objects.create(user=user, role=role, scheme=scheme, scope=scope)
    return user


def make_agent(scheme: str = "diagnostic", **fields: Any) -> User:
    """Make an agent of a scheme."""
    return make_user_with(Role.AGENT, scheme, **fields)


def enrol(user: User) -> str:
    """Give a person a second factor, unless there is one, and return its secret."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if found is None:
        services.enrol_totp(user, generate_totp_secret())
        found = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return str(decrypt(found.data["secret"]))


def totp_code(user: User) -> str:
    """Return the code that the person's telephone shows now."""
    return services.current_code(enrol(user))


def sign_in(client: Client, user: User) -> User:
    """Open the session of somebody who signed in, with the second factor where the Region asks for it."""
    client.force_login(user, backend=BACKEND)
    records: list[dict[str, Any]] = [{"method": "password", "at": time.time(), "email": user.email}]
    if user.is_region:
        enrol(user)
        used = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
        records.append({"method": "mfa", "at": time.time(), "id": used.pk, "type": "totp"})
    session = client.session
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return user
