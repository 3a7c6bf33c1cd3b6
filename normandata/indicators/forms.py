"""What an agent types in: a value with its day and its source, and the correction of one."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import RowForm, dress

from . import dimensions
from .definitions import Split, Typed

TO_COME = "Cette date est à venir."
NOT_SAID = [("", "Non précisé")]


class DatedForm(RowForm):
    def clean_measured_on(self) -> date | None:
        day: date | None = self.cleaned_data["measured_on"]
        if day and day > timezone.localdate():
            raise ValidationError(TO_COME)
        return day


class StateForm(DatedForm):
    """A value: what it is of, how much, when and according to whom; of a part where the indicator has some."""

    label = forms.CharField(label="Ce qui est relevé", max_length=150)
    structure = forms.ChoiceField(
        label="Type de structure",
        choices=NOT_SAID + list(dimensions.LABELS[Split.STRUCTURE].items()),
        required=False,
    )
    department = forms.ChoiceField(
        label="Département", choices=NOT_SAID + list(dimensions.LABELS[Split.DEPARTMENT].items()), required=False
    )
    value = NumberField(label="Valeur")
    unit = forms.CharField(label="Unité", help_text="Par exemple : abonnés, heures, euros.", max_length=40)
    measured_on = DayField(label="Relevé le", help_text="Par exemple 12/05/2027.")
    source = forms.CharField(label="Source", help_text="Qui le dit, et où cela se vérifie.", max_length=200)

    def __init__(self, *args: Any, typed: Typed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if typed.has_parts:
            self.fields["label"].help_text = "Le nom du réseau ou du dispositif, le même à chaque relevé."
            self.fields["value"] = NumberField(label="Nombre", whole=True, example="130")
            dress(self.fields["value"])
        else:
            del self.fields["structure"], self.fields["department"]
            self.fields["label"].help_text = "Ce que la valeur compte, en quelques mots."
        if typed.unit:
            del self.fields["unit"]


class CorrectForm(DatedForm):
    """What takes the place of a value; no number withdraws it."""

    LEFT_EMPTY = "Laissez vide pour retirer cette valeur."
    value = NumberField(label="Valeur", help_text=LEFT_EMPTY, required=False)
    measured_on = DayField(label="Relevé le", help_text="Par exemple 12/05/2027.")
    source = forms.CharField(label="Source", max_length=200)
    reason = forms.CharField(
        label="Motif de la correction", help_text="Il reste avec l’ancienne valeur.", max_length=300
    )

    def __init__(self, *args: Any, typed: Typed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if typed.has_parts:
            self.fields["value"] = NumberField(
                label="Nombre", whole=True, example="130", help_text=self.LEFT_EMPTY, required=False
            )
            dress(self.fields["value"])
