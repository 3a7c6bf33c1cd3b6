"""allauth's views, with what the portal adds to them."""

from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.mixins import NextRedirectMixin
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from normandata.accounts.adapter import is_mail_dropped


class ShowsPasswordMixin:
    """Gives the form back, its password readable or hidden again, when one of these two buttons was pressed."""

    request: HttpRequest

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if {"afficher", "masquer"} & set(request.POST):
            form = self.get_form()  # type: ignore[attr-defined]
            shown: HttpResponse = self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
            return shown
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class SignUp(ShowsPasswordMixin, account.SignupView):  # type: ignore[misc]
    """Create an account."""


@method_decorator(never_cache, name="dispatch")
class ChangePassword(ShowsPasswordMixin, account.PasswordChangeView):  # type: ignore[misc]
    """Change one's password."""


@method_decorator(never_cache, name="dispatch")
class NewPassword(ShowsPasswordMixin, account.CompletePasswordResetView):  # type: ignore[misc]
    """Choose a password after the code of a reset."""


class AskReset(account.PasswordResetView):  # type: ignore[misc]
    """Ask for the code that lets one choose another password."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if is_mail_dropped(self.request):
            # A code that nobody was sent cannot be guessed either.
            self.request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY].pop("code", None)
            self.request.session.modified = True
        return response


@method_decorator(never_cache, name="dispatch")
class Enrol(NextRedirectMixin, totp.ActivateTOTPView):  # type: ignore[misc]
    """Enrol a second factor: the code just typed proves it for this session too."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        return context | {"secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}

    def get_success_url(self) -> str:
        after = self.get_next_url()
        query = f"?{urlencode({'next': after})}" if after else ""
        return reverse("mfa_view_recovery_codes") + query

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        used = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        record_authentication(self.request, self.request.user, "mfa", id=used.pk, type=used.type)
        self.request.session.cycle_key()
        return response


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(recovery.ViewRecoveryCodesView):  # type: ignore[misc]
    """Show the recovery codes, once."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        after = get_next_redirect_url(self.request) or reverse("accounts:account")
        return context | {"after": after, "file": "\r\n".join(context["unused_codes"])}
