"""The declaration of the de minimis aid that a single undertaking received: a table that grows, one aid a row."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as siren_number

from normandata.dossiers.forms import Line
from normandata.dossiers.tables import Row, Table, TableForm
from normandata.regulation.formats import NBSP, euros
from normandata.regulation.formats import day as written_day
from normandata.ui.fields import DayField, NumberField

YES_NO = [("oui", "Oui"), ("non", "Non")]
MOST = "Ce nombre est trop grand. Relisez-le : les chiffres s’écrivent sans répéter de zéros."


def _aid() -> Mapping[str, forms.Field]:
    return {
        "jour": DayField(label="Accordée le"),
        "montant": NumberField(
            label="Montant", unit="€", example="12 500,00", validators=[MaxValueValidator(10_000_000, MOST)]
        ),
        "origine": forms.CharField(label="Accordée par", max_length=150),
    }


class AidsForm(TableForm):
    """The de minimis declaration (D-34): every aid of the last three years, and what decides how they count."""

    tables = (Table("aide", "Aide", _aid),)
    recues = forms.ChoiceField(
        label="Votre entreprise a-t-elle reçu des aides de minimis depuis trois ans ?",
        help_text="Toutes celles de l’entreprise unique : votre société et celles du même groupe. La notification de "
        "l’aide dit qu’elle est « de minimis ».",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    groupe = forms.CharField(
        label="Autres sociétés du groupe",
        help_text="Leurs SIREN, séparés par des virgules. Laissez vide si votre entreprise est indépendante.",
        required=False,
        max_length=1000,
    )
    cloture = forms.RegexField(
        r"^(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])$",
        label="Fin de votre exercice fiscal",
        help_text="Le jour et le mois, par exemple 31/12.",
        initial="31/12",
        error_messages={
            "required": "Indiquez le jour et le mois, par exemple 31/12.",
            "invalid": "Écrivez le jour et le mois, par exemple 31/12.",
        },
    )
    fret = forms.ChoiceField(
        label="Transportez-vous des marchandises par route pour le compte d’autrui ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )
    autre_regime = forms.ChoiceField(
        label="Une autre aide publique finance-t-elle déjà ce projet ?",
        widget=forms.RadioSelect,
        choices=YES_NO,
        error_messages={"required": "Répondez par oui ou par non."},
    )

    @property
    def aids(self) -> list[Row]:
        """The rows of the table."""
        return self.rows("aide")

    def clean_cloture(self) -> str:
        typed = str(self.cleaned_data["cloture"])
        day, month = (int(part) for part in typed.split("/"))
        try:
            date(2023, month, day)  # a year of 365 days: a fiscal year that ends on 29 February ends on the 28th
        except ValueError as error:
            raise forms.ValidationError("Ce jour n’existe pas chaque année : écrivez par exemple 28/02.") from error
        return typed

    def clean_groupe(self) -> list[str]:
        numbers = [part.replace(" ", "").replace(NBSP, "") for part in self.cleaned_data["groupe"].split(",")]
        for number in filter(None, numbers):
            try:
                siren_number.validate(number)
            except NumberError as error:
                raise forms.ValidationError(f"« {number} » n’est pas un SIREN : il en faut neuf chiffres.") from error
        return [number for number in numbers if number]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        aids = []
        for row in self.filled("aide"):
            day, amount, origin = (self.of(row, part) for part in ("jour", "montant", "origine"))
            if not self.typed(row, "jour"):
                self.add_error(row["jour"].name, f"{row.name} : indiquez le jour où elle a été accordée.")
            if not self.typed(row, "montant"):
                self.add_error(row["montant"].name, f"{row.name} : indiquez son montant en euros.")
            if day and amount is not None:
                aids.append((day, amount, origin or ""))
        if cleaned.get("recues") == "oui" and not aids and not self.errors:
            self.add_error("aide1_jour", "Décrivez au moins une aide, ou répondez « Non » à la première question.")
        cleaned["aids"] = aids if cleaned.get("recues") == "oui" else []
        return cleaned

    def lines(self) -> Iterator[Line]:
        for line in super().lines():
            if not line.name.startswith("aide"):
                value = ", ".join(self.cleaned_data["groupe"]) if line.name == "groupe" else line.value
                yield Line(line.name, line.label, value)
        for number, (day, amount, origin) in enumerate(self.cleaned_data.get("aids", []), start=1):
            source = f", {origin}" if origin else ""
            yield Line(f"aide{number}", f"Aide de minimis {number}", f"{euros(amount)} le {written_day(day)}{source}")
