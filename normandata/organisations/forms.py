"""Forms of the organisations room."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from normandata.regulation.territory import DEPARTMENTS
from normandata.ui.fields import RowField
from normandata.ui.forms import Choice, Form

from .models import Membership
from .services import Declaration
from .siret import SiretField, compact

WHERE = "14 chiffres, sur l’avis de situation Insee, une facture ou un bulletin de paie. Les espaces sont acceptées."
ROLES = [
    ("member", Choice("Membre", "Prépare et dépose des dossiers, lit ceux de la structure")),
    ("manager", Choice("Référent", "Accepte et invite aussi les membres, et décrit la structure")),
]


class SiretForm(Form):
    siret = SiretField(help_text=WHERE)


class DeclarationForm(Form):
    """An identity typed by hand, while the directory cannot give it."""

    name = forms.CharField(label="Nom de la structure", max_length=200, strip=True)
    street = forms.CharField(label="Numéro et rue", max_length=300, required=False)
    postal_code = forms.CharField(label="Code postal", max_length=7)
    city = forms.CharField(label="Commune", max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, token in (
            ("name", "organization"),
            ("street", "street-address"),
            ("postal_code", "postal-code"),
            ("city", "address-level2"),
        ):
            field = self.fields[name]
            field.widget.attrs["autocomplete"] = token
            field.error_messages["required"] = f"Indiquez {REQUIRED.get(name, '')}."
        self.fields["postal_code"].widget.attrs["inputmode"] = "numeric"
        self.fields["postal_code"].is_short = True  # type: ignore[attr-defined]

    def clean_postal_code(self) -> str:
        code = compact(self.cleaned_data["postal_code"])
        department = code[:3] if code.startswith(("97", "98")) else code[:2]
        if not re.fullmatch(r"\d{5}", code, re.ASCII) or department not in DEPARTMENTS | {"20"}:
            raise ValidationError("Un code postal français compte 5 chiffres, par exemple 14000.", code="postal_code")
        return code

    @property
    def declaration(self) -> Declaration:
        return Declaration(**{name: self.cleaned_data[name] for name in ("name", "street", "postal_code", "city")})


REQUIRED = {"name": "le nom de la structure", "postal_code": "son code postal", "city": "sa commune"}


class RoleForm(Form):
    role = forms.ChoiceField(label="Rôle", choices=ROLES, widget=forms.RadioSelect, initial="member")


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label="Adresse électronique de la personne",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse de la personne à inviter.",
            "invalid": "Écrivez l’adresse en entier, par exemple prenom.nom@exemple.fr.",
        },
    )
    field_order = ("email", "role")


class RefusalForm(Form):
    """Why somebody may not join; nothing has to be said."""

    reason = forms.CharField(
        label="Motif (facultatif)",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La personne le lit dans le courriel qui la prévient, et il reste écrit sur la page de la structure.",
    )


class LeaveForm(Form):
    """Names a successor, asked of the last manager alone."""

    successor = RowField(
        label="Qui devient référent ?",
        queryset=Membership.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Choisissez la personne qui prend la suite.",
            "invalid_choice": "Cette personne n’est plus membre. Choisissez-en une autre.",
        },
    )

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["successor"]
        field.queryset = candidates  # type: ignore[attr-defined]
        field.label_from_instance = lambda membership: str(membership.user)  # type: ignore[attr-defined]
