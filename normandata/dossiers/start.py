"""The first question of a request: which establishment asks."""

from typing import Any

from django import forms

from normandata.accounts.models import User
from normandata.organisations.models import Membership
from normandata.organisations.siret import SiretField
from normandata.ui.forms import Choice, Form

ANOTHER = "autre"


class StartForm(Form):
    """One of the person's organisations, or the SIRET of another."""

    structure = forms.ChoiceField(
        label="Pour quelle structure ?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une structure, ou « Une autre structure »."},
    )
    siret = SiretField(
        label="SIRET de l’établissement demandeur",
        help_text="14 chiffres. Il remplit le nom, l’adresse et l’activité. C’est l’établissement qui compte, pas le "
        "siège.",
        required=False,
    )
    ferme = forms.BooleanField(label="C’est bien cet établissement : l’annuaire se trompe.", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = Membership.objects.live().filter(user=user).select_related("organisation").order_by("organisation__name")
        self.organisations = [membership.organisation for membership in held]
        if not self.organisations:
            del self.fields["structure"]
            self.fields["siret"].required = True
        else:
            choices = [(one.siret, Choice(one.label, one.written_siret)) for one in self.organisations]
            self.fields["structure"].choices = [*choices, (ANOTHER, Choice("Une autre structure"))]  # type: ignore[attr-defined]
            self.fields["siret"].label = "SIRET, pour une autre structure"
        self.fields["ferme"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("structure", ANOTHER)
        if chosen != ANOTHER:
            cleaned["siret"] = chosen
        elif not cleaned.get("siret") and "siret" not in self.errors:
            self.add_error("siret", "Indiquez le SIRET de l’établissement, 14 chiffres.")
        return cleaned

    def refuse_closed(self, sentence: str) -> None:
        """Say that the directory holds the establishment closed, and let its author maintain that it is not."""
        self.fields["ferme"].widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        self.add_error("siret", f"{sentence} S’il est bien ouvert, cochez la case : un agent regardera.")
