"""What organisers type after an edition: what became of a solution, a figure of audience, why a line is taken off."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone

from normandata.dossiers.gesture_forms import reason_field
from normandata.ui.fields import DayField, NumberField
from normandata.ui.forms import RowForm

from .after import KINDS
from .services.after import TO_COME

MOST = 2_000_000_000


def _past(day: date | None) -> date | None:
    if day is not None and day > timezone.localdate():
        raise ValidationError(TO_COME)
    return day


class FollowUpForm(RowForm):
    """Something that happened to a solution."""

    kind = forms.ChoiceField(
        label="Nature",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la nature de cette suite."},
    )
    actor = forms.CharField(
        label="Par qui ?", max_length=200, error_messages={"required": "Indiquez la structure ou le service."}
    )
    is_regional = forms.BooleanField(
        label="C’est un acteur régional : la suite compte dans le taux de valorisation", required=False, initial=True
    )
    on = DayField(label="Le", error_messages={"required": "Indiquez la date."})
    text = forms.CharField(
        label="Ce qui s’est passé",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
        error_messages={"required": "Dites en une phrase ce qui s’est passé."},
    )
    url = forms.URLField(
        label="Adresse, facultative", max_length=500, required=False, assume_scheme="https",
        error_messages={"invalid": "Écrivez une adresse complète, par exemple https://exemple.fr/projet."},
    )  # fmt: skip

    def clean_on(self) -> date | None:
        return _past(self.cleaned_data["on"])


class AudienceForm(RowForm):
    """A figure read on a network or on a page."""

    source = forms.CharField(
        label="Réseau ou page", max_length=150, error_messages={"required": "Indiquez le réseau ou la page."}
    )
    measure = forms.CharField(
        label="Ce qui est compté",
        max_length=100,
        help_text="Par exemple : vues, visites, abonnés.",
        error_messages={"required": "Indiquez ce qui est compté."},
    )
    count = NumberField(
        label="Nombre", whole=True, validators=[MaxValueValidator(MOST, "Ce nombre est trop grand : relisez-le.")]
    )
    measured_on = DayField(label="Relevé le", error_messages={"required": "Indiquez la date du relevé."})

    def clean_measured_on(self) -> date | None:
        return _past(self.cleaned_data["measured_on"])


class RemovalForm(RowForm):
    """Why a line is taken off."""

    reason = reason_field("Motif, versé au journal", "Indiquez le motif : il est versé au journal.")
