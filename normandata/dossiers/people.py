"""The people of a request: who follows it day by day, and who may commit the structure."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from .forms import SectionForm

PHONE = RegexValidator(
    r"^\+?[\d\s.\-()]{10,20}$", "Écrivez un numéro à dix chiffres, par exemple 02 31 00 00 00, ou +33 2 31 00 00 00."
)
WANTED = {
    "nom": "Indiquez un nom.",
    "fonction": "Indiquez une fonction.",
    "courriel": "Indiquez une adresse électronique.",
    "telephone": "Indiquez un numéro de téléphone.",
}


class PeopleForm(SectionForm):
    """Who follows the project day by day, and who may commit the structure."""

    projet_nom = forms.CharField(
        label="Responsable du projet : nom", help_text="La personne qui suivra le projet.", max_length=150
    )
    projet_fonction = forms.CharField(label="Responsable du projet : fonction", max_length=150)
    projet_courriel = forms.EmailField(label="Responsable du projet : courriel", max_length=254)
    projet_telephone = forms.CharField(label="Responsable du projet : téléphone", max_length=30, validators=[PHONE])
    habilite_nom = forms.CharField(
        label="Personne habilitée : nom",
        help_text="La personne qui peut engager la structure : maire, président, gérant, directeur.",
        max_length=150,
    )
    habilite_fonction = forms.CharField(label="Personne habilitée : fonction", max_length=150)
    habilite_courriel = forms.EmailField(label="Personne habilitée : courriel", max_length=254)
    habilite_telephone = forms.CharField(label="Personne habilitée : téléphone", max_length=30, validators=[PHONE])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            kind = name.partition("_")[2]
            field.error_messages["required"] = WANTED[kind]
            if kind == "telephone":
                field.widget.input_type = "tel"
            if kind == "courriel":
                field.error_messages["invalid"] = "Écrivez une adresse complète, par exemple prenom.nom@mairie.fr."
