"""The form of the words of a mail."""

from typing import Any

from django import forms

from normandata.ui.forms import Form

from . import texts
from .kinds import Kind


class MailTextForm(Form):
    """The words of one kind; `seen` is the version its author started from."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    subject = forms.CharField(
        label="Objet",
        error_messages={"required": "Écrivez l’objet du courriel."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label="Texte",
        help_text="Texte simple, sans mise en forme. Une ligne vide sépare deux paragraphes.",
        error_messages={"required": "Écrivez le texte du courriel."},
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
    )
    reason = forms.CharField(
        label="Pourquoi ce changement",
        help_text="Une phrase pour vos collègues ; elle reste dans l’historique.",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, kind: Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_subject(self) -> str:
        return texts.one_line(str(self.cleaned_data["subject"]))

    def clean_text(self) -> str:
        return texts.clean(str(self.cleaned_data["text"])).strip()

    def clean(self) -> dict[str, Any]:
        """Check the tags of what was typed; an empty field has been told already."""
        given = {name: self.cleaned_data.get(name, "") for name in ("subject", "text")}
        for name, messages in self.kind.problems(**given).items():
            if name not in self.errors:
                for message in messages:
                    self.add_error(name, message)
        return self.cleaned_data

    def see(self, number: int) -> None:
        """Come back with what was typed, now knowing the version `number`."""
        self.data = dict(self.data.items()) | {"seen": str(number)}
