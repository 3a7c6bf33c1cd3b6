"""What is typed about deliverables: an address, a list of data, more time; and what an organiser says of a refusal."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from normandata.dossiers.gesture_forms import reason_field
from normandata.ui.fields import InstantField
from normandata.ui.forms import Form

from .forms_people import SuccessorForm
from .registrations import REFUSALS

MOST_ROWS = 30
BLANK_ROWS = 3
CELLS = (("title", "Nom", 200), ("url", "Adresse", 500), ("licence", "Licence", 100))
_ROW = re.compile(r"row(\d{1,2})_title", re.ASCII)


class AddressForm(Form):
    """An address, and what must be known of it."""

    url = forms.URLField(
        label="Adresse",
        help_text="Le jury doit pouvoir l’ouvrir sans compte.",
        max_length=500,
        assume_scheme="https",
        error_messages={
            "required": "Indiquez une adresse.",
            "invalid": "Ce n’est pas une adresse : elle commence par https://.",
        },
    )
    text = forms.CharField(
        label="À savoir",
        help_text="Facultatif : la branche ou la version à lire, comment lancer le projet.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if not url.lower().startswith(("http://", "https://")):
            raise ValidationError("L’adresse commence par https://.")
        return url


class DataForm(Form):
    """The data used: rows of a name, an address and a licence; empty rows count for nothing."""

    def __init__(self, data: Any = None, *, items: Sequence[Mapping[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        wanted = self._posted() if self.is_bound else len(items) + BLANK_ROWS
        self.wants_more = self.is_bound and "ajouter" in self.data
        self.count = min(wanted + (BLANK_ROWS if self.wants_more else 0), MOST_ROWS)
        for row in range(self.count):
            for cell, label, longest in CELLS:
                name = f"row{row}_{cell}"
                given = items[row][cell] if row < len(items) else ""
                field = forms.CharField(
                    label=f"{label} du jeu {row + 1}", max_length=longest, required=False, initial=given
                )
                field.widget.attrs |= {"class": "form-control", "autocomplete": "off"}
                self.fields[name] = field

    def _posted(self) -> int:
        found = [int(match[1]) for name in self.data if (match := _ROW.fullmatch(name))]
        return min(max(found, default=BLANK_ROWS - 1) + 1, MOST_ROWS)

    @property
    def rows(self) -> list[list[Any]]:
        """The cells to draw, row by row."""
        return [[self[f"row{row}_{cell}"] for cell, _, _ in CELLS] for row in range(self.count)]

    @property
    def items(self) -> list[dict[str, str]]:
        """The rows filled, once they are read."""
        read = [{cell: self.cleaned_data[f"row{row}_{cell}"] for cell, _, _ in CELLS} for row in range(self.count)]
        return [row for row in read if any(row.values())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begun = 0
        for row in range(self.count):
            names = {cell: f"row{row}_{cell}" for cell, _, _ in CELLS}
            values = {cell: str(cleaned.get(name, "")).strip() for cell, name in names.items()}
            if not any(values.values()):
                continue
            begun += 1
            for cell, label, _ in CELLS:
                if not values[cell] and names[cell] not in self.errors:
                    self.add_error(names[cell], f"{label} manquant." if cell == "title" else f"{label} manquante.")
            self._check_address(names["url"], values["url"])
        if not begun and not self.errors:
            self.add_error("row0_title", "Indiquez au moins un jeu de données.")
        return cleaned

    def _check_address(self, name: str, value: str) -> None:
        if not value or name in self.errors:
            return
        try:
            URLValidator(schemes=["http", "https"])(value)
        except ValidationError:
            self.add_error(name, "Écrivez une adresse complète, qui commence par https://.")


class ExtendForm(Form):
    """More time for one team."""

    until = InstantField(
        label="Jusqu’au",
        help_text="Heure de Paris, par exemple 22/10/2027 à 18 h 00.",
        error_messages={"required": "Indiquez le nouveau jour et l’heure."},
    )
    reason = reason_field(
        "Motif, lu par l’équipe",
        "Indiquez le motif : l’équipe le lit.",
        "Sans nom ni donnée personnelle : ce motif se garde.",
    )


class RefuseForm(SuccessorForm):
    """A refusal, for one of the two reasons, with what founds it."""

    refusal = forms.ChoiceField(
        label="Motif du règlement",
        choices=REFUSALS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l’un des deux motifs.", "invalid_choice": "Choisissez l’un des deux."},
    )
    message = reason_field("Ce qui fonde le refus, écrit dans la lettre", "Écrivez ce qui fonde le refus.")
    field_order = ("refusal", "message", "successor")
