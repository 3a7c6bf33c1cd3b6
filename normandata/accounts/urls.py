"""Addresses of accounts: allauth's routes that have a use, under its names and our addresses, then our own."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.contrib import admin
from django.urls import URLPattern, include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from . import sign_in_views, views


def page(address: str, view: Callable[..., Any], name: str, *, has_form: bool = True) -> URLPattern:
    """Open one of allauth's pages to the methods it uses; no cache keeps it."""
    limited = require_http_methods(["GET", "HEAD", "POST"])(view) if has_form else require_safe(view)
    return path(address, never_cache(limited), name=name)


own = [
    path("connexion/ici/", views.here, name="here"),
    path("connexion/jeton/", views.token, name="token"),
    path("compte/", views.account, name="account"),
    path("compte/personnes/", views.people_list, name="people"),
    path("compte/personnes/roles/<int:pk>/retirer/", views.end_role, name="end_role"),
    path("compte/personnes/invitations/<int:pk>/annuler/", views.cancel_invitation, name="cancel_invitation"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
]
SECOND = "compte/second-facteur/"
urlpatterns = [
    path("", include((own, "accounts"))),
    page("connexion/", account.login, "account_login"),
    page("connexion/second-facteur/", second_factor.authenticate, "mfa_authenticate"),
    page("connexion/compte-ferme/", account.account_inactive, "account_inactive", has_form=False),
    page("deconnexion/", account.logout, "account_logout"),
    page("inscription/", sign_in_views.SignUp.as_view(), "account_signup"),
    page("inscription/code/", account.email_verification_sent, "account_email_verification_sent"),
    page("mot-de-passe/", sign_in_views.AskReset.as_view(), "account_reset_password"),
    page("mot-de-passe/code/", account.confirm_password_reset_code, "account_confirm_password_reset_code"),
    page("mot-de-passe/nouveau/", sign_in_views.NewPassword.as_view(), "account_complete_password_reset"),
    page("compte/confirmer/", account.reauthenticate, "account_reauthenticate"),
    page("compte/adresse/", account.email, "account_email"),
    page("compte/mot-de-passe/", sign_in_views.ChangePassword.as_view(), "account_change_password"),
    page("compte/sessions/", sessions.list_usersessions, "usersessions_list"),
    page(SECOND, second_factor.index, "mfa_index", has_form=False),
    page(f"{SECOND}activer/", sign_in_views.Enrol.as_view(), "mfa_activate_totp"),
    page(f"{SECOND}retirer/", totp.deactivate_totp, "mfa_deactivate_totp"),
    page(f"{SECOND}confirmer/", second_factor.reauthenticate, "mfa_reauthenticate"),
    page(f"{SECOND}codes/", sign_in_views.RecoveryCodes.as_view(), "mfa_view_recovery_codes", has_form=False),
    page(f"{SECOND}codes/nouveaux/", recovery.generate_recovery_codes, "mfa_generate_recovery_codes"),
    path("administration/", admin.site.urls),
]
