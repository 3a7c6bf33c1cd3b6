"""What an agent types about a wave or a meeting."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from normandata.dossiers.gesture_forms import reason_field
from normandata.regulation.formats import day as written_day
from normandata.ui.fields import DayField, HourField, NumberField
from normandata.ui.forms import RowForm

from .meetings import Meeting
from .waves import A_YEAR, Wave

LAST_YEAR = 2100


class WaveForm(RowForm):
    """A wave and its days, in their order; a reason once dossiers are in it."""

    year = NumberField(label="Année", whole=True, least=2026, example="2026")
    number = forms.TypedChoiceField(
        label="Vague de l’année",
        choices=[(1, "Première vague"), (2, "Seconde vague")],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": f"Choisissez une des {A_YEAR} vagues de l’année."},
    )
    opens_on = DayField(label="Dépôts à partir du")
    closing_on = DayField(label="Clôture des dépôts", help_text="Ce jour est compris, jusqu’à minuit, heure de Paris.")
    instruction_from = DayField(label="Instruction à partir du")
    scoring_closes_on = DayField(label="Dernier jour des notes", help_text="Pendant l’instruction.")
    instruction_to = DayField(label="Instruction jusqu’au")
    committee_on = DayField(label="Commission permanente")

    def __init__(self, *args: Any, has_dossiers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_dossiers:
            self.fields["reason"] = reason_field(
                "Motif du changement",
                "Des dossiers sont dans cette vague : dites pourquoi ses dates changent.",
                "Versé au journal et envoyé aux structures de la vague.",
            )

    def clean_year(self) -> int:
        year = int(self.cleaned_data["year"])
        if year > LAST_YEAR:
            raise ValidationError(f"Une vague est de {LAST_YEAR} au plus tard.")
        return year

    @classmethod
    def of(cls, wave: Wave, data: Mapping[str, Any] | None, *, has_dossiers: bool) -> "WaveForm":
        """Make the form of a wave that exists."""
        initial = {name: _typed(getattr(wave, name)) for name in cls.base_fields}
        return cls(data, initial=initial, has_dossiers=has_dossiers)

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the wave."""
        return self.cleaned_data


def _typed(value: Any) -> Any:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value


def _said(value: Any) -> str:
    if isinstance(value, date):
        return written_day(value)
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


class MeetingForm(RowForm):
    """When, where, with whom; the notes are the agents' own."""

    day = DayField(label="Jour", error_messages={"required": "Indiquez le jour de la rencontre."})
    hour = HourField(
        label="Heure, à Paris",
        help_text="Par exemple 14 h 30.",
        error_messages={"required": "Indiquez l’heure de la rencontre."},
    )
    place = forms.CharField(label="Lieu", max_length=300, required=False, help_text="Ou le lien ci-dessous.")
    link = forms.URLField(
        label="Lien de la visioconférence",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Ce lien n’est pas une adresse : il commence par https://."},
    )
    who = forms.CharField(
        label="Participants", max_length=500, error_messages={"required": "Indiquez qui participe à la rencontre."}
    )
    notes = forms.CharField(
        label="Compte rendu, réservé aux agents",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "form-control"}),
        help_text="La structure ne le lit pas.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("place") and not cleaned.get("link") and "link" not in self.errors:
            self.add_error("place", "Indiquez le lieu, ou le lien de la visioconférence.")
        return cleaned

    @classmethod
    def of(cls, meeting: Meeting, data: Mapping[str, Any] | None) -> "MeetingForm":
        """Make the form of a meeting that exists."""
        initial = {name: getattr(meeting, name) for name in cls.base_fields}
        initial |= {"day": _typed(meeting.day), "hour": f"{meeting.hour:%H:%M}"}
        return cls(data, initial=initial)

    def differences(self, kept: Meeting) -> list[tuple[str, str, str]]:
        """List what was typed and what is kept where they differ: (label, typed, kept), in French."""
        mine = [(name, self.cleaned_data[name], getattr(kept, name)) for name in self.fields]
        return [(str(self.fields[name].label), _said(new), _said(old)) for name, new, old in mine if new != old]

    @classmethod
    def new(cls, data: Mapping[str, Any] | None, *, who: str) -> "MeetingForm":
        """Make the form of a meeting to come."""
        return cls(data, initial={"who": who})


class CancelForm(RowForm):
    """Why a meeting is cancelled."""

    reason = reason_field("Motif, envoyé à la structure", "Indiquez le motif : il est envoyé à la structure.")
