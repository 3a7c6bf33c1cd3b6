"""What a partner types on the page that its link opens."""

from typing import Any

from django import forms

from normandata.ui.forms import Form

CONFIRM, DECLINE = "confirmer", "decliner"


class AnswerForm(Form):
    """Confirm, or decline and say why; in the name of somebody."""

    by_name = forms.CharField(
        label="Votre nom et votre fonction",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Indiquez votre nom et votre fonction."},
    )
    reason = forms.CharField(
        label="Si vous déclinez, pourquoi ?",
        help_text="La structure qui porte le projet et la Région lisent ce motif.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.answer = str(data.get("reponse", "")) if data is not None else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.answer not in (CONFIRM, DECLINE):
            self.add_error(None, "Choisissez : confirmer, ou décliner.")
        if self.answer == DECLINE and not str(cleaned.get("reason", "")).strip():
            self.add_error("reason", "Dites pourquoi votre structure décline.")
        return cleaned
