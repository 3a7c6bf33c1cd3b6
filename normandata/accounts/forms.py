"""Forms of the room: allauth's, in our words and classes, and our own."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_second_factor_adapter
from allauth.mfa.base import forms as second_factor
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from normandata.accounts import conf
from normandata.accounts.models import Role, User
from normandata.regulation.formats import spaced
from normandata.ui.forms import Form

ADDRESS = "Adresse électronique"
PASSWORD = "Mot de passe"  # noqa: S105 – a label
LONG_ENOUGH = "12 caractères au moins. Une phrase se retient bien."
CODE = "Code à 6 caractères"
ASKED = {
    "login": "Indiquez votre adresse électronique.",
    "email": "Indiquez votre adresse électronique.",
    "name": "Indiquez votre nom.",
    "code": "Recopiez le code.",
    "password": "Indiquez votre mot de passe.",
    "password1": "Choisissez un mot de passe.",
    "oldpassword": "Indiquez votre mot de passe actuel.",
}


class Worded(Form):
    """Gives allauth's fields our labels and hints, and takes its placeholders away."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = spaced(self.labels.get(name, str(field.label)))
            field.help_text = spaced(self.hints.get(name, "" if "password" in name else str(field.help_text)))
            field.error_messages["required"] = ASKED.get(name, field.error_messages["required"])
            if name in ("login", "email"):
                field.error_messages["invalid"] = "Écrivez une adresse complète, par exemple nom@exemple.fr."


class CodeField(forms.CharField):
    """A code copied from a mail or a phone: a short field that telephones fill and do not correct."""

    is_short = True

    def __init__(self, *, numeric: bool = False, **kwargs: Any) -> None:
        attributes = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"}
        if numeric:
            attributes |= {"inputmode": "numeric"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attributes), **kwargs)


class ShowsPassword(Form):
    """Shows the password being typed, on demand, without a script: the button sends the form and gets it back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_shown = "afficher" in self.data
        widget: Any = self.fields["password1"].widget
        if self.is_shown:
            widget.input_type = "text"
            widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        if {"afficher", "masquer"} & set(self.data):
            self.initial = {**{name: self.data.get(name, "") for name in self.fields}, **self.initial}
            widget.render_value = True
            self.is_bound = False


class SignInForm(Worded, account.LoginForm):  # type: ignore[misc]
    labels = {"login": ADDRESS, "password": PASSWORD}

    def clean(self) -> Any:
        try:
            return super().clean()
        except ValidationError:
            if getattr(self.request, "axes_locked_out", False):
                raise get_adapter().validation_error("too_many_login_attempts") from None
            raise


class SignUpForm(ShowsPassword, Worded, account.SignupForm):  # type: ignore[misc]
    labels = {"name": "Prénom et nom", "email": ADDRESS, "password1": PASSWORD}
    hints = {"email": "Nous y envoyons un code pour la vérifier.", "password1": LONG_ENOUGH}
    field_order = ["name", "email", "password1"]
    account_already_exists: bool
    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Create the account, or do as if: an address that has one gets a mail and the same page, in the same time."""
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    created: tuple[User | None, HttpResponse | None] = super().try_save(request)
                    return created
            except IntegrityError:
                self.account_already_exists = True
        User().set_password(self.cleaned_data["password1"])
        answered: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return answered


class AddressForm(Worded, account.AddEmailForm):  # type: ignore[misc]
    labels = {"email": "Nouvelle adresse électronique"}
    hints = {"email": "L’actuelle reste valable tant que la nouvelle n’est pas vérifiée."}


class PasswordForm(ShowsPassword, Worded, account.ChangePasswordForm):  # type: ignore[misc]
    labels = {"oldpassword": "Mot de passe actuel", "password1": "Nouveau mot de passe"}
    hints = {"password1": LONG_ENOUGH}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        old: Any = self.fields["oldpassword"].widget
        old.render_value = not self.is_bound and bool(self.initial)


class NewPasswordForm(ShowsPassword, Worded, account.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": "Nouveau mot de passe"}
    hints = {"password1": LONG_ENOUGH}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


class ResetForm(Worded, account.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": ADDRESS}


class ResetCodeForm(Worded, account.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    code = CodeField(label=CODE)


class AddressCodeForm(Worded, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    code = CodeField(label=CODE)


class ConfirmPasswordForm(Worded, account.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": "Votre mot de passe"}


class OnceOnly(Worded):
    """Refuses a code a second time for as long as its thirty seconds and those around them last."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        key = f"accounts.second_factor.used.{self.user.pk}.{code.strip()}"  # type: ignore[attr-defined]
        if not cache.add(key, "used", timeout=conf.TOTP_PERIOD * 3):
            raise get_second_factor_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(OnceOnly, second_factor.AuthenticateForm):  # type: ignore[misc]
    code = CodeField(label="Code", help_text="Les 6 chiffres de votre application, ou un code de secours.")


class ConfirmSecondFactorForm(OnceOnly, second_factor.ReauthenticateForm):  # type: ignore[misc]
    code = CodeField(label="Code", help_text="Les 6 chiffres de votre application, ou un code de secours.")


class EnrolForm(OnceOnly, totp.ActivateTOTPForm):  # type: ignore[misc]
    code = CodeField(label="Code à 6 chiffres", numeric=True, help_text="Il change toutes les trente secondes.")


class LeaveForm(Worded, totp.DeactivateTOTPForm):  # type: ignore[misc]
    """Nothing to fill in."""


class RecoveryCodesForm(Worded, recovery.GenerateRecoveryCodesForm):  # type: ignore[misc]
    """Nothing to fill in."""


class NameForm(Worded):
    labels = {"name": "Prénom et nom"}
    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class InvitationForm(Worded):
    """Who is invited to what; the choices are those the inviter may give."""

    labels = {"email": ADDRESS, "role": "Rôle", "scheme": "Dispositif", "scope": "Périmètre"}
    hints = {"scope": "Une édition ou une entreprise, si le rôle s’y limite."}
    email = forms.EmailField(max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField()
    scheme = forms.ChoiceField(required=False)
    scope = forms.CharField(max_length=80, required=False)

    def __init__(self, *args: Any, roles: Any, schemes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["scheme"].choices = schemes  # type: ignore[attr-defined]
        # « Tous les dispositifs » is an answer: nothing here is left out.
        self.fields["scheme"].required = any(value == "" for value, _ in schemes) is False

    @classmethod
    def for_person(cls, person: User, data: Any = None) -> "InvitationForm":
        """Offer what this person may give: everything to administrators, agents of their schemes to lead agents."""
        if person.holds(Role.ADMINISTRATOR):
            roles = [(role.value, role.label.capitalize()) for role in Role]
            return cls(data, roles=roles, schemes=conf.SCHEME_CHOICES)
        led = person.schemes_as(Role.LEAD_AGENT)
        schemes = [(slug, label) for slug, label in conf.SCHEMES.items() if led is None or slug in led]
        return cls(data, roles=[(Role.AGENT.value, Role.AGENT.label.capitalize())], schemes=schemes)


class EndRoleForm(Worded):
    labels = {"reason": "Motif"}
    hints = {"reason": "Il est gardé avec le rôle. Par exemple : départ du service, fin de mission."}
    reason = forms.CharField(max_length=300, error_messages={"required": "Indiquez le motif du retrait."})
