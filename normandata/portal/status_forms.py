"""The form of an announcement."""

from typing import Any

from django import forms

from normandata.ui.fields import InstantField
from normandata.ui.forms import Form

from .models import Announcement

EXAMPLE = "Heure de Paris, par exemple 12/10/2027 à 18 h 00."


class AnnouncementForm(Form):
    """What is announced, and when; `seen` is the revision that its author started from."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(
        label="Nature",
        choices=Announcement.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez « Maintenance » ou « Incident »."},
    )
    title = forms.CharField(
        label="Titre",
        max_length=120,
        help_text="Ce que lit le bandeau de chaque page, par exemple « Le portail sera fermé mardi soir ».",
        error_messages={"required": "Écrivez un titre."},
    )
    text = forms.CharField(
        label="Texte",
        max_length=1000,
        help_text="Ce que cela change pour les gens, et ce qu’ils peuvent faire en attendant.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Écrivez ce que cela change pour les gens."},
    )
    starts_at = InstantField(label="Début", help_text=EXAMPLE)
    ends_at = InstantField(
        label="Fin",
        required=False,
        help_text="Prévue pour une maintenance ; vide tant que la fin d’un incident n’est pas connue.",
    )
    shown_from = InstantField(
        label="Bandeau affiché à partir du", help_text=f"Avant le début, pour prévenir. {EXAMPLE}"
    )

    def clean(self) -> dict[str, Any]:
        """Say beside its control what the dates have wrong."""
        given = self.cleaned_data
        starts, ends, shown = (given.get(name) for name in ("starts_at", "ends_at", "shown_from"))
        if "ends_at" not in self.errors:
            if given.get("kind") == Announcement.Kind.MAINTENANCE and ends is None:
                self.add_error("ends_at", "Une maintenance a une fin prévue : indiquez-la.")
            elif starts and ends and ends <= starts:
                self.add_error("ends_at", "La fin suit le début.")
            elif shown and ends and ends <= shown and "shown_from" not in self.errors:
                self.add_error("shown_from", "Le bandeau paraît avant la fin.")
        return given
