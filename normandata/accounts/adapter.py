"""What allauth asks of the portal: mails through the outbox, French sentences, one reading of the visitor's address."""

import base64
import hashlib
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from axes.utils import reset
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from normandata.accounts import conf, mails, throttle
from normandata.accounts.models import User

# Asked for by somebody who gave no password: counted by address.
COUNTED_MAILS = {
    "account/email/email_confirmation_signup": "verification_code",
    "account/email/email_confirmation": "verification_code",
    "account/email/account_already_exists": "account_exists",
    "account/email/unknown_account": "unknown_account",
    "account/email/password_reset_code": "password_reset_code",
}
NOTICES = {
    "account/email/password_reset": "password_changed",
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/email_changed": "email_changed",
    "account/email/email_deleted": "email_changed",
    "mfa/email/totp_activated": "second_factor_added",
    "mfa/email/totp_deactivated": "second_factor_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes",
}
THROTTLED = frozenset({"too_many_login_attempts", "rate_limited"})
TOO_MANY = "Trop d’essais en peu de temps. Attendez cinq minutes, puis réessayez."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The account side of allauth, as the portal wants it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Ce compte est fermé.",
        "duplicate_email": "Cette adresse est déjà celle de votre compte.",
        "email_password_mismatch": "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux.",
        "email_taken": "Cette adresse ne peut pas être utilisée pour ce compte.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_code": "Ce code n’est pas le bon. Vérifiez-le dans le dernier message reçu.",
        "incorrect_password": "Ce mot de passe n’est pas le bon.",
        "max_email_addresses": "Un compte a une seule adresse.",
        "rate_limited": TOO_MANY,
        "too_many_login_attempts": TOO_MANY,
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix in NOTICES:
            mails.send(NOTICES[template_prefix], email, {"to_email": context.get("to_email", "")})
        elif throttle.take_slot(email):
            mails.send(COUNTED_MAILS[template_prefix], email, {"code": context.get("code", "")})
        else:
            self.request.is_mail_dropped = True

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        super().send_confirmation_mail(request, emailconfirmation, signup)
        if is_mail_dropped(request):
            # A code that nobody was sent cannot be guessed either.
            emailconfirmation.state["code"] = ""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        reset(username=user.email)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Keep refusals only: what went well is told by the page it leads to."""
        if level == messages.ERROR and kwargs.get("message"):
            messages.error(request, kwargs["message"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return f"{reverse('accounts:account')}?fait=mot-de-passe"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again for the password before a sensitive change, unless it was typed a moment ago."""
        records = get_authentication_records(self.request, self.request.user)
        recent = any(time.time() - record["at"] < conf.RECENT.total_seconds() for record in records)
        return not recent and super().is_reauthentication_required(app=app, **kwargs)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code in THROTTLED and self.request is not None:
            self.request.is_throttled = True
        error: ValidationError = super().validation_error(code, *args)
        return error


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor's side of allauth."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": (
            "La Région demande un second facteur pour votre rôle. Pour changer d’appareil, demandez à un "
            "administrateur de le remettre à zéro."
        ),
        "cannot_generate_recovery_codes": "Activez d’abord le second facteur.",
        "incorrect_code": "Ce code n’est pas le bon. Attendez le suivant et recopiez-le.",
        "unverified_email": "Vérifiez d’abord votre adresse électronique.",
    }

    def get_totp_issuer(self) -> str:
        return "NormanDATA"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not authenticator.user.is_region

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def is_mail_dropped(request: HttpRequest) -> bool:
    """Tell whether this request asked for a mail that was one too many."""
    return bool(getattr(request, "is_mail_dropped", False))


def client_address(request: HttpRequest) -> str | None:
    """Read the visitor's address once for axes and allauth: a forwarding header counts from our own proxy only."""
    try:
        address: str = AccountAdapter().get_client_ip(request)
    except PermissionDenied:
        return None
    return address


def typed_address(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Name the account aimed at, whether it exists or not."""
    given = credentials or {}
    return str(given.get("email") or given.get("username") or "").strip().lower()[:254]


def locked(request: HttpRequest, response: HttpResponse, credentials: object) -> HttpResponse:
    """Answer 429 on the page itself, which already says so."""
    response.status_code = 429
    return response


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor {key}".encode()).digest())) for key in keys]
    )
