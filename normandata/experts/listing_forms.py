"""What an expert chooses to show in the public directory."""

from typing import Any

from django import forms

from normandata.ui.forms import Form

from .listings import LONGEST_WORDS, Domain, Listing

NAME, ORGANISATION = "nom", "structure"


class ListingForm(Form):
    """The public entry: which fields are shown, under which domains, with which words."""

    shown = forms.MultipleChoiceField(
        label="Ce que l’annuaire montre",
        help_text="Jamais votre adresse électronique : on vous écrit par une demande de mise en relation.",
        widget=forms.CheckboxSelectMultiple,
        choices=[(NAME, "Le nom"), (ORGANISATION, "La structure")],
        error_messages={
            "required": "Montrez le nom, la structure, ou les deux.",
            "invalid_choice": "Montrez le nom, la structure, ou les deux.",
        },
    )
    domains = forms.MultipleChoiceField(
        label="Domaines",
        widget=forms.CheckboxSelectMultiple,
        choices=Domain.choices,
        error_messages={
            "required": "Choisissez au moins un domaine.",
            "invalid_choice": "Choisissez des domaines de la liste.",
        },
    )
    presentation = forms.CharField(
        label="Présentation",
        help_text="Quelques lignes, lues de tous. N’y écrivez ni adresse ni téléphone.",
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}),
    )

    @classmethod
    def of(cls, listing: Listing | None, data: Any = None) -> "ListingForm":
        if listing is None:
            return cls(data, initial={"shown": [NAME, ORGANISATION]})
        shown = [NAME] * listing.shows_name + [ORGANISATION] * listing.shows_organisation
        domains = [one.domain for one in listing.domains.order_by("pk")]
        return cls(data, initial={"shown": shown, "domains": domains, "presentation": listing.presentation})

    @property
    def chosen(self) -> dict[str, Any]:
        """What is chosen, as the gesture takes it."""
        said = self.cleaned_data
        return {
            "shows_name": NAME in said["shown"],
            "shows_organisation": ORGANISATION in said["shown"],
            "domains": said["domains"],
            "presentation": said["presentation"],
        }

    def clean_presentation(self) -> str:
        text: str = self.cleaned_data["presentation"]
        if "@" in text:
            raise forms.ValidationError("Retirez l’adresse électronique : l’annuaire n’en montre aucune.")
        return text
