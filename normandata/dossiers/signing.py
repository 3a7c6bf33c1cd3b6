"""The last page of a form: who commits the structure, and what is accepted with the signature."""

import uuid
from typing import Any

from django import forms

from normandata.ui.forms import Choice, Form

from .drafts import FormState
from .services.deposits import SIGNATURE, Signatory

IN_PERSON, ON_PAPER = "moi", "papier"


class SigningForm(Form):
    """The signature of the person who may commit the structure (D-62 to D-64)."""

    cle = forms.UUIDField(widget=forms.HiddenInput)
    contenu = forms.CharField(widget=forms.HiddenInput, max_length=64)
    qui = forms.ChoiceField(
        label="Qui engage la structure ?",
        widget=forms.RadioSelect,
        choices=[
            (
                IN_PERSON,
                Choice("Moi", "Je peux engager la structure : maire, présidente, gérant, directrice…"),
            ),
            (
                ON_PAPER,
                Choice("Une autre personne", "Son document signé est joint à la section « Pièces » de cette demande."),
            ),
        ],
        error_messages={"required": "Dites qui engage la structure."},
    )
    nom = forms.CharField(
        label="Nom de la personne habilitée",
        max_length=150,
        error_messages={"required": "Indiquez le nom de la personne qui engage la structure."},
    )
    fonction = forms.CharField(
        label="Sa fonction", max_length=150, error_messages={"required": "Indiquez la fonction de cette personne."}
    )

    def __init__(self, *args: Any, state: FormState, content: str, **kwargs: Any) -> None:
        self.state, self.content = state, content
        kwargs.setdefault("initial", self._initial())
        super().__init__(*args, **kwargs)
        for commitment in state.commitments:
            field = forms.BooleanField(
                label=commitment.label, error_messages={"required": "Cochez cet engagement pour déposer."}
            )
            field.widget.attrs["class"] = "form-check-input"
            self.fields[f"accepte_{commitment.slug}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("contenu") not in (None, self.content):
            self.add_error(
                None,
                "La demande a été modifiée depuis l’ouverture de cette page. Relisez-la ci-dessous, puis déposez.",
            )
        paper = self.state.piece(SIGNATURE)
        if cleaned.get("qui") == ON_PAPER and not (paper and paper.files):
            self.add_error("qui", "Joignez d’abord le document signé, dans la section « Pièces ».")
        return cleaned

    def renew(self) -> None:
        """Prepare the page to be shown again: a key of its own, and the name of what it shows now."""
        typed = {name: self.data.get(name) for name in self.data}
        self.data = typed | {"cle": str(uuid.uuid4()), "contenu": self.content}

    def _named(self, name: str, message: str) -> str:
        """A commitment is a whole sentence: it is quoted, not prefixed."""
        if not name.startswith("accepte_"):
            return super()._named(name, message)
        return f"Cochez l’engagement « {str(self.fields[name].label).rstrip('.')} »."

    @property
    def signatory(self) -> Signatory:
        """Who signed, once the form is valid."""
        given = self.cleaned_data
        accepted = tuple(one.slug for one in self.state.commitments if given.get(f"accepte_{one.slug}"))
        return Signatory(given["nom"], given["fonction"], in_person=given["qui"] == IN_PERSON, accepted=accepted)

    def _initial(self) -> dict[str, Any]:
        section, name, role = self.state.application.signatory
        said = self.state.context
        return {
            "cle": uuid.uuid4(),
            "contenu": self.content,
            "nom": said.typed(section, name),
            "fonction": said.typed(section, role),
        }
